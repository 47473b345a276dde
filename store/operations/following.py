"""Following an order: its step changes (and what else befalls it) are pushed to whoever asked for that."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import col, select

from store.book import Book
from store.messages import Letter
from store.operations.permits import order_for
from store.reads.seeing import see
from store.tables import Follow, Order


def follow(book: Book, number: str) -> bool:
    """Whoever acts hears of the order's step changes from now on; False: he did already. Raises NotFound."""
    order = order_for(book, "order.follow", number)
    if _row(book, order) is not None:
        return False
    book.session.add(Follow(order_id=order.id or 0, person=book.by.key, since=book.now))
    book.record("follow.added", order=order, subject=f"person:{book.by.key}", undoable=True)
    return True


def unfollow(book: Book, number: str) -> bool:
    """No more of that; False: he did not follow it. Raises NotFound."""
    order = see(book, number, lock=True)
    row = _row(book, order)
    if row is None:
        return False
    book.session.delete(row)
    book.record("follow.removed", order=order, subject=f"person:{book.by.key}", undoable=True)
    return True


def tell_followers(book: Book, order: Order, letter: Letter, *, but: Collection[str] = ()) -> list[str]:
    """Push a letter to the colleagues who follow an order, but to nobody who hears of it anyway; who got it.

    Contacts are left out: they hear of public stages only (see notices.step_moved).
    """
    heard = {row.person for row in book.told if row.order_id == order.id and row.kind == "push"}
    told = []
    for row in book.session.exec(select(Follow).where(Follow.order_id == order.id).order_by(col(Follow.id))):
        human = book.company.people.get(row.person)
        if human is None or human.is_contact or row.person in {book.by.key, *heard, *but}:
            continue
        book.tell(row.person, letter, rule="follow", order=order)
        told.append(row.person)
    return told


def _row(book: Book, order: Order) -> Follow | None:
    query = select(Follow).where(Follow.order_id == order.id, Follow.person == book.by.key)
    return book.session.exec(query).first()
