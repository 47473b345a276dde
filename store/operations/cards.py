"""The letters that show one step, exception or request as a card: drawn here and nowhere else.

A card is phone-short: number and customer, what is to do, the lines, the due moment, and the next likely actions as
buttons. One condition is one card (`Outbox.card`): when the condition moves on, `refresh_card` and `retire_card`
replace what was sent, on every platform where it was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from sqlalchemy import bindparam
from sqlmodel import col, or_

from store.book import Book, put_letter
from store.company.models import StepPart
from store.messages import Choice, Fact, Letter, Money, Phrase, is_named, pack_letter
from store.operations import frame
from store.plain import AnyLine, AnyOrder, AnyStep
from store.reads.seeing import may_see
from store.rules.reviewing import is_blind
from store.session import Rows
from store.tables import ExceptionCase, Order, Outbox, Request, Step

MAX_LINES = 4
REST = ("claimed", "pending", "sent")

Says = tuple[Phrase, ...]


def button(label: str, action: str) -> Choice:
    """A button with one of the common labels ("ack" is `button.ack`)."""
    return Choice(_label(label), action)


@cache
def _label(name: str) -> Phrase:
    return Phrase(f"button.{name}")


# --- cards --------------------------------------------------------------------------------------------------------


def step_card(book: Book, order: AnyOrder, step: AnyStep, headline: Phrase, *more: Phrase) -> Letter:
    """A step as its owner sees it, with what he may do next; a review with its figures, or without them when blind."""
    spec = frame.spec(book, order, step.key)
    if spec.kind == "review":
        return _review_card(book, order, step, headline, more)
    says = (
        headline,
        _title(book, order),
        _task(book, step),
        *lines_of(book, order),
        _promise(order),
        *_due(step.due, Phrase("card.due", {"due": step.due})),
        *_form_hint(spec, step),
        *_troubles(book, order, step),
        *more,
    )
    return Letter(says, _step_choices(book, order, step) if step.status == "active" else _details(order))


def review_is_blind(book: Book, order: Order, step: Step) -> bool:
    """Whether this review's figures are hidden from its reviewer."""
    spec = frame.spec(book, order, step.key)
    return spec.kind == "review" and is_blind(order.amount, spec.blind_above)


def exception_card(
    book: Book, order: AnyOrder, case: ExceptionCase, headline: Phrase, reader: str | None = None
) -> Letter:
    """An exception: to its handler with the ways to end it, to the owner of a step that has to tick it with the tick.

    Args:
        book: the unit of work.
        order: the exception's order.
        case: the exception.
        headline: why the reader gets it.
        reader: who gets it; None is the handler.
    """
    facts = {
        "kind": case.name,
        "note": case.note or None,
        "by": frame.name(book, case.opened_by),
        "handler": frame.who(book, case.handler, case.assigned),
    }
    says = (headline, _title(book, order), Phrase("card.exception", facts),
            *_due(case.due, Phrase("card.due", {"due": case.due})))  # fmt: skip
    if case.status != "open":
        return Letter((*says, Phrase("card.solution", {"solution": case.solution})), _details(order))
    handles = reader is None or reader == case.handler
    ticks = [] if reader is None else _ticks(book, order, case, reader)
    choices: list[Choice] = [button("tick", f"exception.tick:{case.id}.{key}") for key in ticks]
    if handles:
        if case.acknowledged_until is None or case.acknowledged_until <= book.now:
            choices.append(button("ack", f"exception.ack:{case.id}.{case.version}"))
        choices.append(button("solved", f"exception.close:{case.id}.{case.version}"))
    return Letter(says, (*choices, *_details(order)))


def request_card(book: Book, request: Request, headline: Phrase) -> Letter:
    """What somebody is asked to decide, with both answers as buttons while it is pending."""
    order = frame.order_of(book, request.order_id) if request.order_id is not None else None
    title = (_title(book, order),) if order is not None else ()
    body = tuple(_request_lines(book, order, request))
    if request.status != "pending":
        return Letter((headline, *title, *body), _details(order) if order else ())
    mark = f"{request.id}.{request.version}"
    choices: dict[str, tuple[Choice, ...]] = {
        "handover": (button("accept", f"request.accept:{mark}"), button("decline", f"request.decline:{mark}")),
        "promise": (button("agree", f"request.accept:{mark}"), button("disagree", f"request.decline:{mark}")),
        "change_notice": (button("ack", f"request.accept:{mark}"),),
        "notice_draft": (
            button("send", f"notice.send:{mark}"),
            button("edit", f"notice.edit:{mark}"),
            button("not_now", f"notice.drop:{mark}"),
        ),
        "suggestion": (button("adopt", f"request.accept:{mark}"), button("not_adopt", f"request.decline:{mark}")),
    }
    seen = order is not None and (request.kind != "handover" or may_see(book, request.asked_of, order))
    details = _details(order) if order is not None and seen else ()  # who may see it first when it is his own
    return Letter((headline, *title, *body), (*choices.get(request.kind, ()), *details))


