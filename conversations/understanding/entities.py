"""Everything readable in a text, with overlaps resolved: the surest and longest reading of each piece wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from .dates import DateReading, WorkingDays, read_dates
from .naming import Names
from .numbers import read_discounts, read_money, read_numbers, read_quantities, scan
from .patterns import Read, read_references

_DATE_KINDS = {"day": "date", "moment": "date", "time": "time", "range": "range", "duration": "duration"}


def read_entities(
    text: str, names: Names, *, now: datetime, days: WorkingDays | None = None, units: Sequence[str] = ()
) -> list[Read]:
    """What stands in a normalised, lower-case text, in order and without overlap."""
    numerals = scan(text)
    found: list[Read] = list(read_references(text))
    found += names.find(text)
    found += (_dated(reading, text) for reading in read_dates(text, now=now, days=days))
    found += (Read("money", *one.span, one, 66, one.rule) for one in read_money(text, numerals))
    found += (Read("quantity", *one.span, one, 60, one.rule) for one in read_quantities(text, units, numerals))
    found += (Read("discount", *one.span, one, 64, one.rule) for one in read_discounts(text, numerals))
    found += (Read("number", *one.span, one.value, 10, one.rule) for one in read_numbers(text, numerals))
    return resolve(found)


def _dated(reading: DateReading, text: str) -> Read:
    bare = text[slice(*reading.span)].isdigit()
    rank = 40 if bare else 62 if reading.sure else 57
    return Read(_DATE_KINDS[reading.kind], *reading.span, reading, rank, reading.rule, reading.sure)


def resolve(found: Iterable[Read]) -> list[Read]:
    """Of overlapping readings keep the one of higher rank, then the longer; a name may be of two kinds at one place."""
    kept: list[Read] = []
    for one in sorted(found, key=lambda read: (-(read.rank + 2 * (read.end - read.start)), read.start)):
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda read: read.start)
