"""Taking back: the author's last change within the limit, while nobody has built on it. Both stay in the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, inspect
from sqlmodel import SQLModel, col, func, select

from store.book import Book
from store.columns import Exact, UtcDateTime
from store.messages import Letter, Phrase
from store.operations import cards, frame
from store.operations.flow import refresh, refresh_all
from store.operations.holds import end_order
from store.refusals import Invalid
from store.tables import (
    AuditEntry,
    Change,
    ExceptionCase,
    Note,
    NoteFile,
    Order,
    OrderLine,
    Outbox,
    Product,
    Request,
    Step,
    UndoRecord,
)
from store.undoing import KEPT, row_values

_PASSING = frozenset({"version", "due", "acknowledged_at", "acknowledged_until", "snoozed_until", "changed_by"})
"""Columns that move without anybody building on a change: what follows from a calendar, and a mere «收到»."""
_STAYS: dict[type[SQLModel], str] = {Request: "withdrawn", Change: "refused", ExceptionCase: "closed"}
"""Rows that cards still point to are not deleted when they are taken back: they end like this."""
LASTING = frozenset(
    {"question.answered", "survey.answered", "promise.kept", "flow.asked", "flow.published", "flow.refused",
     "suggestion.seconded", "code.made", "identity.linked", "identity.unlinked", "order.delivered", "tracking.shared",
     "tracking.revoked"}
)  # fmt: skip
"""What cannot be taken back; «undo» said after one of these means it, and nothing that was done before."""
_LOOK_BACK = 500


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was taken back (an event such as "step.done") and the numbers of the orders it concerned."""

    what: str
    orders: tuple[str, ...]


def last_undo(book: Book) -> UndoRecord | None:
    """What whoever acts could take back now; None when there is nothing within the limit."""
    record = _newest(book)
    return record if record is not None and book.now - record.at <= book.company.pushes.undo else None


