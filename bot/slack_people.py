"""What Slack draws outside of conversations: whose language it is, and App Home with one's own steps."""

from __future__ import annotations

from adapters.slack.blocks import Home
from conversations.dialogs.conversation import Conversation
from conversations.dialogs.memory import Memory
from conversations.handlers import HANDLERS
from conversations.messages import Button, Message
from conversations.phrasebook import book_for
from conversations.understanding.understander import Understander
from store.book import Book
from store.company import current_company
from store.company.views import Human
from store.messages import Choice
from store.tables import Inbox
from store.units import Units

_NAME = "slack"


class BookPeople:
    """Looks people up in the book; changes nothing in it.

    Args:
        units: the book.
    """

    def __init__(self, units: Units) -> None:
        self._units = units

    async def language(self, account: str) -> str:
        """The language that whoever has this account reads; the company's for a stranger."""
        return await self._units.look(lambda book: _language(book, account))

    async def home(self, account: str) -> Home | None:
        """His own steps as the desk would list them; None for a stranger."""
        return await self._units.look(lambda book: _home(book, account))


def _language(book: Book, account: str) -> str:
    if current_company(book.session) is None:
        return "zh"
    person = book.company.by_account(_NAME, account)
    return person.language if person is not None else book.company.language


def _home(book: Book, account: str) -> Home | None:
    person = book.company.by_account(_NAME, account) if current_company(book.session) is not None else None
    if person is None:
        return None
    conv = _conversation(book, person, account)
    reply = HANDLERS["order.list"](conv, {"which": "mine"})
    shown = book_for(person.language, person.zone, book.now).letter(reply.letter())
    buttons = zip(shown.buttons, reply.choices, strict=True)
    return Home(shown.text, tuple(Button(drawn.label, said) for drawn, choice in buttons if (said := _said(choice))))


def _conversation(book: Book, person: Human, account: str) -> Conversation:
    message = Message(_NAME, account)
    inbox = Inbox(channel=_NAME, account="", message_id="", conversation="", payload={}, received_at=book.now)
    memory = Memory(book.session, f"person:{person.key}", book.now)
    return Conversation(book, message, inbox, person, memory, Understander.for_company(book.company), HANDLERS)


def _said(choice: Choice) -> str:
    """What pressing a button of App Home says: there is no message there that could carry a button."""
    verb, _, rest = choice.action.partition(":")
    return rest if verb == "order.show" else ""
