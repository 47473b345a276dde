"""Public holidays and moved working days of a country, from the `holidays` library (imported when first needed).

What the library knows, looked at for version 0.109: for China the days off, their substitutes and the working
weekends (调休) of every year whose notice the State Council had published when the library was released (2026 is
complete); for later years only the statutory days themselves, shifted off weekends, and no working weekends. A
company that knows better writes `closed` and `open` days. See `moved_days_known`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from store.datafiles import worked_out

SATURDAY = 5
_MOVED_WEEKENDS = frozenset({"CN"})
"""Countries that move working days to weekends around a holiday, so that it is one unbroken run of days off."""

_NAMES: Mapping[str, tuple[str, ...]] = {
    "spring_festival": ("Spring Festival", "Chinese New Year", "Lunar New Year"),
    "national_day": ("National Day", "Independence Day"),
    "new_year": ("New Year's Day",),
    "labour_day": ("Labor Day", "Labour Day", "May Day", "International Workers' Day"),
    "qingming": ("Tomb-Sweeping", "Ching Ming", "Qingming"),
    "dragon_boat": ("Dragon Boat", "Tuen Ng"),
    "mid_autumn": ("Mid-Autumn",),
    "christmas": ("Christmas Day",),
    "thanksgiving": ("Thanksgiving",),
    "easter": ("Easter", "Good Friday"),
}
"""How the library's English names begin or what they contain, by our own names of holidays."""

_NOT: Mapping[str, tuple[str, ...]] = {"new_year": ("Chinese", "Lunar"), "national_day": ("Juneteenth",)}
"""Words by which the library means another holiday."""


@dataclass(frozen=True, slots=True)
class PublicDays:
    """One year of a country: days off with their English names, and weekend days that are worked."""

    off: Mapping[date, str] = field(default_factory=dict)
    worked: frozenset[date] = frozenset()


def country_known(country: str) -> bool:
    """Whether there are holidays for this ISO 3166 code ("CN", "GB", or with a part: "GB-ENG", "US-CA")."""
    code, _, part = country.partition("-")
    if code not in known_countries():
        return False
    if not part:
        return True
    import holidays

    return part in getattr(holidays, code).subdivisions


@cache
def known_countries() -> tuple[str, ...]:
    """Every two-letter code that `country` may be."""
    here, library = Path(__file__), find_spec("holidays")
    if library is None or library.origin is None:
        return ()
    sources = [here, Path(library.origin).with_name("registry.py")]
    found: list[str] = worked_out(here.with_name("countries"), sources, _registered)
    return tuple(found)


def _registered() -> list[str]:
    from holidays.registry import COUNTRIES  # the library's own list would import every country for its parts

    return sorted(codes[1] for codes in COUNTRIES.values())


@lru_cache(maxsize=256)
def public_days(country: str | None, year: int) -> PublicDays:
    """The days off and worked weekends of that year; none at all for a country that is None or unknown."""
    if country is None or not country_known(country):
        return PublicDays()
    import holidays

    code, _, part = country.partition("-")
    # neighbours too: New Year's Day of one year can be observed on the last day of the year before
    book = holidays.country_holidays(code, subdiv=part or None, years=(year - 1, year, year + 1), language="en_US")
    off = {day: name for day, name in book.items() if day.year == year}
    worked = frozenset(day for day in getattr(book, "weekend_workdays", ()) if day.year == year)
    if code in _MOVED_WEEKENDS:
        off |= _weekends_within(off, worked)
    return PublicDays(off, worked)


def _weekends_within(off: Mapping[date, str], worked: frozenset[date]) -> dict[date, str]:
    """Weekend days between two days off: the library leaves them out, yet who works on weekends has them off too."""
    found: dict[date, str] = {}
    for day, name in off.items():
        gap = [day + timedelta(days=ahead) for ahead in (1, 2)]
        for length in (1, 2):
            between = gap[:length]
            closing = day + timedelta(days=length + 1)
            if closing in off and all(
                one.weekday() >= SATURDAY and one not in off and one not in worked for one in between
            ):
                found |= dict.fromkeys(between, name)
    return found


def moved_days_known(country: str | None, year: int) -> bool:
    """Whether that year's working weekends are known, where the country moves any; True where it moves none."""
    return country is None or country.split("-")[0] not in _MOVED_WEEKENDS or bool(public_days(country, year).worked)


def holiday_names() -> tuple[str, ...]:
    """Our own names of holidays, as `named_days` takes them."""
    return tuple(_NAMES)


def named_days(country: str | None, name: str, year: int) -> tuple[date, ...]:
    """The days off in that year which the library calls by that holiday's name, in order; empty if there are none."""
    words, never = _NAMES.get(name, ()), _NOT.get(name, ())
    if not words:
        return ()
    return tuple(
        sorted(
            day
            for day, called in public_days(country, year).off.items()
            if any(word in called for word in words) and not any(word in called for word in never)
        )
    )
