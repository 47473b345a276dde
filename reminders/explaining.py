"""Why a step was or was not pushed, when the next push comes, and by which rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from reminders import world
from reminders.asking import ASKED, Question, asked_of
from reminders.ladder import next_push
from reminders.planner import deadline
from reminders.questioning import waiting
from reminders.runs import unpack_kept
from store.book import Book
from store.messages import Fact, Phrase
from store.refusals import NotFound
from store.tables import Change, ExceptionCase, Order, Outbox, Reminder, Request, Step


@dataclass(frozen=True, slots=True)
class Said:
    """One push: when its rule spoke, which rule, to whom, and what became of the message (an outbox status)."""

    moment: datetime
    rule: str
    person: str
    status: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Explained:
    """One step or exception: what was said, what comes next and by which rule; `silent`: why nothing comes."""

    subject: str
    name: Fact
    status: str
    owner: str
    due: datetime | None
    said: tuple[Said, ...]
    next_at: datetime | None
    next_rule: str | None
    rests_until: datetime | None
    silent: str | None


def explain(book: Book, number: str) -> list[Explained]:
    """Everything open or done on an order, in the order of its flow, then its exceptions. Raises NotFound."""
    order = book.session.exec(select(Order).where(Order.number == number)).first()
    if order is None:
        raise NotFound(what=number)
    cases = book.session.exec(
        select(ExceptionCase).where(ExceptionCase.order_id == order.id).order_by(col(ExceptionCase.id))
    ).all()
    things: list[Step | ExceptionCase] = [*world.steps_of(book, order), *cases]
    return [*(_explained(book, order, one) for one in things), *(_asked(book, one) for one in waiting(book, order))]


def _asked(book: Book, question: Question) -> Explained:
    """A question that waits for its answer: who was asked again when, and when he will be next."""
    asked = asked_of(question)
    kind = "change" if isinstance(question, Change) else "request"
    row = deadline(book, kind, str(question.id))
    at = row.next_at if row is not None else None
    lapses = isinstance(question, Request) and question.lapses_at is not None
    return Explained(
        subject=f"{kind}:{question.id}",
        name=Phrase(f"reminder.asked.{asked.kind}"),
        status="pending",
        owner=asked.person,
        due=question.lapses_at if isinstance(question, Request) else None,
        said=tuple(_said(book, kind, str(question.id))),
        next_at=at,
        next_rule=("lapse" if lapses else ASKED) if at is not None else None,
        rests_until=None,
        silent=None if at is not None else "nothing_ahead",
    )


def _explained(book: Book, order: Order, what: Step | ExceptionCase) -> Explained:
    kind = "step" if isinstance(what, Step) else "exception"
    owner = what.owner if isinstance(what, Step) else what.handler
    row = deadline(book, kind, str(what.id))
    rests = world.rests_until(what)
    rests = rests if rests is not None and rests > book.now else None
    silent = _why_silent(order, what)
    rule, at = None, None
    if silent is None and row is not None and row.next_at is not None:
        rule, at = _next(book, order, what, row.state), row.next_at
    if silent is None and at is None:
        silent = "told" if what.status == "waiting" else "nothing_ahead"
    return Explained(
        subject=f"step:{what.key}" if isinstance(what, Step) else f"exception:{what.id}",
        name=what.name,
        status=what.status,
        owner=owner,
        due=what.due,
        said=tuple(_said(book, kind, str(what.id))),
        next_at=at,
        next_rule=rule,
        rests_until=rests,
        silent=silent,
    )


def _why_silent(order: Order, what: Step | ExceptionCase) -> str | None:
    """done, skipped, closed, cancelled, on_hold, returned, no_due (waiting without a date); None: it may speak."""
    if what.status in {"done", "skipped", "closed"}:
        return what.status
    if order.status != "open":
        return order.status
    if isinstance(what, Step) and what.returned_at is not None:
        return "returned"
    return "no_due" if what.status == "waiting" and what.due is None else None


def _next(book: Book, order: Order, what: Step | ExceptionCase, state: dict[str, object]) -> str | None:
    run = unpack_kept(state).run
    if what.status == "waiting":
        return "danger"
    if run is None:
        return None
    owner = what.owner if isinstance(what, Step) else what.handler
    rules = world.step_rules(book, order, what) if isinstance(what, Step) else world.exception_rules(book, order)
    found = next_push(run, rules, world.calendar_of(book, owner), book.now)
    return found[1] if found else None


def _said(book: Book, kind: str, key: str) -> list[Said]:
    rows = book.session.exec(
        select(Reminder)
        .where(Reminder.subject == kind, Reminder.subject_key == key)
        .order_by(col(Reminder.moment), col(Reminder.id))
    ).all()
    found = []
    for row in rows:
        outbox = book.session.get(Outbox, row.outbox_id) if row.outbox_id is not None else None
        status, sent = (outbox.status, outbox.sent_at) if outbox else (None, None)
        found.append(Said(row.moment, row.rule, row.person, status, sent))
    return found


def explanation(book: Book, one: Explained, number: str) -> list[Phrase]:
    """The same in words, a phrase a line."""
    says = [
        Phrase(
            "reminder.explain.step",
            {"number": number, "step": one.name, "status": Phrase(f"reminder.state.{one.status}"),
             "owner": world.name(book, one.owner), "due": one.due},
        )
    ]  # fmt: skip
    says += [
        Phrase(
            "reminder.explain.pushed",
            {"moment": each.moment, "rule": Phrase(f"rule.{each.rule}"), "person": world.name(book, each.person),
             "sent": Phrase(f"reminder.sent.{each.status}") if each.status else None},
        )
        for each in one.said
    ]  # fmt: skip
    if one.rests_until is not None:
        says.append(Phrase("reminder.explain.resting", {"until": one.rests_until}))
    if one.silent is not None:
        says.append(Phrase("reminder.explain.silent", {"why": Phrase(f"reminder.why.{one.silent}")}))
    elif one.next_at is not None:
        rule = Phrase(f"rule.{one.next_rule}") if one.next_rule else None
        says.append(Phrase("reminder.explain.next", {"moment": one.next_at, "rule": rule}))
    return says
