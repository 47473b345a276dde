"""A card that its platform lets nobody change any more: its buttons stay, and whoever has it hears what became of it.

Who acted himself has had his answer; who is told of the order anyhow, or sees the change on another copy, needs no word
besides. The card is noted as one that still has its buttons: whoever presses one is told how things stand, and the card
may be renewed then.
"""

from __future__ import annotations

from sqlmodel import and_, col, or_, select

from store.book import Book
from store.messages import unpack_letter
from store.tables import Outbox

_RULE = "card_closed:"


def could_not_be_changed(book: Book, edit: Outbox) -> None:
    """What follows when an edit found nothing to change."""
    shown = book.session.get(Outbox, edit.edits) if edit.edits else None
    if shown is not None and unpack_letter(shown.body).choices:
        shown.buttons_live = True
        book.session.add(shown)
    letter = unpack_letter(edit.body)
    if letter.choices or not _is_of_a_condition(book, edit) or _knows(book, edit):
        return
    said = book.tell(edit.person, letter, rule=f"{_RULE}{edit.card}")
    said.order_id, said.orders = edit.order_id, list(edit.orders)


def _is_of_a_condition(book: Book, edit: Outbox) -> bool:
    """Whether it is a colleague's own card of a step, an exception or a request; customers hear only what counts."""
    human = book.company.people.get(edit.person or "")
    own = human is not None and not human.is_contact and edit.group is None
    return own and bool(edit.card) and not (edit.card or "").startswith("dialog:")


def _knows(book: Book, edit: Outbox) -> bool:
    """Whether the unit that changed the card answered him or told him of the order, he sees it on another copy, or has
    been told before.
    """
    at_once = col(Outbox.created_at) == edit.created_at  # the moment of the unit that changed the card
    answered = and_(at_once, col(Outbox.kind) == "answer")
    pushed = and_(at_once, col(Outbox.kind) == "push", col(Outbox.order_id) == edit.order_id)
    elsewhere = and_(
        col(Outbox.kind) == "edit",
        col(Outbox.card) == edit.card,
        at_once,
        col(Outbox.status).in_(("pending", "claimed", "sent")),
    )
    told = and_(col(Outbox.rule) == f"{_RULE}{edit.card}", col(Outbox.created_at) >= edit.created_at)
    query = select(Outbox.id).where(
        Outbox.person == edit.person, Outbox.id != edit.id, or_(answered, pushed, elsewhere, told)
    )
    return book.session.exec(query.limit(1)).first() is not None