def order_card(book: Book, order: Order, headline: Phrase, *more: Phrase, choices: Sequence[Choice] = ()) -> Letter:
    """An order in short: customer, lines, promise date; further buttons stand before «details»."""
    says = (headline, _title(book, order), *lines_of(book, order), _promise(order), *more)
    return Letter(says, (*choices, *_details(order)))


# --- parts --------------------------------------------------------------------------------------------------------


def lines_of(book: Book, order: AnyOrder, *, prices: bool = False, figures: bool = True) -> Says:
    """The order's items in short, a phrase each; beyond a few the rest is counted."""
    rows = frame.shown_lines(book, order)
    shown = rows if len(rows) <= MAX_LINES else rows[: MAX_LINES - 1]
    says = [_line(order, row, prices=prices, figures=figures) for row in shown]
    if len(shown) < len(rows):
        says.append(Phrase("card.more_lines", {"count": len(rows) - len(shown)}))
    return tuple(says)


def _line(order: AnyOrder, row: AnyLine, *, prices: bool, figures: bool) -> Phrase:
    facts: dict[str, Fact] = {"product": row.name}
    if figures:
        facts |= {"quantity": row.quantity, "unit": row.unit}
        if Decimal(0) < row.shipped < row.quantity:
            facts["shipped"] = row.shipped
        if prices:
            facts["price"] = Money(row.price, order.currency)
    return Phrase("card.line", facts)


def _title(book: Book, order: AnyOrder) -> Phrase:
    return Phrase("card.title", {"number": order.number, "customer": frame.customer_name(book, order.customer)})


def _task(book: Book, step: AnyStep) -> Phrase:
    covered = frame.name(book, step.assigned) if step.assigned else None
    return Phrase("card.task", {"step": step.name, "covered": covered})


def _promise(order: AnyOrder) -> Phrase:
    return Phrase("card.promise", {"promise": order.promise_date})


def _due(due: Fact, phrase: Phrase) -> Says:
    return () if due is None else (phrase,)


def _form_hint(spec: StepPart, step: AnyStep) -> Says:
    """What the form will ask, so that it can be typed at once."""
    wanted = [one.name.raw for one in spec.form if one.required and not step.fields.get(one.field)]
    return (Phrase("card.form", {"fields": wanted}),) if wanted and step.status == "active" else ()


def _troubles(book: Book, order: AnyOrder, step: AnyStep) -> Says:
    """Requests that this step's owner has to tick first, and open trouble at his step."""
    if not frame.exceptions(book, order):
        return ()
    first = frame.to_tick(book, order, step.key)
    others = [
        case
        for case in frame.open_exceptions(book, order)
        if case not in first and (case.step_key == step.key or step.key in case.ticks)
    ]
    return (
        *(Phrase("card.to_tick", {"kind": case.name, "note": case.note or None}) for case in first),
        *(Phrase("card.trouble", {"kind": case.name, "note": case.note or None}) for case in others),
    )


def _step_choices(book: Book, order: AnyOrder, step: AnyStep) -> tuple[Choice, ...]:
    mark = f"{step.id}.{step.version}"
    resting = step.acknowledged_until is not None and step.acknowledged_until > book.now
    first = () if resting else (button("ack", f"step.ack:{mark}"),)
    last = (button("snooze", f"step.snooze:{mark}"),) if resting else ()
    ticks = (button("tick", f"exception.tick:{case.id}.{step.key}") for case in frame.to_tick(book, order, step.key))
    return (
        *ticks,
        *first,
        button("done", f"step.done:{mark}"),
        button("postpone", f"step.postpone:{mark}"),
        button("problem", f"step.problem:{mark}"),
        *last,
    )


