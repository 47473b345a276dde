"""One message together with everything its answer may need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from conversations.customers.links import Links
from conversations.dialogs.memory import Frame, Memory
from conversations.dialogs.reply import Reply
from conversations.messages import Message
from conversations.phrasebook import Phrasebook
from conversations.understanding.intents import Understood
from conversations.understanding.redrafting import Redraft
from store.book import Book
from store.calendars import WorkCalendar
from store.company.views import Client, Company, Group, Human
from store.messages import Fact
from store.operations import frame as facts_of
from store.refusals import Refusal
from store.tables import Inbox, Outbox

Args = dict[str, Any]
"""What an act works on: plain facts by name (see store.messages.pack), so that it can wait in the Dialog row."""


class Reader(Protocol):
    """Understands text; made for one company."""

    def understand(
        self,
        text: str,
        *,
        now: datetime,
        person: Human | None = None,
        open_dialog: str | None = None,
        days: WorkCalendar | None = None,
    ) -> Understood:
        """What a text says."""
        ...

    def redraft(self, text: str, *, now: datetime, days: WorkCalendar | None = None) -> Redraft:
        """What a text would do to an order that is being put together."""
        ...


class Asks(Exception):
    """Something has to be asked before an act can go on; carries the question."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("asks")
        self.reply = reply


@dataclass
class Conversation:
    """A message being answered.

    Attributes:
        me: who speaks, verified.
        group: the group it was said in; None in a direct chat.
        quoted: our message that was quoted.
        pressed: our message whose button was pressed.
        acts: what can be gone on with by name.
        spoken: orders spoken of in this message so far, for the next thing said in it.
        confirming: the confirmation this message has opened; further ones join it.
        drafting: the draft this message has opened; further orders join it.
        refusal: what was refused last in this message.
        beside: refusals of some of several orders that were named; told beside what is done of the others.
        missed: how many things of this message were not there (or not for this person to see).
        links: the addresses that customers are given.
    """

    book: Book
    message: Message
    inbox: Inbox
    me: Human
    memory: Memory
    reader: Reader
    acts: Mapping[str, Callable[[Conversation, Args], Reply]]
    group: Group | None = None
    quoted: Outbox | None = None
    pressed: Outbox | None = None
    understood: Understood | None = None
    spoken: list[str] = field(default_factory=list)
    confirming: Frame | None = None
    drafting: Frame | None = None
    refusal: Refusal | None = None
    beside: list[Refusal] = field(default_factory=list)
    missed: int = 0
    links: Links = field(default_factory=Links)

    @property
    def company(self) -> Company:
        """The company."""
        return self.book.company

    @property
    def now(self) -> datetime:
        """This unit's moment."""
        return self.book.now

    @property
    def is_contact(self) -> bool:
        """Whether a customer's person speaks."""
        return self.me.is_contact

    @property
    def public(self) -> bool:
        """Whether only what customers may know may be said here."""
        return self.is_contact or (self.group is not None and self.group.customer is not None)

    @property
    def words(self) -> Phrasebook:
        """How things are said to this person."""
        return Phrasebook(self.me.language, self.me.zone, self.today)

    @property
    def today(self) -> date:
        """What day it is for this person."""
        return self.me.day(self.now)

    @property
    def client(self) -> Client | None:
        """A contact's customer."""
        return self.company.customers.get(self.me.customer) if self.me.customer else None

    def has(self, *roles: str) -> bool:
        """Whether this person has one of the roles."""
        return not self.me.roles.isdisjoint(roles)

    def name(self, key: str | None) -> Fact:
        """What people call somebody."""
        return facts_of.name(self.book, key) if key else None

    def read(self, text: str, expects: str | None = None) -> Understood:
        """What a text says to this person's ears."""
        now = self.now.astimezone(self.me.zone)
        days = self.company.calendar_of(self.me.key)
        return self.reader.understand(text, now=now, person=self.me, open_dialog=expects, days=days)

    def redraft(self, text: str) -> Redraft:
        """What a text would do to an order that is being put together."""
        now = self.now.astimezone(self.me.zone)
        return self.reader.redraft(text, now=now, days=self.company.calendar_of(self.me.key))

    def go_on(self, act: str, args: Args) -> Reply:
        """Carry out an act by name."""
        return self.acts[act](self, args)
