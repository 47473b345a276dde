"""Who answers for a piece of work: department rules, covers, and passing over the author of an order.

The roster is the company on one day, as plain values; nothing here knows a database. Ownership is never empty: when
every rule has run dry, somebody further up has the work even if he is away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Colleague:
    """What the rules need to know of one person today. `covered_by` only counts while `absent`."""

    key: str
    department: str | None = None
    manager: str | None = None
    backup: str | None = None
    absent: bool = False
    covered_by: str | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """A department: its head, its members in the order of the file (the head may be among them) and its rule."""

    head: str
    members: tuple[str, ...] = ()
    assign: str = "least_loaded"  # least_loaded | round_robin | head


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who works here today. `last_resort`: who takes what nobody else can, first to last."""

    people: Mapping[str, Colleague]
    teams: Mapping[str, Team] = field(default_factory=dict)
    last_resort: tuple[str, ...] = ()

    def here(self, key: str) -> bool:
        """Whether this person works here and is not away today."""
        person = self.people.get(key)
        return person is not None and not person.absent

    def head_of(self, key: str) -> str | None:
        """The head of somebody's department, unless he is that head himself."""
        person = self.people.get(key)
        team = self.teams.get(person.department) if person and person.department else None
        return team.head if team and team.head != key else None


@dataclass(frozen=True, slots=True)
class Answering:
    """Who owns the work now; `assigned` is the one whose work it is while the owner covers for him, else None."""

    owner: str
    assigned: str | None = None


def answering(roster: Roster, key: str, passing: frozenset[str] = NOBODY) -> Answering:
    """Who does this person's work today: himself, or his cover while he is away.

    Args:
        roster: the company today.
        key: whose work it is.
        passing: people who may not have it (the author of an order under review). One of them is passed over as if
            he were away, but nobody then covers "for" him: the work is simply another's.
    """
    person = stand_in(roster, key, passing)
    if person == key or key in passing or key not in roster.people:
        return Answering(person)
    return Answering(person, key)


def stand_in(roster: Roster, key: str, passing: frozenset[str] = NOBODY) -> str:
    """The first one along the chain of covers who is here and may have it; the chain goes round at most once."""
    tried: list[str] = []
    for one in _chain(roster, key):
        if one in tried:
            continue
        if roster.here(one) and one not in passing:
            return one
        tried.append(one)
    return _last(roster, key, passing, tried)


def give(
    roster: Roster,
    department: str,
    loads: Mapping[str, int],
    last: str | None = None,
    passing: frozenset[str] = NOBODY,
) -> str:
    """To whom a department's step goes when it becomes active (a cover may still stand in, see `answering`).

    Args:
        roster: the company today.
        department: its key.
        loads: how many active steps each person has; missing is none.
        last: who got the department's step before this one, for taking turns.
        passing: people who may not have it.
    """
    team = roster.teams[department]
    fit = [one for one in team.members if one != team.head and roster.here(one) and one not in passing]
    if team.assign == "head" or not fit:
        return team.head
    if team.assign == "round_robin":
        return _next_turn(team, fit, last)
    return min(fit, key=lambda one: loads.get(one, 0))  # min keeps the first of equals: file order


def _next_turn(team: Team, fit: list[str], last: str | None) -> str:
    places = {one: place for place, one in enumerate(team.members)}
    after = places.get(last, -1) if last is not None else -1
    return next((one for one in fit if places[one] > after), fit[0])


def _chain(roster: Roster, key: str) -> Iterator[str]:
    """The person, his cover, the cover's cover ...; where it closes into a ring it goes on at the head and manager."""
    seen: set[str] = set()
    here: str | None = key
    while here is not None and here not in seen:
        yield here
        seen.add(here)
        here = _cover(roster, here)
    for one in (key, *sorted(seen - {key})):
        person = roster.people.get(one)
        head, manager = roster.head_of(one), person.manager if person else None
        yield from (above for above in (head, manager) if above is not None)


def _cover(roster: Roster, key: str) -> str | None:
    person = roster.people.get(key)
    if person is None:
        return None
    named = person.covered_by if person.absent else None
    return named or person.backup or roster.head_of(key) or person.manager


def _last(roster: Roster, key: str, passing: frozenset[str], tried: list[str]) -> str:
    """Everybody on the chain is away or passed over: whoever is here, best first, and at worst someone who is away."""
    heads = [team.head for team in roster.teams.values()]
    for one in (*roster.last_resort, *heads, *roster.people):
        if roster.here(one) and one not in passing:
            return one
    above = [one for one in (roster.head_of(key), _manager(roster, key), *tried) if one in roster.people]
    return next((one for one in above if one is not None and one not in passing), key)


def _manager(roster: Roster, key: str) -> str | None:
    person = roster.people.get(key)
    return person.manager if person else None
