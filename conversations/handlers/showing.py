"""Where an order is, how it came there, and why it is late. Customers hear public stages, dates and fields only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import select

from conversations.dialogs.context import MOST, by_goods, from_context, open_orders, orders_meant, which_of
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.guarding import each
from conversations.dialogs.reply import Reply, button
from store.messages import Choice, Phrase
from store.operations import frame as facts_of
from store.operations.cards import lines_of
from store.operations.reviews import hidden_figures
from store.reads.public import PublicParcel, PublicStatus, public_status_of
from store.reads.status import OrderStatus, status_of
from store.reads.timeline import timeline, why_late
from store.rules.rights import may
from store.tables import Follow, Order

_PASSAGES = 20


def show(conv: Conversation, args: Args) -> Reply:
    """How orders stand; several that fit a description are listed."""
    if conv.is_contact and not any(args.get(name) for name in ("orders", "product", "po_number")):
        return _mine(conv, args)
    orders = orders_meant(conv, "order.show", _for_contact(conv, args))
    return each(conv, orders, lambda order: one(conv, order))


def _for_contact(conv: Conversation, args: Args) -> Args:
    """A contact's own company is no description that narrows anything down."""
    return {**args, "customer": None} if conv.is_contact else args


def _mine(conv: Conversation, args: Args) -> Reply:
    """A contact who names nothing: that of the goods he speaks of, the one spoken of, the only one, or a list."""
    goods = by_goods(conv, conv.message.text) if conv.message.press is None else None
    if goods is not None and not args.get("any_news"):
        return one(conv, goods)
    near = from_context(conv)
    if len(near) == 1 and not args.get("any_news"):
        orders = orders_meant(conv, "order.show", {})
        return each(conv, orders, lambda order: one(conv, order))
    orders = open_orders(conv, limit=MOST + 1)
    if not orders and conv.understood is not None and conv.understood.unread:  # «do you make hats?» asks for no order
        return conv.go_on("customer.words", {"text": conv.message.text})
    if not orders:
        return Reply((Phrase("desk.no_open_orders"),))
    if len(orders) == 1:
        return one(conv, orders[0])
    reply = which_of(conv, "order.show", {}, orders)
    note_read(conv, [order.number for order in orders[:MOST]])
    stages = tuple(_stage_line(conv, order, place) for place, order in enumerate(orders[:MOST], 1))
    return Reply(
        (Phrase("desk.your_orders", {"count": len(orders)}), *stages), reply.choices, (), reply.orders, reply.card
    )


def _stage_line(conv: Conversation, order: Order, place: int) -> Phrase:
    public = public_status_of(conv.book, order)
    stage = public.stage or Phrase("public.received")
    product = public.lines[0].name if public.lines else None
    facts = {"n": place, "number": order.number, "stage": stage, "promise": public.promise_date, "product": product}
    return Phrase("desk.your_order", facts)


def one(conv: Conversation, order: Order) -> Reply:
    """One order as the speaker may hear of it."""
    if conv.public:
        return _public(conv, order)
    return _full(conv, order)


def _public(conv: Conversation, order: Order) -> Reply:
    note_read(conv, [order.number])
    found = public_status_of(conv.book, order)
    choices = _public_choices(conv, order) if found.delivered_at is None else ()
    return Reply(public_says(found), choices).about(order.number).for_customers()


def note_read(conv: Conversation, numbers: Sequence[str]) -> None:
    """What a customer's contact has looked at is in the audit, beside what was done."""
    if conv.is_contact:
        for number in numbers:
            conv.book.record("order.read", subject=f"order:{number}")


