"""Who am I, help, how is it done; and answers to what asks for nothing."""

from __future__ import annotations

from conversations.dialogs.asking import Option, choose
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reply import Reply, button, say
from conversations.dialogs.work import work_of
from store.messages import Phrase
from store.rules.rights import RIGHTS, may

_ROLES = ("sales", "coordinator", "member", "finance", "manager", "admin")
_SHOWN = ("order.place", "order.change", "order.cancel", "review.approve", "step.complete", "contact.invite",
          "colleague.invite", "money.show", "stock.show", "figures.show", "flow.change")  # fmt: skip
_ROLES_HELP = ("admin", "manager", "coordinator", "sales", "finance")


def who(conv: Conversation, _args: Args) -> Reply:
    """Who I am, my roles, what I may do, who covers."""
    me = conv.me
    if conv.is_contact:
        client = conv.client
        facts = {
            "person": me.name.raw,
            "customer": client.name.raw if client else None,
            "salesperson": conv.name(client.salesperson) if client and client.salesperson else None,
        }
        return say("desk.who_contact", **facts).in_private()
    department = conv.company.departments.get(me.department or "")
    has = set(me.roles) | ({"salesperson"} if "sales" in me.roles else set())
    facts = {
        "person": me.name.raw,
        "department": department.name.raw if department else None,
        "roles": [Phrase(f"role.{role}") for role in _ROLES if role in me.roles] or None,
        "manager": conv.name(me.manager),
        "backup": conv.name(me.backup),
        "channels": list(dict.fromkeys(name for name, _ in me.accounts)) or None,
    }
    rights = [Phrase(f"right.{action}") for action in _SHOWN if action in RIGHTS and may(action, has)]
    return Reply((Phrase("desk.who", facts), Phrase("desk.who_may", {"rights": rights or None}))).in_private()


def assist(conv: Conversation, _args: Args) -> Reply:
    """The few things most useful to this role now."""
    if conv.is_contact:
        return Reply((Phrase("help.contact"),), (button("say.my_orders", "say:say.my_orders"),))
    role = next((one for one in _ROLES_HELP if one in conv.me.roles), "member")
    waiting = len(work_of(conv))
    says = [Phrase("help.waiting", {"count": waiting}) if waiting else None, Phrase(f"help.{role}")]
    if role != "member" and waiting:
        says.append(Phrase("help.member"))
    choices = [button("say.my_work", "say:say.my_work"), button("say.overdue", "say:say.overdue")]
    return Reply(tuple(one for one in says if one is not None), tuple(choices))


def how(conv: Conversation, args: Args) -> Reply:
    """The instructions of a step, a department or the steps one owns. Customers never see them."""
    flow = conv.company.flows.get((args.get("flow") or [""])[0]) or conv.company.default_flow
    keys, departments = set(args.get("step") or ()), set(args.get("department") or ())
    steps = [one for one in flow.steps if one.key in keys or one.owner in departments]
    if not steps and not (keys or departments):
        mine = {work.step_key for work in work_of(conv)}
        steps = [one for one in flow.steps if one.key in mine]
    if not steps:
        options: list[Option] = [(Phrase("desk.option.named", {"name": one.name.raw}), [one.key]) for one in flow.steps]
        return choose(conv, "how", args, "step", Phrase("desk.ask.how_what"), options)
    says = tuple(
        Phrase(
            "desk.sop" if one.sop else "desk.sop_none", {"step": one.name.raw, "sop": one.sop.raw if one.sop else None}
        )
        for one in steps
    )
    return Reply(says).in_private()


def thanks(_conv: Conversation, _args: Args) -> Reply:
    """A kind word."""
    return say("desk.thanks")


def greeting(conv: Conversation, _args: Args) -> Reply:
    """A greeting, and what could be said next."""
    choices = (button("say.my_orders", "say:say.my_orders"),) if conv.is_contact else (
        button("say.my_work", "say:say.my_work"), button("button.help", "help"))  # fmt: skip
    return Reply((Phrase("desk.greeting", {"person": conv.me.name.raw}),), choices)


def small_talk(_conv: Conversation, _args: Args) -> Reply:
    """Nothing is wanted; nothing is done."""
    return say("desk.small_talk")


def nothing_open(_conv: Conversation, _args: Args) -> Reply:
    """A yes, no, skip or cancel that no question waits for."""
    return say("desk.nothing_open")
