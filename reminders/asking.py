"""Whoever has been asked and has not answered: asked again, then told further up.

Two kinds of rows ask somebody: a Request (a promise to move, a change to note, a customer's question, a flow to
publish) and a Change (a field that the reviewer has to look at again). What limits itself (`lapses_at`) lapses
instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reminders import world
from reminders.letters import asked_letter, unanswered_letter
from reminders.people import rung_person
from reminders.rules import OWNER, RUNG, Push
from reminders.speaking import Saying, Voice
from store.book import Book
from store.tables import Change, Deadline, Order, Request

ASKED = "request"
DAY, SOON = "day", "soon"
AGAIN: Mapping[str, str] = {
    "promise": DAY, "change_notice": DAY, "flow_change": DAY, "change": DAY, "question": SOON,
    "returned": DAY,
}  # fmt: skip
"""What is asked again: a working day later, or (a customer waits for it) as soon as one may urge again."""
LADDER = ("head", "manager")
"""Who hears with the second and the third time of asking again."""
ONCE = frozenset({"change_notice"})
"""Taking note holds nothing up: it is asked again once, and nobody further up is troubled with it."""

Question = Request | Change


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody's answer is wanted: of what kind, whose, since when; `card` is the condition that was shown."""

    kind: str
    person: str
    since: datetime
    card: str


def asked_of(question: Question) -> Asked:
    """Who has to answer a request or decide a change."""
    if isinstance(question, Change):
        return Asked("change", question.reviewer or "", question.asked_at, f"change:{question.id}")
    return Asked(question.kind, question.asked_of, question.asked_at, f"request:{question.id}")


def plan_question(book: Book, question: Question, row: Deadline | None) -> Deadline | None:
    """The deadline of a question: when it lapses, else when it is asked again; None when it never had one."""
    asked = asked_of(question)
    if row is None:
        if question.status != "pending":
            return None
        subject = "change" if isinstance(question, Change) else "request"
        row = Deadline(subject=subject, subject_key=str(question.id), order_id=question.order_id, state={})
    row.owner = asked.person
    row.next_at = next_asking(book, question, row) if _waits(book, question) else None
    return row


def next_asking(book: Book, question: Question, row: Deadline) -> datetime | None:
    """When it lapses; else some working time of the asked after the question, or after he was last reminded of it."""
    if isinstance(question, Request) and question.lapses_at is not None:
        return question.lapses_at
    asked = asked_of(question)
    pace = AGAIN.get(asked.kind)
    if pace is None or not asked.person or (asked.kind in ONCE and row.state.get("turn")):
        return None
    calendar = world.calendar_of(book, asked.person)
    last = row.state.get("asked")
    since = datetime.fromisoformat(last) if last else asked.since
    span = calendar.day_minutes if pace == DAY else calendar.minutes(book.company.pushes.urge_again)
    return calendar.add(since, span)


def ask(book: Book, row: Deadline, voice: Voice) -> None:
    """A question's deadline has come: it lapses, or is asked again and, from the second time on, told further up."""
    key = int(row.subject_key)
    question: Question | None = book.session.get(Change, key) if row.subject == "change" else None
    question = book.session.get(Request, key) if row.subject == ASKED else question
    moment, row.next_at = row.next_at or book.now, None
    if question is None or not _waits(book, question):
        return
    if isinstance(question, Request) and question.lapses_at is not None:
        if question.lapses_at <= book.now:
            world.lapse_request(book, question)
        else:
            row.next_at = question.lapses_at
        return
    order = book.session.get(Order, question.order_id) if question.order_id is not None else None
    turn = int(row.state.get("turn", 0))
    if order is None or order.status == "open":  # on hold nothing is asked, and the day does not count
        turn += 1
        _say(book, row, question, order, moment, turn, voice)
    row.state = {**row.state, "asked": book.now.isoformat(), "turn": turn}
    row.next_at = next_asking(book, question, row)


def _say(
    book: Book, row: Deadline, question: Question, order: Order | None, moment: datetime, turn: int, voice: Voice
) -> None:
    asked = asked_of(question)
    push = Push(ASKED, turn, OWNER, moment, book.now)
    letter = asked_letter(book, order, question)
    voice.say(Saying(row, asked.person, (push,), letter, order, asked.card, urgent=False))
    heard: dict[str, str] = dict(row.state.get("heard", {}))
    for place in range(min(turn - 1, len(LADDER)) if asked.kind not in ONCE else 0):
        if str(place) in heard:
            continue
        told = {int(one): person for one, person in heard.items()}
        to = LADDER[place]
        person = rung_person(world.roster(book), asked.person, None, LADDER, place, told)
        heard[str(place)] = person
        if person != asked.person:
            rung = Push(RUNG + to, place, to, moment, book.now, place)
            further = unanswered_letter(book, order, asked.kind, asked.person, asked.since, person)
            voice.say(Saying(row, person, (rung,), further, order, asked.card, urgent=False))
    row.state = {**row.state, "heard": heard}


def _waits(book: Book, question: Question) -> bool:
    if question.status != "pending":
        return False
    order = book.session.get(Order, question.order_id) if question.order_id is not None else None
    return order is None or order.status in {"open", "on_hold"}
