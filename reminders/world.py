"""What reminders ask of the book: whose calendar, which rules, who covers, what is late. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlmodel import col, func, select

from reminders.danger import Link
from reminders.digest import Lateness, by_cost
from reminders.runs import View
from store.book import Book
from store.calendars import QuietHours, WorkCalendar
from store.company.defaults import Reminders
from store.messages import Fact
from store.operations import frame
from store.operations.flow import needed
from store.operations.handovers import lapse_request as lapse
from store.plain import AnyOrder, AnyStep, StepState
from store.rules.owners import Roster, answering
from store.tables import ExceptionCase, Order, Request, Step, Urge

# --- people -------------------------------------------------------------------------------------------------------


def roster(book: Book) -> Roster:
    """The company as the rules of ownership see it now."""
    return frame.roster(book)


def calendar_of(book: Book, person: str) -> WorkCalendar:
    """The calendar somebody works by."""
    return book.company.calendar_of(person)


def zone_of(book: Book, person: str) -> ZoneInfo:
    """The zone somebody lives in."""
    human = book.company.anyone(person)
    return human.zone if human else book.company.zone


def quiet_of(book: Book, person: str) -> QuietHours:
    """The hours in which somebody is left alone."""
    human = book.company.anyone(person)
    return human.quiet if human else book.company.quiet


def cover_of(book: Book, person: str) -> str | None:
    """Who gets somebody's messages while he is away (or has left); None: he himself."""
    today = roster(book)
    if person not in today.people or today.here(person):
        return None
    cover = answering(today, person).owner
    return None if cover == person else cover


def away_days(book: Book, person: str) -> Sequence[tuple[date, date]]:
    """The days on which somebody is away, for one whom nobody covers; covered ones are the cover's days."""
    human = book.company.people.get(person)
    if human is None or cover_of(book, person) is not None:
        return ()
    return tuple((one.from_on, one.to_on or date.max) for one in human.away if one.holds(human.day(book.now)))


def name(book: Book, person: str) -> Fact:
    """What people call somebody."""
    return frame.name(book, person)


def who(book: Book, owner: str, assigned: str | None) -> Fact:
    """An owner's name; a cover's with the name of whom he covers."""
    return frame.who(book, owner, assigned)


def customer_name(book: Book, order: Order) -> Fact:
    """The name of an order's customer."""
    return frame.customer_name(book, order.customer)


def today(book: Book) -> date:
    """What day it is in the company's zone."""
    return book.now.astimezone(book.company.zone).date()


# --- steps, exceptions, requests ----------------------------------------------------------------------------------


def steps_of(book: Book, order: Order) -> list[Step]:
    """The steps of an order, in the order of its flow."""
    return frame.steps(book, order)


def step_rules(book: Book, order: AnyOrder, step: AnyStep) -> Reminders:
    """The reminders of a step."""
    return frame.flow_of(book, order).reminders(step.key)


def exception_rules(book: Book, order: Order) -> Reminders:
    """The reminders of an order's exceptions: its flow's."""
    return frame.flow_of(book, order).reminders()


def is_urgent(book: Book, order: AnyOrder, step: AnyStep) -> bool:
    """Whether pushes of a step pass quiet hours."""
    return frame.spec(book, order, step.key).urgent


def is_needed(book: Book, step: Step) -> bool:
    """Whether a waiting step would be done rather than skipped, as things are now."""
    order = book.session.get(Order, step.order_id)
    return order is not None and needed(book, order, step)


def rests_until(what: AnyStep | StepState | ExceptionCase) -> datetime | None:
    """Until when nothing is to be said of it: the later of what was acknowledged and what was snoozed."""
    return max((moment for moment in (what.acknowledged_until, what.snoozed_until) if moment), default=None)


def view_of_step(order: AnyOrder, step: AnyStep) -> View:
    """A step as the rules see it. A returned review rests with the order's author: it stands still like a held one."""
    started = step.started_at if step.status == "active" and order.status in {"open", "on_hold"} else None
    held = order.status != "open" or step.returned_at is not None
    return View(started, step.due, rests_until(step), held)


