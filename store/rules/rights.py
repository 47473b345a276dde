"""Who may do what: one table, from an action to the roles and relations that allow it.

A relation is what somebody is to the very order or step: its salesperson, the owner of the step, the handler of the
exception, the one who is asked. Roles come from the company file. The right is judged inside each operation, from
the verified person who acts, at the moment of action.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ROLES = frozenset({"sales", "coordinator", "member", "finance", "manager", "admin"})

RIGHTS: Mapping[str, frozenset[str]] = {
    # orders
    "order.place": frozenset({"salesperson", "coordinator"}),
    "order.change": frozenset({"salesperson", "coordinator"}),
    "order.cancel": frozenset({"salesperson", "coordinator", "manager"}),
    "order.hold": frozenset({"salesperson", "coordinator", "manager"}),
    "order.resume": frozenset({"salesperson", "coordinator", "manager"}),
    "order.note": frozenset({"on_order"}),
    "order.follow": frozenset({"on_order", "contact"}),
    "order.urge": frozenset({"salesperson", "coordinator", "manager", "contact"}),
    "tracking.share": frozenset({"salesperson", "coordinator", "contact"}),
    "tracking.revoke": frozenset({"salesperson", "coordinator"}),
    "order.timeline": frozenset({"salesperson", "coordinator", "owner", "on_order", "manager"}),
    # steps
    "step.acknowledge": frozenset({"owner"}),
    "step.complete": frozenset({"owner", "coordinator"}),
    "step.postpone": frozenset({"owner"}),
    "step.snooze": frozenset({"owner"}),
    "step.hand_over": frozenset({"owner", "coordinator", "manager"}),
    "step.claim": frozenset({"owner", "fellow"}),
    "review.approve": frozenset({"owner"}),
    "review.return": frozenset({"owner"}),
    "change.decide": frozenset({"owner"}),
    # trouble
    "problem.report": frozenset({"on_order"}),
    "problem.acknowledge": frozenset({"handler"}),
    "problem.snooze": frozenset({"handler"}),
    "problem.postpone": frozenset({"handler"}),
    "problem.solve": frozenset({"handler", "coordinator", "manager"}),
    "problem.tick": frozenset({"owner"}),
    "request.decide": frozenset({"asked"}),
    # people and settings
    "contact.invite": frozenset({"salesperson", "coordinator"}),
    "contact.unlink": frozenset({"salesperson", "coordinator", "admin"}),
    "contact.talk": frozenset({"salesperson", "coordinator"}),
    "colleague.invite": frozenset({"admin"}),
    "account.unlink": frozenset({"self", "admin"}),
    "person.away": frozenset({"self", "admin", "manager"}),
    "person.settings": frozenset({"self", "admin"}),
    "person.leave_company": frozenset({"admin"}),
    "stock.show": frozenset({"sales", "coordinator", "finance", "manager", "admin", "member"}),
    "money.show": frozenset({"sales", "coordinator", "finance", "manager", "admin"}),
    "money.receive": frozenset({"salesperson", "coordinator", "finance"}),
    "figures.show": frozenset({"manager", "coordinator"}),
    "flow.change": frozenset({"admin"}),
}
"""Action to the roles and relations of which one is enough."""


def may(action: str, has: Iterable[str]) -> bool:
    """Whether somebody with these roles and relations may. Raises KeyError for an action that the table lacks."""
    return not RIGHTS[action].isdisjoint(has)


def staff_only(action: str) -> bool:
    """Whether no customer contact can ever have this right."""
    return "contact" not in RIGHTS[action]
