"""The sweep: claims deadlines that have come, looks at the world again, and writes what has to be said.

One unit of work. On PostgreSQL rows are claimed with SKIP LOCKED, and an order that somebody is changing right now is
left to him: his own unit rewrites the deadline, and the next sweep finds it as it then is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam
from sqlmodel import SQLModel, col, func, select

from reminders import letters, world
from reminders.asking import ask
from reminders.at_once import Judged, Judging, write_down
from reminders.daily import ACCOUNT, BRIEF, morning, tell_brief, tell_yesterday
from reminders.danger import blockers
from reminders.ladder import after_push, what_is_due
from reminders.people import rung_person
from reminders.planner import danger_look, danger_moved, look_again
from reminders.rules import DANGER, DIGEST, OWNER, REPEAT, Push
from reminders.runs import Kept, View, follow, pack_kept, unpack_kept
from reminders.speaking import Saying, Voice
from reminders.together import SEVERAL, arm_digest, arming_together, several_late
from store.book import Book
from store.calendars import WorkCalendar
from store.columns import UtcDateTime
from store.company.defaults import Reminders
from store.operations.ahead import read_ahead
from store.operations.leaves import next_leave_turn, turn_leaves
from store.plain import DeadlineRow, OrderRow, columns_of, rows_of, table_of
from store.prepared import Prepared
from store.tables import Deadline, ExceptionCase, Order, Step

_TABLE = table_of(Deadline)
_DUE = Prepared(
    select(*columns_of(DeadlineRow))
    .where(_TABLE.c.next_at <= bindparam("now", type_=UtcDateTime()))
    .order_by(_TABLE.c.next_at, _TABLE.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
"""What has come, the longest ago first; built once, for a sweep with nothing to do is little more than this."""
_FIRST = select(func.min(_TABLE.c.next_at))


@dataclass(frozen=True, slots=True)
class Swept:
    """How many deadlines were dealt with, and whether more are waiting."""

    count: int
    more: bool


def sweep(book: Book, *, limit: int = 200) -> Swept:
    """Deal with up to `limit` deadlines that have come; everything said goes into the outbox of this unit.

    A leave that begins or ends is a unit of its own: it moves work, and the deadlines of that are written at its end.
    """
    turn = next_leave_turn(book)  # looked at without a lock, so that replicas do not queue for it at every sweep
    if turn is not None and turn <= book.now and turn_leaves(book):
        return Swept(1, more=True)
    connection = book.session.connection()
    rows = [DeadlineRow._make(row) for row in _DUE.rows(connection, now=book.now, most=limit)]
    if not rows:
        return Swept(0, more=False)
    ids = {row.order_id for row in rows if row.order_id is not None}
    orders = {order.id: order for order in rows_of(book.session, OrderRow, ids, lock=True)}
    ours = [row for row in rows if row.order_id is None or row.order_id in orders]
    read_ahead(book, orders)
    judging = Judging(book, ours, orders)
    judged = {row.id: found for row in ours if (found := judging.judge(row)) is not None}
    with arming_together(book):
        _deal_with(book, ours, judged)
    return Swept(len(ours), more=len(rows) == limit)


def _deal_with(book: Book, rows: Sequence[DeadlineRow], judged: Mapping[int, Judged]) -> None:
    """Say what there is to say, in the order of the rows; those not judged yet are handled one by one."""
    voice = Voice(book)
    others, kept = _mapped(book, [row for row in rows if row.id not in judged])
    for row in rows:
        found = judged.get(row.id)
        if found is None:
            with book.session.no_autoflush if row.subject in _PLAIN else nullcontext():
                _HANDLERS[row.subject](book, others[row.id], voice)
            continue
        if found.saying is not None:
            voice.say(found.saying)
        if found.arms is not None:
            arm_digest(book, found.arms)
    del kept
    write_down(book, list(judged.values()))
    voice.speak()


def next_wake(book: Book) -> datetime | None:
    """The earliest moment at which a deadline comes, or a leave begins or ends."""
    moments = (book.session.connection().execute(_FIRST).scalar(), next_leave_turn(book))
    return min((moment for moment in moments if moment is not None), default=None)


def _mapped(book: Book, rows: Sequence[DeadlineRow]) -> tuple[dict[int, Deadline], list[SQLModel]]:
    """The session's own rows of deadlines that are ours already, and everything they speak of: hold it meanwhile."""
    if not rows:
        return {}, []
    deadlines = book.session.exec(select(Deadline).where(col(Deadline.id).in_([row.id for row in rows]))).all()
    orders = {row.order_id for row in rows if row.order_id is not None}
    kept: list[SQLModel] = list(book.session.exec(select(Order).where(col(Order.id).in_(orders))).all())
    if steps := [int(row.subject_key) for row in rows if row.subject == "step"]:
        kept += book.session.exec(select(Step).where(col(Step.id).in_(steps))).all()
    if cases := [int(row.subject_key) for row in rows if row.subject == "exception"]:
        kept += book.session.exec(select(ExceptionCase).where(col(ExceptionCase.id).in_(cases))).all()
    return {row.id: row for row in deadlines if row.id is not None}, kept


_PLAIN = frozenset({"step", "exception"})
"""Subjects whose handlers change nothing but their own deadline: what they ask never needs it written first."""


# --- steps and exceptions -----------------------------------------------------------------------------------------


def _step(book: Book, row: Deadline, voice: Voice) -> None:
    step = book.session.get(Step, int(row.subject_key))
    order = book.session.get(Order, row.order_id)
    row.next_at = None
    if step is None or order is None or order.status != "open":
        return
    kept = _follow(row, world.view_of_step(order, step), book.now)
    if step.status == "waiting":
        row.next_at = _danger(book, row, order, step, kept, voice)
    elif step.status == "active":
        rules, calendar = world.step_rules(book, order, step), world.calendar_of(book, step.owner)
        subject = Subject(row, order, step.owner, step.department, step, world.is_urgent(book, order, step), rules)
        kept = _tell(book, subject, kept, _pushes(kept, rules, calendar, book.now), voice)
        row.state = pack_kept(kept)
        row.next_at = look_again(kept, rules, calendar, book.now)


