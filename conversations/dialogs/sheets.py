"""Order files: xlsx and csv into drafts; a row that lacks something is a bad row with its number, column and reason.

Workbooks give the cached values of formulas, nothing is evaluated. Text files are UTF-8, with or without mark, or
GB18030. Rows with the same customer and PO number are lines of one order; without one each row is an order.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from conversations.dialogs import drafts
from conversations.dialogs.conversation import Conversation
from conversations.dialogs.drafts import Draft, Line
from conversations.understanding.dates import read_dates
from conversations.understanding.normalise import normalise
from store.messages import Fact, Phrase
from store.operations.numbers import company_day
from store.operations.permits import require_customer
from store.refusals import Invalid, Refusal
from store.rules.forms import is_empty, number

MOST_ROWS = 5000
_COLUMNS = 60
_HEAD_WITHIN = 20
_BRACKETS = re.compile(r"[((\[【].*?[))\]】]")
_NOISE = re.compile(r"[\s*:：_\-./#]+")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its number there (from 1) and its cells by field."""

    number: int
    cells: Mapping[str, Any]
    raw: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as read: headings as written by field, and the rows under them."""

    headings: Mapping[str, str]
    titles: Sequence[str]
    rows: tuple[Row, ...]


@dataclass
class Sorted:
    """What a sheet comes to: orders, and bad rows as facts (row, column, reason)."""

    orders: list[Draft] = field(default_factory=list)
    bad: list[dict[str, Fact]] = field(default_factory=list)
    bad_rows: list[Row] = field(default_factory=list)


def is_sheet(name: str) -> bool:
    """Whether a file of this name is read as orders."""
    return name.lower().endswith((".xlsx", ".xlsm", ".csv", ".tsv", ".txt"))


def read_sheet(name: str, content: bytes) -> Sheet:
    """The rows of a file.

    Raises:
        Invalid: refused.sheet_unreadable, refused.sheet_no_heading (facts: known), refused.sheet_empty,
            refused.sheet_too_long (facts: limit).
    """
    table = _workbook(content) if name.lower().endswith((".xlsx", ".xlsm")) else _text(content)
    rows = _bounded(table)
    place = next(
        (
            n
            for n, row in enumerate(rows[:_HEAD_WITHIN])
            if len(_fields(row)) >= 2 and "product" in _fields(row).values()
        ),
        None,
    )
    if place is None:
        raise Invalid("refused.sheet_no_heading", name=name)
    by_column = _fields(rows[place])
    found = []
    for offset, row in enumerate(rows[place + 1 :], place + 2):
        cells = {by_column[n]: value for n, value in enumerate(row) if n in by_column and not is_empty(value)}
        if cells:
            found.append(Row(offset, cells, row))
    if not found:
        raise Invalid("refused.sheet_empty", name=name)
    if len(found) > MOST_ROWS:
        raise Invalid("refused.sheet_too_long", limit=MOST_ROWS, rows=len(found))
    titles = [str(value or "") for value in rows[place]]
    return Sheet({key: titles[n] for n, key in by_column.items()}, titles, tuple(found))


def _bounded(table: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    rows: list[Sequence[Any]] = []
    filled = 0
    for row in table:
        cut = tuple(row[:_COLUMNS])
        rows.append(cut)
        filled += any(not is_empty(value) for value in cut)
        if filled > MOST_ROWS + _HEAD_WITHIN + 1:
            raise Invalid("refused.sheet_too_long", limit=MOST_ROWS, rows=None)
    return rows


def _workbook(content: bytes) -> list[Sequence[Any]]:
    import warnings

    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd styles and extensions do not matter here
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            sheet = next((one for one in book.worksheets if one.sheet_state == "visible"), book.worksheets[0])
            sheet.reset_dimensions()
            rows = _bounded(sheet.iter_rows(values_only=True))
            book.close()
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, IndexError, EOFError, SyntaxError) as problem:
        raise Invalid("refused.sheet_unreadable") from problem
    return rows


def _text(content: bytes) -> list[Sequence[Any]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Invalid("refused.sheet_unreadable")
    if "\0" in text:
        raise Invalid("refused.sheet_unreadable")
    head = text[:4000].splitlines()[:5]
    delimiter = max(",\t;，", key=lambda sign: sum(line.count(sign) for line in head))
    try:
        return [tuple(row) for row in csv.reader(io.StringIO(text.replace("，", ",") if delimiter == "，" else text),
                                                 delimiter="," if delimiter == "，" else delimiter)]  # fmt: skip
    except csv.Error as problem:
        raise Invalid("refused.sheet_unreadable") from problem


@cache
def _headings() -> dict[str, str]:
    table = yaml.safe_load(files("conversations.dialogs").joinpath("headings.yaml").read_text("utf-8"))
    return {_heading(word): name for name, words in table.items() for word in words}


def _heading(value: Any) -> str:
    text = unicodedata.normalize("NFKC", str(value or "")).casefold()
    return _NOISE.sub("", _BRACKETS.sub("", text))


def _fields(row: Sequence[Any]) -> dict[int, str]:
    """Column to field, each field once: the first column of that heading."""
    found: dict[int, str] = {}
    for place, value in enumerate(row):
        name = _headings().get(_heading(value))
        if name and name not in found.values():
            found[place] = name
    return found


# --- rows into orders ---------------------------------------------------------------------------------------------


class _Bad(Exception):
    def __init__(self, column: str, reason: Phrase) -> None:
        super().__init__(column)
        self.column, self.reason = column, reason


class Sorter:
    """Sorts the rows of a sheet into orders and bad rows; names are looked up once per spelling."""

    def __init__(self, conv: Conversation, sheet: Sheet) -> None:
        self._conv = conv
        self._sheet = sheet
        self._names: dict[tuple[str, str], tuple[str | None, bool, str | None]] = {}
        self._allowed: dict[str, bool] = {}

    def sort(self) -> Sorted:
        """All rows, in their order."""
        done = Sorted()
        groups: dict[tuple[str, str], Draft] = {}
        for row in self._sheet.rows:
            try:
                draft = self._draft(row)
            except _Bad as bad:
                column = self._sheet.headings.get(bad.column) or Phrase(f"field.{bad.column}")
                done.bad.append({"row": row.number, "column": column, "reason": bad.reason})
                done.bad_rows.append(row)
                continue
            key = (draft.customer or "", draft.po_number or f"row {row.number}")
            if draft.po_number and key in groups:
                _join(groups[key], draft)
            else:
                groups[key] = draft
                done.orders.append(draft)
        return done

    def _draft(self, row: Row) -> Draft:
        conv = self._conv
        draft = Draft(po_number=_plain(row.cells.get("po_number")), remark=_plain(row.cells.get("remark")))
        key, sure = self._named(row, "customer")
        if not self._may_order(key):
            raise _Bad("customer", Phrase("sheet.not_yours"))
        draft.customer, draft.customer_said = key, _plain(row.cells["customer"])
        drafts.mark(draft, "customer", sure=sure)
        draft.lines = [self._line(row)]
        draft.promise_date = self._day(row)
        if row.cells.get("ship_to"):
            try:
                drafts.set_field(conv, draft, "ship_to", _plain(row.cells["ship_to"]))
            except Invalid as wrong:
                raise _Bad("ship_to", wrong.phrase) from wrong
        for part in drafts.form_of(conv, draft):
            if part.required and is_empty(draft.fields.get(part.field)):
                raise _Bad(
                    part.field if part.field == "ship_to" else "remark",
                    Phrase("sheet.missing_field", {"label": part.name.raw}),
                )
        return draft

    def _named(self, row: Row, kind: str) -> tuple[str, bool]:
        said = _plain(row.cells.get(kind))
        if said is None:
            raise _Bad(kind, Phrase("sheet.missing"))
        if (kind, said) not in self._names:
            self._names[kind, said] = self._look_up(kind, said)
        key, sure, nearest = self._names[kind, said]
        if key is None:
            raise _Bad(kind, Phrase("sheet.unknown", {"said": said, "nearest": nearest}))
        return key, sure

    def _look_up(self, kind: str, said: str) -> tuple[str | None, bool, str | None]:
        table: Mapping[str, Any] = self._conv.company.customers if kind == "customer" else self._conv.company.products
        exact = [key for key, one in table.items() if one.active and drafts.exact(one, said)]
        if len(exact) == 1:
            return exact[0], True, None
        names = getattr(self._conv.reader, "names", None)
        named = names.resolve(said, kind) if names is not None else None
        keys = [key for key in named.keys if key in table and table[key].active] if named is not None else []
        if named is not None and keys and named.sure:
            return keys[0], False, None
        nearest = table[keys[0]].name.say(self._conv.me.language) if keys else None
        return None, False, nearest

    def _may_order(self, customer: str) -> bool:
        if customer not in self._allowed:
            try:
                require_customer(self._conv.book, "order.place", self._conv.company.customers[customer])
                self._allowed[customer] = True
            except Refusal:
                self._allowed[customer] = False
        return self._allowed[customer]

    def _line(self, row: Row) -> Line:
        sku, sure = self._named(row, "product")
        line = Line(sku=sku, said=_plain(row.cells["product"]), guess=not sure, unit=_plain(row.cells.get("unit")))
        line.unit = line.unit or self._conv.company.products[sku].unit
        line.quantity = _amount(row, "quantity")
        if line.quantity is None:
            raise _Bad("quantity", Phrase("sheet.missing"))
        if line.quantity <= 0:
            raise _Bad("quantity", Phrase("sheet.not_positive"))
        line.price, total = _amount(row, "price"), _amount(row, "total")
        if line.price is not None and line.price < 0:
            raise _Bad("price", Phrase("sheet.not_positive"))
        if line.price is not None and total is not None and abs(line.price * line.quantity - total) > Decimal("0.01"):
            raise _Bad("total", Phrase("sheet.total_differs"))
        line.total = total if line.price is None else None
        drafts.settle_price(self._conv, line)
        if line.price is None:
            raise _Bad("price", Phrase("sheet.missing"))
        return line

    def _day(self, row: Row) -> date:
        value = row.cells.get("promise_date")
        if is_empty(value):
            raise _Bad("promise_date", Phrase("sheet.missing"))
        day = _date(self._conv, value)
        if day is None:
            raise _Bad("promise_date", Phrase("sheet.no_date", {"said": str(value)[:30]}))
        if day < company_day(self._conv.book):
            raise _Bad("promise_date", Phrase("sheet.past", {"day": day}))
        return day


def _join(draft: Draft, other: Draft) -> None:
    """A further line of the same order; the earlier promise holds."""
    draft.lines += other.lines
    draft.promise_date = min(one for one in (draft.promise_date, other.promise_date) if one is not None)
    draft.fields |= {key: value for key, value in other.fields.items() if key not in draft.fields}
    if other.remark and other.remark != draft.remark:
        draft.remark = f"{draft.remark}; {other.remark}" if draft.remark else other.remark


def _plain(value: Any) -> str | None:
    if is_empty(value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip() or None


def _amount(row: Row, name: str) -> Decimal | None:
    value = row.cells.get(name)
    if is_empty(value):
        return None
    try:
        if isinstance(value, float):
            value = Decimal(repr(value))
        text = (
            re.sub(r"^[¥$€£]|(?:元|件|个|台|套|只|pcs)$", "", _plain(value) or "", flags=re.IGNORECASE)
            if isinstance(value, str)
            else value
        )
        return number(text)
    except (ValueError, InvalidOperation) as problem:
        raise _Bad(name, Phrase("sheet.no_number", {"said": str(value)[:30]})) from problem


def _date(conv: Conversation, value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _plain(value) or ""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        found = read_dates(normalise(text).text, now=conv.now.astimezone(conv.me.zone))
    return found[0].due.date() if len(found) == 1 else None


def bad_rows_file(conv: Conversation, sheet: Sheet, done: Sorted) -> bytes:
    """The bad rows as a workbook: as they were, with row number, column and reason in front."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    assert page is not None  # noqa: S101  # a new workbook has one
    heads = [conv.words.say(Phrase(key)) for key in ("sheet.head_row", "sheet.head_column", "sheet.head_reason")]
    page.append([*heads, *sheet.titles])
    for facts, row in zip(done.bad, done.bad_rows, strict=True):
        says = [conv.words.fact(facts[name]) for name in ("column", "reason")]
        page.append([row.number, *(_cell(one) for one in says), *(_cell(one) for one in row.raw)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, int | float | date | None):
        return value
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", str(value))
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
