"""Tables of orders, in files or pasted, into drafts; a row that lacks something is a bad row: number, column, reason.

Rows with the same customer and PO number are lines of one order; without a PO number each row is an order.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from conversations.dialogs import drafts
from conversations.dialogs.conversation import Conversation
from conversations.dialogs.drafts import Draft, Line
from conversations.understanding.dates import read_dates
from conversations.understanding.normalise import normalise
from conversations.understanding.tables import Row, Sheet, TableProblem, read_file
from store.company.models import FieldPart
from store.messages import Fact, Phrase
from store.operations.numbers import company_day
from store.operations.permits import require_customer
from store.refusals import Invalid, Refusal
from store.rules.forms import is_empty, number

MOST_ROWS = 5000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LABELS = {"due": "promise_date", "amount": "total", "sku": "product", "note": "remark"}
"""Columns of tables whose name here is another."""
_UNITS = re.compile(r"^(?:[¥$€£]|rmb|usd|cny|eur)\s*|\s*(?:元|块|件|个|台|套|只|支|pcs|pc|ea|units?)$", re.IGNORECASE)


def is_sheet(name: str) -> bool:
    """Whether a file of this name is read as orders."""
    return name.lower().endswith((".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".txt"))


def read_sheet(name: str, content: bytes) -> Sheet:
    """The rows of a file. Raises Invalid (refused.table.*)."""
    try:
        sheet = read_file(name, content, max_rows=MOST_ROWS)
    except TableProblem as problem:
        facts = {key: value for key, value in problem.facts.items() if isinstance(value, str | int)}
        raise Invalid(f"refused.{problem.key}", **{"name": name, "most": MOST_ROWS, **facts}) from problem
    if not sheet.rows:
        raise Invalid("refused.table.empty", name=name)
    return sheet


@dataclass
class Sorted:
    """What a sheet comes to: orders, and bad rows as facts (row, column, reason)."""

    orders: list[Draft] = field(default_factory=list)
    bad: list[dict[str, Fact]] = field(default_factory=list)
    bad_rows: list[Row] = field(default_factory=list)


# --- rows into orders ---------------------------------------------------------------------------------------------


class _Bad(Exception):
    def __init__(self, column: str, reason: Phrase, label: Fact = None) -> None:
        super().__init__(column)
        self.column, self.reason, self.label = column, reason, label


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
                column = bad.label or Phrase(f"field.{_LABELS.get(bad.column, bad.column)}")
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
        draft = Draft(po_number=_plain(row.cells.get("po_number")), remark=_plain(row.cells.get("note")))
        key, sure = self._named(row, "customer")
        if not self._may_order(key):
            raise _Bad("customer", Phrase("sheet.not_yours"))
        draft.customer, draft.customer_said = key, _plain(row.cells.get("customer"))
        drafts.mark(draft, "customer", sure=sure)
        draft.lines = [self._line(row)]
        draft.promise_date = self._day(row)
        if row.cells.get("ship_to"):
            try:
                drafts.set_field(conv, draft, "ship_to", _plain(row.cells["ship_to"]))
            except Invalid as wrong:
                raise _Bad("ship_to", wrong.phrase) from wrong
        form = drafts.form_of(conv, draft)
        for part in form:
            said = _under(row, part)
            if said and is_empty(draft.fields.get(part.field)):
                try:
                    drafts.set_field(conv, draft, part.field, said)
                except Invalid as wrong:
                    raise _Bad(part.field, wrong.phrase, _label(part)) from wrong
        for part in form:
            if part.required and is_empty(draft.fields.get(part.field)):
                raise _Bad(part.field, Phrase("sheet.missing_field", {"label": part.name.raw}), _label(part))
        return draft

    def _named(self, row: Row, kind: str) -> tuple[str, bool]:
        said = _plain(row.cells.get(kind)) or (_plain(row.cells.get("sku")) if kind == "product" else None)
        if said is None:
            raise _Bad(kind, Phrase("sheet.missing"))
        if (kind, said) not in self._names:
            self._names[kind, said] = self._look_up(kind, said)
        key, sure, nearest = self._names[kind, said]
        if key is None:
            raise _Bad(kind, Phrase("sheet.unknown", {"said": said, "nearest": nearest}))
        return key, sure

    def _product(self, row: Row) -> tuple[str, bool]:
        """The product by its number where there is a column of those and it is one of ours, else by its name."""
        code = _plain(row.cells.get("sku"))
        if code and row.cells.get("product"):
            known = self._look_up("product", code)
            if known[0] is not None and known[1]:
                return known[0], True
        return self._named(row, "product")

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
        sku, sure = self._product(row)
        line = Line(
            sku=sku,
            said=_plain(row.cells.get("product") or row.cells.get("sku")),
            guess=not sure,
            unit=_plain(row.cells.get("unit")),
        )
        line.unit = line.unit or self._conv.company.products[sku].unit
        line.quantity = _amount(row, "quantity")
        if line.quantity is None:
            raise _Bad("quantity", Phrase("sheet.missing"))
        if line.quantity <= 0:
            raise _Bad("quantity", Phrase("sheet.not_positive"))
        line.price, total = _amount(row, "price"), _amount(row, "amount")
        if line.price is not None and line.price < 0:
            raise _Bad("price", Phrase("sheet.not_positive"))
        if line.price is not None and total is not None and abs(line.price * line.quantity - total) > Decimal("0.01"):
            raise _Bad("amount", Phrase("sheet.total_differs"))
        line.total = total if line.price is None else None
        drafts.settle_price(self._conv, line)
        if line.price is None:
            raise _Bad("price", Phrase("sheet.missing"))
        return line

    def _day(self, row: Row) -> date:
        value = row.cells.get("due")
        if is_empty(value):
            raise _Bad("due", Phrase("sheet.missing"))
        day = _date(self._conv, value or "")
        if day is None:
            raise _Bad("due", Phrase("sheet.no_date", {"said": str(value)[:30]}))
        if day < company_day(self._conv.book):
            raise _Bad("due", Phrase("sheet.past", {"day": day}))
        return day


def _under(row: Row, part: FieldPart) -> str | None:
    """What stands in the column that is headed by the name of a field."""
    names = {_flat(name) for name in (*part.name.all, part.field)}
    return next((_plain(text) for heading, text in row.others.items() if _flat(heading) in names), None)


def _label(part: FieldPart) -> Phrase | None:
    """What a field's column is called; None where every table calls it so."""
    return None if part.field == "ship_to" else Phrase("desk.option.named", {"name": part.name.raw})