def _pushes(kept: Kept, rules: Reminders, calendar: WorkCalendar, now: datetime) -> tuple[Push, ...]:
    """What is due of a run that does not stand still."""
    return what_is_due(kept.speaking, rules, calendar, now) if kept.speaking else ()


def _exception(book: Book, row: Deadline, voice: Voice) -> None:
    case = book.session.get(ExceptionCase, int(row.subject_key))
    order = book.session.get(Order, row.order_id)
    row.next_at = None
    if case is None or order is None or order.status != "open" or case.status != "open":
        return
    kept = _follow(row, world.view_of_exception(order, case), book.now)
    rules, calendar = world.exception_rules(book, order), world.calendar_of(book, case.handler)
    subject = Subject(row, order, case.handler, case.department, case, case.urgent, rules)
    kept = _tell(book, subject, kept, _pushes(kept, rules, calendar, book.now), voice)
    row.state = pack_kept(kept)
    row.next_at = look_again(kept, rules, calendar, book.now)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a deadline is about: the step or exception, its order, and whoever answers for it."""

    row: Deadline
    order: Order
    owner: str
    department: str | None
    what: Step | ExceptionCase
    urgent: bool
    rules: Reminders

    @property
    def card(self) -> str:
        """The condition that the push shows."""
        return f"{self.row.subject}:{self.row.subject_key}"


def _tell(book: Book, subject: Subject, kept: Kept, pushes: Iterable[Push], voice: Voice) -> Kept:
    """Say what is due, and remember that it was."""
    run, own, climbing = kept.run, list[Push](), list[Push]()
    if run is None:
        return kept
    for push in pushes:
        if push.rule == REPEAT and several_late(book, subject.owner):
            run = run._replace(repeated_at=push.said_at)  # the digest says it
            continue
        run = after_push(run, push)
        (own if push.to == OWNER else climbing).append(push)
    if own:
        letter = letters.owner_letter(book, subject.order, subject.what, own[-1])
        voice.say(_saying(subject, subject.owner, tuple(own), letter))
    for push in climbing:
        kept = _climb(book, subject, kept, push, voice)
    if run.late(book.now):
        arm_digest(book, subject.owner)
    return kept._replace(run=run)


def _climb(book: Book, subject: Subject, kept: Kept, push: Push, voice: Voice) -> Kept:
    """Tell somebody further up."""
    ladder = [rung.to for rung in subject.rules.ladder]
    person = rung_person(world.roster(book), subject.owner, subject.department, ladder, push.place, kept.heard)
    others = tuple(one for one in dict.fromkeys(kept.heard.values()) if one != person)
    letter = letters.rung_letter(book, subject.order, subject.what, push, person, others)
    voice.say(_saying(subject, person, (push,), letter))
    return kept._replace(heard={**kept.heard, push.place: person})


def _saying(subject: Subject, person: str, pushes: tuple[Push, ...], letter: letters.Letter) -> Saying:
    return Saying(subject.row, person, pushes, letter, subject.order, subject.card, urgent=subject.urgent)


def _danger(book: Book, row: Deadline, order: Order, step: Step, kept: Kept, voice: Voice) -> datetime | None:
    links = world.chain(book, order)
    above = blockers(*links, step.key)
    pressing = [one for one in above if one.endangers(book.now)]
    if not pressing or step.due is None:
        kept = kept._replace(danger=None)
    elif danger_moved(book, step, kept, above) and world.is_needed(book, step):
        expected = max(one.expected(book.now) for one in pressing)
        kept = kept._replace(danger=(step.due, expected), dangers=kept.dangers + 1)
        moment = row_moment(pressing[0].latest, pressing[0].says, book.now)
        push = Push(DANGER, kept.dangers, OWNER, moment, book.now)
        letter = letters.danger_letter(book, order, step, pressing[0])
        urgent = world.is_urgent(book, order, step)
        voice.say(Saying(row, step.owner, (push,), letter, order, f"step:{step.id}", urgent=urgent))
    row.state = pack_kept(kept)
    return danger_look(book, step, kept, links)


def row_moment(latest: datetime, says: datetime | None, now: datetime) -> datetime:
    """When the danger began: at the latest start when that has passed by, now when a date was moved beyond it."""
    return now if says is not None and says > latest else min(latest, now)


def _follow(row: Deadline, view: View, now: datetime) -> Kept:
    changed = follow(unpack_kept(row.state or {}), view, now)
    if changed.fresh:
        row.episode += 1
    row.state = pack_kept(changed.kept)
    return changed.kept


# --- several late things of one person ----------------------------------------------------------------------------


def _person(book: Book, row: Deadline, voice: Voice) -> None:
    moment, row.next_at = row.next_at or book.now, None
    late = world.late_things(book, row.subject_key)
    if late:
        arm_digest(book, row.subject_key)
    if len(late) >= SEVERAL:
        row.episode += 1
        letter = letters.digest_letter(book, late, morning(book, row.subject_key, moment))
        push = Push(DIGEST, 0, OWNER, moment, book.now)
        urgent = False
        voice.say(Saying(row, row.subject_key, (push,), letter, None, f"digest:{row.subject_key}", urgent=urgent))


_HANDLERS = {
    "step": _step,
    "exception": _exception,
    "request": ask,
    "change": ask,
    "person": _person,
    BRIEF: tell_brief,
    ACCOUNT: tell_yesterday,
}
