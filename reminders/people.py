"""Who a rung of the ladder speaks to. Pure, over the roster of one day.

A rung goes to the person it names: the owner's backup, the head of the department, the owner's manager; one who is
named by two rungs hears at both. Where that person does not exist, is the owner himself, or is away with the owner as
his cover, the next one further up hears: backup, head, manager, the manager's manager and so on; standing in for a
missing rung takes nothing from one's own. When nobody at or above a rung is left, somebody below it who has not heard,
else one of the last resort (coordinators, managers, administrators). Never nobody: at the very end the owner himself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from store.rules.owners import Roster, answering

CHAIN = ("backup", "head", "manager")


def rung_person(
    roster: Roster, owner: str, department: str | None, ladder: Sequence[str], place: int, heard: Mapping[int, str]
) -> str:
    """The person to tell.

    Args:
        roster: the company today.
        owner: whose work is late.
        department: the department whose step it is; None: the owner's own.
        ladder: backup | head | manager, one a rung.
        place: which rung it is.
        heard: who has been told of this run, by the rung's place.
    """
    named = _named(roster, owner, department)
    mine, told = named[ladder[place]], set(heard.values())
    fit = [one for one in _upwards(roster, named, ladder[place]) if _fits(roster, owner, one)]
    if mine is not None and mine in fit:
        return mine
    return next((one for one in fit if one not in told), None) or _anybody(roster, owner, named, fit, told)


def _anybody(roster: Roster, owner: str, named: Mapping[str, str | None], fit: list[str], told: set[str]) -> str:
    """Somebody at or above the rung again, else somebody below it, else the last resort, else the owner."""
    if fit:
        return fit[0]
    below = [one for one in _upwards(roster, named, CHAIN[0]) if _fits(roster, owner, one)]
    last = [one for one in roster.last_resort if one != owner and one in roster.people]
    return next(iter((*(one for one in below if one not in told), *last, *below)), owner)


def _named(roster: Roster, owner: str, department: str | None) -> dict[str, str | None]:
    colleague = roster.people.get(owner)
    team = roster.teams.get(department or (colleague.department if colleague else None) or "")
    head = team.head if team else None
    return {
        "backup": colleague.backup if colleague else None,
        "head": head,
        "manager": (colleague.manager if colleague else None) or _manager(roster, head),
    }


def _fits(roster: Roster, owner: str, person: str) -> bool:
    return person in roster.people and person != owner and answering(roster, person).owner != owner


def _upwards(roster: Roster, named: Mapping[str, str | None], to: str) -> Iterator[str]:
    """The people from a rung upwards, each once, best first."""
    seen: set[str] = set()
    for word in CHAIN[CHAIN.index(to) :]:
        one = named[word]
        if one is not None and one not in seen:
            seen.add(one)
            yield one
    above = _manager(roster, named["manager"]) or _manager(roster, named["head"])
    while above is not None and above not in seen:
        seen.add(above)
        yield above
        above = _manager(roster, above)


def _manager(roster: Roster, key: str | None) -> str | None:
    person = roster.people.get(key) if key is not None else None
    return person.manager if person else None