def _flat(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def unused(conv: Conversation, sheet: Sheet) -> list[str]:
    """Headings that are neither an order's nor a field's of any order form."""
    forms = [part for flow in conv.company.flows.values() for part in flow.part.order_form]
    known = {_flat(name) for part in forms for name in (*part.name.all, part.field)}
    return [heading for heading in sheet.unknown if _flat(heading) not in known]


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
    value = _plain(row.cells.get(name))
    if value is None:
        return None
    try:
        return number(_UNITS.sub("", value))
    except (ValueError, InvalidOperation) as problem:
        raise _Bad(name, Phrase("sheet.no_number", {"said": value[:30]})) from problem


def _date(conv: Conversation, value: str) -> date | None:
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
    heads = [Phrase(key) for key in ("sheet.head_row", "sheet.head_column", "sheet.head_reason")]
    heads += [Phrase(f"field.{_LABELS.get(key, key)}") for key in sheet.columns]
    page.append([conv.words.say(one) for one in heads])
    for facts, row in zip(done.bad, done.bad_rows, strict=True):
        says = [conv.words.fact(facts[name]) for name in ("column", "reason")]
        page.append([row.number, *(_cell(one) for one in (*says, *(row.cells.get(key, "") for key in sheet.columns)))])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    bare = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
    return f"'{bare}" if bare[:1] in {"=", "+", "-", "@"} else bare
