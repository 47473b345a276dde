"""What can be named, and where it was named."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Span = tuple[int, int]
How = Literal["exact", "alias", "part", "initials", "pinyin", "misspelt"]

MARGIN = 0.08
"""How far the best of several must lead to be taken without asking: half of one wrong character in a name of four."""
FLOOR = 0.6
"""Below this score nothing has been recognised."""


STRICT = frozenset({"person", "contact", "department", "step", "flow", "exception"})
"""Kinds whose names are short and near to common words: only a character that sounds the same may be wrong in them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something the company knows by name.

    Attributes:
        kind: customer, product, person, contact, department, step, flow or exception.
        key: its key in the book.
        names: the full name first, then aliases, in all languages; a product's SKU among them.
    """

    kind: str
    key: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A mention. `matched` is the name it was compared with; `score` is 1 for a name as it stands in the book."""

    kind: str
    key: str
    span: Span
    score: float
    how: How
    matched: str


def verdict(hits: Sequence[Hit], margin: float = MARGIN) -> Literal["clear", "tie", "none"]:
    """Whether candidates for one mention, best first, leave a choice.

    Returns: none when the best is under FLOOR; tie when another entry comes nearer than `margin` to it; else clear.
    """
    if not hits or hits[0].score < FLOOR:
        return "none"
    best = hits[0]
    return (
        "tie"
        if any((h.kind, h.key) != (best.kind, best.key) and best.score - h.score < margin for h in hits)
        else "clear"
    )
