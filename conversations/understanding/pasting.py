"""Orders from a pasted table: each row's cells read by the same readers as sentences are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from .intents import Intent, Line, Named, Slot, Span
from .naming import Names
from .patterns import Read
from .tables import Row, Sheet, group_orders

ReadCell = Callable[[str], list[Read]]
_TEXTS = {"ship_to": "ship_to", "po_number": "po_number", "note": "remark", "flow": "flow"}
_MOST = 200  # orders of a pasted table


def table_orders(sheet: Sheet, reads: ReadCell, names: Names, span: Span) -> tuple[Intent, ...]:
    """One order.place for each order of the table; every slot has the span of the whole text.

    Args:
        sheet: the table.
        reads: reads the entities of a cell.
        names: of the company.
        span: of the raw text.
    """
    return tuple(
        Intent("order.place", _slots(rows, reads, names, span), span, 0.9, "pasted table")
        for rows in group_orders(sheet)[:_MOST]
    )


def _slots(rows: tuple[Row, ...], reads: ReadCell, names: Names, span: Span) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    for row in rows:
        if said := row.cells.get("customer"):
            slots.setdefault("customer", _named(said, "customer", reads, names, span))
        if said := row.cells.get("due"):
            dated = next((read for read in reads(said) if read.kind in {"date", "range"}), None)
            if dated is not None:
                slots.setdefault("promise_date", Slot(dated.value, span, dated.sure, dated.rule))
        for column, slot in _TEXTS.items():
            if said := row.cells.get(column):
                slots.setdefault(slot, Slot(said, span, True, "cell"))
    lines = tuple(_line(row.cells, reads, names, span) for row in rows)
    return {**slots, "lines": Slot(lines, span, True, "pasted table")}


def _line(cells: Mapping[str, str], reads: ReadCell, names: Names, span: Span) -> Line:
    said = cells.get("sku") or cells.get("product")
    product = _named(said, "product", reads, names, span) if said else None
    if product is not None and product.value.key is None and cells.get("sku") and cells.get("product"):
        product = _named(cells["product"], "product", reads, names, span)
    counted = [read for read in reads(cells.get("quantity", "")) if read.kind in {"quantity", "number"}]
    quantity = Slot(counted[0].value, span, True, counted[0].rule) if counted else None
    unit = cells.get("unit") or (getattr(counted[0].value, "unit", None) if counted else None)
    return Line(
        product, quantity, unit, _amount(cells.get("price"), span), _amount(cells.get("amount"), span), span=span
    )


def _amount(said: str | None, span: Span) -> Slot | None:
    try:
        return Slot(Decimal((said or "").strip(" ¥$€£元").replace(",", "")), span, True, "cell")
    except InvalidOperation:
        return None


def _named(said: str, kind: str, reads: ReadCell, names: Names, span: Span) -> Slot:
    exact = next((read.value for read in reads(said) if read.kind == kind and read.end - read.start == len(said)), None)
    named = exact if isinstance(exact, Named) else names.resolve(said, kind)
    return Slot(Named(said, named.hits, named.sure), span, exact is not None and named.sure, "cell")
