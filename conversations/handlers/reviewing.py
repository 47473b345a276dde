"""Judging: reviews, single changed fields, and what else waits for a yes or no; taking back one's own last change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from conversations.dialogs.asking import Option, ask, choose
from conversations.dialogs.context import MOST, from_context
from conversations.dialogs.conversation import Args, Asks, Conversation
from conversations.dialogs.figures import FIGURE, as_args, figures_in, figures_named
from conversations.dialogs.formwords import other_numbers
from conversations.dialogs.guarding import each
from conversations.dialogs.reading import amount_of, args_of, day_of, plain
from conversations.dialogs.reply import Reply, button, say
from conversations.dialogs.work import is_review, is_task, no_such_work, work_of
from conversations.handlers.helping import nothing_open
from conversations.handlers.working import completed
from conversations.understanding.intents import Understood
from store.messages import Choice, Phrase
from store.operations import frame as facts_of
from store.operations.changing import decide_change, pending_changes
from store.operations.flow_changes import wanted_change
from store.operations.handovers import decide_request, pending_requests
from store.operations.reviews import FiguresNeeded, approve_review, pending_reviews, return_review, wanted_figures
from store.operations.taking_back import take_back
from store.reads.seeing import find_order
from store.refusals import Invalid, NotFound
from store.tables import Change, Order, Request, Step, UndoRecord

_FIGURES_LOOK_LIKE = frozenset({"order.change", "order.place", "money.receive", "order.show", "number", "answer"})
"""What a line of figures may be taken for."""

_AGREES, _MOVES = frozenset({"review.approve", "yes", "handover.accept"}), frozenset({"step.postpone", "order.change"})

Judged = tuple[str, int, Order | None, Phrase]
"""What waits for a word: its kind, its row, its order, what it is called."""


def waiting_for(conv: Conversation, *kinds: str) -> list[Judged]:
    """Everything that waits for this person's yes or no, of these kinds: step | change | request | flow."""
    found: list[Judged] = []
    if "step" in kinds:
        for order, step in pending_reviews(conv.book):
            found.append(("step", step.id or 0, order, _label(conv, order, step.name)))
    if "change" in kinds:
        for change in pending_changes(conv.book, conv.me.key):
            order = facts_of.order_of(conv.book, change.order_id)
            found.append(
                (
                    "change",
                    change.id or 0,
                    order,
                    _label(conv, order, facts_of.field_name(conv.book, order, change.field)),
                )
            )
    if "request" in kinds:
        for request in pending_requests(conv.book, kinds=("handover", "promise", "change_notice", "suggestion")):
            about = facts_of.order_of(conv.book, request.order_id) if request.order_id else None
            found.append(
                ("request", request.id or 0, about, _label(conv, about, Phrase(f"request.kind.{request.kind}")))
            )
    if "flow" in kinds:
        found += [
            ("flow", one.id or 0, None, _label(conv, None, wanted_change(conv.book, one)))
            for one in pending_requests(conv.book, kinds=("flow_change",))
        ]
    return found


def _label(conv: Conversation, order: Order | None, what: Any) -> Phrase:
    if order is None:
        return Phrase("desk.option.named", {"name": what})
    customer = facts_of.customer_name(conv.book, order.customer)
    return Phrase("desk.option.step", {"number": order.number, "step": what, "customer": customer})


def _meant(conv: Conversation, act: str, args: Args, *kinds: str) -> tuple[str, int]:
    """Which of the things that wait is meant: the only one, or asked."""
    if args.get("subject"):
        kind, row = args["subject"]
        return str(kind), int(row)
    waiting = waiting_for(conv, *kinds)
    if args.get("orders"):
        return _on_orders(conv, args, waiting)
    near = set(conv.quoted.orders) if conv.quoted is not None else set()
    chosen = [one for one in waiting if one[2] is not None and one[2].number in near] or waiting
    if len(chosen) > 1 and conv.quoted is None and conv.spoken:
        chosen = [one for one in chosen if one[2] is not None and one[2].number in from_context(conv)] or chosen
    if not chosen:
        raise Invalid("refused.nothing_to_judge")
    if len(chosen) == 1:
        return chosen[0][0], chosen[0][1]
    options: list[Option] = [(label, [kind, row]) for kind, row, _order, label in chosen[:MOST]]
    numbers = [order.number for _, _, order, _ in chosen[:MOST] if order is not None]
    raise Asks(
        choose(conv, act, args, "subject", Phrase("desk.ask.which_review"), options, listed=True).about(*numbers)
    )


