"""Whether a step that waits can still start in time. Pure.

A waiting step is in danger when something above it cannot be finished before its own due moment: because an active
step above has a date that lies too late, or because time has passed until nothing but its doing at once would help.
Waiting steps in between count with the working time their flow gives them; those with a condition do not, for they
may be skipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from store.calendars import Span, WorkCalendar

FINISHED = frozenset({"done", "skipped"})


@dataclass(frozen=True, slots=True)
class Link:
    """A step as part of its order's chain. `within` and `conditional` as in its flow, `due` its date, if any."""

    key: str
    status: str
    due: datetime | None
    calendar: WorkCalendar
    within: Span | None = None
    conditional: bool = False
    postponed: bool = False


@dataclass(frozen=True, slots=True)
class Blocker:
    """A step above that decides: when it must be finished at the latest, and when it says it will be."""

    key: str
    latest: datetime
    says: datetime | None

    def endangers(self, now: datetime) -> bool:
        """Whether it can no longer be, or will not be, finished in time."""
        return now >= self.latest or (self.says is not None and self.says > self.latest)

    def expected(self, now: datetime) -> datetime:
        """When it will be finished as far as is known."""
        return max(self.says, now) if self.says is not None else now


def blockers(links: Mapping[str, Link], parents: Mapping[str, Sequence[str]], key: str) -> list[Blocker]:
    """What stands above a waiting step with a date, most pressing first; empty when it has no date or nothing above."""
    due = links[key].due
    if due is None:
        return []
    latest: dict[str, datetime] = {}
    _walk(links, parents, key, due, latest)
    found = [
        Blocker(one, moment, links[one].due)
        for one, moment in latest.items()
        if links[one].status == "active" or links[one].postponed
    ]
    return sorted(found, key=lambda blocker: (blocker.latest, blocker.key))


def _walk(
    links: Mapping[str, Link],
    parents: Mapping[str, Sequence[str]],
    key: str,
    start_by: datetime,
    latest: dict[str, datetime],
) -> None:
    """Note for everything unfinished above `key` when it must be finished so that `key` starts by `start_by`."""
    for parent in parents.get(key, ()):
        link = links.get(parent)
        if link is None or link.status in FINISHED:
            continue
        if parent in latest and latest[parent] <= start_by:
            continue
        latest[parent] = start_by
        if link.status == "waiting":
            needs = link.within if link.within and not link.conditional else None
            begin = link.calendar.back(start_by, link.calendar.minutes(needs)) if needs else start_by
            _walk(links, parents, parent, begin, latest)
