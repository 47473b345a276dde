"""Grows one phrase from atoms that stand side by side in any order, joined by of, on, at, 的 and the like."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from .atoms import word_atoms
from .clock import clock_atoms
from .fields import Atom, Fields, fits, has_date, has_time
from .lengths import Length, length, shift
from .numeric import numeric_atoms
from .ordinals import ordinal_atoms
from .periods import Frame, midnight
from .resolve import resolve
from .tokens import Tokens

_DEEPEST = 6
_CLOCK_STARTERS = frozenset({"part", "fixed", "same_time", "now", "number", "half", "article"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens up to `end` read as one bag of facts."""

    end: int
    fields: Fields
    rule: str
    weak: bool
    sure: bool
    other: Fields | None = None


def atoms(tokens: Tokens, index: int, have: Fields, at: Frame, *, deep: bool = True) -> Iterator[Atom]:
    """Every atom that can begin at that token."""
    tokens.steps += 1
    token = tokens.at(index)
    lex = token.lex
    if not have and mere_number(tokens, index):
        return
    if lex:
        yield from word_atoms(tokens, index, have)
        if "ordinal" in lex or "number" in lex or token.text == "the":
            yield from ordinal_atoms(tokens, index, have)
        if not _CLOCK_STARTERS.isdisjoint(lex):
            yield from clock_atoms(tokens, index, have)
    if token.text == "quarter":
        yield from clock_atoms(tokens, index, have)
    if token.num is not None:
        yield from numeric_atoms(tokens, index, have)
        yield from ordinal_atoms(tokens, index, have)
        if _CLOCK_STARTERS.isdisjoint(lex):
            yield from clock_atoms(tokens, index, have)
    if deep and (token.num is not None or lex) and "abs" not in have:
        yield from _offsets(tokens, index, at)


def mere_number(tokens: Tokens, index: int) -> bool:
    """Whether a number stands there with nothing behind it that could make it a date, so that no rule need look."""
    token, following = tokens.at(index), tokens.at(index + 1)
    if token.num is None or token.lex or following.lex:
        return False
    return len(token.text) not in {4, 8} and following.text not in {":", "/", ".", "-", "–", "："}


def phrase(tokens: Tokens, index: int, at: Frame, have: Fields | None = None, *, deep: bool = True) -> Phrase | None:
    """The longest phrase that begins at that token."""
    best: Phrase | None = None
    for atom in atoms(tokens, index, have or {}, at, deep=deep):
        if have and not fits(have, atom.fields):
            continue
        start = Phrase(
            atom.end, {**(have or {}), **atom.fields}, atom.rule, atom.weak, atom.sure, _other(have or {}, atom)
        )
        best = _better(best, _grow(tokens, start, at, 1, deep=deep))
    return best


def _other(have: Fields, atom: Atom) -> Fields | None:
    return {**have, **atom.other} if atom.other else None


def _better(one: Phrase | None, two: Phrase | None) -> Phrase | None:
    if one is None or two is None:
        return one or two
    return two if (two.end, not two.weak, two.sure) > (one.end, not one.weak, one.sure) else one


def _grow(tokens: Tokens, so_far: Phrase, at: Frame, depth: int, *, deep: bool) -> Phrase | None:
    best = so_far if complete(so_far.fields) else None
    if depth >= _DEEPEST or "timed" in so_far.fields:
        return best
    for start, joint in _joints(tokens, so_far.end):
        for atom in atoms(tokens, start, so_far.fields, at, deep=deep and depth == 1):
            if not fits(so_far.fields, atom.fields) or not _joins(joint, so_far.fields, atom):
                continue
            grown = Phrase(
                atom.end,
                {**so_far.fields, **atom.fields},
                so_far.rule if has_date(so_far.fields) or not has_date(atom.fields) else atom.rule,
                weak=so_far.weak and atom.weak and "num" in atom.fields,
                sure=so_far.sure and atom.sure,
                other={**so_far.other, **atom.fields} if so_far.other else _other(so_far.fields, atom),
            )
            best = _better(best, _grow(tokens, grown, at, depth + 1, deep=deep))
    return best


def _joints(tokens: Tokens, index: int) -> Iterator[tuple[int, str]]:
    """Where the next atom may begin: here, or behind one or two words that join."""
    if tokens.at(index).line:
        return
    yield index, ""
    if tokens.has(index, "link") or tokens.has(index, "approx"):
        if tokens.at(index + 1).line:
            return
        yield index + 1, tokens.at(index).text
        if (tokens.has(index + 1, "link") or tokens.has(index + 1, "approx")) and not tokens.at(index + 2).line:
            yield index + 2, tokens.at(index).text


