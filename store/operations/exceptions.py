"""Trouble on an order: reported, handled, ticked by whoever it concerns, and closed with a word on how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store.book import GENDAN, Book
from store.messages import Letter, Phrase
from store.operations import frame, owning
from store.operations.cards import exception_card, retire_card
from store.operations.flow import exception_due
from store.operations.steps import OnHold, stale
from store.reads.seeing import see
from store.refusals import Invalid, NotFound
from store.rules.flow import FINISHED
from store.tables import ExceptionCase, Order, Step

COMPLAINT = "complaint"
OTHER = "other"
MAX_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Opened:
    """An exception, and who was told. `new` False: the same was open already, what was said is added to it."""

    order: Order
    case: ExceptionCase
    told: tuple[str, ...] = ()
    new: bool = True


def open_exception(book: Book, number: str, kind: str, note: str = "", step: str | None = None) -> Opened:
    """Report trouble on an order.

    Args:
        book: the unit of work.
        number: of the order.
        kind: one of the flow's exceptions; "complaint" (handled by the salesperson) and "other" (by the head of the
            department at work) always exist.
        note: what was said.
        step: key of the step it happened at; None: the reporter's active step, else the first active one.

    Raises:
        NotFound, NotAllowed: as for every action on an order.
        Invalid: refused.no_such_problem, refused.order_ended.
    """
    order = see(book, number, lock=True)
    frame.require(book, "problem.report", order)
    return open_case(book, order, kind, note, step)


def open_case(book: Book, order: Order, kind: str, note: str = "", step: str | None = None) -> Opened:
    """`open_exception` for what the house itself has noticed: no right is asked for."""
    if order.status not in {"open", "on_hold"} and kind != COMPLAINT:
        raise Invalid("refused.order_ended", number=order.number, state=Phrase(f"state.{order.status}"))
    steps = frame.steps(book, order)
    at = _step(book, steps, step)
    earlier = next((one for one in frame.open_exceptions(book, order) if one.kind == kind and one.step_key == at), None)
    if earlier is not None:
        return _add(book, order, earlier, note)
    case = _case(book, order, kind, note, at, steps)
    book.session.add(case)
    book.session.flush()
    after = {"kind": case.kind, "note": case.note, "handler": case.handler, "step": case.step_key}
    book.record("exception.opened", order=order, subject=f"exception:{case.id}", after=after, undoable=True)
    return Opened(order, case, _tell_opened(book, order, case, steps))


def tick(book: Book, exception_id: int, step_key: str) -> ExceptionCase:
    """The owner of a step has taken note of a special request; without it his step cannot be done.

    Raises:
        NotFound: no such exception, or the step need not tick it.
        NotAllowed: not the step's owner.
        Conflict: ticked already.
    """
    case, order = _found(book, exception_id)
    row = next((one for one in frame.steps(book, order) if one.key == step_key), None)
    if row is None or step_key not in case.ticks:
        raise NotFound(what=step_key)
    frame.require(book, "problem.tick", order, row)
    if case.ticks[step_key]:
        raise stale(book, order, f"exception:{case.id}")
    case.ticks = {**case.ticks, step_key: {"by": book.by.key, "at": book.now.isoformat()}}
    book.session.add(case)
    after = {"step": step_key}
    book.record("exception.ticked", order=order, subject=f"exception:{case.id}", after=after, undoable=True)
    facts = {"number": order.number, "kind": case.name, "step": row.name, "by": frame.name(book, book.by.key)}
    if case.handler != book.by.key:
        card = f"exception:{case.id}"
        retire_card(book, card, Letter((Phrase("exception.is_ticked", facts),)), only=book.by.key)
        if case.status == "open":
            letter = exception_card(book, order, case, Phrase("exception.ticked_told", facts))
            book.tell(case.handler, letter, rule="exception.ticked", order=order)
    return case


def close_exception(book: Book, exception_id: int, solution: str | None, version: int | None = None) -> ExceptionCase:
    """Trouble is over; how it was solved is kept. Ticks that are still asked for stay asked for.

    Raises:
        Invalid: refused.solution_needed.
        NotAllowed: neither handler, coordinator, manager nor whoever reported it.
        Conflict: closed already, or changed since the card was drawn.
    """
    case, order = _found(book, exception_id)
    if case.opened_by != book.by.key:
        frame.require(book, "problem.solve", order, case)
    if case.status != "open" or (version is not None and version != case.version):
        raise stale(book, order, f"exception:{case.id}")
    said = (solution or "").strip()
    if not said:
        raise Invalid("refused.solution_needed", number=order.number, kind=case.name)
    case.status, case.solution = "closed", said[:MAX_NOTE]
    case.closed_at, case.closed_by = book.now, book.by.key
    case.acknowledged_until = case.snoozed_until = None
    case.version += 1
    book.session.add(case)
    after = {"solution": case.solution}
    book.record("exception.closed", order=order, subject=f"exception:{case.id}", after=after, undoable=True)
    facts = {
        "number": order.number,
        "kind": case.name,
        "by": frame.name(book, book.by.key),
        "solution": case.solution,
        "at": book.now,
    }
    letter = exception_card(book, order, case, Phrase("exception.is_closed", facts))
    retire_card(book, f"exception:{case.id}", letter)
    hear = [case.opened_by, *_concerned(book, order, case, frame.steps(book, order))]
    for person in dict.fromkeys(hear):
        if person not in {book.by.key, GENDAN} and person in book.company.people and not _is_contact(book, person):
            book.tell(person, letter, rule="exception.closed", order=order)
    return case


# --- parts ----------------------------------------------------------------------------------------------------------


def _found(book: Book, exception_id: int) -> tuple[ExceptionCase, Order]:
    case = book.session.get(ExceptionCase, exception_id)
    if case is None:
        raise NotFound(what=str(exception_id))
    order = frame.order_of(book, case.order_id, lock=True)
    book.session.refresh(case)
    see(book, order.number)
    if order.status == "on_hold":
        raise OnHold(number=order.number, since=order.held_since, reason=order.reason)
    return case, order


def _step(book: Book, steps: Sequence[Step], key: str | None) -> str | None:
    if key is not None:
        if all(one.key != key for one in steps):
            raise NotFound(what=key)
        return key
    active = [one for one in steps if one.status == "active"]
    mine = [one for one in active if book.by.key in {one.owner, one.assigned}]
    return next((one.key for one in (*mine, *active)), None)


def _case(book: Book, order: Order, kind: str, note: str, step_key: str | None, steps: Sequence[Step]) -> ExceptionCase:
    part = frame.kind_of(book, order, kind)
    if part is None and kind not in {COMPLAINT, OTHER}:
        known = [one.name.raw for one in frame.flow_of(book, order).part.exceptions]
        raise Invalid("refused.no_such_problem", kind=kind, known=known)
    rule = part.handler if part is not None else owning.SALESPERSON if kind == COMPLAINT else _somebody(book, steps)
    found = owning.own(book, order, rule, active=True)
    names = {one.key: one for one in steps}
    to_tick = part.acknowledged_by if part is not None else ()
    case = ExceptionCase(
        order_id=order.id or 0,
        step_key=step_key,
        kind=kind,
        name=part.name.raw if part is not None else _NAMES[kind],
        handler=found.owner,
        assigned=found.assigned,
        department=found.department,
        urgent=part.urgent if part is not None else False,
        note=note.strip()[:MAX_NOTE],
        opened_by=book.by.key,
        opened_at=book.now,
        ticks={key: None for key in to_tick if key in names and names[key].status not in FINISHED},
    )
    case.due = exception_due(book, order, case)
    return case


_NAMES = {COMPLAINT: {"zh": "客户投诉", "en": "Complaint"}, OTHER: {"zh": "问题", "en": "Problem"}}


def _somebody(book: Book, steps: Sequence[Step]) -> str:
    """Who handles what the flow has no kind for: the head of the department at work, else who coordinates."""
    teams = book.company.departments
    for step in steps:
        if step.status == "active" and step.department is not None and step.department in teams:
            return teams[step.department].head
    return next(iter(frame.roster(book).last_resort), steps[0].owner if steps else book.by.key)


def _add(book: Book, order: Order, case: ExceptionCase, note: str) -> Opened:
    """The same trouble reported once more: what is said now is added, the handler hears it."""
    said = note.strip()
    if said and said not in case.note:
        before = case.note
        case.note = "\n".join(part for part in (case.note, said) if part)[:MAX_NOTE]
        book.session.add(case)
        book.record("exception.noted", order=order, subject=f"exception:{case.id}", before=before, after=case.note,
                    undoable=True)  # fmt: skip
        if case.handler != book.by.key:
            facts = {"number": order.number, "kind": case.name, "by": frame.name(book, book.by.key)}
            letter = exception_card(book, order, case, Phrase("exception.more", facts))
            book.tell(case.handler, letter, rule="exception.opened", urgent=case.urgent,
                      card=f"exception:{case.id}", order=order)  # fmt: skip
            return Opened(order, case, (case.handler,), new=False)
    return Opened(order, case, (), new=False)


def _tell_opened(book: Book, order: Order, case: ExceptionCase, steps: Sequence[Step]) -> tuple[str, ...]:
    """The handler gets the card that ends it, owners of named steps the tick, others concerned a notice."""
    facts = {
        "number": order.number,
        "kind": case.name,
        "by": frame.name(book, case.opened_by),
        "handler": frame.owner_name(book, case),
        "due": case.due,
    }
    ticking = [one.owner for one in steps if one.key in case.ticks]
    others = _concerned(book, order, case, steps)
    told: list[str] = []
    for person in dict.fromkeys([case.handler, *ticking, *others]):
        headline = "exception.for_you" if person == case.handler else "exception.opened"
        if person in ticking and person != case.handler:
            headline = "exception.to_tick"
        elif person == book.by.key and person != case.handler:
            continue  # he has just said it
        letter = exception_card(book, order, case, Phrase(headline, facts), reader=person)
        book.tell(person, letter, rule="exception.opened", urgent=case.urgent and person == case.handler,
                  card=f"exception:{case.id}", order=order)  # fmt: skip
        told.append(person)
    return tuple(told)


def _concerned(book: Book, order: Order, case: ExceptionCase, steps: Sequence[Step]) -> list[str]:
    active = [one.owner for one in steps if one.status == "active"]
    ticking = [one.owner for one in steps if one.key in case.ticks]
    return [
        one for one in dict.fromkeys([*active, *ticking, order.salesperson, case.handler]) if one in book.company.people
    ]


def _is_contact(book: Book, person: str) -> bool:
    return book.company.people[person].is_contact
