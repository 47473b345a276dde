"""Explicit forms that the grammar does not cover, handed to dateparser: one reader among others, never the judge.

Two are asked about: a time stamp with its own zone (2026-12-05T16:00:00Z), and a stretch with a year and a word that no
rule has read. What comes back counts only where the year agrees.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

_YEAR = re.compile(r"(?<![\w.])20[0-9]{2}(?![0-9])")
_STAMP = re.compile(
    r"(?<![0-9A-Za-z-])(?:[A-Za-z]{3}, )?(?:20[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2} [A-Za-z]{3,9}\.? 20[0-9]{2})"
    r"[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)? ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_NEAR = re.compile(r"[\w ,.:/'-]{0,28}", re.ASCII)
_HALF = 28
_MOST = 2
_MANY = 16
"""In a text with more dates than this no further ones are sought."""


@dataclass(frozen=True, slots=True)
class Explicit:
    """A stretch of text and the aware moment that it names; `clock` tells whether a time of day is said."""

    span: tuple[int, int]
    moment: datetime
    clock: bool


def explicit_dates(
    text: str, taken: Sequence[tuple[int, int]], now: datetime, languages: Sequence[str]
) -> tuple[Explicit, ...]:
    """At most two of each form: stamps with a zone anywhere, years only where no reading in `taken` has them."""
    if "20" not in text:
        return ()
    stamps = list(_stamps(text, now, languages)) if ":" in text else []
    return (*stamps, *_years(text, [*taken, *(stamp.span for stamp in stamps)], now, languages))


def _stamps(text: str, now: datetime, languages: Sequence[str]) -> Iterator[Explicit]:
    for number, match in enumerate(_STAMP.finditer(text)):
        if number >= _MOST:
            return
        moment = _ask(match.group(), languages)
        if moment is not None and moment.tzinfo is not None:
            yield Explicit(match.span(), moment.astimezone(now.tzinfo), clock=True)


def _years(text: str, taken: Sequence[tuple[int, int]], now: datetime, languages: Sequence[str]) -> Iterator[Explicit]:
    asked = 0
    if len(taken) > _MANY:
        return
    for match in islice(_YEAR.finditer(text), _MANY):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        span = _stretch(text, match, taken)
        said = text[span[0] : span[1]]
        if sum(char.isdigit() for char in said) < 5 or not re.search(r"[A-Za-z]{3}", said):
            continue
        asked += 1
        moment = _ask(said, languages)
        if moment is not None and moment.year == int(match.group()):
            yield Explicit(span, moment.replace(tzinfo=now.tzinfo), clock=":" in said)
        if asked >= _MOST:
            return


def _stretch(text: str, year: re.Match[str], taken: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The words around a year as far as they may belong to its date and no reading has them."""
    low = max([year.start() - _HALF, 0, *(end for _, end in taken if end <= year.start())])
    high = min([year.end() + _HALF, len(text), *(start for start, _ in taken if start >= year.end())])
    before = _NEAR.match(text[low : year.start()][::-1])
    behind = _NEAR.match(text[year.end() : high])
    start = year.start() - (before.end() if before else 0)
    end = year.end() + (behind.end() if behind else 0)
    said = text[start:end]
    return start + len(said) - len(said.lstrip(" ,.")), end - (len(said) - len(said.rstrip(" ,.")))


@lru_cache(maxsize=4)
def _parser(languages: tuple[str, ...]) -> Any:
    from dateparser.date import DateDataParser

    settings = {"STRICT_PARSING": True, "PARSERS": ["absolute-time"], "DATE_ORDER": "MDY"}
    return DateDataParser(languages=list(languages), settings=settings)


def _ask(said: str, languages: Sequence[str]) -> datetime | None:
    try:
        moment = _parser(tuple(languages)).get_date_data(said).date_obj
    except (ValueError, OverflowError, TypeError, RecursionError):
        return None
    return moment if isinstance(moment, datetime) else None
