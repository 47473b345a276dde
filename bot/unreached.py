"""Somebody could not be reached: who hears of it instead, and what he is told."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.routing import who_else
from conversations.messages import Choice, Letter, Phrase
from store.book import Book
from store.company.views import Human
from store.messages import unpack_letter
from store.operations.hiding import without_secrets
from store.plain import AnyLetter
from store.reads.windows import window_of
from store.reads.workings import NOBODY_REACHED
from store.tables import Heartbeat

_LATELY = timedelta(days=1)

log = logging.getLogger(__name__)


def give_up(book: Book, row: AnyLetter, why: str) -> None:
    """A row goes to nobody any more; somebody near its receiver is told what could not be delivered to whom."""
    row.status, row.error = "undeliverable", why
    log.warning("undeliverable", extra={"action": "undeliverable", "outbox_id": row.id})
    person = book.company.anyone(row.person) if row.person else None
    if person is None or row.kind == "edit":
        return
    told = [*_already_told(row), person.key]
    receiver = who_else(book.company, person, told)
    what = Phrase(
        "delivery.undeliverable", {"person": person.name.raw, "what": without_secrets(unpack_letter(row.body)).says}
    )
    if receiver is None:
        book.record("delivery.nobody_reached", subject=f"person:{person.key}", after={"outbox": row.id})
        log.error("nobody was reached", extra={"action": "nobody_reached", "outbox_id": row.id})
        _sound_alarm(book, person)
        return
    book.record("delivery.undeliverable", subject=f"person:{person.key}", after={"outbox": row.id, "told": receiver})
    letter = Letter((what, *_other_ways(book, person)), _page_of(person, row))
    new = book.tell(receiver, letter, rule="undeliverable:" + ",".join(told), urgent=row.urgent)
    new.order_id, new.orders = row.order_id, row.orders


def _sound_alarm(book: Book, person: Human) -> None:
    """Counted for whoever watches the house from outside; the administrators see it in their next morning brief."""
    row = book.session.get(Heartbeat, NOBODY_REACHED) or Heartbeat(name=NOBODY_REACHED, at=book.now)
    lately = row.facts.get("people", []) if book.now - row.at < _LATELY else []
    row.facts = {"count": row.facts.get("count", 0) + 1, "people": list(dict.fromkeys([*lately, person.key]))[-5:]}
    row.at = book.now
    book.session.add(row)


def _already_told(row: AnyLetter) -> list[str]:
    rule = row.rule or ""
    return rule.removeprefix("undeliverable:").split(",") if rule.startswith("undeliverable:") else []


def _other_ways(book: Book, person: Human) -> tuple[Phrase, ...]:
    """For a customer whose WeChat window is shut: why nothing goes through, and how he may be reached instead."""
    window = window_of(book, person.key) if person.is_contact else None
    return (Phrase("window.closed", {"person": person.name.raw}),) if window is not None and not window.left else ()


def _page_of(person: Human, row: AnyLetter) -> tuple[Choice, ...]:
    """The order's tracking page, to be forwarded to a customer who was not reached."""
    if not person.is_contact or len(row.orders) != 1:
        return ()
    return (Choice(Phrase("button.tracking"), f"tracking.share:{row.orders[0]}"),)
