"""Which column a heading means, and which row of a table is the heading."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from rapidfuzz import fuzz

from conversations.understanding.normalise import normalise
from store.datafiles import read_data

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_MARKS = re.compile(r"[\s*:;,.!?·_\"'/#-]+")
_LOOK_IN = 15  # rows at a table's top among which the heading is sought; above it stand titles


@cache
def _known() -> Mapping[str, str]:
    table = read_data(__file__, "data", "headings.yaml")
    found: dict[str, str] = {}
    for key, names in table["columns"].items():
        for name in names:
            for written in (_plain(str(name)), str(name).strip().lower()):
                if written:
                    found.setdefault(written, key)
    return found


@cache
def _totals() -> frozenset[str]:
    table = read_data(__file__, "data", "headings.yaml")
    return frozenset(_plain(str(name)) for name in table["totals"])


def _plain(heading: str) -> str:
    text = normalise(heading[:80]).text.lower()
    return _MARKS.sub("", _BRACKETS.sub("", text)) or _MARKS.sub("", text)


def column(heading: str) -> str | None:
    """The key of the column that a heading names: 单价(元/件), *Qty., 客户名称; None for an unknown one."""
    known = _known()
    plain = _plain(heading)
    if not plain:
        return known.get(heading.strip().lower())
    if plain in known:
        return known[plain]
    if len(plain) >= 5 and plain.isascii():
        best = max(known, key=lambda name: fuzz.ratio(plain, name))
        return known[best] if fuzz.ratio(plain, best) >= 88 else None
    return None


def is_sum(cells: Sequence[str]) -> bool:
    """Whether a row is a sum or a signature, by its first cell that is not empty."""
    first = next((cell for cell in cells if cell.strip()), "")
    return _plain(first) in _totals()


def find_heading(rows: Sequence[Sequence[str]]) -> int | None:
    """The index of the heading: the first row near the top with two known headings, one of them of the goods."""
    for index, cells in enumerate(rows[:_LOOK_IN]):
        keys = [key for cell in cells if cell.strip() and (key := column(cell))]
        filled = sum(1 for cell in cells if cell.strip())
        if len(set(keys)) >= 2 and 2 * len(keys) >= filled and {"product", "sku", "quantity", "customer"} & set(keys):
            return index
    return None
