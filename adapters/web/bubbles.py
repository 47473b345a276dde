"""A person's conversation on the web, read from the book: the page holds nothing that a reload would lose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select

from adapters.web.channel import NAME
from conversations.messages import Button
from conversations.phrasebook import Phrasebook, book_for
from store.book import Book
from store.messages import FileRef, unpack_letter
from store.tables import Inbox, Outbox, Person

LATEST = 60


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the page.

    Attributes:
        id: stays the same when the message is edited in place.
        mine: said by the person whose page it is.
        answer: answers something he wrote (the rest are pushes).
        answers: the id of what he wrote, its own or the one it came after: several in one moment stay in their order.
    """

    id: str
    at: datetime
    mine: bool
    text: str
    buttons: tuple[Button, ...] = ()
    files: tuple[FileRef, ...] = ()
    answer: bool = True
    urgent: bool = False
    edited: bool = False
    answers: int = 0


@dataclass(frozen=True, slots=True)
class Thread:
    """The latest bubbles, oldest first, and whether an answer is still being made."""

    bubbles: tuple[Bubble, ...]
    waiting: bool
    name: str
    language: str
    zone: str


def read_thread(book: Book, person_key: str, latest: int = LATEST) -> Thread:
    """The conversation of a person on the web."""
    person = book.session.get(Person, person_key)
    company = book.company
    customer = company.customers.get(person.customer) if person and person.customer else None
    language = (person and person.language) or (customer and customer.language) or company.language
    zone = (person and person.timezone) or company.timezone
    words = book_for(language, zone, book.now)
    heard, labels = _heard(book, person_key, words, latest)
    said, waiting = _said(book, person_key, labels, latest)
    both = sorted([*heard, *said], key=lambda bubble: (bubble.at, bubble.answers, not bubble.mine))
    name = words.fact(person.name) if person else person_key
    return Thread(tuple(both[-latest:]), waiting, name, language, zone)


def _heard(book: Book, person: str, words: Phrasebook, latest: int) -> tuple[list[Bubble], Mapping[str, str]]:
    """What came to a person, as it stands after its edits; and what every button said that was ever on it."""
    rows = book.session.exec(
        select(Outbox)
        .where(Outbox.sent_via == NAME, Outbox.account == person, Outbox.status == "sent")
        .order_by(col(Outbox.id).desc())
        .limit(latest * 2)
    ).all()
    bubbles: dict[int, Bubble] = {}
    labels: dict[str, str] = {}
    latest_said = 0
    for row in reversed(rows):
        drawn = words.letter(letter := unpack_letter(row.body))
        labels |= {button.action: button.label for button in drawn.buttons}
        at = row.sent_at or row.created_at
        if row.edits is not None:
            before = bubbles.get(row.edits)
            if before is not None:
                urgent = before.urgent and bool(drawn.buttons)  # what is settled alarms nobody
                bubbles[row.edits] = replace(before, text=drawn.text, buttons=drawn.buttons, urgent=urgent, edited=True)
            continue
        answer = row.kind == "answer"
        latest_said = max(latest_said, row.reply_to or 0)
        bubbles[row.id or 0] = Bubble(
            f"w{row.id}", at, False, drawn.text, drawn.buttons, letter.files, answer, row.urgent, answers=latest_said
        )
    return list(bubbles.values()), labels


def _said(book: Book, person: str, labels: Mapping[str, str], latest: int) -> tuple[list[Bubble], bool]:
    rows = book.session.exec(
        select(Inbox).where(Inbox.channel == NAME, Inbox.account == person).order_by(col(Inbox.id).desc()).limit(latest)
    ).all()
    bubbles = []
    for row in reversed(rows):
        payload = row.payload
        text = (
            payload.get("text") or payload.get("label") or labels.get(payload.get("press"), payload.get("press") or "")
        )
        files = tuple(FileRef(file["name"], file["type"], file["sha256"]) for file in payload.get("files", ()))
        bubbles.append(Bubble(f"i{row.id}", row.received_at, True, text, files=files, answers=row.id or 0))
    return bubbles, any(row.status == "new" for row in rows)