def view_of_exception(order: Order, case: ExceptionCase) -> View:
    """An exception as the rules see it."""
    started = case.opened_at if case.status == "open" and order.status in {"open", "on_hold"} else None
    return View(started, case.due, rests_until(case), order.status != "open")


Chain = tuple[Mapping[str, Link], Mapping[str, Sequence[str]]]
"""An order's steps by key, and what each of them waits for."""


def chain(book: Book, order: Order) -> Chain:
    """The steps of an order as links of a chain, and what waits for what."""
    flow = frame.flow_of(book, order)
    links = {}
    for step in steps_of(book, order):
        part = flow.step(step.key)
        links[step.key] = Link(
            key=step.key,
            status=step.status,
            due=step.due,
            calendar=calendar_of(book, step.owner),
            within=part.within,
            conditional=part.when is not None,
            postponed=step.postponed_to is not None,
        )
    return links, flow.parents


def lapse_request(book: Book, request: Request) -> None:
    """What comes of a request that nobody answered in time."""
    lapse(book, request)


# --- what is late -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Late:
    """A late step or exception; `review`: it is approved rather than done."""

    order: Order
    what: Step | ExceptionCase
    urges: int
    review: bool


def card_of(what: Step | ExceptionCase) -> str:
    """The condition that its cards show."""
    return f"{'step' if isinstance(what, Step) else 'exception'}:{what.id}"


def late_things(book: Book, person: str) -> list[Late]:
    """Everything of a person that is late and not at rest, the costliest first."""
    steps = book.session.exec(
        select(Step, Order)
        .where(Step.order_id == Order.id, Step.owner == person, Step.status == "active", Order.status == "open")
        .where(col(Step.due) <= book.now, col(Step.returned_at).is_(None), *_awake(Step, book.now))
    ).all()
    cases = book.session.exec(
        select(ExceptionCase, Order)
        .where(ExceptionCase.order_id == Order.id, ExceptionCase.handler == person, ExceptionCase.status == "open")
        .where(Order.status == "open", col(ExceptionCase.due) <= book.now, *_awake(ExceptionCase, book.now))
    ).all()
    things: list[tuple[Step | ExceptionCase, Order]] = [*steps, *cases]
    found: dict[str, Late] = {}
    ranks: list[Lateness] = []
    urges = _urges(book, {order.id for _, order in things if order.id is not None})
    for what, order in things:
        key = f"{type(what).__name__}:{what.id}"
        count = urges.get(order.id or 0, 0)
        found[key] = Late(order, what, count, isinstance(what, Step) and frame.is_review(book, order, what))
        ranks.append(Lateness(key, what.due or book.now, order.promise_date, order.amount, count))
    return [found[one.key] for one in by_cost(ranks, today(book))]


def late_counts(book: Book, people: Collection[str]) -> dict[str, int]:
    """How many late things that are not at rest each of them has; who has none is not named."""
    steps = (
        select(Step.owner, func.count())
        .where(Step.order_id == Order.id, col(Step.owner).in_(people), Step.status == "active", Order.status == "open")
        .where(col(Step.due) <= book.now, col(Step.returned_at).is_(None), *_awake(Step, book.now))
        .group_by(col(Step.owner))
    )
    cases = (
        select(ExceptionCase.handler, func.count())
        .where(ExceptionCase.order_id == Order.id, col(ExceptionCase.handler).in_(people), Order.status == "open")
        .where(ExceptionCase.status == "open", col(ExceptionCase.due) <= book.now, *_awake(ExceptionCase, book.now))
        .group_by(col(ExceptionCase.handler))
    )
    found: Counter[str] = Counter()
    for query in (steps, cases):
        found.update(dict(book.session.exec(query).all()))
    return dict(found)


def _awake(table: type[Step | ExceptionCase], now: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202  # column expressions
    return [
        or_(col(moment).is_(None), col(moment) <= now) for moment in (table.acknowledged_until, table.snoozed_until)
    ]


def _urges(book: Book, orders: set[int]) -> dict[int, int]:
    if not orders:
        return {}
    rows = book.session.exec(
        select(Urge.order_id, func.count()).where(col(Urge.order_id).in_(orders)).group_by(col(Urge.order_id))
    ).all()
    return {order: int(count) for order, count in rows}
