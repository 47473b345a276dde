"""What each thing read stands for among the words: its kind, and what its wording and its neighbours make of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from .dates import DateReading
from .patterns import Read

_UP_TO = (("until", re.compile(r"(?:until|till?)\b")), ("limit", re.compile(r"(?:by|before|no later than)\b")))
_MUCH = 1_000  # from here on a number beside a customer may be an amount
_SHORT = timedelta(hours=8)  # what is shorter is no absence: back in a minute
_LASTING = (
    ("after", re.compile(r"后|过|\b(?:in|later|from now|after)\b")),
    ("more_time", re.compile(r"\b(?:more|another|extra|additional|further)\b")),
)  # what a length of time is said to be
_SHARE = re.compile(r"(?!100)\d{1,2}(?:\.\d+)?\s*(?:%|percent|pct|成(?![品套交本]))")  # of a whole: 80% done
_HALF = Decimal("0.5")
_TIMES = frozenset({"", "x", "*", "×", "of", ":", "个"})


def kinds_of(reads: Sequence[Read], text: str) -> list[frozenset[str]]:
    """What each entity stands for: its kind, and what its neighbour makes of it ("50 PB-50" is a quantity)."""
    found: list[frozenset[str]] = []
    for at, read in enumerate(reads):
        kinds = {"count"} if read.kind == "number" and read.rule == "words" else {read.kind}
        if read.kind == "number" and isinstance(read.value, Decimal) and read.value >= _MUCH:
            kinds.add("big")
        if read.kind == "number" and (_SHARE.match(text, read.start) or read.value == _HALF):
            kinds.add("partly")
        if read.kind == "money" and getattr(read.value, "role", None) == "unit_price":
            kinds.add("price_word")  # its label was read along with it: price 36.50, 单价36.5
        if isinstance(read.value, DateReading):
            kinds |= {name for name, said in _UP_TO if said.match(text, read.start)}
        if getattr(read.value, "duration", None) is not None:
            kinds |= {name for name, said in _LASTING if said.search(text, read.start, read.end)}
            kinds |= {"short"} if read.value.duration < _SHORT else set()  # type: ignore[attr-defined]
            if read.kind == "range":
                kinds.add("within")
        for other in (*reads[at + 1 : at + 2], *reads[max(0, at - 1) : at]):
            gap = text[min(read.end, other.end) : max(read.start, other.start)].strip()
            if read.kind == "number" and other.kind == "product" and gap in _TIMES:
                kinds.add("quantity")
        found.append(frozenset(kinds))
    return found