def _joins(joint: str, have: Fields, atom: Atom) -> bool:
    """A comma joins a day and a time or a weekday and a full date, but not two entries of a list."""
    if joint in {",", "，"}:
        return "day" not in atom.fields or "month" in atom.fields or "wday" not in have
    if joint == "-" and have.keys() == {"sect"}:
        return True
    if joint == "-":
        return has_time(atom.fields) and not has_date(atom.fields) and "mer" in atom.fields and not has_time(have)
    if joint in {".", "from"}:
        return False
    return not (atom.weak and atom.rule == "bare number")


def complete(fields: Fields) -> bool:
    """Whether the facts name something by themselves."""
    if "sect" in fields:
        return len(fields) > 1 and any(
            key in fields for key in ("month", "mrel", "wrel", "weekno", "qrel", "quarter", "year", "yrel")
        )
    return has_date(fields) or has_time(fields) or "abs" in fields


def _offsets(tokens: Tokens, index: int, at: Frame) -> Iterator[Atom]:
    """三天后, in two weeks, 3 days from Tuesday, two weeks before Christmas, 再过两天, two days ago."""
    lex = tokens.at(index).lex
    start = index
    lead = ""
    if "in_pre" in lex:
        start, lead = index + 1, "in"
        start += tokens.has(start, "approx")
    elif "offset_pre" in lex:
        start, lead = index + 1, "after"
    yield from _week_on(tokens, index, at)
    counted = length(tokens, start)
    if counted is None:
        yield from _weekdays_on(tokens, index, at)
        return
    end = counted.end
    if not lead and counted.grain == "week" and counted.days:
        on = end + (tokens.at(end).text == "on")
        if not tokens.at(on).line and (tokens.has(on, "day") or (on > end and tokens.has(on, "weekday"))):
            yield from _from_date(tokens, counted, on, 1, at)  # a week today, two weeks on Friday
    if "offset_post" in tokens.at(end).lex and not (tokens.at(end).han and tokens.at(end + 1).text == "续"):
        yield _counted(counted, end + 1, at, 1)
    elif lead == "in" or tokens.at(index).text in {"再过", "再等", "过", "隔"}:
        yield _counted(counted, end, at, 1)
    elif "ago" in tokens.at(end).lex and not lead:
        atom = _counted(counted, end + 1, at, -1)
        atom.sure = not tokens.at(end).han
        yield atom
    sign = tokens.get(end, "offset_from")
    if sign is not None and not lead:
        yield from _from_date(tokens, counted, end + 1, int(sign), at)


def _counted(counted: Length, end: int, at: Frame, sign: int) -> Atom:
    moment = shift(counted, at.now if counted.timed else midnight(at.today), at, sign)
    fields: Fields = {"abs": moment, "len": counted}
    if counted.timed:
        fields["timed"] = 1
    fields[f"by_{counted.grain}"] = 1
    return Atom(end, fields, "after a time" if sign > 0 else "ago", sure=counted.sure)


def _from_date(tokens: Tokens, counted: Length, index: int, sign: int, at: Frame) -> Iterator[Atom]:
    anchor = phrase(tokens, index, at, deep=False)
    if anchor is None or anchor.weak:
        return
    period = resolve(anchor.fields, at)
    if period is None or (period.clock and not counted.timed):
        return
    moment = shift(counted, period.start, at, sign)
    fields: Fields = {"abs": moment, "len": counted, f"by_{counted.grain}": 1}
    if counted.timed and period.clock:
        fields["timed"] = 1
    yield Atom(anchor.end, fields, "counted from a day", sure=anchor.sure and period.sure)


def _week_on(tokens: Tokens, index: int, at: Frame) -> Iterator[Atom]:
    """Friday week, tomorrow week: a week after that day."""
    token, following = tokens.at(index), tokens.at(index + 1)
    if (
        token.han
        or following.text not in {"week", "fortnight"}
        or following.line
        or tokens.at(index + 2).num is not None
    ):
        return
    if "weekday" in token.lex:
        ahead = (token.lex["weekday"] - at.today.weekday()) % 7
    elif token.lex.get("day") in {0, 1}:
        ahead = token.lex["day"]
    else:
        return
    weeks = timedelta(14 if following.text == "fortnight" else 7)
    yield Atom(
        index + 2,
        {"abs": midnight(at.today) + timedelta(ahead) + weeks},
        "week after a day",
        sure=ahead > 0 or "day" in token.lex,
    )


def _weekdays_on(tokens: Tokens, index: int, at: Frame) -> Iterator[Atom]:
    """Two Mondays from now: the second to come."""
    from .numerals import number

    found = number(tokens, index)
    if (
        found is None
        or not 1 <= found[1] <= 20
        or not tokens.has(found[0], "weekday")
        or "offset_post" not in tokens.at(found[0] + 1).lex
    ):
        return
    weekday = int(tokens.get(found[0], "weekday"))
    ahead = (weekday - at.today.weekday()) % 7 or 7
    yield Atom(found[0] + 2, {"abs": midnight(at.today) + timedelta(ahead + 7 * (found[1] - 1))}, "weekdays on")
