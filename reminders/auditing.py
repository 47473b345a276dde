"""The auditor: works out from the audit log what should have been said on a day, and compares it with what was.

Independent of the sweep: it reads the log, the steps and the company, never a deadline. What it finds missing is a
fault, told to the administrators. It also notices that the clock has stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, or_, select

from reminders import world
from reminders.history import History, history_of
from reminders.questioning import LAPSE, settled, wanted_between
from reminders.rules import DUE, LAPSED, RUNG
from store.book import Book
from store.calendars.walls import moment_of
from store.messages import Fact, Letter, Phrase
from store.tables import ExceptionCase, Heartbeat, Order, Outbox, Reminder, Step

SLACK = timedelta(minutes=2)
"""How far the moments of the two computations may lie apart."""
STALLED = timedelta(minutes=5)
CLOCK, AUDIT = "sweep", "reminders.audit"
_OUT = frozenset({"sent", "merged"})
_VOID = frozenset({"dropped"})


@dataclass(frozen=True, slots=True)
class Expected:
    """Something that should have been said: about what, by which rule, when."""

    subject: str
    subject_key: str
    order: str
    name: Fact
    rule: str
    moment: datetime
    owner: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A gap: expected but never written ("missing"), written but never out ("stuck"), or "undeliverable"."""

    what: str
    expected: Expected


@dataclass(frozen=True, slots=True)
class Account:
    """A day's account: how much was due, sent, held until a better hour, dropped as no longer true; and the gaps."""

    day: date
    due: int
    sent: int
    held: int
    dropped: int
    faults: tuple[Fault, ...]


def account_of(book: Book, day: date) -> Account:
    """What should have been said on a day of the company's zone, and what became of it."""
    zone = book.company.zone
    first, last = moment_of(day, 0, zone), moment_of(day + timedelta(days=1), 0, zone)
    expected = [one for one in expected_between(book, first, min(last, book.now - SLACK)) if one]
    counts = {"sent": 0, "held": 0, "dropped": 0}
    faults: list[Fault] = []
    for one in expected:
        state = _became(book, one)
        if state in counts:
            counts[state] += 1
        else:
            faults.append(Fault(state, one))
    return Account(day, len(expected), counts["sent"], counts["held"], counts["dropped"], tuple(faults))


def expected_between(book: Book, first: datetime, last: datetime) -> Iterator[Expected]:
    """Every due push, lapse and rung that fell into [first, last), and every question asked again, from the log."""
    steps = book.session.exec(
        select(Step, Order)
        .where(Step.order_id == Order.id, col(Step.started_at).is_not(None), col(Step.due) < last)
        .where(or_(col(Step.done_at).is_(None), col(Step.done_at) >= first))
    ).all()
    cases = book.session.exec(
        select(ExceptionCase, Order)
        .where(ExceptionCase.order_id == Order.id, col(ExceptionCase.due) < last)
        .where(or_(col(ExceptionCase.closed_at).is_(None), col(ExceptionCase.closed_at) >= first))
    ).all()
    things: list[tuple[Step | ExceptionCase, Order]] = [*steps, *cases]
    for one in wanted_between(book, first, last):
        yield Expected(one.subject, one.key, one.order, one.name, one.rule, one.moment, one.person)
    for what, order in things:
        if order.closed_at is not None and order.closed_at < first:
            continue
        history = history_of(book, order, what)
        if history is not None:
            yield from (one for one in _of(book, order, what, history) if first <= one.moment < last)


def _of(book: Book, order: Order, what: Step | ExceptionCase, history: History) -> Iterator[Expected]:
    owner = what.owner if isinstance(what, Step) else what.handler
    if isinstance(what, Step) and what.returned_at is not None:
        return

    def _expect(rule: str, moment: datetime) -> Expected:
        kind = "step" if isinstance(what, Step) else "exception"
        return Expected(kind, str(what.id), order.number, what.name, rule, moment, owner)

    due = history.due
    if due is not None and history.started < due < history.ended and not history.silent(due):
        yield _expect(DUE, due)
    for rest in history.quiet:
        if rest.lapsed and not any(one is not rest and one.since <= rest.until <= one.until for one in history.quiet):
            yield _expect(LAPSED, rest.until)
    rules = world.step_rules(book, order, what) if isinstance(what, Step) else world.exception_rules(book, order)
    calendar = world.calendar_of(book, owner)
    for rung in rules.ladder:
        moment = history.when_late(calendar, timedelta(minutes=calendar.minutes(rung.after)))
        if moment is not None and moment < history.ended and not history.silent(moment):
            yield _expect(RUNG + rung.to, moment)


