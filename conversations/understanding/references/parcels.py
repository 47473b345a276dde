"""Carriers and their tracking numbers."""

import re
from collections.abc import Iterator
from functools import cache

from .lexicon import data, either
from .values import Span, Tracking

_TAIL = r"(?![A-Za-z0-9])"
_SOME_DIGITS = re.compile(r"\d{4}|\d[\d -]{6}\d|1[zZ]")
_APART = re.compile(r"[ -]")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_DIGITS = 8  # digits that the number of a parcel has at least
_GROUPS = (
    r"[A-Z0-9]{8,24}|\d{3,5}(?:[ -]\d{2,5}){2,5}|1Z(?: ?[A-Z0-9]){16}"  # in one piece or in groups: 7946 1234 5678
)
_HEAD = r"(?<![A-Za-z0-9])"


def carrier_name(key: str) -> str:
    """The name by which a carrier is shown. Raises KeyError for one that is not listed."""
    return str(data("carriers")[key]["names"][0])


def tracking_url(key: str, number: str) -> str | None:
    """Where one follows a parcel; None when the carrier has no such page. Raises KeyError as above."""
    template = str(data("carriers")[key]["url"])
    return template.replace("{n}", number) if template else None


def find_carrier(text: str) -> tuple[str, Span] | None:
    """The first carrier named in a normalised text: (key, span)."""
    hit = _names().search(text)
    return None if hit is None else (_keys()[hit.group().lower()], hit.span())


def read_tracking(text: str) -> tuple[Tracking, ...]:
    """All tracking numbers of a normalised text, in order, with their carrier where name or number tells it."""
    found: list[Tracking] = []
    if _SOME_DIGITS.search(text) is None:
        return ()
    for one in sorted(_all(text), key=lambda tracking: (tracking.span[0], tracking.carrier is None)):
        if not found or one.span[0] >= found[-1].span[1]:
            found.append(one)
    return tuple(found)


def _all(text: str) -> Iterator[Tracking]:
    for key, pattern in _sure():
        for hit in pattern.finditer(text):
            yield _tracking(text, key, hit)
    for hit in _named().finditer(text):
        key = _keys()[hit["name"].lower()]
        number = _APART.sub("", hit["number"]).upper()
        known = (*data("carriers")[key]["plain"], *data("carriers")[key]["sure"])
        if any(re.fullmatch(plain, number) for plain in known) or _must_be(number):
            yield Tracking((hit.start(), hit.end()), key, carrier_name(key), number)
    for hit in _labelled().finditer(text):
        number = hit["number"].upper()
        if sum(char.isdigit() for char in number) >= 6:
            yield Tracking(hit.span("number"), None, "", number)


def _must_be(number: str) -> bool:
    """Whether a number beside a carrier's name can hardly be anything else."""
    return sum(char.isdigit() for char in number) >= _DIGITS and not _MOBILE.fullmatch(number)


def _tracking(text: str, key: str, hit: re.Match[str]) -> Tracking:
    """A number that tells its carrier, with the carrier's name before it in the span."""
    start = hit.start()
    before = re.search(
        rf"(?i:{either(data('carriers')[key]['names'])})\s?(?:快递|速运|物流)?[\s:,]*(?:单号)?[\s:]*$",
        text[max(0, start - 24) : start],
    )
    if before:
        start -= len(before.group())
    return Tracking((start, hit.end()), key, carrier_name(key), hit.group().upper())


@cache
def _sure() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (key, re.compile(f"{_HEAD}(?:{'|'.join(entry['sure'])}){_TAIL}", re.IGNORECASE))
        for key, entry in data("carriers").items()
        if entry["sure"]
    )


@cache
def _keys() -> dict[str, str]:
    found: dict[str, str] = {}
    for key, entry in data("carriers").items():
        for name in entry["names"]:
            found.setdefault(str(name).lower(), key)
    return found


@cache
def _names() -> re.Pattern[str]:
    return re.compile(either(_keys()), re.IGNORECASE)


@cache
def _named() -> re.Pattern[str]:
    labels = either(data("words")["tracking_before"])
    return re.compile(
        rf"(?P<name>{either(_keys())})(?:快递|速运|物流|express|courier|freight)?[\s:,#]*(?:(?:no|nr|number|ref)\b\.?[\s:#]*)?(?:{labels}[\s:#是]*)?{_HEAD}(?P<number>{_GROUPS}){_TAIL}",
        re.IGNORECASE,
    )


@cache
def _labelled() -> re.Pattern[str]:
    labels = either(data("words")["tracking_before"])
    return re.compile(
        rf"{labels}\s?(?:是|为|is)?[\s:#]*{_HEAD}(?P<number>[A-Z0-9][A-Z0-9-]{{7,24}}){_TAIL}", re.IGNORECASE
    )
