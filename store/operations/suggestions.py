"""Proposals of the staff on a step, a flow or the work in general: filed, seconded, answered."""

from __future__ import annotations

from sqlmodel import select

from store.book import Book
from store.messages import Letter, Phrase
from store.operations import frame
from store.operations.cards import request_card
from store.refusals import Conflict, Invalid, NotAllowed, NotFound
from store.rules.owners import answering
from store.tables import Request, Suggestion

MAX_TEXT = 1000
ANSWER_DAYS = 5
"""Working days within which whoever answers for the flow has to."""


def suggest(book: Book, text: str, flow: str | None = None, step: str | None = None) -> Suggestion:
    """File a proposal and ask whoever answers for it: the head of the step's department, else an administrator.

    Raises:
        NotAllowed: whoever acts is no member of staff.
        Invalid: refused.suggestion_empty.
    """
    me = book.company.people.get(book.by.key)
    if me is None or me.is_contact:
        raise NotAllowed(right=Phrase("right.suggest"), who=[])
    said = text.strip()[:MAX_TEXT]
    if not said:
        raise Invalid("refused.suggestion_empty")
    row = Suggestion(by=me.key, at=book.now, text=said, flow=flow, step_key=step)
    book.session.add(row)
    book.session.flush()
    book.record("suggestion.filed", subject=f"suggestion:{row.id}", after={"text": said, "flow": flow, "step": step},
                undoable=True)  # fmt: skip
    to = _judge(book, row)
    calendar = frame.calendar(book, to)
    facts = {"suggestion": row.id, "text": said, "by": frame.name(book, me.key)}
    request = Request(
        kind="suggestion",
        asked_by=me.key,
        asked_of=to,
        asked_at=book.now,
        lapses_at=calendar.add(book.now, ANSWER_DAYS * calendar.day_minutes),
        facts=facts,
    )
    book.session.add(request)
    book.session.flush()
    letter = request_card(book, request, Phrase("suggestion.for_you", {"by": frame.name(book, me.key)}))
    book.tell(to, letter, rule="suggestion", card=f"request:{request.id}")
    return row


def second(book: Book, suggestion_id: int) -> Suggestion:
    """Another member of staff is for it. Raises NotFound; Conflict for one's own or when done before."""
    row = book.session.get(Suggestion, suggestion_id)
    me = book.company.people.get(book.by.key)
    if row is None or me is None or me.is_contact:
        raise NotFound(what=str(suggestion_id))
    if me.key == row.by or me.key in row.seconded_by:
        raise Conflict(number=None, who=me.name.raw, what=Phrase("did.suggestion.seconded"), at=row.at)
    row.seconded_by = [*row.seconded_by, me.key]
    book.session.add(row)
    book.record("suggestion.seconded", subject=f"suggestion:{row.id}", after=list(row.seconded_by))
    book.tell(
        row.by, Letter((Phrase("suggestion.seconded", {"by": me.name.raw, "text": row.text}),)), rule="suggestion"
    )
    return row


def open_suggestions(book: Book) -> list[Suggestion]:
    """Proposals without an answer, oldest first."""
    rows = book.session.exec(select(Suggestion).where(Suggestion.answered_at.is_(None)).order_by(Suggestion.id))  # type: ignore[union-attr,arg-type]
    return list(rows)


def _judge(book: Book, row: Suggestion) -> str:
    """Who answers: the head of the department that does the step, else an administrator, else a manager."""
    company = book.company
    flow = company.flows.get(row.flow or "") or company.default_flow
    part = next((one for one in flow.steps if one.key == row.step_key), None)
    division = company.departments.get(part.owner) if part else None
    named = [division.head] if division else []
    named += [one.key for role in ("admin", "manager", "coordinator") for one in company.with_role(role)]
    to = next((key for key in named if key != row.by), row.by)
    return answering(frame.roster(book), to).owner
