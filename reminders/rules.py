"""What the rules of a reminder speak about, as frozen values.

A *run* is one stretch of work with one date: it begins when a step becomes active (or an exception is opened) and
anew with every later date. Within a run each nudge, due push and rung is told once. The rules themselves (before,
repeat, ladder) are store.company's Reminders.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

OWNER = "owner"
NUDGE, DUE, REPEAT, LAPSED, DANGER, DIGEST = "nudge", "due", "repeat", "lapsed", "danger", "digest"
RUNG = "rung:"
"""Rules of rungs are "rung:backup", "rung:head", "rung:manager"."""


class Rest(NamedTuple):
    """A stretch in which nothing was to be said: acknowledged, snoozed or on hold; `until` is where it ended."""

    since: datetime
    until: datetime

    def covers(self, moment: datetime) -> bool:
        """Whether a push due at that moment was held back; both ends count: what lapses at the due moment is one."""
        return self.since <= moment <= self.until


class Run(NamedTuple):
    """One run: its dates and what has been told in it.

    Attributes:
        since: when it began; the time given is counted from here.
        due: the date, None for work without one (then only a lapsed rest is told).
        counts_from: the date before a hold moved it along: what was late stays as late as it was.
        started: when the work itself began, where a moved date began the run later; None: with the run.
        rests: past rests, in order.
        resting: the rest that is on, its `until` lying ahead when planned; it has lapsed once that is reached.
        nudged: the nudge has been said, or the time for it is over.
        due_told: the owner heard at (or after) the due moment, in whatever words.
        lapses: how many rests have lapsed.
        lapsed_at: when the last one did; repeats are counted from there.
        repeats: how many repeats have been said.
        repeated_at: the moment up to which repeats are settled (said, or left to the digest).
        rungs: places in the ladder that have been told.
    """

    since: datetime
    due: datetime | None
    started: datetime | None = None
    counts_from: datetime | None = None
    rests: tuple[Rest, ...] = ()
    resting: Rest | None = None
    nudged: bool = False
    due_told: bool = False
    lapses: int = 0
    lapsed_at: datetime | None = None
    repeats: int = 0
    repeated_at: datetime | None = None
    rungs: frozenset[int] = frozenset()

    @property
    def late_from(self) -> datetime | None:
        """From when lateness is counted: the due moment, or the start of work that was overdue when it began."""
        return None if self.due is None else max(self.counts_from or self.due, self.started or self.since)

    def late(self, now: datetime) -> bool:
        """Whether the due moment has come."""
        return self.due is not None and now >= self.due

    def at_rest(self, now: datetime) -> bool:
        """Whether nothing is to be said now."""
        return self.resting is not None and now < self.resting.until


class Push(NamedTuple):
    """Something that has to be said: which rule, the how-manieth time, to whom, and since when.

    `to` is "owner" or the rung's word; who that is today is decided by reminders.people. `said_at` is when it is said.
    """

    rule: str
    turn: int
    to: str
    moment: datetime
    said_at: datetime
    place: int = -1  # of the rung in its ladder
