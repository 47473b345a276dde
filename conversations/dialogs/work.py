"""Which piece of one's own work is meant: a step or exception, by button, number, name, context, or asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import col, or_, select

from conversations.dialogs.asking import Option, choose
from conversations.dialogs.context import MOST, from_context, orders_meant
from conversations.dialogs.conversation import Args, Asks, Conversation
from conversations.dialogs.guarding import those_found
from conversations.dialogs.reply import Reply
from store.messages import Fact, Phrase
from store.operations import frame as facts_of
from store.refusals import Invalid, NotFound
from store.tables import ExceptionCase, Order, Step


@dataclass(frozen=True, slots=True)
class Work:
    """An active step, or an open exception, with its order."""

    subject: Step | ExceptionCase
    order: Order

    @property
    def ref(self) -> tuple[str, int]:
        """How operations name it."""
        return ("step" if isinstance(self.subject, Step) else "exception", self.subject.id or 0)

    @property
    def owner(self) -> str:
        """Who answers for it."""
        return self.subject.owner if isinstance(self.subject, Step) else self.subject.handler

    @property
    def step_key(self) -> str | None:
        """The step it is, or at which the trouble is."""
        return self.subject.key if isinstance(self.subject, Step) else self.subject.step_key


_WITH_TROUBLE = ("open", "on_hold", "done")
"""Orders whose open exceptions are still somebody's work."""

Fits = Callable[[Conversation, Work], bool]


def any_work(_conv: Conversation, _work: Work) -> bool:
    """Steps, reviews and exceptions alike."""
    return True


def is_task(conv: Conversation, work: Work) -> bool:
    """A step that is done, not judged."""
    return isinstance(work.subject, Step) and kind_of(conv, work) != "review"


def is_review(conv: Conversation, work: Work) -> bool:
    """A review that waits for a judgement; one that was returned waits for its author instead."""
    return isinstance(work.subject, Step) and kind_of(conv, work) == "review" and work.subject.returned_at is None


def is_step(_conv: Conversation, work: Work) -> bool:
    """A step of either kind."""
    return isinstance(work.subject, Step)


def is_trouble(_conv: Conversation, work: Work) -> bool:
    """An exception."""
    return isinstance(work.subject, ExceptionCase)


def kind_of(conv: Conversation, work: Work) -> str:
    """Task | review."""
    assert isinstance(work.subject, Step)  # noqa: S101  # the callers have looked
    return facts_of.spec(conv.book, work.order, work.subject.key).kind or "task"


def work_of(conv: Conversation, order: Order | None = None, *, mine: bool = True) -> list[Work]:
    """Active steps and open exceptions, the most urgent first: one's own, or everybody's on one order."""
    if order is not None:
        found = [one for one in _on(conv, order) if not mine or conv.me.key in {one.owner, one.subject.assigned}]
    else:
        found = _everywhere(conv, mine=mine)
    return sorted(found, key=lambda one: (one.subject.due is None, one.subject.due or conv.now, one.subject.id))


def _on(conv: Conversation, order: Order) -> list[Work]:
    steps = facts_of.steps(conv.book, order) if order.status == "open" else []
    cases = facts_of.open_exceptions(conv.book, order) if order.status in _WITH_TROUBLE else []
    return [*(Work(step, order) for step in steps if step.status == "active"), *(Work(case, order) for case in cases)]


def _everywhere(conv: Conversation, *, mine: bool) -> list[Work]:
    session, me = conv.book.session, conv.me.key
    steps = select(Step, Order).join(Order, col(Order.id) == Step.order_id).where(Step.status == "active")
    cases = select(ExceptionCase, Order).join(Order, col(Order.id) == ExceptionCase.order_id)
    cases = cases.where(ExceptionCase.status == "open", col(Order.status).in_(_WITH_TROUBLE))
    steps = steps.where(Order.status == "open")
    if mine:
        steps = steps.where(or_(Step.owner == me, Step.assigned == me))
        cases = cases.where(or_(ExceptionCase.handler == me, ExceptionCase.assigned == me))
    found = [Work(subject, of) for subject, of in session.exec(steps).all()]
    return [*found, *(Work(subject, of) for subject, of in session.exec(cases).all())]


