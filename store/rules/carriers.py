"""Carriers: who is meant by a name or a tracking number, and where one follows the parcel. Data: carriers.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

from store.datafiles import read_data

_NUMBER = re.compile(r"[A-Z0-9-]{6,40}")


@cache
def carriers() -> Mapping[str, Mapping[str, Any]]:
    """All carriers by key: `names`, `sure` and `plain` patterns of numbers, `url` with {n} for the number."""
    found: Mapping[str, Mapping[str, Any]] = read_data(__file__, "carriers.yaml")
    return found


def carrier_of(name: str | None, number: str | None) -> str | None:
    """The key of the carrier that is named, else of the one whose numbers look like this; None: unknown."""
    said = "".join((name or "").split()).casefold()
    if said and (key := _named(said)) is not None:
        return key
    wanted = _plain(number)
    for key, entry in carriers().items():
        if any(re.fullmatch(pattern, wanted) for pattern in entry["sure"]):
            return key
    return None


def parcel_url(name: str | None, number: str | None) -> str | None:
    """Where one follows a parcel, by its carrier's name and its number; None when nobody knows."""
    wanted, key = _plain(number), carrier_of(name, number)
    if key is None or not _NUMBER.fullmatch(wanted):
        return None
    template = str(carriers()[key]["url"])
    return template.replace("{n}", quote(wanted)) or None


def _plain(number: str | None) -> str:
    return "".join((number or "").split()).upper()


def _named(said: str) -> str | None:
    """The carrier of that name; a longer text («顺丰速运次日达») counts by the longest name it begins with."""
    names = sorted(_names().items(), key=lambda entry: -len(entry[0]))
    return next((key for name, key in names if said == name or (len(name) > 1 and said.startswith(name))), None)


@cache
def _names() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for key, entry in carriers().items():
        for name in entry["names"]:
            found.setdefault("".join(str(name).split()).casefold(), key)
    return found