def take_back(book: Book, undo_id: int | None = None) -> TakenBack:
    """Undo whoever acts' own last change, or the one that a button names.

    Raises:
        Invalid: refused.undo_nothing; refused.undo_already; refused.undo_too_late (facts minutes);
            refused.undo_lasting (facts what) when it was something else that he did last; and
            refused.undo_built_on (facts number, who, what, at) when somebody has built on it.
    """
    if undo_id is None and (lasting := _lasting(book)) is not None:
        raise Invalid("refused.undo_lasting", what=Phrase(f"did.{lasting.what}"))
    record = _newest(book) if undo_id is None else book.session.get(UndoRecord, undo_id, with_for_update=True)
    if record is None or record.who != book.by.key:
        raise Invalid("refused.undo_nothing")
    if record.taken_back_at is not None:
        raise Invalid("refused.undo_already")
    limit = book.company.pushes.undo
    if book.now - record.at > limit:
        raise Invalid("refused.undo_too_late", minutes=int(limit.total_seconds() // 60))
    orders = _lock_orders(book, record)
    _refuse_built_on(book, record, orders)
    record.taken_back_at = book.now
    book.session.add(record)
    told = _withdraw_pushes(book, record, orders)
    if record.what == "order.placed":
        for order in orders:
            end_order(book, order, _said(book, record, order), None, tell=False)
    else:
        _put_back(book, record)
        for order in orders:
            refresh(book, order)
        _redraw(book, record, orders)
    for order in orders:
        book.record("undo", order=order, subject=f"undo:{record.id}", before={"what": record.what})
    if not orders:
        book.record("undo", subject=f"undo:{record.id}", before={"what": record.what})
    _tell(book, record, orders, told)
    return TakenBack(record.what, tuple(order.number for order in orders))


def _newest(book: Book) -> UndoRecord | None:
    query = select(UndoRecord).where(UndoRecord.who == book.by.key, col(UndoRecord.taken_back_at).is_(None))
    return book.session.exec(query.order_by(col(UndoRecord.id).desc()).limit(1).with_for_update()).first()


def _lasting(book: Book) -> AuditEntry | None:
    """What whoever acts did last, if that is nothing that can be taken back and is within the limit."""
    me, since = book.by.key, book.now - book.company.pushes.undo
    query = select(UndoRecord).where(UndoRecord.who == me, UndoRecord.at >= since)
    records = list(book.session.exec(query.order_by(col(UndoRecord.id).desc()).limit(_LOOK_BACK)))
    newest = select(func.max(AuditEntry.id)).scalar_subquery()  # entries are numbered without gaps
    lately = select(AuditEntry).where(col(AuditEntry.id) > newest - _LOOK_BACK).order_by(col(AuditEntry.id).desc())
    for one in book.session.exec(lately):
        if one.who != me or one.at < since:
            continue
        if one.what in LASTING:
            return one
        its = next((row for row in records if (row.what, row.at) == (one.what, one.at)), None)
        if its is not None and its.taken_back_at is None:
            return None
        records = [row for row in records if row is not its]
    return None


def _lock_orders(book: Book, record: UndoRecord) -> list[Order]:
    """The orders that the change was about, in the order of their rows."""
    ids: set[int | None] = {record.order_id}
    for table, key, before, after in record.rows:
        values = after or before or {}
        ids.add(key[0] if table == Order.__tablename__ else values.get("order_id"))
    query = select(Order).where(col(Order.id).in_(ids - {None})).order_by(col(Order.id)).with_for_update()
    return list(book.session.exec(query.execution_options(populate_existing=True)))


# --- has anybody built on it? -------------------------------------------------------------------------------------


def _refuse_built_on(book: Book, record: UndoRecord, orders: Sequence[Order]) -> None:
    for table, key, _before, after in record.rows:
        row = _find(book, table, key)
        if not _still(row, after):
            raise _built_on(book, record, orders)


def _find(book: Book, table: str, key: Sequence[Any]) -> SQLModel | None:
    return book.session.get(KEPT[table], tuple(key), populate_existing=True)


def _still(row: SQLModel | None, after: dict[str, Any] | None) -> bool:
    """Whether a row is as the change left it, in all that people do to it."""
    if row is None or after is None:
        return row is None and after is None
    now = row_values(row)
    return all(_same(now.get(name), value) for name, value in after.items() if name not in _PASSING)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str) and "T" in one and one != other:
        try:
            return datetime.fromisoformat(one) == datetime.fromisoformat(other)
        except (ValueError, TypeError):
            return False
    return bool(one == other)


def _built_on(book: Book, record: UndoRecord, orders: Sequence[Order]) -> Invalid:
    ids = [order.id for order in orders]
    query = select(AuditEntry).where(col(AuditEntry.order_id).in_(ids), AuditEntry.at >= record.at)
    later = list(book.session.exec(query.order_by(col(AuditEntry.id).desc()).limit(50)))
    entry = next((one for one in later if one.who not in {record.who, "gendan"}), later[0] if later else None)
    return Invalid(
        "refused.undo_built_on",
        number=orders[0].number if orders else None,
        who=frame.name(book, entry.who) if entry else None,
        what=Phrase(f"did.{entry.what}") if entry else None,
        at=entry.at if entry else None,
    )


# --- putting back -------------------------------------------------------------------------------------------------


def _put_back(book: Book, record: UndoRecord) -> None:
    people: set[str] = set()
    for table, key, before, after in reversed(record.rows):
        row = _find(book, table, key)
        if isinstance(row, OrderLine) and before is not None:
            _stock_back(book, row, Decimal(before["shipped"]))
        if before is None and row is not None:
            _remove(book, row)
        elif before is not None and row is None:
            book.session.add(_filled(KEPT[table](), before))
        elif before is not None and row is not None:
            version = getattr(row, "version", None)
            book.session.add(_filled(row, before))
            if version is not None:
                setattr(row, "version", version + 1)  # noqa: B010  old cards must not fit again
        if table in {"away", "person"}:
            people.add(str((after or before or {}).get("person") or key[0]))
    book.session.flush()
    if people:
        book.forget_company()
        for person in sorted(people):
            refresh_all(book, person=person)


def _remove(book: Book, row: SQLModel) -> None:
    ending = _STAYS.get(type(row))
    if ending is None:
        if isinstance(row, Note):
            for file in book.session.exec(select(NoteFile).where(NoteFile.note_id == row.id)):
                book.session.delete(file)
            book.session.flush()
        book.session.delete(row)
        return
    if isinstance(row, ExceptionCase):
        row.closed_at, row.closed_by = book.now, book.by.key
    elif isinstance(row, Request | Change):
        row.decided_at, row.decided_by = book.now, book.by.key
    if isinstance(row, ExceptionCase | Request | Change):
        row.status = ending
        row.version += 1
        book.session.add(row)


def _filled(row: SQLModel, values: dict[str, Any]) -> SQLModel:
    """Give a row the values that `row_values` once made plain."""
    for column in inspect(type(row)).columns:
        value = values.get(column.key)
        if isinstance(value, str):
            match column.type:
                case UtcDateTime():
                    value = datetime.fromisoformat(value)
                case Exact():
                    value = Decimal(value)
                case Date():
                    value = date.fromisoformat(value)
        setattr(row, column.key, value)
    return row


def _stock_back(book: Book, line: OrderLine, shipped: Decimal) -> None:
    """What did not leave the house after all is in stock again."""
    if line.shipped == shipped:
        return
    product = book.session.get(Product, line.sku, with_for_update=True)
    if product is not None and product.stock is not None:
        product.stock += line.shipped - shipped
        book.session.add(product)


# --- who hears of it ----------------------------------------------------------------------------------------------


def _withdraw_pushes(book: Book, record: UndoRecord, orders: Iterable[Order]) -> list[str]:
    """Drop what has not gone out, take the buttons from what has; who has heard and must hear more."""
    first = next(iter(orders), None)
    heard: dict[str, None] = {}
    for start in range(0, len(record.outbox), 500):
        ids = record.outbox[start : start + 500]
        for row in book.session.exec(select(Outbox).where(col(Outbox.id).in_(ids)).with_for_update()):
            if row.kind == "answer":
                continue
            if row.status == "pending":
                row.status = "dropped"
                book.session.add(row)
            elif row.kind == "push" and row.status != "dropped" and row.person and row.person != book.by.key:
                heard[row.person] = None
                if row.card is not None:
                    cards.retire_card(book, row.card, Letter((_said(book, record, first),)), only=row.person)
    return list(heard)


def _redraw(book: Book, record: UndoRecord, orders: Sequence[Order]) -> None:
    """A card that said «at rest until …» or «put off to …» says what it stands at again."""
    if not record.what.endswith((".acknowledged", ".snoozed", ".postponed")) or not orders:
        return
    order = orders[0]
    for table, key, _before, _after in record.rows:
        row = _find(book, table, key)
        if isinstance(row, Step):
            letter = cards.step_card(book, order, row, _said(book, record, order))
            cards.refresh_card(book, f"step:{row.id}", letter, only=row.owner)
        elif isinstance(row, ExceptionCase):
            letter = cards.exception_card(book, order, row, _said(book, record, order))
            cards.refresh_card(book, f"exception:{row.id}", letter, only=row.handler)


def _said(book: Book, record: UndoRecord, order: Order | None) -> Phrase:
    facts = {
        "who": frame.name(book, book.by.key),
        "number": order.number if order else None,
        "what": Phrase(f"did.{record.what}"),
    }
    return Phrase("undo.told", facts)


def _tell(book: Book, record: UndoRecord, orders: Sequence[Order], people: Sequence[str]) -> None:
    """Everybody who had heard: with his card anew when there is work for him again, colleagues and contacts apart."""
    order = orders[0] if orders else None
    told = {row.person for row in book.told if row.kind == "push"}
    for person in people:
        human = book.company.people.get(person)
        if human is None or person in told:
            continue
        if human.is_contact:
            says = Phrase("undo.told_customer", {"number": order.number if order else None})
            book.tell(person, Letter((says,)), rule="undo", order=order)
            continue
        mine = [step for step in _active(book, orders) if step.owner == person]
        if order is not None and len(orders) == 1 and mine:
            letter = cards.step_card(book, order, mine[0], _said(book, record, order))
            book.tell(person, letter, rule="undo", card=f"step:{mine[0].id}", order=order)
        else:
            book.tell(person, Letter((_said(book, record, order),)), rule="undo", order=order)


def _active(book: Book, orders: Iterable[Order]) -> list[Any]:
    return [step for order in orders for step in frame.steps(book, order) if step.status == "active"]
