"""The nearest of the company's names to one that nobody has; offered, never taken."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from rapidfuzz import fuzz

from store.company.views import Company

_FEW = 4


def like_customer(company: Company, said: str, fits: Callable[[str], bool]) -> list[str]:
    """Keys of the customers whose names are most like a name, of those that fit."""
    known = {one.key: (*one.name.all, *one.aliases) for one in company.customers.values() if one.active}
    return _ranked(said, known, fits)


def like_product(company: Company, said: str) -> list[str]:
    """The products whose names are most like a name, by sku."""
    known = {one.sku: (one.sku, *one.name.all, *one.aliases) for one in company.products.values() if one.active}
    return _ranked(said, known, known.__contains__)


def _ranked(said: str, names: Mapping[str, Sequence[str]], fits: Callable[[str], bool]) -> list[str]:
    wanted = _flat(said)
    scores = {key: max((fuzz.WRatio(wanted, _flat(name)) for name in own), default=0) for key, own in names.items()}
    return list(islice((key for key in sorted(scores, key=lambda key: -scores[key]) if fits(key)), _FEW))


def _flat(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
