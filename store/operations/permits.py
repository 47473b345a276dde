"""Whether whoever acts may do something to an order, and what he is told when not."""

from __future__ import annotations

from sqlmodel import col, select

from store.book import GENDAN, Book
from store.company.views import Client
from store.messages import Fact, Phrase
from store.operations import frame
from store.reads.seeing import see, viewer_of
from store.refusals import Conflict, NotAllowed, NotFound
from store.rules.rights import RIGHTS, may
from store.tables import AuditEntry, Order

OPEN = frozenset({"open", "on_hold"})


def order_for(book: Book, action: str, number: str) -> Order:
    """The order of that number, locked, for an action that whoever acts has the right to.

    Raises:
        NotFound: there is none, or he may not see it.
        NotAllowed: he may see it but not do this.
    """
    order = see(book, number, lock=True)
    frame.require(book, action, order)
    return order


def require_open(book: Book, order: Order) -> None:
    """Refuse what makes no sense for an order that is done or cancelled. Raises Conflict, naming who ended it."""
    if order.status not in OPEN:
        raise conflict(book, order, {"order.cancelled", "order.done"})


def require_customer(book: Book, action: str, customer: Client) -> None:
    """Refuse ordering for a customer who is another's. Raises NotAllowed; NotFound for a contact or a stranger."""
    if book.by.key == GENDAN:
        return
    viewer = viewer_of(book, book.by.key)
    if viewer.is_contact:
        raise NotFound(what=customer.name.raw)
    has = set(viewer.roles)
    if customer.salesperson == viewer.key or (customer.salesperson is None and "sales" in viewer.roles):
        has.add("salesperson")
    if not may(action, has):
        who: list[Fact] = [frame.name(book, customer.salesperson)] if customer.salesperson else []
        roles = (role for role in ("coordinator", "manager", "admin") if role in RIGHTS[action])
        who += [one.name.raw for role in roles for one in book.company.with_role(role)]
        raise NotAllowed(right=Phrase(f"right.{action}"), who=who[:3])


def conflict(book: Book, order: Order, what: set[str], entry: AuditEntry | None = None) -> Conflict:
    """The refusal that names who changed the order meanwhile, what it was and when."""
    last = entry or last_event(book, order, what)
    if last is None:
        return Conflict(number=order.number, who=None, what=Phrase("did.changed"), at=None)
    return Conflict(number=order.number, who=frame.name(book, last.who), what=Phrase(f"did.{last.what}"), at=last.at)


def last_event(book: Book, order: Order, what: set[str]) -> AuditEntry | None:
    """The newest audit entry of the order of one of these kinds; all kinds when none is named."""
    query = select(AuditEntry).where(AuditEntry.order_id == order.id)
    if what:
        query = query.where(col(AuditEntry.what).in_(what))
    return book.session.exec(query.order_by(col(AuditEntry.id).desc()).limit(1)).first()
