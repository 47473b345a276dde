"""The gate: judged at the moment of sending, whether a push may disturb its receiver, and whether it is still true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, or_
from sqlmodel import col, func, select

from reminders import letters, world
from reminders.asking import ASKED
from reminders.digest import next_digest
from reminders.rules import DANGER, DIGEST, DUE, LAPSED, NUDGE, REPEAT, RUNG
from store.book import Book, put_letter
from store.calendars import first_allowed
from store.calendars.walls import moment_of
from store.columns import UtcDateTime
from store.messages import unpack_letter
from store.plain import AnyLetter, LetterRow, StepState, among, listed, step_states, table_of
from store.prepared import Prepared
from store.tables import Change, Deadline, ExceptionCase, Order, Outbox, Request, Step

STARTED = frozenset({"step.started", "started"})
_WORKING = frozenset({NUDGE, DUE, REPEAT, LAPSED})
_PENDING = "pending"
_MOMENT, _PATIENCE = timedelta(seconds=2), timedelta(seconds=30)
"""What waited for a digest waits for the sweep to write it: so long at a time, and half of this at most."""


@dataclass(frozen=True, slots=True)
class Go:
    """Send it now."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not before this moment; what is held for one person then goes out together."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Reroute:
    """Its receiver is away: it is this person's while he covers."""

    person: str


@dataclass(frozen=True, slots=True)
class Drop:
    """It is no longer true."""


Verdict = Go | Hold | Reroute | Drop


def gate(book: Book, row: AnyLetter) -> Verdict:
    """Judge one push that is about to go out. Answers and edits are never gated.

    Leave, quiet hours, closed days and the day's budget hold back or redirect what is not urgent; an urgent one is
    only redirected, to the cover of somebody who is away.
    """
    if row.kind != "push" or row.person is None:
        return Go()
    if not still_true(book, row):
        return Drop()
    cover, until = _receiver(book, row.person)
    if cover is not None:
        return Reroute(cover)
    if row.urgent:
        return Go()
    if until > book.now:
        return Hold(until)
    if _digest_comes(book, row):
        return Hold(book.now + _MOMENT)
    return _budget(book, row)


def _waited_for_digest(book: Book, row: AnyLetter) -> bool:
    """Whether a push was held until a digest time (or a moment longer, for the digest itself)."""
    person = row.person or ""
    if row.send_at <= row.created_at:
        return False
    zone, calendar = world.zone_of(book, person), world.calendar_of(book, person)
    return next_digest(book.company.pushes.digest, zone, calendar, row.send_at - _PATIENCE) <= row.send_at


def _digest_comes(book: Book, row: AnyLetter) -> bool:
    """Whether the person's digest is due this very moment and not written yet: what waited for it goes in it.

    The sweep is waited for a few moments, not longer: a stopped clock holds nothing back.
    """
    if row.rule == DIGEST or row.attempts or not _waited_for_digest(book, row):
        return False
    query = select(Deadline.next_at).where(Deadline.subject == "person", Deadline.subject_key == row.person)
    due = book.session.exec(query).first()
    return due is not None and due <= book.now < due + _PATIENCE / 2


def allowed_at(book: Book, person: str, now: datetime) -> datetime:
    """The first moment from now on at which somebody may be disturbed; now itself if that is at once."""
    found = first_allowed(
        now,
        quiet=world.quiet_of(book, person),
        zone=world.zone_of(book, person),
        calendar=world.calendar_of(book, person),
        away=world.away_days(book, person),
    )
    return max(found, now)


def _budget(book: Book, row: AnyLetter) -> Verdict:
    """Beyond `per_day` it waits for the next digest time; what has waited for one goes out with it."""
    person = row.person or ""
    pushes, zone, calendar = book.company.pushes, world.zone_of(book, person), world.calendar_of(book, person)
    if row.rule == DIGEST or sent_today(book, person) < pushes.per_day:
        return Go()
    if row.attempts or _waited_for_digest(book, row):
        return Go()  # one that is tried again was let through already
    return Hold(allowed_at(book, person, next_digest(pushes.digest, zone, calendar, book.now)))


def sent_today(book: Book, person: str) -> int:
    """How many pushes somebody got since his midnight, or is getting; what went out merged counts once."""
    ahead: _Ahead | None = book.session.info.get(_AHEAD)
    if ahead is None or person not in ahead.sent:
        return _count_sent(book, [person], world.zone_of(book, person))[person]
    return ahead.sent[person]


def _count_sent(book: Book, people: Sequence[str], zone: ZoneInfo) -> dict[str, int]:
    midnight = moment_of(book.now.astimezone(zone).date(), 0, zone)
    connection = book.session.connection()
    dialect = connection.dialect.name
    since = {"midnight": midnight, "day_before": midnight - timedelta(days=1)}
    counts = _pushed(dialect).rows(connection, people=listed(people, dialect), **since)
    return dict.fromkeys(people, 0) | {person: int(count) for person, count in counts}


@cache
def _pushed(dialect: str) -> Prepared:
    return Prepared(
        select(Outbox.person, func.count())
        .where(
            among(table_of(Outbox).c.person, "people", dialect),
            Outbox.kind == "push",
            or_(col(Outbox.sent_at) >= bindparam("midnight", type_=UtcDateTime()), col(Outbox.status) == "claimed"),
            or_(col(Outbox.status) == "sent", col(Outbox.status) == "claimed"),
            col(Outbox.send_at) >= bindparam("day_before", type_=UtcDateTime()),
        )
        .group_by(col(Outbox.person))
    )


