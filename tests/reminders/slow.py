"""The reminders of one step, told minute by minute: slow, and plain enough to be right by reading.

Nothing of the product is used here: whether a minute is worked is looked up on the wall clock, working time is counted
minute by minute, and every rule is a sentence of the company file's description.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
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


class Teller:
    """One step, minute by minute. `say` takes what is pushed; `apart` tells whether repeats go out singly."""

    def __init__(self, office: Office, rules: Said, world: World, say=None, apart=lambda _now: True) -> None:
        self.office, self.rules, self.world, self.apart = office, rules, world, apart
        self.say = say or (lambda now, rule: world.log.append((now, rule)))
        self.awake: list[datetime] = []
        self.late_when_held = False
        self.begin(world.started)

    def begin(self, since: datetime) -> None:
        """A new run: nothing of it has been told."""
        due = self.world.due
        self.told_due = due is not None and due <= since
        self.late = self.repeat = 0
        self.rungs: set[int] = set()
        self.due, self.lapsed_at = due, None
        self.nudge_at = _nudge_at(self.office, self.rules, since, due)

    def changed(self, now: datetime, *, resumed: bool = False) -> None:
        """Somebody did something; `resumed`: a hold ended, and may have moved the date along with it."""
        world = self.world
        if resumed and self.late_when_held and world.due is not None and world.due <= now:
            self.due = world.due  # as late as it was, no more and no less
        if world.due != self.due:
            if world.due is not None and world.due > now:
                self.begin(now)
            else:
                self.still_late()

    def still_late(self) -> None:
        """The date moved and it is late all the same: count again from the new date on."""
        due = self.due = self.world.due
        if due is None:
            return
        since = max(due, self.lapsed_at or due)
        self.late = sum(minute >= due for minute in self.awake)
        passed = sum(minute >= since for minute in self.awake)
        self.repeat = passed % self.rules.repeat if self.rules.repeat else 0

    def pass_minute(self, now: datetime) -> None:
        """The minute is over."""
        if _rests(self.world, now) or self.world.held or not self.office.works(now):
            return  # the clock of the ladder and of the repeats stands still
        self.awake.append(now)
        if self.world.due is not None and now >= self.world.due:
            self.late += 1
            self.repeat += 1

    def speak(self, now: datetime) -> None:
        """Say what is due in this minute."""
        world, rules = self.world, self.rules
        if world.held or _rests(world, now):
            return
        if world.rests_until is not None:  # it lapses: told at once, and the repeats begin anew
            self.say(now, "lapsed")
            world.rests_until, self.lapsed_at, self.repeat = None, now, 0
            if world.due is not None and now >= world.due:
                self.told_due = True
        if world.due is None:
            return
        if now < world.due:
            if now == self.nudge_at:
                self.say(now, "nudge")
                self.nudge_at = None
            return
        if not self.told_due:
            self.say(now, "due")
            self.told_due = True
        if rules.repeat and self.repeat == rules.repeat:
            if self.apart(now):
                self.say(now, "repeat")
            self.repeat = 0
        for place, (after, to) in enumerate(rules.ladder):
            if place not in self.rungs and self.late >= after:
                self.say(now, f"rung:{to}")
                self.rungs.add(place)


def tell_minute_by_minute(
    office: Office, rules: Said, world: World, acts: Acts, until: datetime
) -> list[tuple[datetime, str]]:
    """What is pushed from the start on; acts happen after whatever is due in their minute."""
    teller, now = Teller(office, rules, world), world.started
    while now <= until and not world.done:
        teller.speak(now)
        for act in acts.get(now, ()):
            act(world, now)
            teller.changed(now)
            if not world.done:
                teller.speak(now)
        teller.pass_minute(now)
        now += MINUTE
    return world.log


def _rests(world: World, now: datetime) -> bool:
    return world.rests_until is not None and now < world.rests_until


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
