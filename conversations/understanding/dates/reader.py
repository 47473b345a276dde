"""The way in: every reading of a text, and whether one is plausible as a promise."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

from .explicit import Explicit, explicit_dates
from .grammar import read
from .limits import Found
from .periods import Frame, midnight
from .pieces import Memory, memory, pieces
from .tokens import Tokens, tokenise
from .values import DateReading, OfficeWeek, WorkingDays
from .words import words

_OR = frozenset({"或", "或者", "、", "/", "和", "与", "跟", "还是", "or", "and", "&", ","})
_LANGUAGE = 400  # characters of a text that are looked at to tell whether it is Chinese
MOST_STEPS = 1500
"""Atoms sought in one text before the rest is left unread."""


def read_dates(
    text: str, *, now: datetime, days: WorkingDays | None = None, languages: Sequence[str] = ("zh", "en")
) -> tuple[DateReading, ...]:
    """Every date, time, range and length of time in a text, in order and without overlap; the longest match wins.

    Args:
        text: normalised (half-width, simplified); letters in any case, languages mixed.
        now: aware; readings are in its zone.
        days: the working calendar; Monday to Friday, 9 to 18, where it is None.
        languages: whose words count, of zh and en.
    Raises: ValueError if now is naive.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    spoken = tuple(languages)
    held = memory(days or _office(now.tzinfo), now.date(), now.tzinfo, spoken, words(spoken))
    readings: list[DateReading] = []
    steps = 0
    chinese = not text.isascii() and any(map(held.words.han.__contains__, text[:_LANGUAGE]))
    for begin, end, seen in pieces(text, held.shape):
        piece = text[begin:seen], end - begin, chinese
        known = held.known.get(piece)
        if known is None:
            view = _View(piece, begin, text, now, held, steps)
            known, steps = view.read(), view.steps
        readings.extend(_moved(reading, begin) for reading in known)
        if steps >= MOST_STEPS:
            break
    return _with_explicit(text, readings, now, languages)


@lru_cache(maxsize=8)
def _office(zone: tzinfo) -> OfficeWeek:
    return OfficeWeek(zone)


def _moved(reading: DateReading, by: int) -> DateReading:
    """The same reading further on in the text."""
    one, (start, end) = reading, reading.span
    return DateReading(
        (start + by, end + by), one.kind, one.start, one.end, one.due, one.has_time, one.grain, one.deadline,
        one.duration, one.working, one.rule, one.sure, one.alternatives,
    )  # fmt: skip


class _View:
    """A piece of a text on its way to be read."""

    def __init__(
        self, piece: tuple[str, int, bool], begin: int, text: str, now: datetime, held: Memory, steps: int
    ) -> None:
        self.piece, self.begin, self.text, self.now, self.held, self.steps = piece, begin, text, now, held, steps

    def read(self) -> tuple[DateReading, ...]:
        """Its readings, kept in memory where neither the time of day nor the rest of the text had a say."""
        said, end, chinese = self.piece
        tokens = tokenise(said, self.held.words, chinese=chinese)
        tokens.steps = self.steps
        zone = self.now.tzinfo
        assert zone is not None  # noqa: S101  # checked on the way in
        at = Frame(self.now.replace(tzinfo=None), self.held.days, zone)
        readings: list[DateReading] = []
        index, count, alone = 0, tokens.count, True
        while index < count and tokens.steps < MOST_STEPS:
            token = tokens.items[index]
            if token.start >= end:
                break
            if token.num is None and "start" not in token.lex:
                index += 1
                continue
            found = _listed(tokens, index, at, readings)
            if found is not None and tokens.has(index - 1, "every"):
                found = replace(found, sure=False)
            alone = alone and (found is None or not (found.weak or found.from_now))
            if found is not None and (not found.weak or _in_context(tokens, found, self.text, self.begin)):
                readings.append(_aware(tokens, found, self.now))
                index = max(found.end, index + 1)
            else:
                index += 1
        self.steps = tokens.steps
        made = tuple(readings)
        if alone and not at.timed and self.steps < MOST_STEPS:
            self.held.keep(self.piece, made)
        return made


def _with_explicit(
    text: str, readings: list[DateReading], now: datetime, languages: Sequence[str]
) -> tuple[DateReading, ...]:
    """The readings, and what dateparser makes of explicit forms in the rest; a longer match takes its place."""
    more = explicit_dates(text, [reading.span for reading in readings], now, languages)
    if not more:
        return tuple(readings)
    under = [[reading for reading in readings if _overlap(one.span, reading.span)] for one in more]
    dropped = {reading.span for readings in under for reading in readings}
    kept = [reading for reading in readings if reading.span not in dropped]
    kept.extend(map(_from_explicit, more, under))
    return tuple(sorted(kept, key=lambda reading: reading.span))


