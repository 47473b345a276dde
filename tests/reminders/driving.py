"""Plays a step through the product's pure rules: jumps from moment to moment, as the sweep does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reminders.ladder import after_push, next_moment, what_is_due
from reminders.runs import Kept, View, follow, pack_kept, unpack_kept
from store.calendars import WorkCalendar
from store.company.defaults import Reminders
from tests.reminders.slow import Acts, World


@dataclass
class Played:
    said: list[tuple[datetime, str]]
    looks: int


def play(calendar: WorkCalendar, rules: Reminders, world: World, acts: Acts, until: datetime) -> Played:
    """What is pushed until then; what is remembered goes through JSON at each step, as in the book."""
    said: list[tuple[datetime, str]] = []
    state: dict = {}
    now, looks = world.started, 0

    def _turn() -> Kept:
        nonlocal state
        view = View(world.started, world.due, world.rests_until, world.held)
        kept = follow(unpack_kept(state), view, now).kept
        run = kept.run
        if run is not None and not world.held:
            for push in what_is_due(run, rules, calendar, now):
                assert push.moment <= now
                said.append((now, push.rule))
                run = after_push(run, push)
            if run.resting is None:
                world.rests_until = None  # it has lapsed
        kept = kept._replace(run=run)
        state = pack_kept(kept)
        return kept

    while not world.done:
        looks += 1
        kept = _turn()
        if now in acts:
            for act in acts[now]:
                act(world, now)
                if not world.done:
                    kept = _turn()
        coming = [moment for moment in acts if moment > now]
        if not world.held and kept.run is not None:
            ahead = next_moment(kept.run, rules, calendar, now)
            coming += [ahead] if ahead is not None else []
        if not coming or min(coming) > until:
            break
        now = min(coming)
    return Played(said, looks)
