"""Whether whoever acts may do something to an order: his roles, and what he is to that very order."""

from __future__ import annotations

from store.book import GENDAN, Book
from store.company.snapshot import Client
from store.messages import Fact, Phrase
from store.reads.seeing import Viewer, see, viewer_of
from store.refusals import NotAllowed, NotFound
from store.rules.rights import RIGHTS, may
from store.tables import Order, Step


def order_for(book: Book, action: str, number: str) -> Order:
    """The order of that number, locked, for an action that whoever acts has the right to.

    Raises:
        NotFound: there is none, or he may not see it.
        NotAllowed: he may see it but not do this.
    """
    order = see(book, number, lock=True)
    require(book, action, order)
    return order


def require(book: Book, action: str, order: Order) -> None:
    """Refuse what whoever acts has no right to do to this order. Raises NotAllowed or NotFound."""
    if book.by.key == GENDAN:
        return
    viewer = viewer_of(book, book.by.key)
    if not may(action, relations(book, viewer, order)):
        raise NotAllowed(right=Phrase(f"right.{action}"), who=holders(book, action, viewer, order))


def relations(book: Book, viewer: Viewer, order: Order) -> frozenset[str]:
    """The viewer's roles, and what he is to this order, which he is known to see."""
    if viewer.is_contact:
        return frozenset({"contact"} if viewer.customer == order.customer else ())
    has = {*viewer.roles, "on_order"}
    if viewer.key in {order.salesperson, order.placed_by, _salesperson(book, order.customer)}:
        has.add("salesperson")
    return frozenset(has)


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
        who: list[Fact] = [person_name(book, customer.salesperson)] if customer.salesperson else [Phrase("role.sales")]
        raise NotAllowed(right=Phrase(f"right.{action}"), who=[*who, *_roles(action)])


def holders(book: Book, action: str, viewer: Viewer, order: Order) -> list[Fact]:
    """Who has the right, as names and roles; a customer hears only of his salesperson."""
    salesperson = person_name(book, order.salesperson)
    if viewer.is_contact:
        return [salesperson]
    who: list[Fact] = [salesperson] if "salesperson" in RIGHTS[action] else []
    return [*who, *_roles(action)]


def _roles(action: str) -> list[Fact]:
    return [Phrase(f"role.{role}") for role in ("coordinator", "manager", "finance", "admin") if role in RIGHTS[action]]


def person_name(book: Book, key: str | None) -> Fact:
    """What somebody is called; the assistant and people long gone by their key."""
    one = book.company.anyone(key) if key else None
    return one.name.raw if one else key


def _salesperson(book: Book, customer: str) -> str | None:
    client = book.company.customers.get(customer)
    return client.salesperson if client else None


def owner_name(book: Book, step: Step) -> Fact:
    """A step's owner by name; a cover together with whom he stands in for."""
    if step.assigned and step.assigned != step.owner:
        return Phrase(
            "person.covering", {"cover": person_name(book, step.owner), "owner": person_name(book, step.assigned)}
        )
    return person_name(book, step.owner)