def _overlap(one: tuple[int, int], two: tuple[int, int]) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def _from_explicit(one: Explicit, under: Sequence[DateReading]) -> DateReading:
    """The reading of an explicit form; a "by" that the grammar saw before it stays."""
    limits = [reading for reading in under if reading.deadline]
    start = one.moment if one.clock else midnight(one.moment.date()).replace(tzinfo=one.moment.tzinfo)
    return DateReading(
        span=(min([one.span[0], *(reading.span[0] for reading in limits)]), one.span[1]),
        kind="moment" if one.clock else "day",
        start=start,
        end=None if one.clock else start + timedelta(1),
        due=start,
        has_time=one.clock,
        grain="minute" if one.clock else "day",
        deadline=bool(limits),
        duration=None,
        working=False,
        rule="dateparser",
        sure=one.clock,
        alternatives=(),
    )


def _listed(tokens: Tokens, index: int, at: Frame, before: list[DateReading]) -> Found | None:
    """The reading there; in 下周二或周四 the second weekday is of the first one's week."""
    found = _safe(tokens, index, at)
    if (
        found is None
        or found.rule != "weekday"
        or found.kind != "day"
        or not before
        or before[-1].rule != "relative weekday"
    ):
        return found
    between = tokens.text[before[-1].span[1] : tokens.items[index].start].strip().lower()
    if between not in _OR:
        return found
    return _safe(tokens, index, Frame(before[-1].start.replace(tzinfo=None), at.days, at.zone))


def _safe(tokens: Tokens, index: int, at: Frame) -> Found | None:
    try:
        return read(tokens, index, at)
    except (OverflowError, ValueError):  # beyond the years that the calendar holds
        return None


def _in_context(tokens: Tokens, found: Found, text: str, begin: int) -> bool:
    """Whether a bare form stands beside a word that asks for a date, or alone, in the text whose piece begins there."""
    first, last = tokens.items[found.begin], tokens.items[found.end - 1]
    before = text[: begin + first.start].rstrip(" \t:：,，")
    behind = text[begin + last.end :].lstrip(" \t")
    if not before.strip() and not behind.strip(" .!?。！"):
        return True
    if _is_reference(before, tokens.words.references):
        return False
    context = tokens.words.context
    tail, head = before[-24:].lower(), behind[:8].lower()
    han = tuple(word for word in context if not word.isascii())
    if tail.endswith(han) or head.startswith(han):
        return True
    word = tail.replace("\n", " ").split(" ")[-1].strip("():") if tail else ""
    following = head.split(" ")[0].strip("().,!?") if head else ""
    if found.rule == "month" and word in {"in", "during", "around", "of", "this", "early", "late"}:
        return True
    return word in context or following in {"by", "latest", "deadline"}


def _is_reference(before: str, references: tuple[str, ...]) -> bool:
    """Whether what stands before makes the number an order's, a price or the like: 订单1205, PO 1205, price 12.5."""
    tail = before[-16:].lower()
    word = tail.split(" ")[-1]
    return any(
        word == name or ((not name.isalpha() or not name.isascii()) and tail.endswith(name)) for name in references
    )


def _aware(tokens: Tokens, found: Found, now: datetime) -> DateReading:
    zone = now.tzinfo
    begin, last = tokens.items[found.begin], tokens.items[found.end - 1]
    start, due = found.start.replace(tzinfo=zone), found.due.replace(tzinfo=zone)
    if found.from_now:
        start += now.replace(tzinfo=None) - midnight(now.date())
    stop = found.stop.replace(tzinfo=zone) if found.stop is not None else None
    duration = found.length.delta if found.length is not None else None
    if found.length is not None and found.length.timed and found.rule in {"after a time", "within", "length"}:
        exact = (now.astimezone(UTC) + found.length.delta).astimezone(zone)
        if found.rule == "within":
            stop = due = exact
        elif found.kind != "day":
            start = due = exact
    return DateReading(
        span=(begin.start, last.end),
        kind=found.kind,
        start=start,
        end=stop,
        due=due,
        has_time=found.has_time,
        grain=found.grain,
        deadline=found.deadline,
        duration=duration,
        working=bool(found.length is not None and found.length.workdays),
        rule=found.rule,
        sure=found.sure,
        alternatives=tuple(other.replace(tzinfo=zone) for other in found.others),
    )


def plausible(reading: DateReading, *, now: datetime, horizon_days: int = 366) -> Literal["ok", "past", "far"]:
    """Whether a reading can be a promise: not before today (or now, where a time was said), not beyond the horizon."""
    due = reading.due
    if due < (now if reading.has_time else midnight(now.date()).replace(tzinfo=now.tzinfo)):
        return "past"
    return "far" if due > now + timedelta(horizon_days) else "ok"
