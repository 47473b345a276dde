"""The reminders of one step, told minute by minute: slow, and plain enough to be right by reading.

Nothing of the product is used here: whether a minute is worked is looked up on the wall clock, working time is counted
minute by minute, and every rule is a sentence of the company file's description.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Office:
    """When somebody works: weekdays (Monday 0), hours as pairs of minutes since midnight, single days off and on."""

    zone: ZoneInfo
    hours: tuple[tuple[int, int], ...] = ((540, 720), (780, 1080))
    week: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()

    def day(self, day: date) -> bool:
        return day in self.open or (day not in self.closed and day.weekday() in self.week)

    def works(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        minute, day = local.hour * 60 + local.minute, local.date()
        before = day - timedelta(days=1)
        return any(self.day(day) and start <= minute < end for start, end in self.hours) or any(
            self.day(before) and start <= minute + 1440 < end for start, end in self.hours
        )

    @property
    def day_minutes(self) -> int:
        return sum(end - start for start, end in self.hours)


@dataclass
class Said:
    """Minutes of working time; None: no such rule. `ladder` is (after, to)."""

    before: int | None
    repeat: int | None
    ladder: tuple[tuple[int, str], ...]


@dataclass
class World:
    """The step as it stands while the minutes pass."""

    started: datetime
    due: datetime | None
    rests_until: datetime | None = None
    held: bool = False
    done: bool = False
    log: list[tuple[datetime, str]] = field(default_factory=list)


Acts = Mapping[datetime, tuple[Callable[[World, datetime], None], ...]]


def tell_minute_by_minute(
    office: Office, rules: Said, world: World, acts: Acts, until: datetime
) -> list[tuple[datetime, str]]:
    """What is pushed from the start on; acts happen after whatever is due in their minute."""
    state: dict[str, Any] = {"awake": []}

    def _begin(since: datetime) -> None:
        state.update(
            told_due=world.due is not None and world.due <= since,
            late=0,
            repeat=0,
            rungs=set(),
            due=world.due,
            lapsed_at=None,
        )
        state["nudge_at"] = _nudge_at(office, rules, since, world.due)

    _begin(world.started)
    now = world.started
    while now <= until and not world.done:
        _minute(office, rules, world, state, now)
        for act in acts.get(now, ()):
            act(world, now)
            if world.due != state["due"]:
                if world.due is not None and world.due > now:
                    _begin(now)
                else:
                    _still_late(rules, world, state)
            if not world.done:
                _minute(office, rules, world, state, now)
        if _rests(world, now) or world.held:
            pass  # the clock of the ladder and of the repeats stands still
        elif office.works(now):
            state["awake"].append(now)
            if world.due is not None and now >= world.due:
                state["late"] += 1
                state["repeat"] += 1
        now += MINUTE
    return world.log


def _still_late(rules: Said, world: World, state: dict[str, Any]) -> None:
    """The date moved and it is late all the same: count again from the new date on."""
    state["due"] = world.due
    if world.due is None:
        return
    since = max(world.due, state["lapsed_at"] or world.due)
    state["late"] = sum(minute >= world.due for minute in state["awake"])
    passed = sum(minute >= since for minute in state["awake"])
    state["repeat"] = passed % rules.repeat if rules.repeat else 0


def _rests(world: World, now: datetime) -> bool:
    return world.rests_until is not None and now < world.rests_until


def _minute(office: Office, rules: Said, world: World, state: dict[str, Any], now: datetime) -> None:
    if world.held:
        return
    if _rests(world, now):
        return
    if world.rests_until is not None:  # it lapses: told at once, and the repeats begin anew
        world.log.append((now, "lapsed"))
        world.rests_until = None
        state["lapsed_at"] = now
        state["repeat"] = 0
        if world.due is not None and now >= world.due:
            state["told_due"] = True
    due = world.due
    if due is None:
        return
    if now < due:
        if now == state["nudge_at"]:
            world.log.append((now, "nudge"))
        return
    if not state["told_due"]:
        world.log.append((now, "due"))
        state["told_due"] = True
    if rules.repeat and state["repeat"] == rules.repeat:
        world.log.append((now, "repeat"))
        state["repeat"] = 0
    for place, (after, to) in enumerate(rules.ladder):
        if place not in state["rungs"] and state["late"] >= after:
            world.log.append((now, f"rung:{to}"))
            state["rungs"].add(place)


def _nudge_at(office: Office, rules: Said, since: datetime, due: datetime | None) -> datetime | None:
    """Walk back from the due moment until so much working time lies between; none if the start comes first."""
    if due is None or not rules.before:
        return None
    now, worked = due, 0
    while now > since:
        now -= MINUTE
        worked += office.works(now)
        if worked == rules.before:
            return now if now > since else None
    return None
