"""The customer's score: asked for by a step with `survey`, and what a bad one sets off."""

from __future__ import annotations

from dataclasses import dataclass

from store.book import Book
from store.messages import Letter, Phrase
from store.operations import frame
from store.operations.cards import button, retire_card
from store.operations.exceptions import COMPLAINT, open_case
from store.refusals import Invalid, NotFound
from store.rules.owners import answering
from store.tables import ExceptionCase, Order, Step

BAD = 2
MAX_LINE = 500


@dataclass(frozen=True, slots=True)
class Scored:
    """A score kept; `case` is the complaint that a bad one opened."""

    order: Order
    score: int
    case: ExceptionCase | None = None


def record_score(book: Book, order_id: int, score: int, line: str | None = None) -> Scored:
    """Keep a contact's score of 1 to 5 and the line he may add; 2 or less opens a complaint and tells the manager.

    Raises:
        NotFound: not an order of his company's, or not asked about.
        Invalid: refused.score.
    """
    order = frame.order_of(book, order_id, lock=True)
    contact = book.company.people.get(book.by.key)
    step = _survey_step(book, order)
    if contact is None or contact.customer != order.customer or step is None:
        raise NotFound(what=order.number)
    if not 1 <= score <= 5:
        raise Invalid("refused.score", given=score)
    before = {key: step.fields[key] for key in ("score", "score_line") if key in step.fields}
    kept = {"score": score, **({"score_line": line.strip()[:MAX_LINE]} if line and line.strip() else {})}
    step.fields = {**step.fields, **kept}
    book.session.add(step)
    book.record("survey.answered", order=order, subject=f"step:{step.key}", before=before or None, after=kept)
    facts = {"number": order.number, "score": score, "by": contact.name.raw, "line": (line or "").strip() or None}
    retire_card(book, f"score:{order.id}", Letter((Phrase("customer.score_kept", facts),)))
    if before.get("score") == score and not line:
        return Scored(order, score)
    if score > BAD:
        letter = Letter((Phrase("survey.told", facts),), (button("details", f"order.show:{order.number}"),))
        book.tell(order.salesperson, letter, rule="survey", order=order)
        return Scored(order, score)
    said = f"{score}/5" + (f" {line.strip()}" if line and line.strip() else "")
    case = open_case(book, order, COMPLAINT, said, step.key).case
    manager = _manager(book, order)
    if manager is not None and manager != case.handler:
        letter = Letter((Phrase("survey.bad", facts),), (button("details", f"order.show:{order.number}"),))
        book.tell(manager, letter, rule="survey", order=order)
    return Scored(order, score, case)


def _survey_step(book: Book, order: Order) -> Step | None:
    """The step that asks, once it has begun."""
    asked = {one.key for one in frame.flow_of(book, order).steps if one.survey}
    return next((one for one in frame.steps(book, order) if one.key in asked and one.started_at is not None), None)


def _manager(book: Book, order: Order) -> str | None:
    people = frame.roster(book)
    person = people.people.get(order.salesperson)
    above = (person.manager if person else None) or people.head_of(order.salesperson)
    return answering(people, above).owner if above is not None else next(iter(people.last_resort), None)
