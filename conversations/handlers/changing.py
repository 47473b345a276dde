"""Changing, cancelling, holding and resuming orders: shown first, done on confirmation (resuming at once)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conversations.dialogs.asking import Option, ask, choose, confirm
from conversations.dialogs.context import orders_meant
from conversations.dialogs.conversation import Args, Asks, Conversation
from conversations.dialogs.draft_changes import of_lines
from conversations.dialogs.formwords import other_numbers, said_in, unreadable
from conversations.dialogs.guarding import each
from conversations.dialogs.reading import amount_of, day_of
from conversations.dialogs.reply import Reply, button, say
from store.messages import Money, Phrase
from store.operations import frame as facts_of
from store.operations.changes import ChangePlan, FieldChange, FieldPlan, plan_change, shown
from store.operations.changing import Changed, apply_change
from store.operations.holds import cancel_order, hold_order, resume_order
from store.operations.permits import order_for
from store.refusals import Conflict, Invalid, NotFound
from store.rules.forms import checked
from store.tables import Order

_UNDO = button("button.undo", "undo")


def change(conv: Conversation, args: Args) -> Reply:
    """Old and new value shown; applied on confirmation. After the review a reason is asked for."""
    if args.get("plan"):
        return _apply(conv, args)
    going = dict(_with_form(conv, args))
    if not args.get("orders") and _customer_is_new_value(args):
        going["customer"] = None
    orders = orders_meant(conv, "order.change", going)
    return each(conv, orders, lambda order: _plan(conv, {**going, "orders": [order.number]}, order))


def _with_form(conv: Conversation, args: Args) -> Args:
    """The change with what its words give to fields of an order form: «楼层改成6» is no quantity and no order."""
    words = str(args.get("words") or "")
    forms = [part for flow in conv.company.flows.values() for part in flow.part.order_form]
    said = said_in(words, forms, named_only=True)
    odd = None if said else unreadable(words, forms)
    if odd is not None:
        checked(next(part for part in forms if part.field == odd[0].field), odd[1])
    if not said:
        return args
    values = {str(amount_of(one.value)) for one in said}
    others = [one for one in args.get("changes") or () if str(amount_of(one.get("value"))) not in values]
    read = {one["field"] for one in others}
    mine = [{"field": one.part.field, "value": one.value, "mode": "set"} for one in said if one.part.field not in read]
    orders = other_numbers(words, args["orders"], said) if args.get("orders") else None
    return {**args, "orders": orders or None, "changes": [*others, *mine]}


def _customer_is_new_value(args: Args) -> bool:
    return any(one.get("field") == "customer" for one in args.get("changes") or ())


def _plan(conv: Conversation, args: Args, order: Order) -> Reply:
    order_for(conv.book, "order.change", order.number)
    changes = of_lines({row.sku for row in facts_of.lines(conv.book, order)}, args.get("changes") or ())
    if not changes:
        facts = {"number": order.number}
        return Reply((Phrase("desk.ask.change_what", facts),), (button("button.details", f"order.show:{order.number}"),)
                     ).about(order.number)  # fmt: skip
    wanted = [_wanted(conv, args, order, one) for one in changes]
    plan = plan_change(conv.book, order.number, wanted)
    if plan.needs_reason and not args.get("reason"):
        return ask(conv, "order.change", args, "reason", Phrase("desk.ask.change_reason", {"number": order.number}),
                   expects="reason").about(order.number)  # fmt: skip
    says = [
        Phrase(
            "desk.change_draft", {"number": order.number, "customer": facts_of.customer_name(conv.book, order.customer)}
        )
    ]
    says += [shown(conv.book, order, item) for item in plan.items]
    if plan.goes_to_review:
        fields = [facts_of.field_name(conv.book, order, item.field) for item in plan.goes_to_review]
        says.append(Phrase("desk.change_reviewed", {"fields": fields}))
    packed = {
        "number": plan.number,
        "version": plan.order_version,
        "items": [[item.field, item.line, item.before, item.after, item.reviewed] for item in plan.items],
        "needs_reason": plan.needs_reason,
        "affected": list(plan.affected),
    }
    return confirm(conv, "order.change", {"plan": packed, "reason": args.get("reason")}, *says).about(order.number)


def _apply(conv: Conversation, args: Args) -> Reply:
    packed = args["plan"]
    plan = ChangePlan(
        number=packed["number"],
        order_version=packed["version"],
        items=tuple(FieldPlan(*item) for item in packed["items"]),
        needs_reason=packed["needs_reason"],
        affected=tuple(packed["affected"]),
    )
    done = apply_change(conv.book, plan, args.get("reason"))
    return _changed(conv, done)


def _changed(conv: Conversation, done: Changed) -> Reply:
    order = done.order
    says = [Phrase("desk.changed", {"number": order.number})] if done.applied else []
    says += [shown(conv.book, order, item) for item in done.applied]
    if done.pending:
        reviewers = [conv.name(key) for key in dict.fromkeys(done.reviewers)]
        fields = [facts_of.field_name(conv.book, order, one.field) for one in done.pending]
        says.append(
            Phrase("desk.change_waits", {"number": order.number, "fields": fields, "reviewers": reviewers or None})
        )
    if done.told:
        says.append(Phrase("desk.change_told", {"who": [conv.name(key) for key in dict.fromkeys(done.told)]}))
    return Reply(tuple(says), (button("button.details", f"order.show:{order.number}"), _UNDO)).about(order.number)


def _wanted(conv: Conversation, args: Args, order: Order, one: Mapping[str, Any]) -> FieldChange:
    """A change as the book takes it: which line, and the value in its type."""
    name, value, mode = one["field"], one.get("value"), str(one.get("mode") or "set")
    line = _line(conv, args, order, one) if name in {"quantity", "price", "product", "amount", "total"} else None
    if name == "customer":
        raise Invalid("refused.change_customer", number=order.number)
    if name in {"quantity", "price", "amount", "total"}:
        found = amount_of(value)
        if found is not None and mode in {"add", "less"} and name == "quantity":
            rows = facts_of.lines(conv.book, order)
            old = next(row.quantity for row in rows if line in {None, row.position})
            found = old + found if mode == "add" else old - found
        return FieldChange("amount" if name == "total" else name, line, value if found is None else found)
    if name == "product":
        return FieldChange(name, line, _product(value))
    if name == "promise_date":
        return FieldChange(name, None, day_of(conv, value) or value)
    return FieldChange(
        name, None, day_of(conv, value) or (value.get("said", value) if isinstance(value, Mapping) else value)
    )


def _product(value: Any) -> str:
    keys = list(value.get("keys") or ()) if isinstance(value, Mapping) else [str(value)]
    if len(keys) == 1 or (keys and isinstance(value, Mapping) and value.get("sure")):
        return str(keys[0])
    raise NotFound(what=value.get("said") if isinstance(value, Mapping) else str(value))


def _line(conv: Conversation, args: Args, order: Order, one: Mapping[str, Any]) -> int | None:
    rows = facts_of.lines(conv.book, order)
    skus = list((one.get("line") or {}).get("keys") or ()) or list(args.get("product") or ())
    found = [row.position for row in rows if row.sku in skus]
    if found:
        return found[0]
    if args.get("line") is not None:
        return int(args["line"])
    if len(rows) <= 1:
        return rows[0].position if rows else None
    options: list[Option] = [
        (Phrase("desk.option.line", {"product": row.name, "quantity": row.quantity}), row.position) for row in rows[:8]
    ]
    raise Asks(
        choose(conv, "order.change", args, "line", Phrase("desk.ask.which_line", {"number": order.number}), options)
    )


def cancel(conv: Conversation, args: Args) -> Reply:
    """End orders for good, with a reason, on confirmation."""
    return _ending(conv, args, "order.cancel")


def hold(conv: Conversation, args: Args) -> Reply:
    """Let orders rest, with a reason, on confirmation."""
    return _ending(conv, args, "order.hold")


_DO = {"order.cancel": cancel_order, "order.hold": hold_order}


def _ending(conv: Conversation, args: Args, act: str) -> Reply:
    if args.get("confirmed"):
        done = _DO[act](conv.book, args["number"], args.get("reason"), args.get("version"))
        facts = {"number": done.number, "reason": args.get("reason")}
        resume = (button("button.resume", f"order.resume:{done.number}"),) if act == "order.hold" else ()
        return Reply((Phrase(f"desk.done.{act}", facts),), (*resume, _UNDO)).about(done.number)
    orders = orders_meant(conv, act, args)
    for order in orders:
        order_for(conv.book, act, order.number)
        if order.status in {"done", "cancelled"}:
            raise Invalid("refused.order_ended", number=order.number, state=Phrase(f"state.{order.status}"))
    numbers = [order.number for order in orders]
    if not args.get("reason"):
        going = {**args, "orders": numbers}
        return ask(conv, act, going, "reason", Phrase(f"desk.ask.reason.{act}", {"numbers": numbers}),
                   expects="reason").about(*numbers)  # fmt: skip

    def _one(order: Order) -> Reply:
        facts = {
            "number": order.number,
            "customer": facts_of.customer_name(conv.book, order.customer),
            "amount": Money(order.amount, order.currency),
            "reason": args["reason"],
        }
        going = {"number": order.number, "reason": args["reason"], "version": order.version}
        return confirm(conv, act, going, Phrase(f"desk.draft.{act}", facts)).about(order.number)

    return each(conv, orders, _one)


def resume(conv: Conversation, args: Args) -> Reply:
    """Go on with orders that were held; at once."""
    orders = orders_meant(conv, "order.resume", args)

    def _one(order: Order) -> Reply:
        done = resume_order(conv.book, order.number)
        return Reply((Phrase("desk.done.order.resume", {"number": done.number}),), (_UNDO,)).about(done.number)

    return each(conv, orders, _one)


__all__ = ["Conflict", "cancel", "change", "hold", "resume", "say"]