@dataclass(slots=True)
class _Ahead:
    """What was read, or worked out, for rows that are judged together.

    Attributes:
        sent: how many pushes each receiver got today, counted on while rows are judged.
        receivers: each one's cover, and the first moment at which he may be disturbed.
        steps: how steps and their orders stand, by id.
    """

    sent: dict[str, int]
    receivers: dict[str, tuple[str | None, datetime]]
    steps: dict[int, StepState]


def read_ahead(book: Book, rows: Sequence[LetterRow]) -> None:
    """Read together what judging these rows will ask for; holds for this unit, in which nothing else may change it."""
    pushes = [row for row in rows if row.kind == "push"]
    ids = {int(key) for row in pushes if row.card and (key := row.card.removeprefix("step:")).isdigit()}
    ahead = _Ahead({}, {}, step_states(book.session, ids) if ids else {})
    people: dict[ZoneInfo, list[str]] = defaultdict(list)
    for person in {row.person for row in pushes if row.person and not row.urgent}:
        people[world.zone_of(book, person)].append(person)
    for zone, some in people.items():
        ahead.sent.update(_count_sent(book, some, zone))
    book.session.info[_AHEAD] = ahead


def count_on(book: Book, person: str) -> None:
    """One more push goes to somebody, of those that are judged together."""
    ahead: _Ahead | None = book.session.info.get(_AHEAD)
    if ahead is not None and person in ahead.sent:
        ahead.sent[person] += 1


def _receiver(book: Book, person: str) -> tuple[str | None, datetime]:
    """Somebody's cover, and the first moment at which he may be disturbed."""
    ahead: _Ahead | None = book.session.info.get(_AHEAD)
    found = ahead.receivers.get(person) if ahead is not None else None
    if found is None:
        found = (world.cover_of(book, person), allowed_at(book, person, book.now))
        if ahead is not None:
            ahead.receivers[person] = found
    return found


def _state(book: Book, key: int) -> StepState | None:
    """How a step and its order stand."""
    ahead: _Ahead | None = book.session.info.get(_AHEAD)
    if ahead is not None and key in ahead.steps:
        return ahead.steps[key]
    step = book.session.get(Step, key)
    order = book.session.get(Order, step.order_id) if step is not None else None
    if step is None or order is None:
        return None
    return StepState(
        key, step.status, step.owner, step.assigned, step.due, step.acknowledged_until, step.snoozed_until, order.status
    )


_AHEAD = "gating.ahead"


# --- still true? --------------------------------------------------------------------------------------------------


def still_true(book: Book, row: AnyLetter) -> bool:
    """Whether what a push says of its card still holds now; what shows no card is news and stays true."""
    kind, _, key = (row.card or "").partition(":")
    rule = row.rule or ""
    match kind:
        case "step" if key.isdigit():
            return _step_true(book, row, rule, _state(book, int(key)))
        case "exception" if key.isdigit():
            return _exception_true(book, rule, book.session.get(ExceptionCase, int(key)))
        case "request" if key.isdigit():
            request = book.session.get(Request, int(key))
            return request is None or not _asks(rule) or request.status == _PENDING
        case "change" if key.isdigit():
            change = book.session.get(Change, int(key))
            return change is None or not _asks(rule) or change.status == _PENDING
        case "digest":
            return _digest_true(book, row, key)
    return True


def _step_true(book: Book, row: AnyLetter, rule: str, step: StepState | None) -> bool:
    if step is None:
        return False
    ours = rule in _WORKING or rule.startswith(RUNG) or rule in STARTED or rule == DANGER
    if not ours:
        return True
    if step.order_status != "open":
        return False
    if rule == DANGER:
        return step.status == "waiting"
    if step.status != "active":
        return False
    if rule in STARTED:
        return True
    owned = rule.startswith(RUNG) or row.person in {step.owner, step.assigned} or _covers(book, step.owner, row.person)
    return owned and _open_matter(book, rule, step.due, world.rests_until(step))


def _asks(rule: str) -> bool:
    return rule == ASKED or rule.startswith(RUNG)


def _exception_true(book: Book, rule: str, case: ExceptionCase | None) -> bool:
    if case is None:
        return False
    if rule not in _WORKING and not rule.startswith(RUNG):
        return True
    order = book.session.get(Order, case.order_id)
    if order is None or order.status != "open" or case.status != "open":
        return False
    return _open_matter(book, rule, case.due, world.rests_until(case))


def _open_matter(book: Book, rule: str, due: datetime | None, rests_until: datetime | None) -> bool:
    """Not at rest, and late if that is what the push says."""
    if rests_until is not None and rests_until > book.now:
        return False
    return rule in {NUDGE, LAPSED} or (due is not None and due <= book.now)


def _covers(book: Book, owner: str, person: str | None) -> bool:
    return person is not None and world.cover_of(book, owner) == person


def _digest_true(book: Book, row: AnyLetter, person: str) -> bool:
    """A digest is drawn anew as the world now is; with nothing late left there is none."""
    late = world.late_things(book, person)
    if late and row.status == _PENDING and row.attempts == 0:
        says = unpack_letter(row.body).says  # the brief that came with it is not drawn anew: it tells of its morning
        place = next((place for place, phrase in enumerate(says) if phrase.key == "reminder.brief"), len(says))
        put_letter(row, letters.digest_letter(book, late, says[place + 1 :]))
    return bool(late)
