"""What others hear when an order moves: followers, the customer's contacts, the salesperson."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam
from sqlmodel import col, select

from store.book import Book
from store.known import rows_of
from store.messages import Choice, Fact, Letter, Phrase, pack
from store.operations import frame
from store.operations.cards import button, retire_card
from store.session import Rows
from store.tables import AuditEntry, Dialog, Follow, Identity, Order, Person, Request, Step

if TYPE_CHECKING:
    from store.reads.public import PublicParcel

BUTTON_SCORES = range(1, 6)


def step_moved(book: Book, order: Order, step: Step, how: str) -> None:
    """Tell who follows the order that a step started or was done; contacts only of stages they may know."""
    followers = rows_of(book.session, Follow, order.id)
    if not followers:
        return
    part = frame.spec(book, order, step.key)
    told = {row.person for row in book.told if row.order_id == order.id}
    for follow in followers:
        human = book.company.people.get(follow.person)
        if human is None or follow.person in told or follow.person == book.by.key:
            continue
        facts: dict[str, Fact] = {"number": order.number, "customer": frame.customer_name(book, order.customer)}
        if human.is_contact:
            if part.public is None or how != "started":
                continue
            phrase = Phrase("follow.public", {**facts, "stage": part.public.raw})
        else:
            owner = frame.owner_name(book, step)
            phrase = Phrase(f"follow.{how}", {**facts, "step": step.name, "owner": owner, "due": step.due})
        choices = (
            button("details", f"order.show:{order.number}"),
            button("unfollow", f"order.unfollow:{order.number}"),
        )
        book.tell(follow.person, Letter((phrase,), choices), rule="follow", order=order)


def order_done(book: Book, order: Order) -> None:
    """Tell the salesperson and the colleagues who follow it that an order is all done."""
    staff = [
        one.person
        for one in rows_of(book.session, Follow, order.id)
        if (human := book.company.people.get(one.person)) is not None and not human.is_contact
    ]
    facts = {"number": order.number, "customer": frame.customer_name(book, order.customer)}
    letter = Letter((Phrase("order.all_done", facts),), (button("details", f"order.show:{order.number}"),))
    for person in dict.fromkeys([order.salesperson, *staff]):
        if person != book.by.key and person in book.company.people:
            book.tell(person, letter, rule="order.done", order=order)


def linked_contacts(book: Book, customer: str) -> list[str]:
    """The customer's people who have a verified account, in the order of the file."""
    linked = select(Identity.person)
    query = select(Person.key).where(
        Person.kind == "contact", Person.customer == customer, col(Person.active).is_(True), col(Person.key).in_(linked)
    )
    return list(book.session.exec(query.order_by(col(Person.position), col(Person.key))))


def tell_customer(book: Book, order: Order, letter: Letter, *, rule: str, to: Iterable[str] | None = None) -> list[str]:
    """Tell the customer's linked contacts something about their order; it stands in the order's timeline.

    Args:
        book: the unit of work.
        order: what it is about.
        letter: public facts only.
        rule: why it is said.
        to: these contacts; None is all that are linked.
    """
    told = linked_contacts(book, order.customer) if to is None else list(to)
    for contact in told:
        book.tell(contact, letter, rule=rule, order=order)
    if told:
        book.record("customer.told", order=order, after={"to": told, "rule": rule, "says": pack(letter.says)})
    return told


def tell_shipped(book: Book, order: Order, *, part: bool = False) -> list[str]:
    """Tell all linked contacts of the customer that goods are on their way, with public fields only.

    `part`: only some of it left; they hear how much of how much, and when the rest is expected.
    """
    from store.reads.public import public_parcels, public_status_of

    parcels = public_parcels(book, order)
    parcel, last = parcels[-1], len(parcels) > 1 and not part
    key = "customer.part_shipped" if part else "customer.rest_shipped" if last else "customer.shipped"
    says = [Phrase(key, {"number": order.number, "po": order.po_number})]
    says += _parts(book, order) if part else _parcel_goods(parcel) if last else _goods(book, order)
    if part:
        says.append(Phrase("public.rest", {"on": public_status_of(book, order).rest_on}))
    says += [Phrase("card.field", {"field": label, "value": value}) for label, value in parcel.fields]
    if parcel.url:
        says.append(Phrase("public.parcel_link", {"url": parcel.url}))
    choices = () if part else (button("received", f"accept.delivery:{order.number}"),)
    return tell_customer(book, order, Letter(tuple(says), choices), rule="shipped")


def _goods(book: Book, order: Order) -> Iterable[Phrase]:
    for line in frame.lines(book, order):
        yield Phrase("card.line", {"product": line.name, "quantity": line.quantity, "unit": line.unit})


def _parcel_goods(parcel: PublicParcel) -> Iterable[Phrase]:
    for name, count, unit in parcel.goods:
        yield Phrase("card.line", {"product": name, "quantity": count, "unit": unit})


def _parts(book: Book, order: Order) -> Iterable[Phrase]:
    for line in frame.lines(book, order):
        facts = {"product": line.name, "shipped": line.shipped, "quantity": line.quantity, "unit": line.unit}
        yield Phrase("public.line_part", facts)


def ask_score(book: Book, order: Order) -> str | None:
    """Ask the contact who last wrote about the order, else the first linked one, for a score; whom, if there is one."""
    contact = last_writer(book, order) or next(iter(linked_contacts(book, order.customer)), None)
    if contact is None:
        return None
    choices = tuple(Choice(Phrase("button.score", {"score": n}), f"score:{order.id}.{n}") for n in BUTTON_SCORES)
    facts = {"number": order.number, "po": order.po_number}
    letter = Letter((Phrase("customer.score", facts),), choices)
    book.tell(contact, letter, rule="survey", card=f"score:{order.id}", order=order)
    return contact


def last_writer(book: Book, order: Order) -> str | None:
    """The linked contact who last wrote about the order: by the audit, or by what was last spoken of with him."""
    contacts = linked_contacts(book, order.customer)
    if not contacts:
        return None
    moments: dict[str, datetime] = {}
    query = select(AuditEntry.who, AuditEntry.at).where(
        AuditEntry.order_id == order.id, col(AuditEntry.who).in_(contacts)
    )
    spoken: list[tuple[str, datetime]] = list(book.session.exec(query))
    scopes = {f"person:{key}": key for key in contacts}
    spoken += [
        (scopes[dialog.scope], dialog.spoken_at)
        for dialog in book.session.exec(select(Dialog).where(col(Dialog.scope).in_(scopes)))
        if order.number in dialog.orders and dialog.spoken_at is not None
    ]
    for who, at in spoken:
        moments[who] = max(at, moments.get(who, at))
    return max(moments, key=lambda key: moments[key], default=None)


_ASKED = Rows(Request, col(Request.step_id) == bindparam("step"), col(Request.status) == "pending")


def withdraw_requests(book: Book, order: Order, step: Step, kinds: Collection[str] = ("handover",)) -> None:
    """A step has moved on: what was still asked about it is no longer to be decided."""
    asked = [one for one in book.session.find(_ASKED, step=step.id) if one.kind in kinds]
    for request in asked:
        request.status = "withdrawn"
        request.version += 1
        book.session.add(request)
        facts = {"number": order.number, "step": step.name}
        retire_card(book, f"request:{request.id}", Letter((Phrase("request.withdrawn", facts),)))
