"""Who a rung of the ladder speaks to. Pure, over the roster of one day.

A rung goes to the person it names: the owner's backup, the head of the department, the owner's manager. Where that
person does not exist, is the owner himself, is away with the owner as his cover, or has heard of this run already, it
goes one further up: backup, head, manager, the manager's manager and so on. When nobody further up is left, the one it
names hears again; when the owner has nobody above him at all, somebody of the last resort (coordinators,
managers, administrators) hears. It never goes to nobody: at the very end it goes to the owner.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from store.rules.owners import Roster, answering

CHAIN = ("backup", "head", "manager")


def rung_person(roster: Roster, owner: str, department: str | None, to: str, heard: Collection[str]) -> str:
    """The person to tell.

    Args:
        roster: the company today.
        owner: whose work is late.
        department: the department whose step it is; None: the owner's own.
        to: backup | head | manager.
        heard: who has been told of this run by other rungs.
    """
    fit = [one for one in _upwards(roster, owner, department, to) if _fits(roster, owner, one)]
    fresh = next((one for one in fit if one not in heard), None)
    if fresh is not None:
        return fresh
    if fit:
        return fit[0]
    # Nothing at or above this rung: the rungs below, then the last resort.
    below = [one for one in _upwards(roster, owner, department, CHAIN[0]) if _fits(roster, owner, one)]
    last = [one for one in roster.last_resort if one != owner and one in roster.people]
    return next((one for one in (*(each for each in below if each not in heard), *last, *below)), owner)


def _fits(roster: Roster, owner: str, person: str) -> bool:
    return person in roster.people and person != owner and answering(roster, person).owner != owner


def _upwards(roster: Roster, owner: str, department: str | None, to: str) -> Iterator[str]:
    """The people from a rung upwards, each once, best first."""
    colleague = roster.people.get(owner)
    if colleague is None:
        return
    team = roster.teams.get(department or colleague.department or "")
    manager = colleague.manager or _manager(roster, team.head if team else None)
    named = {"backup": colleague.backup, "head": team.head if team else None, "manager": manager}
    seen: set[str] = set()
    for word in CHAIN[CHAIN.index(to) :]:
        one = named[word]
        if one is not None and one not in seen:
            seen.add(one)
            yield one
    above = _manager(roster, manager) or _manager(roster, named["head"])
    while above is not None and above not in seen:
        seen.add(above)
        yield above
        above = _manager(roster, above)


def _manager(roster: Roster, key: str | None) -> str | None:
    person = roster.people.get(key) if key is not None else None
    return person.manager if person else None
