"""Problems: reported and ticked at once; closing one needs a word on how it was solved."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sqlmodel import col, select

from conversations.dialogs.asking import Option, ask, choose
from conversations.dialogs.context import from_context, open_orders, orders_meant
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.guarding import each
from conversations.dialogs.reply import Reply, button, say
from conversations.dialogs.work import NothingToDo, by_ref, is_trouble, work_meant, work_of
from conversations.understanding.lexicon import lexicon
from store.company.models import ExceptionPart
from store.datafiles import read_data
from store.messages import Phrase
from store.operations import frame as facts_of
from store.operations.exceptions import OTHER, close_exception, open_exception, tick
from store.refusals import Invalid
from store.tables import ExceptionCase, Order, Step

_UNDO = button("button.undo", "undo")


def report(conv: Conversation, args: Args) -> Reply:
    """An exception of its kind opens with handler and limit; people concerned are told."""
    if args.get("subject"):
        work = by_ref(conv, args["subject"])
        args = {
            **args,
            "orders": [work.order.number],
            "step": [work.step_key] if work.step_key else None,
            "subject": None,
        }
    orders = orders_meant(conv, "problem.report", _near_own(conv, args))
    if not args.get("note"):
        numbers = [order.number for order in orders]
        return ask(conv, "problem.report", {**args, "orders": numbers}, "note",
                   Phrase("desk.ask.problem", {"numbers": numbers})).about(*numbers)  # fmt: skip
    return each(conv, orders, lambda order: _report(conv, args, order))


def _near_own(conv: Conversation, args: Args) -> Args:
    """Without a number: the only order one is working on stands near.

    Goods that no order in sight has are what is lacking, and say nothing of the order.
    """
    args = {**args}
    if args.get("product") and not open_orders(conv, products=args["product"], limit=1):
        args["product"] = None
    if args.get("orders") or args.get("customer") or args.get("product"):
        return args
    own = {work.order.number for work in work_of(conv)}
    if not from_context(conv) and len(own) == 1:
        return {**args, "orders": list(own)}
    return args


def _report(conv: Conversation, args: Args, order: Order) -> Reply:
    kinds = {one.kind: one for one in facts_of.flow_of(conv.book, order).part.exceptions}
    kind = next((key for key in args.get("kind") or () if key in kinds), None) or _kind_in(kinds, str(args["note"]))
    step = (args.get("step") or [None])[0]
    known = {one.key for one in facts_of.steps(conv.book, order)}
    done = open_exception(conv.book, order.number, kind or OTHER, str(args["note"]), step if step in known else None)
    facts = {
        "number": order.number,
        "kind": done.case.name,
        "handler": facts_of.owner_name(conv.book, done.case),
        "due": done.case.due,
        "note": done.case.note,
    }
    return Reply((Phrase("desk.problem_open" if done.new else "desk.problem_added", facts),), (_UNDO,)).about(
        order.number
    )


def _kind_in(kinds: Mapping[str, ExceptionPart], note: str) -> str | None:
    """The kind whose words stand in the note, the longest word winning; else the kind that general words mean."""
    said = note.casefold()
    own = {key: [word.casefold() for word in (*one.words, *one.name.all)] for key, one in kinds.items()}
    hits = [(len(word), key) for key, words in own.items() for word in words if word in said]
    if hits:
        return max(hits)[1]
    for words in _general().values():
        if any(word in said for word in words):
            fitting = [key for key in kinds if key in words or not words.isdisjoint(own[key])]
            if fitting:
                return fitting[0]
    if any(word in said for word in _special_words()):
        return next(
            (key for key, one in kinds.items() if one.acknowledged_by), "special" if "special" in kinds else None
        )
    return None


@lru_cache(maxsize=1)
def _general() -> Mapping[str, frozenset[str]]:
    """Words for kinds of trouble that most companies have."""
    return {kind: frozenset(map(str.casefold, words)) for kind, words in read_data(__file__, "troubles.yaml").items()}


@lru_cache(maxsize=1)
def _special_words() -> frozenset[str]:
    """How a customer's special request is spoken of."""
    return frozenset(word for word, concepts in lexicon().words.items() if "special" in concepts)


def solve(conv: Conversation, args: Args) -> Reply:
    """Close an exception with how it was solved."""
    works = work_meant(conv, "problem.solve", args, is_trouble, others=True)
    if not args.get("solution"):
        going = {**args, "subject": list(works[0].ref), "orders": None} if len(works) == 1 else args
        facts = {"number": works[0].order.number, "kind": works[0].subject.name}
        return ask(conv, "problem.solve", going, "solution", Phrase("desk.ask.solution", facts)).about(
            works[0].order.number
        )

    def _one(ref: tuple[str, int]) -> Reply:
        work = by_ref(conv, ref)
        case = close_exception(conv.book, ref[1], str(args["solution"]), args.get("version"))
        facts = {"number": work.order.number, "kind": case.name, "solution": case.solution}
        return Reply((Phrase("desk.problem_closed", facts),), (_UNDO,)).about(work.order.number)

    return each(conv, [work.ref for work in works], _one)


def note_taken(conv: Conversation, args: Args) -> Reply:
    """The owner of a step ticks a special request."""
    if args.get("exception"):
        return _tick(conv, int(args["exception"]), str(args["step_key"]))
    waiting = [(case, key) for case, key in to_tick(conv)]
    if args.get("orders"):
        ids = {order.id for order in orders_meant(conv, "problem.tick", args)}
        waiting = [one for one in waiting if one[0].order_id in ids]
    if not waiting:
        raise Invalid("refused.nothing_to_tick")
    if len(waiting) == 1:
        return _tick(conv, waiting[0][0].id or 0, waiting[0][1])
    options: list[Option] = []
    for case, _key in waiting[:8]:
        order = facts_of.order_of(conv.book, case.order_id)
        customer = facts_of.customer_name(conv.book, order.customer)
        options.append(
            (
                Phrase("desk.option.step", {"number": order.number, "step": case.name, "customer": customer}),
                [order.number],
            )
        )
    return choose(conv, "problem.tick", args, "orders", Phrase("desk.ask.which_step", {}), options)


def to_tick(conv: Conversation) -> list[tuple[ExceptionCase, str]]:
    """Special requests that wait for his tick, each with the step at which."""
    mine = {
        (step.order_id, step.key)
        for step in conv.book.session.exec(
            select(Step).where(Step.owner == conv.me.key, col(Step.status).in_(("active", "waiting")))
        )
    }
    cases = conv.book.session.exec(
        select(ExceptionCase).where(col(ExceptionCase.order_id).in_({one for one, _ in mine}))
    )
    return [
        (case, key) for case in cases for key, done in case.ticks.items() if not done and (case.order_id, key) in mine
    ]


def _tick(conv: Conversation, exception_id: int, step_key: str) -> Reply:
    case = tick(conv.book, exception_id, step_key)
    order = facts_of.order_of(conv.book, case.order_id)
    step = next(one for one in facts_of.steps(conv.book, order) if one.key == step_key)
    facts = {"number": order.number, "kind": case.name, "note": case.note, "step": step.name}
    done = (button("button.done", f"step.done:{step.id}.{step.version}"),) if step.status == "active" else ()
    return Reply((Phrase("desk.ticked", facts),), (*done, _UNDO)).about(order.number)


__all__ = ["NothingToDo", "note_taken", "report", "say", "solve", "to_tick"]
