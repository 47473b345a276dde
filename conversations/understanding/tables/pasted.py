"""Tables pasted into a message: tabs, columns of blanks, pipes, commas, with a heading or without."""

import csv
import re
from collections.abc import Callable, Sequence

from . import sheets
from .values import Sheet

_RULE = re.compile(r"[\s|+:=-]+")
_BLANKS = re.compile(r"\s{2,}|\u3000+")
_MOST = 2_000  # lines; a longer table comes as a file

Splitter = Callable[[str], list[str]]


def _piped(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _commas(line: str) -> list[str]:
    try:
        return next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error:
        return []


_SPLITTERS: tuple[tuple[str, Splitter], ...] = (
    ("\t", lambda line: line.split("\t")),
    ("|", _piped),
    ("  ", lambda line: _BLANKS.split(line.strip())),
    (",", _commas),
    (";", lambda line: line.split(";")),
)


def read_pasted(text: str) -> Sheet | None:
    """The table in a message; None when it is none. Lines around it that have no columns are left out.

    A heading decides; without one at least two lines must have the same columns, and goods and quantities among them.
    """
    lines = [(number, line) for number, line in enumerate(text.split("\n")[:_MOST], 1) if line.strip()]
    lines = [(number, line) for number, line in lines if not _RULE.fullmatch(line)]
    if len(lines) < 2:
        return None
    for mark, split in _SPLITTERS:
        if sum(mark in line for _, line in lines) < 2 and mark != "  ":
            continue
        rows = [(number, cells) for number, line in lines if len(cells := split(line)) > 1]
        if len(rows) < 2:
            continue
        sheet = sheets.with_heading(rows)
        if sheet is not None and sheet.rows:
            return sheet
        sheet = _bare(rows, mark)
        if sheet is not None:
            return sheet
    return _spaced(lines)


def _bare(rows: Sequence[tuple[int, list[str]]], mark: str) -> Sheet | None:
    """A table without a heading: all lines of one width. Commas also part sentences, so they need three columns."""
    widths = {len(cells) for _, cells in rows}
    if len(widths) != 1 or widths.pop() < (3 if mark in {",", ";"} else 2):
        return None
    return sheets.guessed(rows)


def _spaced(lines: Sequence[tuple[int, str]]) -> Sheet | None:
    """Columns one blank apart, which only a heading of as many words as each line has can show."""
    rows = [(number, line.split()) for number, line in lines]
    width = len(rows[0][1])
    if width < 2 or any(len(cells) != width for _, cells in rows):
        return None
    return sheets.with_heading(rows)
