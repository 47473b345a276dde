"""From rows of cells to a sheet: heading found, columns named, empty rows left out, rows grouped into orders."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from . import headings
from .values import Row, Sheet, TableProblem

_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/月]\d{1,2}[日号]?|(?:下|本)?周[一二三四五六日]")
_QUANTITY = re.compile(r"[\d,.]+\s?(?:[A-Za-z]{1,6}|[\u4e00-\u9fff]{1,2})?")
_PRICE = re.compile(r"[¥$€£]\s?[\d,.]+(?:/\S+)?|[\d,.]+\s?(?:元|块|usd|rmb|cny|eur)(?:/\S+)?", re.IGNORECASE)
_NUMBER = re.compile(r"[\d,]*\.?\d+")
Cells = Sequence[str]


def with_heading(rows: Sequence[tuple[int, Cells]], *, most: int | None = None) -> Sheet | None:
    """The sheet of numbered rows of cells; None without a heading.

    Raises: TableProblem table.too_many_rows when more than `most` rows are orders.
    """
    at = headings.find_heading([cells for _, cells in rows])
    if at is None:
        return None
    names = rows[at][1]
    places: dict[int, str] = {}
    unknown: dict[int, str] = {}
    for place, name in enumerate(names):
        key = headings.column(name) if name.strip() else None
        if key is not None and key not in places.values():
            places[place] = key
        elif name.strip():
            unknown[place] = name.strip()
    found = tuple(_rows(rows[at + 1 :], places, unknown))
    if most is not None and len(found) > most:
        raise TableProblem("table.too_many_rows", rows=len(found), most=most)
    return Sheet(tuple(key for key in places.values() if key != "number"), tuple(unknown.values()), found)


def _rows(
    rows: Iterable[tuple[int, Cells]], places: dict[int, str], unknown: Mapping[int, str] = MappingProxyType({})
) -> Iterable[Row]:
    for number, cells in rows:
        values = {
            key: text
            for place, key in places.items()
            if key != "number" and place < len(cells) and (text := cells[place].strip())
        }
        if values and not headings.is_sum(cells):
            others = {
                name: text for place, name in unknown.items() if place < len(cells) and (text := cells[place].strip())
            }
            yield Row(number, values, others)


def guessed(rows: Sequence[tuple[int, Cells]]) -> Sheet | None:
    """The sheet of rows without a heading, by what its columns hold: text, dates, quantities, prices; else None."""
    width = len(rows[0][1])
    columns = [[cells[place].strip() for _, cells in rows] for place in range(width)]
    keys: list[str | None] = []
    for cells in columns:
        keys.append(_kind([cell for cell in cells if cell], keys))
    texts = [place for place, key in enumerate(keys) if key == "text"]
    names = ["product"] if len(texts) == 1 else ["customer", "product", "note"]
    for place, name in zip(texts, names, strict=False):
        keys[place] = name
    if "quantity" not in keys or "product" not in keys:
        return None
    places = {place: key for place, key in enumerate(keys) if key not in {None, "text"}}
    named = {place: str(key) for place, key in places.items()}
    return Sheet(tuple(named.values()), (), tuple(_rows(rows, named)), guessed=True)


def _kind(cells: list[str], before: list[str | None]) -> str | None:
    """What a column without a heading holds, given the columns before it."""
    if not cells:
        return None
    if all(_DATE.fullmatch(cell) for cell in cells):
        return "due" if "due" not in before else None
    if all(_PRICE.fullmatch(cell) for cell in cells):
        return "price" if "price" not in before else "amount"
    if all(_QUANTITY.fullmatch(cell) for cell in cells):
        if "quantity" not in before:
            return "quantity"
        numbers = all(_NUMBER.fullmatch(cell) for cell in cells)
        return next((key for key in ("price", "amount") if numbers and key not in before), None)
    return "text"


def group_orders(sheet: Sheet) -> tuple[tuple[Row, ...], ...]:
    """The rows of each order: those with one customer and one PO number; each by itself where there is no PO number."""
    if "po_number" not in sheet.columns:
        return tuple((row,) for row in sheet.rows)
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in sheet.rows:
        number = _same(row.cells.get("po_number", ""))
        key = (_same(row.cells.get("customer", "")), number) if number else ("", f"\0{row.number}")
        groups.setdefault(key, []).append(row)
    return tuple(tuple(rows) for rows in groups.values())


def _same(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()
