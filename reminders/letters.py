"""What reminders say: the first line of a card by rule, letters to those further up, digests. Facts, no words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reminders import world
from reminders.danger import Blocker
from reminders.rules import Push
from reminders.world import Late
from store.book import Book
from store.messages import Choice, Letter, Phrase, WorkTime
from store.operations import frame
from store.operations.cards import exception_card, order_card, request_card, step_card
from store.operations.changing import change_card
from store.operations.claiming import may_claim
from store.plain import AnyOrder, AnyStep
from store.reads.seeing import may_see
from store.rules.rights import may
from store.tables import Change, ExceptionCase, Order, Request, Step

LINES = 10
"""So many lines a digest has at most; the rest is counted and found in the list."""

_RUNGS = {"rung:head": "reminder.rung_head", "rung:manager": "reminder.rung_manager"}

__all__ = [
    "Letter",
    "asked_letter",
    "danger_letter",
    "digest_letter",
    "owner_letter",
    "rung_letter",
    "unanswered_letter",
]


def owner_letter(book: Book, order: AnyOrder, what: AnyStep | ExceptionCase, push: Push) -> Letter:
    """The card of a step or exception for whoever answers for it, headed by why he gets it."""
    facts = {"number": order.number, "step": what.name, "due": what.due, "late": _late(book, what, book.now)}
    if isinstance(what, ExceptionCase):
        return exception_card(book, order, what, Phrase(f"reminder.exception_{push.rule}", facts))
    return step_card(book, order, what, Phrase(f"reminder.{push.rule}", facts))


def rung_letter(
    book: Book, order: Order, what: Step | ExceptionCase, push: Push, person: str, heard: Sequence[str]
) -> Letter:
    """To somebody further up: what is late, whose it is, who has been told; he can look, hurry it, or hand it over."""
    owner, assigned = _owner(what)
    facts = {
        "number": order.number,
        "step": what.name,
        "owner": world.who(book, owner, assigned),
        "due": what.due,
        "late": _late(book, what, book.now),
    }
    says = [
        Phrase(_RUNGS.get(push.rule, "reminder.rung"), facts),
        Phrase("reminder.customer", {"customer": world.customer_name(book, order), "promise": order.promise_date}),
    ]
    if what.acknowledged_at is not None:
        says.append(Phrase("reminder.acknowledged", {"owner": world.name(book, owner), "at": what.acknowledged_at}))
    if heard:
        says.append(Phrase("reminder.told", {"people": [world.name(book, one) for one in heard]}))
    return Letter(tuple(says), _choices(book, order, what, person))


def _choices(book: Book, order: Order, what: Step | ExceptionCase, person: str) -> tuple[Choice, ...]:
    """Only what the reader may do: a backup who is nothing to the order can take the step, and look at it then."""
    claims = (
        [_button("claim", f"step.claim:{what.id}")]
        if isinstance(what, Step) and may_claim(book, person, order, what)
        else []
    )
    if not may_see(book, person, order):
        return tuple(claims)
    choices = [*claims, _button("details", f"order.show:{order.number}")]
    has = frame.relations(book, order, what, actor=person)
    if may("order.urge", has):
        choices.append(_button("urge", f"order.urge:{order.number}"))
    if isinstance(what, Step) and what.status == "active" and may("step.hand_over", has):
        choices.append(_button("hand_over", f"step.hand_over:{what.id}.{what.version}"))
    return tuple(choices)


def danger_letter(book: Book, order: Order, step: Step, blocker: Blocker) -> Letter:
    """To the owner of a step that waits: his date is in danger because of another's step. Never that he is late."""
    above = next(one for one in world.steps_of(book, order) if one.key == blocker.key)
    facts = {
        "number": order.number,
        "step": step.name,
        "due": step.due,
        "blocker": above.name,
        "owner": world.who(book, above.owner, above.assigned),
        "expected": blocker.says if blocker.says is not None and blocker.says > book.now else None,
    }
    return Letter(
        (Phrase("reminder.danger", facts),
         Phrase("reminder.customer", {"customer": world.customer_name(book, order), "promise": order.promise_date})),
        _choices(book, order, step, step.owner),
    )  # fmt: skip


def asked_letter(book: Book, order: Order | None, question: Request | Change) -> Letter:
    """A question that still waits for its answer, with the answers as buttons."""
    headline = Phrase("reminder.request")
    if isinstance(question, Change) and order is not None:
        return change_card(book, order, question, headline)
    if isinstance(question, Change) or question.kind not in _OWN_CARDS:
        return request_card(book, question, headline) if isinstance(question, Request) else Letter((headline,))
    return _OWN_CARDS[question.kind](book, order, question, headline)


