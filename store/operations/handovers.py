"""Passing a step on: the giver stays its owner until the other accepts; and deciding whatever somebody was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, or_, select

from store.book import GENDAN, Book
from store.messages import Fact, Letter, Phrase, pack
from store.operations import frame, notices, promises
from store.operations.cards import button, request_card, retire_card
from store.operations.flow import owner_changed
from store.operations.owning import passing_over
from store.operations.steps import not_active, stale, step_of
from store.refusals import Invalid, NotFound, Refusal
from store.rules.owners import answering
from store.tables import Order, Request, Step, Suggestion

BOUNCES = 2
"""After so many refusals or lapses the coordinators are told."""
WANDERS = 3
"""Whenever a step has gone from hand to hand so many times, they are told, too."""


class NotDecidable(Refusal):
    """What was asked has been decided, withdrawn or has lapsed. Facts: state (Phrase), by, at, number."""

    key = "refused.request_decided"


@dataclass(frozen=True, slots=True)
class Decided:
    """A request decided. `order` is where it leads; `draft` the notice to the customer that follows a moved promise."""

    request: Request
    order: Order | None
    draft: Request | None = None


def check_handover(
    book: Book, step_id: int, to: str, version: int | None = None
) -> tuple[Order, Step, tuple[str, ...]]:
    """The step that a colleague may be asked to take over, and who is asked: himself, or his cover.

    Of a department everybody who is here and may have it is asked, and the first who takes it has it.

    Raises:
        NotFound: no such step or colleague.
        Invalid: refused.handover_same, refused.handover_author (of the order under review), refused.handover_away (his
            work is the owner's until he is back), refused.handover_nobody (in the department).
        Refusal: as step_of.
    """
    order, step = step_of(book, step_id, action="step.hand_over", version=version)
    team = frame.roster(book).teams.get(to) if to not in book.company.people else None
    if team is not None:
        return order, step, _fit_of(book, order, step, to)
    colleague = book.company.people.get(to)
    if colleague is None or colleague.is_contact:
        raise NotFound(what=to)
    facts: dict[str, Fact] = {"number": order.number, "step": step.name, "owner": colleague.name.raw}
    if to == step.owner:
        raise Invalid("refused.handover_same", **facts)
    if to in passing_over(book, order, step):
        raise Invalid("refused.handover_author", **facts)
    cover = answering(frame.roster(book), to, passing_over(book, order, step)).owner
    if cover == step.owner:
        raise Invalid("refused.handover_away", cover=frame.name(book, cover), **facts)
    return order, step, (cover,)


def _fit_of(book: Book, order: Order, step: Step, department: str) -> tuple[str, ...]:
    """Who of a department may be asked to take a step: whoever is here, is not its owner, and may have it."""
    people = frame.roster(book)
    team, passing = people.teams[department], passing_over(book, order, step)
    everybody = dict.fromkeys((*team.members, team.head))
    found = tuple(one for one in everybody if people.here(one) and one != step.owner and one not in passing)
    if not found:
        name = frame.name(book, department)
        raise Invalid("refused.handover_nobody", number=order.number, step=step.name, department=name)
    return found


def ask_handover(book: Book, step_id: int, to: str, reason: str | None = None, version: int | None = None) -> Request:
    """Ask a colleague, or everybody of a department, to take a step over; nothing changes until one accepts.

    Raises:
        NotFound: no such step or colleague.
        Invalid, Refusal: as check_handover.
    """
    order, step, asked = check_handover(book, step_id, to, version)
    head = to if to in book.company.people else book.company.departments[to].head
    notices.withdraw_requests(book, order, step)
    span = frame.flow_of(book, order).reminders(step.key).handover
    request = Request(
        kind="handover",
        order_id=order.id,
        step_id=step.id,
        asked_by=book.by.key,
        asked_of=to,
        asked_at=book.now,
        lapses_at=frame.calendar(book, head).add_span(book.now, span),
        facts=pack({"giver": step.owner, "reason": (reason or "").strip() or None})
        | ({"asked": list(asked)} if to not in book.company.people else {}),
    )
    book.session.add(request)
    book.session.flush()
    after = {"to": to, "reason": reason}
    book.record("step.handover_asked", order=order, subject=f"step:{step.key}", before=step.owner, after=after,
                undoable=True)  # fmt: skip
    facts = {**_facts(book, order, step, request), "by": frame.name(book, book.by.key)}
    letter = request_card(book, request, Phrase("handover.asked_of_you", facts))
    for person in asked:
        book.tell(person, letter, rule="handover", card=f"request:{request.id}", order=order)
    if step.owner != book.by.key:
        book.tell(step.owner, Letter((Phrase("handover.being_passed", facts),)), rule="handover", order=order)
    return request


def decide_request(
    book: Book, request_id: int, version: int | None, accept: bool, *, reason: str | None = None, on: date | None = None
) -> Decided:
    """Say yes or no to what one was asked.

    Args:
        book: the unit of work.
        request_id: its row.
        version: of the card that was pressed; None: said in words.
        accept: yes or no.
        reason: why not.
        on: for a promise, the day that the manager states instead of the possible one.

    Raises:
        NotFound: no such request, or one of an order that may not be seen.
        NotAllowed: somebody else was asked.
        NotDecidable: too late.
    """
    request = book.session.get(Request, request_id)
    if request is None:
        raise NotFound(what=str(request_id))
    order = frame.order_of(book, request.order_id, lock=True) if request.order_id is not None else None
    book.session.refresh(request)
    _require_asked(book, order, request)
    if request.status != "pending" or (version is not None and version != request.version):
        raise _too_late(book, order, request)
    if request.kind == "promise" and order is not None:
        draft = promises.decide_promise(book, order, request, accept=accept, reason=reason, on=on)
        return Decided(request, order, draft)
    if request.kind == "handover" and order is not None:
        (_accept if accept else _decline)(book, order, request, reason)
        return Decided(request, order)
    settle(book, request, "accepted" if accept else "declined")
    what = "change.noted" if request.kind == "change_notice" else f"{request.kind}.{request.status}"
    book.record(what, order=order, subject=f"request:{request.id}", after={"reason": reason}, undoable=True)
    facts = {"number": order.number if order else None, "by": frame.name(book, book.by.key)}
    key = f"request.is_{request.status}"
    if request.kind == "suggestion":
        key = f"suggestion.is_{request.status}"
        facts |= {"text": request.facts.get("text"), "reason": reason}
        filed = book.session.get(Suggestion, request.facts.get("suggestion"))
        if filed is not None:
            filed.answer, filed.answered_by, filed.answered_at = request.status, book.by.key, book.now
            book.session.add(filed)
        book.tell(request.asked_by, Letter((Phrase(key, facts),)), rule="suggestion")
    retire_card(book, f"request:{request.id}", Letter((Phrase(key, facts),)))
    return Decided(request, order)


def lapse_request(book: Book, request: Request) -> None:
    """Nobody answered in time: what was asked is off, and whoever asked hears it (called by the reminders)."""
    if request.status != "pending":
        return
    order = frame.order_of(book, request.order_id, lock=True) if request.order_id is not None else None
    settle(book, request, "lapsed")
    book.record("request.lapsed", order=order, subject=f"request:{request.id}", after=request.kind, who=GENDAN)
    step = book.session.get(Step, request.step_id) if request.step_id is not None else None
    if request.kind != "handover" or order is None or step is None:
        return
    facts = _facts(book, order, step, request)
    retire_card(book, f"request:{request.id}", Letter((Phrase("handover.is_lapsed", facts),)))
    _give_back(book, order, step, request, Phrase("handover.lapsed", facts))


def pending_requests(book: Book, person: str | None = None, kinds: tuple[str, ...] = ()) -> list[Request]:
    """What somebody (default: whoever acts) has been asked and not decided yet, oldest first."""
    asked = person or book.by.key
    teams = frame.roster(book).teams.items()
    mine = [key for key, team in teams if asked == team.head or asked in team.members]
    names = or_(*(col(Request.asked_of) == one for one in (asked, *mine)))
    query = select(Request).where(names, Request.status == "pending").order_by(col(Request.id))
    found = [one for one in book.session.exec(query) if not kinds or one.kind in kinds]
    return [one for one in found if one.asked_of == asked or asked in one.facts.get("asked", ())]


def settle(book: Book, request: Request, status: str) -> None:
    """Write down how a request ended."""
    request.status = status
    request.decided_by = book.by.key
    request.decided_at = book.now
    request.version += 1
    book.session.add(request)


# --- handing over ---------------------------------------------------------------------------------------------------


def _accept(book: Book, order: Order, request: Request, _reason: str | None) -> None:
    step = _step(book, order, request)
    to = book.by.key if book.by.key != GENDAN else request.asked_of
    if to in passing_over(book, order, step):
        raise Invalid("refused.handover_author", number=order.number, step=step.name, owner=frame.name(book, to))
    settle(book, request, "accepted")
    before = step.owner
    step.owner, step.assigned = to, None
    what = "step.handover_accepted"
    book.record(what, order=order, subject=f"step:{step.key}", before=before, after=to, undoable=True)
    facts = {**_facts(book, order, step, request), "owner": frame.name(book, to)}
    retire_card(book, f"request:{request.id}", Letter((Phrase("handover.is_accepted", facts),)))
    owner_changed(book, order, step, before)
    for person in dict.fromkeys([before, request.asked_by]):
        if person != to:
            book.tell(person, Letter((Phrase("handover.accepted", facts),)), rule="handover", order=order)
    _tell_wandering(book, order, step, facts)


def _tell_wandering(book: Book, order: Order, step: Step, facts: dict[str, Fact]) -> None:
    """A step that is passed on again and again is nobody's: the coordinators are told, and told again."""
    count = _count(book, step, ("accepted",))
    if count < WANDERS or count % WANDERS:
        return
    told = Phrase("handover.wanders", {**facts, "count": count})
    for one in book.company.with_role("coordinator"):
        if one.key != step.owner:
            choices = (button("details", f"order.show:{order.number}"),)
            book.tell(one.key, Letter((told,), choices), rule="handover", order=order)


def _count(book: Book, step: Step, statuses: tuple[str, ...]) -> int:
    """How many hand-overs of this stretch of work ended so."""
    book.session.flush()
    query = select(Request.asked_at).where(
        Request.step_id == step.id, Request.kind == "handover", col(Request.status).in_(statuses)
    )
    return sum(asked >= (step.started_at or asked) for asked in book.session.exec(query))


def _decline(book: Book, order: Order, request: Request, reason: str | None) -> None:
    step = _step(book, order, request)
    if _others_left(book, order, request, step, reason):
        return
    settle(book, request, "declined")
    what = "step.handover_declined"
    book.record(what, order=order, subject=f"step:{step.key}", after={"to": request.asked_of, "reason": reason})
    facts = {**_facts(book, order, step, request), "why": reason}
    retire_card(book, f"request:{request.id}", Letter((Phrase("handover.is_declined", facts),)))
    _give_back(book, order, step, request, Phrase("handover.declined", facts))


def _others_left(book: Book, order: Order, request: Request, step: Step, reason: str | None) -> bool:
    """Of a department that was asked one declines: the others go on being asked, if there are any."""
    me, asked = book.by.key, request.facts.get("asked", ())
    left = [one for one in asked if one != me]
    if me not in asked or not left:
        return False
    request.facts = {**request.facts, "asked": left}
    book.session.add(request)
    book.record("step.handover_declined", order=order, subject=f"step:{step.key}", after={"to": me, "reason": reason})
    facts = _facts(book, order, step, request)
    retire_card(book, f"request:{request.id}", Letter((Phrase("handover.is_declined", facts),)), only=me)
    return True


def _give_back(book: Book, order: Order, step: Step, request: Request, told: Phrase) -> None:
    """It stays where it was: giver and asker hear it; when it keeps bouncing, the coordinators too."""
    choices = (
        button("hand_over", f"step.hand_over:{step.id}.{step.version}"),
        button("details", f"order.show:{order.number}"),
    )
    for person in dict.fromkeys([step.owner, request.asked_by]):
        book.tell(person, Letter((told,), choices), rule="handover", order=order)
    bounces = _count(book, step, ("declined", "lapsed"))
    if bounces < BOUNCES:
        return
    facts = {**_facts(book, order, step, request), "count": bounces}
    for one in book.company.with_role("coordinator"):
        if one.key not in {step.owner, request.asked_by}:
            book.tell(one.key, Letter((Phrase("handover.bounced", facts),), choices), rule="handover", order=order)


def _step(book: Book, order: Order, request: Request) -> Step:
    step = book.session.get(Step, request.step_id)
    if step is None:
        raise NotFound(what=order.number)
    if step.status != "active" or order.status not in {"open", "on_hold"}:
        raise not_active(book, order, step)
    return step


def _facts(book: Book, order: Order, step: Step, request: Request) -> dict[str, Fact]:
    about = frame.facts_of(request)
    return {
        "number": order.number,
        "step": step.name,
        "to": frame.name(book, request.asked_of),
        "owner": frame.owner_name(book, step),
        "reason": about.get("reason"),
        "until": request.lapses_at,
    }


def _require_asked(book: Book, order: Order | None, request: Request) -> None:
    """The one who was asked decides, or who covers for him while he is away."""
    if book.by.key in request.facts.get("asked", ()):
        return
    stand_in = answering(frame.roster(book), request.asked_of).owner
    if book.by.key not in {request.asked_of, stand_in, GENDAN}:
        frame.require(book, "request.decide", order, request)


def _too_late(book: Book, order: Order | None, request: Request) -> Refusal:
    if request.status == "pending" and order is not None:
        return stale(book, order)
    by = frame.name(book, request.decided_by) if request.decided_by else None
    facts: dict[str, Any] = {"number": order.number if order else None, "by": by, "at": request.decided_at}
    return NotDecidable(state=Phrase(f"request.state_{request.status}"), **facts)
