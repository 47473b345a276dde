"""Changing a flow from chat: difference and impact first, a second administrator publishes it."""

from __future__ import annotations

from typing import Any

from conversations.dialogs.asking import Option, ask, choose, confirm
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reply import Reply, say
from store.messages import Phrase
from store.operations.flow_changes import ask_flow_change, decide_flow_change, differences, plan_flow_change
from store.refusals import Invalid, NotAllowed


def change(conv: Conversation, args: Args) -> Reply:
    """Show what would change; on confirmation the second administrator is asked."""
    if not conv.has("admin"):
        admins = [one.name.raw for one in conv.company.with_role("admin")][:3]
        raise NotAllowed(right=Phrase("right.flow.change"), who=admins)
    flow = (args.get("flow") or [conv.company.default_flow.key])[0]
    steps = [one for one in args.get("step") or () if any(step.key == one for step in conv.company.flows[flow].steps)]
    if len(steps) != 1:
        options: list[Option] = [
            (Phrase("desk.option.named", {"name": one.name.raw}), [one.key])
            for one in conv.company.flows[flow].steps
            if not steps or one.key in steps
        ]
        return choose(conv, "flow.change", args, "step", Phrase("flow.ask_step"), options).in_private()
    field, value = _wanted(conv, args, flow, steps[0])
    if value is None:
        return ask(conv, "flow.change", args, "value", Phrase("flow.ask_value"), expects="date").in_private()
    plan = plan_flow_change(conv.book, flow, steps[0], field, value)
    if not args.get("confirmed"):
        facts = {"second": conv.name(plan.second)}
        return confirm(
            conv, "flow.change", args, Phrase("flow.draft", facts), *differences(conv.book, plan)
        ).in_private()
    request = ask_flow_change(conv.book, plan)
    return say("flow.asked", second=conv.name(request.asked_of)).in_private()


def _wanted(conv: Conversation, args: Args, flow: str, step: str) -> tuple[str, str | None]:
    """The field of the step and its new value as the company file writes it."""
    owners = list(args.get("to") or args.get("department") or ())
    if owners:
        return "owner", str(owners[0])
    part = conv.company.flows[flow].step(step)
    field = "before_promise" if part.within is None and part.before_promise is not None else "within"
    return field, _span(args.get("value"))


def _span(value: Any) -> str | None:
    if isinstance(value, str) and value[:-1].isdigit() and value[-1:] in {"d", "h", "m"}:
        return value
    minutes = value.get("duration") if isinstance(value, dict) else None
    if not isinstance(minutes, int) or minutes <= 0:
        return None
    for unit, size in (("d", 1440), ("h", 60), ("m", 1)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return None


def publish(conv: Conversation, args: Args) -> Reply:
    """The second administrator's word."""
    accept = bool(args.get("accept", True))
    decide_flow_change(conv.book, int(args["request"]), args.get("version"), accept)
    return say("flow.is_published" if accept else "flow.is_refused").in_private()


__all__ = ["Invalid", "change", "publish"]
