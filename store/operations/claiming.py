"""Taking a step oneself: a colleague of its owner has it from then on; of two who do so at once the first has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, or_, select

from store.book import GENDAN, Book
from store.messages import Letter, Phrase
from store.operations import frame
from store.operations.cards import button
from store.operations.flow import owner_changed
from store.operations.owning import passing_over
from store.operations.steps import OnHold, acknowledge, not_active, promise
from store.reads.seeing import may_see
from store.refusals import Invalid, NotFound, Refusal
from store.tables import Order, Outbox, Request, Step


@dataclass(frozen=True, slots=True)
class Claimed:
    """Whose step it is now: of whoever claimed it, who promised to do it by `until`; `before` had it until then."""

    order: Order
    step: Step
    until: datetime
    before: str


_LATELY = timedelta(days=1)


class TakenAlready(Refusal):
    """Somebody has said that he does it. Facts: number, step, owner, at (when he said so), until."""

    key = "refused.step_taken"


def claim_step(book: Book, step_id: int, until: datetime | None = None) -> Claimed:
    """«I'll take it»: whoever acts becomes the step's owner at once, and promises as with an acknowledgement.

    A step of which somebody has said that he does it stays his while his promise lasts. The version of the card that
    was pressed does not matter: whoever is late hears who has it.

    Args:
        book: the unit of work.
        step_id: its row.
        until: when it will be done; None: the flow's `acknowledged_for`.

    Raises:
        NotFound: there is none, or he may not know of it.
        NotAllowed: he is no colleague of its owner.
        TakenAlready: it is another's, who has promised to do it.
        StepNotActive, OnHold: as for everything that is done to a step.
        Invalid: refused.handover_author (of the order under review), refused.time_past.
    """
    step = book.session.get(Step, step_id)
    if step is None:
        raise NotFound(what=str(step_id))
    order = frame.order_of(book, step.order_id, lock=True)
    if not book.alone:  # somebody else may have been faster while the order's lock was waited for
        book.session.flush()
        book.session.refresh(step)
    me, before = book.by.key, step.owner
    if not (may_see(book, me, order) or was_told(book, me, step)):
        raise NotFound(what=order.number)
    if step.status != "active" or order.status in {"done", "cancelled"}:
        raise not_active(book, order, step)
    if order.status == "on_hold":
        raise OnHold(number=order.number, since=order.held_since, reason=order.reason)
    if before == me:
        kept = acknowledge(book, ("step", step_id), until)
        return Claimed(order, step, kept.until, me)
    if not is_fellow(book, me, step):
        frame.require(book, "step.claim", order, step)
    if me in passing_over(book, order, step):
        raise Invalid("refused.handover_author", number=order.number, step=step.name, owner=frame.name(book, me))
    taken = taken_by(book, step_id)
    if taken is not None:
        raise taken
    step.owner, step.assigned = me, None
    book.record("step.claimed", order=order, subject=f"step:{step.key}", before=before, after=me, undoable=True)
    owner_changed(book, order, step, before, took=True)
    kept = promise(book, order, step, until, undoable=False)
    facts = {"owner": frame.name(book, me), "number": order.number, "step": step.name, "until": kept.until}
    choices = (button("details", f"order.show:{order.number}"),) if may_see(book, before, order) else ()
    book.tell(before, Letter((Phrase("step.was_claimed", facts),), choices), rule="handover", order=order)
    return Claimed(order, step, kept.until, before)


def may_claim(book: Book, person: str, order: Order, step: Step) -> bool:
    """Whether somebody who knows of a step could take it now."""
    return (
        step.status == "active"
        and order.status == "open"
        and step.returned_at is None
        and person != step.owner
        and is_fellow(book, person, step)
        and person not in passing_over(book, order, step)
        and not is_taken(book, step)
    )


def is_taken(book: Book, step: Step) -> bool:
    """Whether its owner has said that he does it, and his promise lasts."""
    return step.acknowledged_until is not None and step.acknowledged_until > book.now


def taken_by(book: Book, step_id: int) -> TakenAlready | None:
    """The refusal that names who has said that he does an active step; None when whoever acts did, or nobody."""
    step = book.session.get(Step, step_id)
    if step is None or step.status != "active" or step.owner == book.by.key or not is_taken(book, step):
        return None
    return TakenAlready(
        number=frame.order_of(book, step.order_id).number,
        step=step.name,
        owner=frame.owner_name(book, step),
        at=step.acknowledged_at,
        until=step.acknowledged_until,
    )


def is_fellow(book: Book, person: str, step: Step) -> bool:
    """Whether somebody works where the step belongs: in its department, at its head, or as its owner's backup."""
    human, owner = book.company.people.get(person), book.company.people.get(step.owner)
    if human is None or human.is_contact:
        return False
    team = frame.roster(book).teams.get(step.department or "")
    if team is not None and person in {team.head, *team.members}:
        return True
    return owner is not None and person == owner.backup


def was_told(book: Book, person: str, step: Step) -> bool:
    """Whether the step's card was shown to somebody since it started: he may be nothing to the order besides."""
    if step.started_at is None:
        return False
    query = select(Outbox.id).where(
        Outbox.card == f"step:{step.id}",
        Outbox.person == person,
        col(Outbox.created_at) >= step.started_at,
        or_(*(col(Outbox.status) == one for one in ("claimed", "sent", "merged"))),
    )
    return book.session.exec(query.limit(1)).first() is not None


def told_of(book: Book, person: str) -> list[tuple[Order, Step]]:
    """The steps of others that somebody was shown and could take now, the newest shown first."""
    query = (
        select(Outbox.card)
        .where(Outbox.person == person, col(Outbox.card).startswith("step:"), col(Outbox.rule).startswith("rung:"))
        .order_by(col(Outbox.id).desc())
        .limit(20)
    )
    ids = dict.fromkeys(int(card.removeprefix("step:")) for card in book.session.exec(query) if card)
    found = []
    for row in ids:
        step = book.session.get(Step, row)
        order = book.session.get(Order, step.order_id) if step is not None else None
        if step is not None and order is not None and was_told(book, person, step):
            found.append((order, step))
    return found


# --- what was offered to several --------------------------------------------------------------------------------------


def who_was_faster(book: Book) -> Phrase | None:
    """Of what whoever acts was asked to take together with others: who took the last of it, within a day."""
    teams = frame.roster(book).teams.items()
    mine = [key for key, team in teams if book.by.key == team.head or book.by.key in team.members]
    if not mine:
        return None
    query = (
        select(Request)
        .where(or_(*(col(Request.asked_of) == one for one in mine)), Request.kind == "handover")
        .where(Request.status == "accepted", col(Request.decided_at) > book.now - _LATELY)
        .order_by(col(Request.id).desc())
        .limit(1)
    )
    last = book.session.exec(query).first()
    return taken_over(book, last.id or 0) if last is not None else None


def taken_over(book: Book, request_id: int) -> Phrase | None:
    """Who has taken over what whoever acts was asked to take; None: nobody has, or he was not asked."""
    request = book.session.get(Request, request_id)
    step = book.session.get(Step, request.step_id) if request is not None and request.step_id is not None else None
    if request is None or step is None or request.kind != "handover" or request.status != "accepted":
        return None
    if book.by.key not in {request.asked_of, *request.facts.get("asked", ())} or request.decided_by == book.by.key:
        return None
    order, by = frame.order_of(book, step.order_id), frame.name(book, request.decided_by or GENDAN)
    return Phrase("handover.is_accepted", {"number": order.number, "step": step.name, "owner": by})