def _on_orders(conv: Conversation, args: Args, waiting: list[Judged]) -> tuple[str, int]:
    orders = find_order(conv.book, conv.me.key, args["orders"][0])
    if not orders:
        raise NotFound(what=args["orders"][0])
    numbers = {order.number for order in orders}
    for kind, row, order, _ in waiting:
        if order is not None and order.number in numbers:
            return kind, row
    step = _active_review(conv, orders[0])
    if step is not None:
        return "step", step.id or 0
    raise no_such_work(conv, orders[0])


def _active_review(conv: Conversation, order: Order) -> Step | None:
    return next(
        (
            step
            for step in facts_of.steps(conv.book, order)
            if step.status == "active" and facts_of.is_review(conv.book, order, step)
        ),
        None,
    )


def approve(conv: Conversation, args: Args) -> Reply:
    """«通过»: the only thing that waits for it, or asked which; where no review waits, what else one was asked."""
    words = str(args.get("words") or "")
    if args.get("orders") and not args.get("subject"):
        args = {**args, "orders": other_numbers(words, args["orders"], figures_named(words)) or None}
        if len(args["orders"] or ()) > 1:
            return each(conv, args["orders"], lambda one: approve(conv, {**args, "orders": [one]}))
    kinds = _kinds(conv, args)
    kind, row = _meant(conv, "review.approve", args, *kinds)
    return _APPROVE[kind](conv, {**args, "subject": [kind, row]}, row)


def typed_figures(conv: Conversation, understood: Understood) -> Reply | None:
    """All the figures that a blind review of one's own wants, typed without a word of approval: that is its answer."""
    if conv.is_contact or any(one.name not in _FIGURES_LOOK_LIKE for one in understood.intents):
        return None
    if not figures_named(understood.raw):
        return None
    near = {number for one in understood.intents for number in args_of(one).get("orders") or ()}
    for order, step in pending_reviews(conv.book):
        wanted = wanted_figures(conv.book, order, step)
        given = figures_in(conv, understood.raw, wanted) if wanted and (not near or order.number in near) else {}
        if given and set(given) == set(wanted):
            return conv.go_on("review.approve", {"subject": ["step", step.id], **as_args(given)})
    return None


def agreed_day(conv: Conversation, understood: Understood) -> Reply | None:
    """«同意，改到12月21号» of him who was asked whether a promise may move: one thing, however many it looks like."""
    names = {one.name for one in understood.intents}
    if not names & _AGREES or names - _AGREES - _MOVES or waiting_for(conv, "step", "change"):
        return None
    return None if any("orders" in one.slots for one in understood.intents) else stated_day(conv, understood)


def _kinds(conv: Conversation, args: Args) -> tuple[str, ...]:
    """What a yes or no may be about: reviews before requests, unless an order or a message was pointed at."""
    if args.get("agree"):
        return ("request", "change", "step", "flow")
    if args.get("orders") or (conv.quoted is not None and (conv.quoted.card or "").startswith("request:")):
        return ("step", "change", "request")
    return ("step", "change") if waiting_for(conv, "step", "change") else ("request", "flow")


def _approve_step(conv: Conversation, args: Args, row: int) -> Reply:
    read = {} if args.get("words") else dict(args.get("figures") or {})
    figures = {key: _figure(conv, key, value) for key, value in read.items()}
    figures |= {
        key.removeprefix(FIGURE): _figure(conv, key, value) for key, value in args.items() if key.startswith(FIGURE)
    }
    try:
        done = approve_review(conv.book, row, args.get("version"), figures or None)
    except FiguresNeeded as needed:
        given = figures_in(conv, str(args.get("words") or ""), needed.facts["keys"])
        if given:
            return _approve_step(conv, {**args, "words": None, **as_args(given)}, row)
        return _ask_figure(conv, args, needed)
    return completed(conv, done)


