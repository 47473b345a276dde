"""Pieces of text on a page to lines, a table and labelled values: 采购方:华东机械, 交货日期 | 2026-12-15."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from conversations.understanding.tables import Sheet, headings, sheets

_LABEL = re.compile(r"^\s*([^:：]{2,24})\s*[:：]\s*(\S.*)$")
_HEAD = frozenset({"customer", "due", "ship_to", "po_number", "note", "contact", "phone"})
_SURE = 0.5  # pieces read worse than this are left out


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words and where they stand on the page, in pixels; `score` is how surely they were read, 0..1."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    score: float = 1.0

    @property
    def middle(self) -> float:
        """Of its height."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says.

    Attributes:
        text: its lines as text.
        sheet: the table of goods, if there is one.
        values: what stands beside labels, by the key of the column that the label would name (tables/headings.yaml).
    """

    text: str
    sheet: Sheet | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def read_page(pieces: Sequence[Piece]) -> Page:
    """The lines of a page, its table, and the labelled values outside of it."""
    lines = _lines([piece for piece in pieces if piece.score >= _SURE and piece.text.strip()])
    texts = [[piece.text.strip() for piece in line] for line in lines]
    at = headings.find_heading(texts[:_TOP]) if texts else None
    head = texts if at is None else texts[:at]
    sheet, after = (None, []) if at is None else _table(lines, at)
    values = _labelled([*head, *after])
    if sheet is not None:
        rows = tuple(replace(row, cells={**_of_order(values), **row.cells}) for row in sheet.rows)
        sheet = replace(sheet, rows=rows, columns=tuple(dict.fromkeys((*sheet.columns, *_of_order(values)))))
    return Page("\n".join(" ".join(line) for line in texts), sheet, values)


_TOP = 40


def _of_order(values: Mapping[str, str]) -> dict[str, str]:
    return {key: said for key, said in values.items() if key in _HEAD}


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces that stand beside each other, left to right; lines from top to bottom."""
    if not pieces:
        return []
    height = median(piece.bottom - piece.top for piece in pieces) or 1.0
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: one.middle):
        last = lines[-1] if lines else None
        if last is not None and piece.middle - sum(one.middle for one in last) / len(last) < 0.6 * height:
            last.append(piece)
        else:
            lines.append([piece])
    return [sorted(line, key=lambda one: one.left) for line in lines]


def _table(lines: Sequence[Sequence[Piece]], at: int) -> tuple[Sheet | None, list[list[str]]]:
    """The table below its heading, each piece in the column it stands under; and the lines that are none of it."""
    heading = lines[at]
    grid = [(at + 1, [piece.text.strip() for piece in heading])]
    after: list[list[str]] = []
    for number, line in enumerate(lines[at + 1 :], at + 2):
        cells = [""] * len(heading)
        for piece in line:
            place = min(range(len(heading)), key=lambda column: _apart(piece, heading[column]))
            cells[place] = f"{cells[place]} {piece.text.strip()}".strip()
        if sum(map(bool, cells)) * 2 >= len(heading) and not after:
            grid.append((number, cells))
        else:
            after.append([piece.text.strip() for piece in line])
    found = sheets.with_heading(grid)
    return (found if found is not None and found.rows else None), after


def _apart(piece: Piece, column: Piece) -> float:
    """How far a piece stands from a heading, sideways; 0 where they overlap by half."""
    overlap = min(piece.right, column.right) - max(piece.left, column.left)
    if overlap >= 0.5 * min(piece.right - piece.left, column.right - column.left):
        return 0.0
    return min(abs(piece.left - column.left), abs(piece.right - column.right),
               abs(piece.left + piece.right - column.left - column.right) / 2)  # fmt: skip


def _labelled(lines: Sequence[Sequence[str]]) -> dict[str, str]:
    """Values beside their labels: in one piece behind a colon, or the piece to the right."""
    found: dict[str, str] = {}
    for line in lines:
        for place, text in enumerate(line):
            hit = _LABEL.match(text)
            label, said = (
                (hit[1], hit[2]) if hit else (text.rstrip(":： "), line[place + 1] if place + 1 < len(line) else "")
            )
            key = headings.column(label) if label else None
            if key is not None and said and headings.column(said) is None:
                found.setdefault(key, said.strip())
    return found
