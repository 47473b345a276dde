"""Planner: rewrites the deadline of whatever changed, in the same transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import col, select

from reminders import world
from reminders.asking import plan_question
from reminders.danger import Blocker, blockers
from reminders.ladder import next_moment, what_is_due
from reminders.runs import Kept, View, follow, pack_kept, unpack_kept
from reminders.together import arm_digest
from store.book import Book, Watched
from store.calendars import WorkCalendar
from store.company.defaults import Reminders
from store.operations import frame
from store.operations.fresh import is_fresh
from store.session import Rows
from store.tables import Change, Deadline, ExceptionCase, Order, Request, Step

_OPEN = frozenset({"waiting", "active"})


class Planner:
    """Works out when an open subject must next be looked at (store.book.Planner)."""

    def replan(self, book: Book, subject: Watched | Order) -> None:
        """Write anew the deadlines of the order that the subject belongs to, once in a unit of work.

        The whole order, because a step's change may endanger those that wait for it, and a hold stops everything.
        """
        if isinstance(subject, Request | Change):
            kind = "change" if isinstance(subject, Change) else "request"
            row = plan_question(book, subject, deadline(book, kind, str(subject.id)))
            if row is not None:
                book.session.add(row)
            return
        order_id = subject.id if isinstance(subject, Order) else subject.order_id
        planned: set[int | None] = book.session.info.setdefault("planned", set())
        if order_id in planned:
            return
        planned.add(order_id)
        order = book.session.get(Order, order_id)
        if order is not None:
            _plan_order(book, order)


def _plan_order(book: Book, order: Order) -> None:
    kept = {(row.subject, row.subject_key): row for row in deadlines_of(book, order)}
    links = world.chain(book, order)
    for step in world.steps_of(book, order):
        plan_step(book, order, step, kept.get(("step", str(step.id))), links)
    for case in frame.exceptions(book, order):
        plan_exception(book, order, case, kept.get(("exception", str(case.id))))


_OF_ORDER = Rows(Deadline, col(Deadline.order_id) == bindparam("order"), lock=True)


def deadlines_of(book: Book, order: Order) -> list[Deadline]:
    """The deadline rows of an order, locked: a sweep that has one is waited for. One placed just now has none."""
    if is_fresh(book, order):
        return []
    return book.session.find(_OF_ORDER, order=order.id)


def plan_step(book: Book, order: Order, step: Step, row: Deadline | None, links: world.Chain) -> None:
    """The deadline of a step: its run while it is active, the danger to its date while it waits."""
    if row is None:
        if step.status not in _OPEN:
            return
        row = Deadline(subject="step", subject_key=str(step.id), order_id=order.id)
        book.session.stage(row)
    row.owner = step.owner
    kept = _follow(row, world.view_of_step(order, step), book.now)
    if order.status != "open" or step.status not in _OPEN:
        row.next_at = None
    elif step.status == "active":
        _arm(book, kept, step.owner)
        rules, calendar = world.step_rules(book, order, step), world.calendar_of(book, step.owner)
        row.next_at = look_again(kept, rules, calendar, book.now)
    else:
        kept = _heard_of_it(book, order, step, kept, links)
        row.state = pack_kept(kept)
        row.next_at = danger_look(book, step, kept, links)


def plan_exception(book: Book, order: Order, case: ExceptionCase, row: Deadline | None) -> None:
    """The deadline of an exception: like a step's, its handler being the owner."""
    if row is None:
        if case.status != "open":
            return
        row = Deadline(subject="exception", subject_key=str(case.id), order_id=order.id)
        book.session.stage(row)
    row.owner = case.handler
    kept = _follow(row, world.view_of_exception(order, case), book.now)
    if order.status != "open" or case.status != "open":
        row.next_at = None
    else:
        _arm(book, kept, case.handler)
        rules, calendar = world.exception_rules(book, order), world.calendar_of(book, case.handler)
        row.next_at = look_again(kept, rules, calendar, book.now)


def _arm(book: Book, kept: Kept, owner: str) -> None:
    """Late work that has come to somebody counts for his next digest."""
    if kept.speaking is not None and kept.speaking.late(book.now):
        arm_digest(book, owner)


def look_again(kept: Kept, rules: Reminders, calendar: WorkCalendar, now: datetime) -> datetime | None:
    """When a run must be looked at: now if it has something to say, else its next moment."""
    run = kept.speaking
    if run is None:
        return None
    return now if what_is_due(run, rules, calendar, now) else next_moment(run, rules, calendar, now)


def danger_look(book: Book, step: Step, kept: Kept, links: world.Chain) -> datetime | None:
    """When the date of a waiting step must be looked at; None when nothing endangers it or it was told already."""
    if step.due is None:
        return None
    above = blockers(*links, step.key)
    if any(one.endangers(book.now) for one in above):
        # one that would be skipped as things are now is in no danger
        return book.now if danger_moved(book, step, kept, above) and world.is_needed(book, step) else None
    if kept.danger is not None:
        return book.now  # it has passed: to be noted, so that it may be told anew
    return above[0].latest if above else None


def _heard_of_it(book: Book, order: Order, step: Step, kept: Kept, links: world.Chain) -> Kept:
    """Whoever was told in this very unit that a step above was postponed need not hear it as a danger as well."""
    told = not is_fresh(book, order) and any(
        row.person == step.owner and row.rule == "step.postponed" and row.order_id == order.id for row in book.told
    )
    pressing = [one for one in blockers(*links, step.key) if one.endangers(book.now)] if told else []
    if not pressing or step.due is None or not danger_moved(book, step, kept, pressing):
        return kept
    return kept._replace(danger=(step.due, max(one.expected(book.now) for one in pressing)))


def danger_moved(book: Book, step: Step, kept: Kept, above: list[Blocker]) -> bool:
    """Whether what the owner was told is no longer so: another day for his date, or a later one for what he waits for.

    Time passing by alone moves nothing: what is expected "as soon as possible" is not told again every day.
    """
    if kept.danger is None or step.due is None:
        return kept.danger is None
    zone = world.zone_of(book, step.owner)
    told_due, told_expected = (moment.astimezone(zone).date() for moment in kept.danger)
    says = [one.says.astimezone(zone).date() for one in above if one.says is not None and one.endangers(book.now)]
    return step.due.astimezone(zone).date() != told_due or max(says, default=told_expected) > told_expected


def deadline(book: Book, subject: str, key: str) -> Deadline | None:
    """The deadline row of a subject."""
    return book.session.exec(select(Deadline).where(Deadline.subject == subject, Deadline.subject_key == key)).first()


def _follow(row: Deadline, view: View, now: datetime) -> Kept:
    """Bring the row's state in line with its subject; a new run is a new episode."""
    changed = follow(unpack_kept(row.state or {}), view, now)
    if changed.fresh:
        row.episode = (row.episode or 0) + 1
    row.state = pack_kept(changed.kept)
    return changed.kept