def _figure(conv: Conversation, key: str, value: Any) -> Any:
    if key.endswith("promise_date"):
        return day_of(conv, value) or value
    if isinstance(value, list | tuple):
        return [amount_of(one) for one in value]
    found = amount_of(value)
    return value if found is None else found


def _ask_figure(conv: Conversation, args: Args, needed: FiguresNeeded) -> Reply:
    keys, names = needed.facts["keys"], needed.facts["fields"]
    facts = {"number": needed.facts["number"], "field": names[0]}
    expects = (
        "date" if keys[0] == "promise_date" else "number" if keys[0] in {"amount", "quantity", "price"} else "field"
    )
    going, question = {**args, "orders": None, "wanted": list(keys)}, Phrase("desk.ask.figure", facts)
    reply = ask(conv, "review.approve", going, f"{FIGURE}{keys[0]}", question, expects=expects)
    return reply.about(str(needed.facts["number"]))


def _approve_change(conv: Conversation, args: Args, row: int) -> Reply:
    change = decide_change(conv.book, row, args.get("version"), True)
    return _decided_change(conv, change, "desk.change_approved")


def _approve_request(conv: Conversation, args: Args, row: int) -> Reply:
    on = args.get("on") or dict(args.get("figures") or {}).get("promise_date")
    return decide(conv, {**args, "accept": True, "subject": ["request", row], "on": on})


def said_yes(conv: Conversation, args: Args) -> Reply:
    """A bare yes outside any dialog: to the one request that waits for it, if there is just one."""
    return _in_words(conv, args, accept=True)


def said_no(conv: Conversation, args: Args) -> Reply:
    """A bare no outside any dialog, likewise."""
    return _in_words(conv, args, accept=False)


def _in_words(conv: Conversation, args: Args, *, accept: bool) -> Reply:
    waiting = waiting_for(conv, "request", "flow")
    if len(waiting) > 1 and not waiting_for(conv, "step", "change"):
        return conv.go_on("review.approve" if accept else "review.return", {**args, "agree": True})
    if len(waiting) != 1 or waiting_for(conv, "step", "change"):
        return nothing_open(conv, args)
    if waiting[0][0] == "flow":
        return conv.go_on("flow.publish", {"request": waiting[0][1], "accept": accept})
    return decide(conv, {"accept": accept, "subject": ["request", waiting[0][1]]})


def stated_day(conv: Conversation, understood: Understood) -> Reply | None:
    """A day said by him who was asked whether a promise may move: he agrees, to that day."""
    waiting = pending_requests(conv.book, kinds=("promise",))
    card = conv.quoted.card if conv.quoted is not None else None
    pointed = [one for one in waiting if card == f"request:{one.id}"]
    days = [plain(one.value) for one in understood.entities.of("date")]
    meant = pointed or ([] if understood.unread else waiting)
    if len(meant) != 1 or len(days) != 1:
        return None
    return decide(conv, {"accept": True, "subject": ["request", meant[0].id], "on": days[0]})


def send_back(conv: Conversation, args: Args) -> Reply:
    """«退回»: the reason goes to the author, and the order waits for his change."""
    if len(args.get("orders") or ()) > 1 and args.get("reason") and not args.get("subject"):
        return each(conv, args["orders"], lambda one: send_back(conv, {**args, "orders": [one]}))
    kind, row = _meant(conv, "review.return", args, *_kinds(conv, args))
    if kind == "request":
        return decide(conv, {**args, "accept": False, "subject": [kind, row]})
    if kind == "flow":
        return conv.go_on("flow.publish", {"request": row, "accept": False})
    if not args.get("reason"):
        order = _order_of(conv, kind, row)
        facts = {"number": order.number if order else None}
        return ask(conv, "review.return", {**args, "subject": [kind, row]}, "reason",
                   Phrase("desk.ask.return_reason", facts), expects="reason")  # fmt: skip
    if kind == "change":
        change = decide_change(conv.book, row, args.get("version"), False, args["reason"])
        return _decided_change(conv, change, "desk.change_refused")
    done = return_review(conv.book, row, args["reason"], args.get("version"))
    author = conv.name(done.order.changed_by)
    return (
        say("desk.returned", number=done.order.number, author=author, reason=args["reason"])
        .about(done.order.number)
        .offering(button("button.undo", "undo"))
    )