def _question_card(book: Book, order: Order | None, request: Request, headline: Phrase) -> Letter:
    asker = book.company.people.get(request.asked_by)
    facts = {
        "person": world.name(book, request.asked_by),
        "customer": frame.customer_name(book, asker.customer or "") if asker is not None else None,
        "text": frame.facts_of(request).get("text"),
        "number": order.number if order else None,
    }
    choices = [_button("reply", f"question.reply:{request.id}.{request.version}")]
    if order is not None:
        choices.append(_button("details", f"order.show:{order.number}"))
    return Letter((headline, Phrase("question.for_you", facts)), tuple(choices))


def _flow_card(book: Book, _order: Order | None, request: Request, headline: Phrase) -> Letter:
    facts = request.facts
    mark = f"{request.id}.{request.version}"
    path = f"flows.{facts['flow']}.steps.{facts['step']}.{facts['field']}"
    return Letter(
        (headline, Phrase("flow.for_you", {"by": world.name(book, request.asked_by)}),
         Phrase("flow.differs", {"path": path, "before": None, "after": facts["value"]})),
        (_button("approve", f"flow.publish:{mark}"), _button("return", f"flow.drop:{mark}")),
    )  # fmt: skip


def _returned_card(book: Book, order: Order | None, request: Request, headline: Phrase) -> Letter:
    if order is None:
        return Letter((headline,))
    facts = {
        "number": order.number,
        "by": world.name(book, str(request.facts["by"])),
        "reason": request.facts["reason"],
    }
    return order_card(book, order, Phrase("reminder.returned", facts))


_OWN_CARDS = {"question": _question_card, "flow_change": _flow_card, "returned": _returned_card}


def unanswered_letter(book: Book, order: Order | None, kind: str, asked: str, since: datetime, person: str) -> Letter:
    """To somebody further up: what has been asked of whom, and not answered."""
    facts = {
        "what": Phrase(f"reminder.asked.{kind}"),
        "number": order.number if order else None,
        "owner": world.name(book, asked),
        "since": since,
    }
    says = [Phrase("reminder.unanswered", facts)]
    if order is None or not may_see(book, person, order):
        return Letter(tuple(says))
    says.append(
        Phrase("reminder.customer", {"customer": world.customer_name(book, order), "promise": order.promise_date})
    )
    return Letter(tuple(says), (_button("details", f"order.show:{order.number}"),))


def digest_letter(book: Book, late: Sequence[Late], morning: Sequence[Phrase] = ()) -> Letter:
    """All late things of one person in one message, the costliest first, each line with its own buttons.

    `morning`: what his brief says beside them (the day's first digest is the brief as well).
    """
    shown = list(late)[:LINES]
    says = [Phrase("reminder.digest", {"n": len(late)})]
    choices: list[Choice] = []
    for place, one in enumerate(shown, 1):
        says.append(_line(book, one, place))
        choices.extend(_line_choices(one))
    if len(late) > len(shown):
        says.append(Phrase("reminder.more", {"n": len(late) - len(shown)}))
    if morning:
        says += [Phrase("reminder.brief"), *morning]
    return Letter(tuple(says), tuple(choices))


def _line(book: Book, one: Late, place: int) -> Phrase:
    at_risk = one.order.promise_date <= world.today(book) and not one.review  # a blind review types it unseen
    return Phrase(
        "reminder.line",
        {
            "place": place,
            "number": one.order.number,
            "step": one.what.name,
            "customer": world.customer_name(book, one.order),
            "due": one.what.due,
            "late": _late(book, one.what, book.now),
            "promise": one.order.promise_date if at_risk else None,
            "urges": one.urges or None,
        },
    )


def _line_choices(one: Late) -> tuple[Choice, ...]:
    mark = f"{one.what.id}.{one.what.version}"
    number = one.order.number
    if isinstance(one.what, ExceptionCase):
        return (_button("ack", f"exception.ack:{mark}", number), _button("solved", f"exception.close:{mark}", number))
    if one.review:
        return (_button("details", f"order.show:{number}", number),)
    return (_button("ack", f"step.ack:{mark}", number), _button("done", f"step.done:{mark}", number))


def _button(label: str, action: str, number: str | None = None) -> Choice:
    """A common button; with a number where several orders share one message."""
    said = Phrase(f"button.{label}")
    return Choice(Phrase("reminder.button_on", {"label": said, "number": number}) if number else said, action)


def _owner(what: AnyStep | ExceptionCase) -> tuple[str, str | None]:
    return (what.handler if isinstance(what, ExceptionCase) else what.owner), what.assigned


def _late(book: Book, what: AnyStep | ExceptionCase, now: datetime) -> WorkTime | None:
    """How late it is in the owner's working time; None when it is not, or by no whole minute."""
    if what.due is None or what.due >= now:
        return None
    calendar = world.calendar_of(book, _owner(what)[0])
    minutes = int(calendar.elapsed(what.due, now).total_seconds() // 60)
    return WorkTime(minutes, calendar.day_minutes) if minutes else None
