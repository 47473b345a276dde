"""The book: what one unit of work holds while it reads or changes the company's orders.

Operations are plain functions whose first argument is a Book. They change rows, call `record` for the audit and
`tell` for messages, and never commit; Units does, or rolls everything back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import bindparam
from sqlmodel import col

from store.audit import Event
from store.known import forget, hold
from store.messages import Letter, is_named, pack_letter
from store.plain import AnyLetter
from store.refusals import NotFound
from store.session import BookSession, Rows
from store.tables import Change, ExceptionCase, Order, Outbox, Request, Step

if TYPE_CHECKING:
    from store.company.snapshot import Company

_BY_NUMBER = Rows(Order, col(Order.number) == bindparam("number"), lock=True)
_BY_ROW = Rows(Order, col(Order.id) == bindparam("row"), lock=True)

GENDAN = "gendan"
"""The assistant itself, as author of what nobody asked for."""

Watched = Step | ExceptionCase | Request | Change
"""What somebody may have to be reminded of."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a verified person's key (or GENDAN), through which channel, with which words."""

    key: str
    via: str | None = None
    message: str | None = None


class Carefully(BaseException):
    """A unit has changed something and then refused it: it is taken back and run anew, each thing in a savepoint."""


class Planner(Protocol):
    """Works out when an open subject must next be looked at (met by reminders/, handed in by bot/)."""

    def replan(self, book: Book, subject: Watched | Order) -> None:
        """Write the subject's deadline row anew (an order: of everything on it); called for each changed row."""
        ...


def put_letter(row: AnyLetter, letter: Letter) -> None:
    """Let a row of the outbox say something else."""
    row.body, row.named = pack_letter(letter), is_named(letter)


@dataclass
class Book:
    """One unit of work. `now` is an aware moment, fixed for the whole unit."""

    session: BookSession
    now: datetime
    by: Actor
    planner: Planner | None = None
    careful: bool = True
    events: list[Event] = field(default_factory=list)
    undoable: list[str] = field(default_factory=list)
    told: list[Outbox] = field(default_factory=list)
    news: set[str] = field(default_factory=set)  # what was written past the session: inbox, outbox, other
    _company: Company | None = None

    @property
    def company(self) -> Company:
        """The loaded company (people, calendars, flows, settings) as an immutable picture; cached by its version."""
        if self._company is None:
            from store.company.snapshot import company_snapshot

            self._company = company_snapshot(self.session)
        return self._company

    @property
    def seen_company(self) -> Company | None:
        """The company, if this unit has looked at it since it last changed."""
        return self._company

    def forget_company(self) -> None:
        """After rows of the company were changed in this unit: the next look reads them anew."""
        self.session.flush()
        self._company = None

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Something that may be refused inside: what it has changed by then is taken back.

        Refusals come before changes, nearly always, and then there is nothing to take back. So a unit that is not
        `careful` does without savepoints, and raises Carefully when it should have had one.
        """
        if self.careful:
            with self.session.begin_nested():
                yield
            return
        self.session.flush()
        before = self.session.changes()
        try:
            yield
        except Exception as refused:
            if self.session.has_changes() or self.session.changes() != before:
                raise Carefully from refused
            raise

    def order(self, number: str) -> Order:
        """The order of that number, its row locked for this unit. Raises NotFound."""
        orders = self.session.find(_BY_NUMBER, number=number)
        if not orders:
            raise NotFound(what=number)
        found = orders[0]
        hold(self.session, found)
        self.look_again(found)
        return found

    def locked_order(self, order_id: int) -> Order | None:
        """The order of that row, locked for this unit; None if there is none."""
        found = (
            self.session.get(Order, order_id)
            if self.alone
            else next(iter(self.session.find(_BY_ROW, row=order_id)), None)
        )
        if found is not None:
            hold(self.session, found)
            self.look_again(found)
        return found

    @property
    def alone(self) -> bool:
        """Whether nobody else can write while this unit does: SQLite's writer shuts all others out from its begin."""
        return self.session.get_bind().dialect.name == "sqlite"

    def look_again(self, order: Order) -> None:
        """After the order's row was locked: what this unit read of it before may have changed while it waited."""
        if self.alone:
            return
        self.session.flush()
        forget(self.session, order.id)
        for row in list(self.session.identity_map.values()):
            if getattr(row, "order_id", None) == order.id:
                self.session.expire(row)

    def record(
        self,
        what: str,
        *,
        order: Order | None = None,
        subject: str | None = None,
        before: Any = None,
        after: Any = None,
        undoable: bool = False,
        who: str | None = None,
    ) -> None:
        """Write down a change (goes to the end of the chain at commit). `undoable`: its author may take it back."""
        if order is not None and order.id is None:
            self.session.flush()
        self.events.append(
            Event(
                who=who or self.by.key,
                what=what,
                via=self.by.via,
                message=self.by.message,
                order_id=order.id if order else None,
                subject=subject,
                before=before,
                after=after,
            )
        )
        if undoable:
            self.undoable.append(what)

    def tell(
        self,
        person: str | None,
        letter: Letter,
        *,
        rule: str | None = None,
        urgent: bool = False,
        card: str | None = None,
        order: Order | None = None,
        group: str | None = None,
        kind: str = "push",
        send_at: datetime | None = None,
    ) -> Outbox:
        """Put a message into the outbox; it leaves after the commit, when the receiver may be disturbed.

        Args:
            person: the receiver's key, or None with `group`.
            letter: what to say.
            rule: why it is pushed (see Outbox.rule).
            urgent: passes quiet hours.
            card: the condition it shows, such as "step:42": one condition, one card.
            order: the order it speaks of.
            group: a group of the company file, instead of a person.
            kind: push | answer | edit.
            send_at: not before this moment; default now.
        """
        if order is not None and order.id is None:
            self.session.flush()
        row = Outbox(
            person=person,
            group=group,
            kind=kind,
            rule=rule,
            urgent=urgent,
            body=pack_letter(letter),
            named=is_named(letter),
            card=card,
            order_id=order.id if order else None,
            orders=[order.number] if order else [],
            created_at=self.now,
            send_at=send_at or self.now,
        )
        return self.post(row)

    def post(self, row: Outbox) -> Outbox:
        """Put a finished row into the outbox."""
        self.session.stage(row)
        self.told.append(row)
        return row