def _review_card(book: Book, order: AnyOrder, step: AnyStep, headline: Phrase, more: Says) -> Letter:
    spec = frame.spec(book, order, step.key)
    blind = is_blind(order.amount, spec.blind_above)
    hidden = frozenset(spec.fields or ()) if blind else frozenset()
    says: list[Phrase] = [headline, _title(book, order), _task(book, step)]
    says += lines_of(book, order, prices=not blind, figures=not blind)
    if not blind:
        says.append(Phrase("card.amount", {"amount": Money(order.amount, order.currency)}))
    if "promise_date" not in hidden:
        says.append(_promise(order))
    says += [
        Phrase("card.field", {"field": label, "value": value})
        for key, label, value in frame.order_fields(book, order)
        if key not in hidden
    ]
    if blind:
        says.append(Phrase("card.blind", {"fields": [frame.field_name(book, order, key) for key in spec.fields or ()]}))
    says += _due(step.due, Phrase("card.review_due", {"due": step.due}))
    if step.returned_at is not None:
        says.append(Phrase("card.returned", {"reason": step.return_reason}))
    says += more
    if step.status != "active" or step.returned_at is not None:
        return Letter(tuple(says), _details(order))
    mark = f"{step.id}.{order.version}"
    return Letter(tuple(says), (button("approve", f"review.approve:{mark}"), button("return", f"review.return:{mark}")))


def _request_lines(book: Book, order: Order | None, request: Request) -> Says:
    facts = dict(frame.facts_of(request))
    step = book.session.get(Step, request.step_id) if request.step_id is not None else None
    if step is not None:
        facts.setdefault("step", step.name)
    if request.kind == "handover" and step is not None and order is not None:
        facts |= {"from": frame.name(book, request.asked_by), "until": request.lapses_at}
        due = _due(step.due, Phrase("card.due", {"due": step.due}))
        return (_task(book, step), *lines_of(book, order), *due, Phrase("request.handover.body", facts))
    return (Phrase(f"request.{request.kind}.body", facts),)


def _ticks(book: Book, order: AnyOrder, case: ExceptionCase, reader: str) -> list[str]:
    owners = {step.key: step.owner for step in frame.steps(book, order)}
    return [key for key, tick in case.ticks.items() if not tick and owners.get(key) == reader]


def _details(order: AnyOrder) -> tuple[Choice, ...]:
    return (button("details", f"order.show:{order.number}"),)


# --- cards already sent -------------------------------------------------------------------------------------------


def retire_card(book: Book, card: str, letter: Letter, *, only: str | None = None, but: str | None = None) -> None:
    """The condition has ended (or is another's): replace every card of it that was sent, and drop what still waits.

    Args:
        book: the unit of work.
        card: the condition, such as "step:42".
        letter: what the card says from now on; its buttons are taken away.
        only: only the cards of this person.
        but: not the cards of this person.
    """
    last = Letter(letter.says, files=letter.files)
    rows = _rows(book, card, only, but)
    live = _live(rows)
    for row in rows:
        if row.status == "pending" and row.kind == "edit" and row.edits not in live:
            put_letter(row, last)  # its card has lost its buttons already: this is the only edit still to come
        elif row.status == "pending" and row.kind != "answer":
            row.status = "dropped"
        elif row.status in REST and row.buttons_live:
            _edit(book, row, last)
            row.buttons_live = False
        book.session.add(row)


def refresh_card(book: Book, card: str, letter: Letter, *, only: str | None = None, but: str | None = None) -> None:
    """The condition looks different now: the same as retire_card, with new buttons and what waits said anew."""
    rows = _rows(book, card, only, but)
    live = _live(rows)
    for row in rows:
        if row.status == "pending" and row.kind == "edit":
            row.status = "dropped" if row.edits in live else row.status
        elif row.status == "pending" and row.kind == "push":
            put_letter(row, letter)
        elif row.status in REST and row.buttons_live:
            _edit(book, row, letter)
        book.session.add(row)


def _live(rows: Sequence[Outbox]) -> set[int | None]:
    """The messages shown that still have their buttons: each gets an edit of its own."""
    return {row.edits or row.id for row in rows if row.status in REST and row.buttons_live}


_SHOWN = Rows(
    Outbox,
    col(Outbox.card) == bindparam("card"),
    or_(*(col(Outbox.status) == one for one in REST)),
    order=(col(Outbox.id),),
)


def _rows(book: Book, card: str, only: str | None, but: str | None) -> list[Outbox]:
    return [
        row
        for row in book.session.find(_SHOWN, card=card)
        if (only is None or row.person == only) and (but is None or row.person != but)
    ]


def _edit(book: Book, row: Outbox, letter: Letter) -> None:
    edit = Outbox(
        person=row.person,
        channel=row.sent_via or row.channel,
        account=row.account,
        conversation=row.conversation,
        group=row.group,
        kind="edit",
        rule=row.rule,
        urgent=row.urgent,
        body=pack_letter(letter),
        named=is_named(letter),
        edits=row.edits or row.id,
        card=row.card,
        order_id=row.order_id,
        orders=list(row.orders),
        created_at=book.now,
        send_at=book.now,
    )
    book.post(edit)