def public_says(found: PublicStatus) -> tuple[Phrase, ...]:
    """An order in a customer's words."""
    facts = {"number": found.number, "po": found.po_number, "stage": _stage(found), "promise": found.promise_date}
    says = [Phrase("public.status", facts)]
    if found.delivered_at is not None:
        says.append(Phrase("public.delivered", {"at": found.delivered_at}))
    elif found.status in {"open", "on_hold"}:
        says.append(Phrase("public.promise", {"promise": found.promise_date}))
    for line in found.lines:
        facts = {"product": line.name, "quantity": line.quantity, "unit": line.unit, "shipped": line.shipped}
        says.append(Phrase("public.line_part" if found.shipped == "part" else "card.line", facts if found.shipped ==
                           "part" else {**facts, "shipped": None}))  # fmt: skip
    if found.shipped == "part":
        says.append(Phrase("public.rest", {"on": found.rest_on}))
    if found.shipped == "part" or len(found.parcels) > 1:
        says += [_parcel(parcel) for parcel in found.parcels]
        says += [Phrase("card.field", {"field": label, "value": value}) for label, value in found.fields
                 if all((label, value) not in parcel.fields for parcel in found.parcels)]  # fmt: skip
    else:
        says += [Phrase("card.field", {"field": label, "value": value}) for label, value in found.fields]
    says += [Phrase("public.parcel_link", {"url": parcel.url}) for parcel in found.parcels if parcel.url]
    if found.confirmed_at and found.status in {"open", "on_hold"} and found.delivered_at is None:
        says.append(Phrase("public.confirmed", {"at": found.confirmed_at}))
    return tuple(says)


def _parcel(parcel: PublicParcel) -> Phrase:
    """One parcel in a line: when, what, and what its form says publicly."""
    goods = [Phrase("public.goods", {"product": name, "quantity": count, "unit": unit})
             for name, count, unit in parcel.goods]  # fmt: skip
    values = [value for _, value in parcel.fields]
    return Phrase("public.parcel", {"at": parcel.at, "goods": goods, "fields": values})


def _stage(found: PublicStatus) -> Any:
    if found.status in {"on_hold", "cancelled"}:
        return Phrase(f"public.{found.status}")
    return found.stage or Phrase("public.received")


def _public_choices(conv: Conversation, order: Order) -> tuple[Choice, ...]:
    if not conv.is_contact or order.status != "open":
        return ()
    follows = conv.book.session.exec(
        select(Follow).where(Follow.order_id == order.id, Follow.person == conv.me.key)
    ).first()
    follow = button("button.unfollow", f"order.unfollow:{order.number}") if follows else button(
        "button.follow", f"order.follow:{order.number}")  # fmt: skip
    return (button("button.urge", f"order.urge:{order.number}"), follow)


def _full(conv: Conversation, order: Order) -> Reply:
    found = status_of(conv.book, order)
    hidden = hidden_figures(conv.book, order, conv.me.key)
    says = [
        Phrase("show.title", {"number": found.number, "customer": found.customer, "salesperson": found.salesperson})
    ]
    if found.status != "open":
        facts = {
            "status": Phrase(f"order.state.{found.status}"),
            "since": found.held_since,
            "at": found.closed_at,
            "reason": found.reason,
        }
        says.append(Phrase("show.status", facts))
    says += lines_of(conv.book, order, figures=not hidden & {"quantity"})
    if "promise_date" not in hidden:
        says.append(Phrase("show.promise", {"promise": found.promise_date}))
    if not hidden and _sees_money(conv, order):
        says.append(Phrase("show.amount", {"amount": found.amount}))
    says += _steps(found)
    says += [
        Phrase(
            "show.trouble",
            {
                "kind": case.name,
                "note": case.note or None,
                "handler": facts_of.owner_name(conv.book, case),
                "due": case.due,
            },
        )
        for case in found.exceptions
    ]
    says += [
        Phrase("show.pending", {"field": facts_of.field_name(conv.book, order, change.field)})
        for change in found.pending
    ]
    if found.events:
        says.append(Phrase("show.events", {"events": list(found.events)}))
    if found.confirmed_at:
        says.append(Phrase("show.confirmed", {"at": found.confirmed_at, "by": found.confirmed_by}))
    return Reply(tuple(says), _choices(conv, order, found)).about(order.number)