def work_meant(conv: Conversation, act: str, args: Args, fits: Fits = any_work, *, others: bool = False) -> list[Work]:
    """The work an act is about.

    Args:
        conv: the conversation.
        act: what to go on with when it has to be asked.
        args: `subject` as (kind, id), or `orders`, `step` (keys that may be meant).
        fits: which work comes into question.
        others: a colleague's work may be meant too, where one's own does not fit (the operation judges the right).

    Raises:
        Asks: several fit.
        NotFound: there is none, or none that he may see.
        Invalid: the order named has no such work now.
    """
    if args.get("subject"):
        return [by_ref(conv, args["subject"])]
    steps = tuple(args.get("step") or ())

    def _wanted(work: Work) -> bool:
        return fits(conv, work) and (not steps or work.step_key in steps)

    if args.get("orders") or args.get("customer") or args.get("product"):
        orders = orders_meant(conv, act, args)
        return those_found(
            conv,
            orders,
            lambda order: _on_order(conv, act, {**args, "orders": [order.number]}, order, _wanted, others),
        )
    own = [work for work in work_of(conv) if _wanted(work)]
    near = set(from_context(conv))
    card = _quoted_card(conv)
    chosen = [work for work in own if f"{work.ref[0]}:{work.ref[1]}" == card]
    chosen = chosen or [work for work in own if work.order.number in near] or own
    if len(chosen) == 1:
        return chosen
    if chosen:
        raise Asks(which_work(conv, act, args, chosen))
    if near and others:
        orders = orders_meant(conv, act, args)
        return [_on_order(conv, act, args, order, _wanted, others) for order in orders]
    raise NothingToDo(conv, steps)


def by_ref(conv: Conversation, ref: Sequence[Fact]) -> Work:
    """The work with this reference. Raises NotFound."""
    session, key = conv.book.session, int(ref[1])
    row = session.get(Step, key) if ref[0] == "step" else session.get(ExceptionCase, key)
    if row is None:
        raise NotFound(what=Phrase("desk.any_step"))
    return Work(row, facts_of.order_of(conv.book, row.order_id))


def which_work(conv: Conversation, act: str, args: Args, works: Sequence[Work]) -> Reply:
    """Ask which of these is meant, with a button each."""
    options: list[Option] = [(work_option(conv, work), list(work.ref)) for work in works[:MOST]]
    more = len(works) - MOST if len(works) > MOST else None
    question = Phrase("desk.ask.which_step", {"more": more})
    return choose(conv, act, args, "subject", question, options, listed=True).about(
        *(work.order.number for work in works[:MOST])
    )


def work_option(conv: Conversation, work: Work) -> Phrase:
    """A piece of work as the label of a button."""
    customer = facts_of.customer_name(conv.book, work.order.customer)
    return Phrase("desk.option.step", {"number": work.order.number, "step": work.subject.name, "customer": customer})


def _quoted_card(conv: Conversation) -> str | None:
    return conv.quoted.card if conv.quoted is not None else None


def _on_order(
    conv: Conversation, act: str, args: Args, order: Order, wanted: Callable[[Work], bool], others: bool
) -> Work:
    own = [work for work in work_of(conv, order) if wanted(work)]
    found = own or [work for work in work_of(conv, order, mine=False) if wanted(work)]
    if not found:
        raise no_such_work(conv, order)
    if len(found) > 1 and (own or others):
        raise Asks(which_work(conv, act, {**args, "orders": None}, found))
    return found[0]


def no_such_work(conv: Conversation, order: Order) -> Invalid:
    """The refusal for an order that has no such work now, with what there is instead."""
    active = [
        Phrase("desk.active_step", {"step": step.name, "owner": facts_of.owner_name(conv.book, step)})
        for step in facts_of.steps(conv.book, order)
        if step.status == "active"
    ]
    status = Phrase(f"order.state.{order.status}")
    return Invalid("refused.no_such_work", number=order.number, status=status, active=active or None)


class NothingToDo(Invalid):
    """Nothing of one's own is waiting, or nothing of that step."""

    def __init__(self, conv: Conversation, steps: Sequence[str]) -> None:
        names = {one.key: one.name.raw for flow in conv.company.flows.values() for one in flow.steps}
        super().__init__("refused.nothing_to_do", steps=[names[key] for key in steps if key in names] or None)
