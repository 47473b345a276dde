"""Sentences of dates: a phrase, a range from one to another, a length of time, and the words that make it a limit."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from .festivals import next_festival
from .lengths import Length, length, nth_day, shift
from .limits import Found, after, counted_from, limit, since
from .periods import DAY, Frame, Period, midnight
from .phrases import Phrase, mere_number, phrase
from .ranges import Pair, joined
from .resolve import resolve
from .tokens import Tokens
from .values import Grain, Kind


def read(tokens: Tokens, index: int, at: Frame) -> Found | None:
    """The longest reading that begins at that token."""
    best: Found | None = None
    if mere_number(tokens, index):
        return None
    for found in _readings(tokens, index, at):
        if any(tokens.at(inner).line for inner in range(found.begin + 1, found.end)):
            continue  # what stands on two lines was not said in one breath
        if best is None or (found.end, not found.weak, found.sure) > (best.end, not best.weak, best.sure):
            best = found
    return best


def _readings(tokens: Tokens, index: int, at: Frame) -> Iterator[Found]:
    lex = tokens.at(index).lex
    if "around_new_year" in lex:
        yield from _around_new_year(tokens, index, int(lex["around_new_year"]), at)
    if "day_span" in lex:
        yield _span(tokens, index, at)
    yield from _plain(tokens, index, at)
    yield from _around(tokens, index, at)
    yield from _lengths(tokens, index, at)
    if "before_pre" in lex:
        yield from _before(tokens, index, at)
    if "after_pre" in lex or "since_pre" in lex:
        yield from _after(tokens, index, at)
    if "within_pre" in lex and not tokens.at(index).han:
        for found, _ in _inner(tokens, index + 1, at):
            yield replace(found, begin=index, deadline=True, rule=f"{found.rule}, within", weak=False)


def _span(tokens: Tokens, index: int, at: Frame) -> Found:
    """今明两天, 明后天: from the one day to the other."""
    first, last = (midnight(at.today) + days * DAY for days in tokens.get(index, "day_span"))
    return Found(index, index + 1, "range", first, last + DAY, last, has_time=False, grain="day", rule="days together")


def _closed(tokens: Tokens, begin: int, end: int) -> int:
    """1 where the bracket that closes one opened inside stands behind."""
    opened = sum(tokens.at(at).text in {"(", "（"} for at in range(begin, end))
    return int(
        opened > sum(tokens.at(at).text in {")", "）"} for at in range(begin, end))
        and tokens.at(end).text in {")", "）"}
    )


def from_phrase(tokens: Tokens, begin: int, said: Phrase, period: Period, at: Frame) -> Found:
    """What a resolved phrase amounts to."""
    others = period.others
    if said.other:
        swapped = resolve(said.other, at)
        if swapped is not None:
            if period.last < at.today <= swapped.last:  # 01/12/2026, said in November, is in December
                period, swapped = swapped, period
            others = (*others, midnight(swapped.last))
    kind: Kind = "range"
    if period.clock:
        kind = "moment" if period.dated else "time"
    elif period.grain == "day" and period.end - period.start == DAY:
        kind = "day"
    due = period.start if period.clock else midnight(period.last)
    counted = said.fields.get("len")
    closing = said.fields.get("fixed") == "cob"
    return Found(
        begin,
        said.end + _closed(tokens, begin, said.end),
        kind,
        period.start,
        None if period.clock else period.end,
        due,
        period.clock,
        period.grain,
        said.rule,
        sure=said.sure and period.sure,
        weak=said.weak,
        others=others,
        length=counted,
        deadline=closing,
    )


def _plain(tokens: Tokens, index: int, at: Frame) -> Iterator[Found]:
    """A phrase or a range, with what stands behind it: 前, 内, 之后, or earlier."""
    said = phrase(tokens, index, at)
    pair = joined(tokens, index, said, at)
    if pair is not None:
        yield from _behind(tokens, _from_pair(index, pair), None, at)
    if said is None:
        return
    fields = said.fields
    if fields.get("part") == "noon" and tokens.has(said.end, "before_post"):  # 周五中午前 is by twelve
        fields = {"fixed": "noon", **{key: value for key, value in fields.items() if key != "part"}}
    period = resolve(fields, at)
    if period is not None:
        yield from _behind(tokens, from_phrase(tokens, index, said, period, at), period, at)
    if period is not None and not said.weak and not period.clock:
        yield from _limit_in(tokens, index, said, at)


def _from_pair(begin: int, pair: Pair) -> Found:
    return Found(
        begin, pair.end, "range", pair.start, pair.stop, pair.due, pair.clock, pair.grain, "range",
        sure=pair.sure, weak=pair.weak,
    )  # fmt: skip


def _limit_in(tokens: Tokens, index: int, said: Phrase, at: Frame) -> Iterator[Found]:
    """Today before 4pm, Thursday after 1pm: the limit stands inside."""
    lex = tokens.at(said.end).lex
    if tokens.at(said.end).line or not ("before_pre" in lex or "after_pre" in lex or "since_pre" in lex):
        return
    start = said.end + 1
    start += tokens.has(start, "approx")
    inner = phrase(tokens, start, at, {key: value for key, value in said.fields.items() if key != "part"}, deep=False)
    if inner is None:
        return
    period = resolve(inner.fields, at)
    if period is None or not period.clock:
        return
    found = from_phrase(tokens, index, inner, period, at)
    if "before_pre" in lex:
        yield limit(found, period, "by", at)
    else:
        yield since(found)


def _around(tokens: Tokens, index: int, at: Frame) -> Iterator[Found]:
    """The week of December 5, w/c Feb 4: the whole week or month around a day."""
    unit = "week" if tokens.has(index, "week_around") else tokens.get(index, "unit")
    start = index + 1 + tokens.has(index + 1, "around_day")
    if (
        unit not in {"week", "month"}
        or tokens.at(index).han
        or (start == index + 1 and not tokens.has(index, "week_around"))
    ):
        return
    for found, period in _inner(tokens, start, at):
        if found.kind == "day":
            first = period.start.replace(day=1) if unit == "month" else period.start - timedelta(period.start.weekday())
            stop = (first + timedelta(32)).replace(day=1) if unit == "month" else first + timedelta(7)
            grain: Grain = "month" if unit == "month" else "week"
            yield replace(
                found,
                begin=index,
                kind="range",
                start=first,
                stop=stop,
                due=stop - DAY,
                grain=grain,
                rule="period around a day",
                weak=False,
            )


def _behind(tokens: Tokens, found: Found, period: Period | None, at: Frame) -> Iterator[Found]:
    yield found
    end = found.end
    if tokens.at(end).line:
        return
    end = _bracket(tokens, end)
    if end > found.end:
        strict = "不" in tokens.text[tokens.at(found.end).start : tokens.at(end).start]
        if "before_post" in tokens.at(end).lex:
            yield limit(replace(found, end=end + 1), period, "strict" if strict else "zh", at)
        return
    if tokens.has(end, "approx") or (period is not None and tokens.has(end, "day_itself") and tokens.at(end).han):
        found = replace(found, end=end + 1)
        yield found
        end += 1
    if tokens.at(end).text == "的" and not tokens.at(end + 1).line and tokens.at(end + 1).text == "时候":
        end += 1
    lex = tokens.at(end).lex
    han = tokens.at(end).han
    behind = replace(found, end=end + 1)
    if period is not None and han and ("before_post" in lex or "after_post" in lex):
        counted = length(tokens, end + 1) or nth_day(tokens, end + 1)
        if (
            counted is not None
            and not counted.timed
            and tokens.at(end).text in {"前", "后", "之前", "之后"}
            and tokens.glued(end + 1)
            and period.grain == "day"
        ):
            yield counted_from(found, period, counted, -1 if "before_post" in lex else 1, at)
    if "before_post" in lex:
        strict = tokens.has(end + 1, "before_strict") or tokens.has(end + 2, "before_strict")
        inclusive = not han or tokens.at(end).text[0] in "或及"
        yield limit(behind, period, "by" if inclusive else "strict" if strict else "zh", at)
    if "within_post" in lex and not found.has_time:
        yield replace(behind, deadline=True, rule=f"{found.rule}, within")
    if "since_post" in lex or ("after_post" in lex and not han):
        yield since(behind)
    elif "after_post" in lex and period is not None:
        yield after(behind, period, at)


def _bracket(tokens: Tokens, index: int) -> int:
    """The index behind (含) or （不含当天） between a day and its 前; the same index where none stands there."""
    if tokens.at(index).text not in {"(", "（"}:
        return index
    inside = tokens.rest(index + 1, 3)
    if not inside.startswith(("含", "不含", "包含", "包括", "不包括")):
        return index
    return next((at + 1 for at in range(index + 1, index + 6) if tokens.at(at).text in {")", "）"}), index)


def _inner(tokens: Tokens, index: int, at: Frame) -> Iterator[tuple[Found, Period]]:
    """The phrase behind a word such as by, past of, the and about."""
    start = index
    for _ in range(3):
        if tokens.at(start).line:
            return
        said = phrase(tokens, start, at)
        if said is not None:
            period = resolve(said.fields, at)
            if period is not None:
                yield from_phrase(tokens, start, said, period, at), period
            return
        if not (tokens.has(start, "link") or tokens.has(start, "approx") or tokens.at(start).text in {":", "："}):
            return
        start += 1


def _before(tokens: Tokens, index: int, at: Frame) -> Iterator[Found]:
    mode = tokens.get(index, "before_pre")
    mode = "by" if mode == 0 else str(mode)
    counted = length(tokens, index + 1)
    if counted is not None and mode == "by":
        yield replace(_within(index, counted, at), rule="within")
    for found, period in _inner(tokens, index + 1, at):
        end = found.end + (tokens.has(found.end, "before_post") and tokens.at(found.end).han)
        yield replace(limit(replace(found, weak=False, begin=index, end=end), period, mode, at))


def _after(tokens: Tokens, index: int, at: Frame) -> Iterator[Found]:
    mode = str(tokens.get(index, "after_pre") or "since")
    for found, period in _inner(tokens, index + 1, at):
        whole = replace(found, begin=index, weak=found.weak)
        if tokens.has(found.end, "since_post"):
            whole = replace(whole, end=found.end + 1)
            yield from _length_since(tokens, whole, period, at)
        elif tokens.at(index).han and tokens.has(index, "from"):
            yield replace(since(whole), weak=found.weak)
            continue
        yield since(whole) if mode == "since" else after(whole, period, at)


def _length_since(tokens: Tokens, found: Found, period: Period, at: Frame) -> Iterator[Found]:
    """从今天起一周内, 自12月1日起15天: as long as that from there."""
    counted = length(tokens, found.end)
    if counted is None or counted.timed or found.kind != "day" or tokens.at(found.end).line:
        return
    stop = shift(counted, period.start, at)
    end = counted.end + tokens.has(counted.end, "within_post")
    yield replace(
        found, end=end, kind="range", stop=stop + DAY, due=stop, deadline=True, length=counted, rule="length from a day"
    )


def _lengths(tokens: Tokens, index: int, at: Frame) -> Iterator[Found]:
    """三天内, within 3 working days, next 2 weeks, and a mere length."""
    lex = tokens.at(index).lex
    lead: Callable[[int, Length, Frame], Found] | None = None
    start = index
    if "within_pre" in lex:
        lead, start = _within, index + 1
    elif "next_pre" in lex:
        lead, start = _coming, index + 1
        start += tokens.at(start).text == "的"
    elif "past_pre" in lex or "more_pre" in lex:
        start = index + 1
    counted = length(tokens, start)
    if counted is None:
        return
    end = counted.end
    yield from _starting(tokens, index, counted, at)
    if tokens.has(end, "within_post") and not tokens.at(end).line:
        yield replace(_within(index, counted, at), end=end + 1)
        return
    if lead is not None:
        found = lead(index, counted, at)
        if lead is _within and tokens.at(index).text == "在":
            return
        if tokens.has(end, "offset_post"):
            found = replace(found, end=end + 1)
        yield found
    elif "more_pre" in lex or "past_pre" not in lex:
        moment = shift(counted, _from(counted, at), at)
        yield Found(
            index,
            end,
            "duration",
            moment,
            None,
            moment if counted.timed else midnight(moment.date()),
            counted.timed,
            counted.grain,
            "length",
            length=counted,
            sure=counted.sure,
            from_now=counted.whole,
        )


def _from(counted: Length, at: Frame) -> datetime:
    """What a length is counted from: hours from now, days from today."""
    return midnight(at.today) if counted.whole else at.now


def _starting(tokens: Tokens, index: int, counted: Length, at: Frame) -> Iterator[Found]:
    """3 days starting next Monday; for a week, from December 20."""
    end = counted.end
    end += tokens.at(end).text == ","
    if not tokens.has(end, "starting") or (tokens.at(end).text == "from" and tokens.at(index - 1).text != "for"):
        return
    for found, period in _inner(tokens, end + 1, at):
        if found.kind in {"day", "moment"}:
            stop = shift(counted, period.start, at)
            due = stop if counted.timed or period.clock else midnight((stop - DAY).date())
            yield replace(
                found, begin=index, kind="range", stop=stop, due=due, length=counted, rule="length from a day"
            )


def _within(index: int, counted: Length, at: Frame) -> Found:
    now = _from(counted, at)
    stop = shift(counted, now, at)
    due = stop if counted.timed else midnight(stop.date())
    return Found(
        index,
        counted.end,
        "range",
        now,
        stop if counted.timed else due + DAY,
        due,
        counted.timed,
        counted.grain,
        "within",
        deadline=True,
        length=counted,
        sure=counted.sure,
        from_now=counted.whole,
    )


def _coming(index: int, counted: Length, at: Frame) -> Found:
    start = midnight(at.today) + DAY
    stop = shift(counted, _from(counted, at), at) + (timedelta() if counted.timed else DAY)
    due = stop if counted.timed else midnight((stop - DAY).date())
    return Found(
        index,
        counted.end,
        "range",
        at.now if counted.timed else start,
        stop,
        due,
        counted.timed,
        counted.grain,
        "coming",
        length=counted,
        sure=counted.sure,
    )


def _around_new_year(tokens: Tokens, index: int, sign: int, at: Frame) -> Iterator[Found]:
    """年前 is before the Chinese new year to come, 年后 after it."""
    day = next_festival("spring_festival", at.today)
    if day is None or (tokens.at(index - 1).num is not None and tokens.glued(index)):
        return
    period = Period(midnight(day), midnight(day) + DAY, "day", day, fest="spring_festival")
    found = Found(
        index, index + 1, "day", period.start, period.end, period.start, has_time=False, grain="day", rule="new year"
    )
    yield limit(found, period, "zh", at) if sign < 0 else after(found, period, at)
