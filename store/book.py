"""The book: what one unit of work holds while it reads or changes the company's orders.

Operations are plain functions whose first argument is a Book. They change rows, call `record` for the audit and
`tell` for messages, and never commit; Units does, or rolls everything back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlmodel import Session, select

from store.audit import Event
from store.messages import Letter, pack_letter
from store.refusals import NotFound
from store.tables import Change, ExceptionCase, Order, Outbox, Request, Step

if TYPE_CHECKING:
    from store.company.snapshot import Company

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


class Planner(Protocol):
    """Works out when an open subject must next be looked at (met by reminders/, handed in by bot/)."""

    def replan(self, book: Book, subject: Watched | Order) -> None:
        """Write the subject's deadline row anew (an order: of everything on it); called for each changed row."""
        ...


@dataclass
class Book:
    """One unit of work. `now` is an aware moment, fixed for the whole unit."""

    session: Session
    now: datetime
    by: Actor
    planner: Planner | None = None
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

    def forget_company(self) -> None:
        """After rows of the company were changed in this unit: the next look reads them anew."""
        self.session.flush()
        self._company = None

    def order(self, number: str) -> Order:
        """The order of that number, its row locked for this unit. Raises NotFound."""
        query = select(Order).where(Order.number == number).with_for_update()
        found = self.session.exec(query.execution_options(populate_existing=True)).first()
        if found is None:
            raise NotFound(what=number)
        self.look_again(found)
        return found

    def look_again(self, order: Order) -> None:
        """After the order's row was locked: what this unit read of it before may have changed while it waited."""
        if self.session.get_bind().dialect.name == "sqlite":
            return  # a writer's first statement shuts out all others: there is nothing to wait for
        self.session.flush()
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
            card=card,
            order_id=order.id if order else None,
            orders=[order.number] if order else [],
            created_at=self.now,
            send_at=send_at or self.now,
        )
        self.session.add(row)
        self.told.append(row)
        return row