def _order_of(conv: Conversation, kind: str, row: int) -> Order | None:
    tables: dict[str, type[Any]] = {"step": Step, "change": Change, "request": Request}
    subject = conv.book.session.get(tables[kind], row)
    order_id = getattr(subject, "order_id", None)
    return facts_of.order_of(conv.book, order_id) if order_id else None


def _decided_change(conv: Conversation, change: Change, key: str) -> Reply:
    order = facts_of.order_of(conv.book, change.order_id)
    field = facts_of.field_name(conv.book, order, change.field)
    return say(key, number=order.number, field=field, by=conv.name(change.asked_by)).about(order.number)


def _approve_flow(conv: Conversation, args: Args, row: int) -> Reply:
    del args
    return conv.go_on("flow.publish", {"request": row, "accept": True})


_APPROVE = {"step": _approve_step, "change": _approve_change, "request": _approve_request, "flow": _approve_flow}


def accept(conv: Conversation, args: Args) -> Reply:
    """Take over what was offered, agree to what was asked; with nothing asked, «我接了» is about work that is there."""
    if not args.get("subject") and not _asked_about(conv, args):
        return conv.go_on("step.acknowledge", {**args, "claims": True})
    return decide(conv, {**args, "accept": True})


def _asked_about(conv: Conversation, args: Args) -> bool:
    """Whether one of the requests that wait for this person is about the orders that he names, if he names any."""
    waiting = [order for _, _, order, _ in waiting_for(conv, "request")]
    if not args.get("orders"):
        return bool(waiting)
    numbers = {order.number for named in args["orders"] for order in find_order(conv.book, conv.me.key, named)}
    return any(order is not None and order.number in numbers for order in waiting)


def decline(conv: Conversation, args: Args) -> Reply:
    """The opposite."""
    return decide(conv, {**args, "accept": False})


def decide(conv: Conversation, args: Args) -> Reply:
    """Say yes or no to what one was asked."""
    act = "handover.accept" if args["accept"] else "handover.decline"
    _kind, row = _meant(conv, act, args, "request")
    on = day_of(conv, args.get("on"))
    done = decide_request(conv.book, row, args.get("version"), args["accept"], reason=args.get("reason"), on=on)
    key = f"desk.request_{'accepted' if args['accept'] else 'declined'}"
    number = done.order.number if done.order else None
    reply = say(key, what=Phrase(f"request.kind.{done.request.kind}"), number=number)
    if done.order is not None:
        reply = reply.about(done.order.number).offering(button("button.details", f"order.show:{done.order.number}"))
    return reply


def undo(conv: Conversation, args: Args) -> Reply:
    """Take back one's own last change, or the one that the pressed message reported."""
    undo_id = args.get("undo") or _reported(conv)
    done = take_back(conv.book, undo_id)
    facts = {"what": Phrase(f"did.{done.what}"), "orders": list(done.orders) or None}
    return say("desk.taken_back", **facts).about(*done.orders).offering(*_work_again(conv, done.orders))


def _work_again(conv: Conversation, numbers: Sequence[str]) -> list[Choice]:
    """What is to be done again, as buttons: the cards that said it was done have none."""
    again = [work for work in work_of(conv) if work.order.number in numbers]
    for work in again:
        mark = f"{work.subject.id}.{work.subject.version}"
        if is_task(conv, work):
            return [button("button.done", f"step.done:{mark}")]
        if is_review(conv, work):
            return [
                button("button.approve", f"review.approve:{mark}"),
                button("button.return", f"review.return:{mark}"),
            ]
    return []


def _reported(conv: Conversation) -> int | None:
    """The undo record of what the pressed answer told of; -1, which nothing has, when there is none."""
    if conv.pressed is None:
        return None
    query = select(UndoRecord).where(UndoRecord.who == conv.me.key).order_by(col(UndoRecord.id).desc()).limit(50)
    row = next((one for one in conv.book.session.exec(query) if conv.pressed.id in one.outbox), None)
    if row is None:
        raise Invalid("refused.undo_nothing")
    return row.id