def _became(book: Book, one: Expected) -> str:
    """sent, held, dropped, or the fault: missing, stuck, undeliverable."""
    if one.rule == LAPSE:
        return "sent" if settled(book, one.subject_key) else "missing"
    written = book.session.exec(
        select(Reminder)
        .where(Reminder.subject == one.subject, Reminder.subject_key == one.subject_key, Reminder.rule == one.rule)
        .order_by(col(Reminder.id).desc())
    ).all()
    row = next((each for each in written if abs(each.moment - one.moment) <= SLACK), None)
    if row is None:
        return "missing"
    outbox = book.session.get(Outbox, row.outbox_id) if row.outbox_id is not None else None
    if outbox is None or outbox.status in _VOID:
        return "dropped"
    if outbox.status in _OUT:
        return "sent"
    if outbox.status == "undeliverable":
        return "undeliverable"
    return "held" if outbox.send_at > book.now - STALLED else "stuck"


def tell_account(book: Book, day: date) -> Account | None:
    """Audit a day once: faults are told to the administrators. None when that day has been audited already."""
    mark = book.session.get(Heartbeat, AUDIT)
    if mark is not None and mark.facts.get("day", "") >= day.isoformat():
        return None
    account = account_of(book, day)
    mark = mark or Heartbeat(name=AUDIT, at=book.now)
    mark.at = book.now
    mark.facts = {
        "day": day.isoformat(),
        "due": account.due,
        "sent": account.sent,
        "held": account.held,
        "dropped": account.dropped,
        "faults": len(account.faults),
    }
    book.session.add(mark)
    if account.faults:
        for admin in book.company.with_role("admin"):
            book.tell(admin.key, fault_letter(book, account), rule="fault", urgent=False)
    return account


def fault_letter(book: Book, account: Account, lines: int = 10) -> Letter:
    """The day's account with each gap that was found, for an administrator; so many gaps by name, the rest counted."""
    facts = {
        "expected": account.due,
        "sent": account.sent,
        "held": account.held,
        "missing": len(account.faults),
    }
    says = [Phrase("reminder.fault", facts)]
    for fault in account.faults[:lines]:
        one = fault.expected
        says.append(
            Phrase(
                _FAULTS[fault.what],
                {"number": one.order, "step": one.name, "rule": Phrase(f"rule.{one.rule}"), "moment": one.moment,
                 "person": world.name(book, one.owner)},
            )
        )  # fmt: skip
    if len(account.faults) > lines:
        says.append(Phrase("reminder.fault_more", {"n": len(account.faults) - lines}))
    return Letter(tuple(says))


_FAULTS = {
    "missing": "reminder.fault_line",
    "stuck": "reminder.fault_stuck",
    "undeliverable": "reminder.fault_undeliverable",
}


# --- the clock's own pulse ----------------------------------------------------------------------------------------


def beat(book: Book, holder: str | None = None) -> None:
    """A sign of life of the sweep's clock."""
    row = book.session.get(Heartbeat, CLOCK) or Heartbeat(name=CLOCK, at=book.now)
    row.at, row.holder = book.now, holder
    book.session.add(row)


def expect_beats(book: Book) -> None:
    """From now on signs of life are expected, also of a clock that never gave one."""
    if book.session.get(Heartbeat, CLOCK) is None:
        beat(book)


def stalled_since(book: Book, limit: timedelta = STALLED) -> datetime | None:
    """The last sign of life of the clock if it is older than the limit; None: it runs (or never began)."""
    row = book.session.get(Heartbeat, CLOCK)
    return row.at if row is not None and book.now - row.at > limit else None


def tell_stalled(book: Book) -> bool:
    """Tell the administrators that the clock has stopped (called by something other than the clock), once a stop."""
    since = stalled_since(book)
    if since is None:
        return False
    row = book.session.get(Heartbeat, CLOCK)
    if row is None or row.facts.get("told") == since.isoformat():
        return False
    row.facts = {"told": since.isoformat()}
    book.session.add(row)
    for admin in book.company.with_role("admin"):
        book.tell(admin.key, Letter((Phrase("reminder.stalled", {"at": since}),)), rule="fault", urgent=True)
    return True