def _sees_money(conv: Conversation, order: Order) -> bool:
    return conv.has("coordinator", "manager", "finance", "admin") or conv.me.key in {order.salesperson, order.placed_by}


def _steps(found: OrderStatus) -> list[Phrase]:
    says = []
    for step in found.active:
        facts = {
            "step": step.name,
            "owner": step.owner,
            "since": step.since,
            "due": step.due,
            "late": step.late,
            "promised": step.acknowledged_until,
            "reason": step.postpone_reason,
            "returned": step.returned,
        }
        says.append(Phrase("show.step", facts))
    if found.next and found.status in {"open", "on_hold"}:
        coming = [
            Phrase("show.next_one", {"step": step.name, "owner": step.owner, "due": step.due}) for step in found.next
        ]
        says.append(Phrase("show.next", {"steps": coming}))
    return says


def _choices(conv: Conversation, order: Order, found: OrderStatus) -> tuple[Choice, ...]:
    mine = [step for step in found.active if step.owner_key == conv.me.key]
    choices: list[Choice] = []
    for step in mine[:1]:
        row = next(one for one in facts_of.steps(conv.book, order) if one.id == step.id)
        if facts_of.is_review(conv.book, order, row):
            mark = f"{step.id}.{order.version}"
            choices += [
                button("button.approve", f"review.approve:{mark}"),
                button("button.return", f"review.return:{mark}"),
            ]
        else:
            mark = f"{step.id}.{step.version}"
            choices += [button("button.done", f"step.done:{mark}"), button("button.postpone", f"step.postpone:{mark}")]
    if found.status == "on_hold":
        choices.append(button("button.resume", f"order.resume:{order.number}"))
    if found.status == "open" and not mine and _may_urge(conv, order):
        choices.append(button("button.urge", f"order.urge:{order.number}"))
    choices.append(button("button.timeline", f"order.timeline:{order.number}"))
    return tuple(choices)


def _may_urge(conv: Conversation, order: Order) -> bool:
    has = set(conv.me.roles) | ({"salesperson"} if conv.me.key in {order.salesperson, order.placed_by} else set())
    return may("order.urge", has)


def story(conv: Conversation, args: Args) -> Reply:
    """Who did what when, through which channel, with the waiting time between."""
    orders = orders_meant(conv, "order.timeline", args)

    def _one(order: Order) -> Reply:
        facts_of.require(conv.book, "order.timeline", order)
        passages = timeline(conv.book, order)
        left = len(passages) - _PASSAGES
        says = [Phrase("timeline.title", {"number": order.number, "left": left if left > 0 else None})]
        says += [Phrase("timeline.one", {"what": one.what, "waited": one.waited}) for one in passages[-_PASSAGES:]]
        return Reply(tuple(says), (button("button.details", f"order.show:{order.number}"),)).about(order.number)

    return each(conv, orders, _one)


def late(conv: Conversation, args: Args) -> Reply:
    """The chain of overruns."""
    orders = orders_meant(conv, "order.why_late", args)

    def _one(order: Order) -> Reply:
        facts_of.require(conv.book, "order.timeline", order)
        found = why_late(conv.book, order)
        first = found.promised_at_first if found.promised_at_first != found.promise_date else None
        facts = {"number": order.number, "promise": found.promise_date, "first": first}
        says = [Phrase("late.title" if found.late else "late.not", facts)]
        for run in found.overruns:
            facts = {"step": run.step, "owner": run.owner, "due": run.due, "finished": run.finished, "late": run.late,
                     "inherited": Phrase("late.inherited") if run.inherited else None,
                     "causes": list(run.causes) or None}  # fmt: skip
            says.append(Phrase("late.step", facts))
        if found.held:
            says.append(Phrase("late.held", {"held": found.held}))
        return Reply(tuple(says), (button("button.details", f"order.show:{order.number}"),)).about(order.number)

    return each(conv, orders, _one)
