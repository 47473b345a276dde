"""How a run begins, changes with its subject, and is kept between sweeps (Deadline.state). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from reminders.rules import Rest, Run


class View(NamedTuple):
    """A step or exception as the rules see it now.

    Attributes:
        started: when it became active; None: not active (waiting, done, closed).
        due: its date.
        rests_until: the later of acknowledged_until and snoozed_until, None when neither is set.
        held: its order is on hold.
    """

    started: datetime | None
    due: datetime | None
    rests_until: datetime | None = None
    held: bool = False


class Kept(NamedTuple):
    """What is remembered of a subject between two looks.

    Attributes:
        run: the present run, None while it is not active.
        started: the start that the run belongs to: another one is a return to an earlier step.
        held_since: the hold that is on.
        heard: who was told, by the place of the rung.
        danger: what the owner of a waiting step was told: [due, expected], None: nothing.
        dangers: how many times.
    """

    run: Run | None = None
    started: datetime | None = None
    held_since: datetime | None = None
    heard: Mapping[int, str] = MappingProxyType({})
    danger: tuple[datetime, datetime] | None = None
    dangers: int = 0

    @property
    def speaking(self) -> Run | None:
        """The run that may have something to say: none while it stands still."""
        return None if self.held_since is not None else self.run


class Changed(NamedTuple):
    """What replanning made of it; `fresh`: a new run began, so every rule may speak again."""

    kept: Kept
    fresh: bool


def follow(kept: Kept, view: View, now: datetime) -> Changed:
    """Bring what is remembered in line with the subject as it is now.

    A new run begins when the subject has become active (again), or when its date moved and the new one still lies
    ahead: a postponed step is not late any more. A date that moves while it stays late changes the moments of rungs
    not yet told, and nothing is told twice.
    """
    if view.started is None:
        return Changed(kept, fresh=False)  # what ended may be taken back: then its run goes on
    if kept.run is None or kept.started != view.started:
        overdue = view.due is not None and view.due <= view.started  # the telling of the start shows the date
        fresh = Kept(run=Run(view.started, view.due, nudged=overdue, due_told=overdue), started=view.started)
        return Changed(_rest(_hold(fresh, view, now), view, now), fresh=True)
    moved = _date(kept, kept.run, view, now)
    return Changed(_rest(_hold(moved.kept, view, now), view, now), moved.fresh)


def _date(kept: Kept, run: Run, view: View, now: datetime) -> Changed:
    if run.due == view.due:
        return Changed(kept, fresh=False)
    if view.due is not None and view.due > now:
        new = Run(max(run.since, now), view.due, started=kept.started, rests=run.rests, resting=run.resting)
        return Changed(kept._replace(run=new, heard={}), fresh=True)
    if kept.held_since is not None and not view.held and run.due is not None and run.due <= kept.held_since:
        # The hold has moved the date along with it; how late it was when it was held is how late it is now.
        return Changed(
            kept._replace(run=run._replace(due=view.due, counts_from=run.counts_from or run.due)), fresh=False
        )
    settled = now if run.due_told else run.repeated_at  # what the new date would have said by now is not made up for
    return Changed(kept._replace(run=run._replace(due=view.due, counts_from=None, repeated_at=settled)), fresh=False)


def _hold(kept: Kept, view: View, now: datetime) -> Kept:
    if view.held:
        return kept if kept.held_since is not None else kept._replace(held_since=now)
    if kept.held_since is None or kept.run is None:
        return kept
    rest = Rest(kept.held_since, now)
    return kept._replace(run=kept.run._replace(rests=(*kept.run.rests, rest)), held_since=None)


def _rest(kept: Kept, view: View, now: datetime) -> Kept:
    """Open, move or withdraw the rest that is on; one that has lapsed is left for the sweep, which tells it."""
    run, until = kept.run, view.rests_until
    if run is None:
        return kept
    on = run.resting
    if until is not None and until > now:
        if on is None or on.until > now:
            since = now if on is None else on.since
            return kept._replace(run=run._replace(resting=Rest(since, until)))
        return kept._replace(run=run._replace(rests=(*run.rests, on), resting=Rest(now, until)))
    if on is not None and (until is None or on.until > now):
        return kept._replace(run=run._replace(rests=(*run.rests, Rest(on.since, min(on.until, now))), resting=None))
    return kept


# --- as JSON ------------------------------------------------------------------------------------------------------


def pack_kept(kept: Kept) -> dict[str, Any]:
    """What Deadline.state holds; nothing that is at its default."""
    run = kept.run
    packed: dict[str, Any] = {
        "started": _out(kept.started),
        "held": _out(kept.held_since),
        "heard": {str(place): person for place, person in kept.heard.items()},
        "danger": [_out(moment) for moment in kept.danger] if kept.danger else None,
        "dangers": kept.dangers,
    }
    if run is not None:
        packed |= {
            "since": _out(run.since),
            "due": _out(run.due),
            "counts_from": _out(run.counts_from),
            "rests": [[_out(rest.since), _out(rest.until)] for rest in run.rests],
            "resting": [_out(run.resting.since), _out(run.resting.until)] if run.resting else None,
            "nudged": run.nudged,
            "due_told": run.due_told,
            "lapses": run.lapses,
            "lapsed_at": _out(run.lapsed_at),
            "repeats": run.repeats,
            "repeated_at": _out(run.repeated_at),
            "rungs": sorted(run.rungs),
        }
    return {key: value for key, value in packed.items() if value}


def unpack_kept(state: dict[str, Any]) -> Kept:
    """The inverse of pack_kept; of an empty state, nothing remembered."""
    since = _in(state.get("since"))
    run = None
    if since is not None:
        resting = state.get("resting")
        run = Run(
            since=since,
            due=_in(state.get("due")),
            started=_in(state.get("started")),
            counts_from=_in(state.get("counts_from")),
            rests=tuple(_rest_in(pair) for pair in state.get("rests", ())),
            resting=_rest_in(resting) if resting else None,
            nudged=state.get("nudged", False),
            due_told=state.get("due_told", False),
            lapses=state.get("lapses", 0),
            lapsed_at=_in(state.get("lapsed_at")),
            repeats=state.get("repeats", 0),
            repeated_at=_in(state.get("repeated_at")),
            rungs=frozenset(state.get("rungs", ())),
        )
    danger = state.get("danger")
    return Kept(
        run=run,
        started=_in(state.get("started")),
        held_since=_in(state.get("held")),
        heard={int(place): person for place, person in state.get("heard", {}).items()},
        danger=(datetime.fromisoformat(danger[0]), datetime.fromisoformat(danger[1])) if danger else None,
        dangers=state.get("dangers", 0),
    )


def _out(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _in(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _rest_in(pair: list[str]) -> Rest:
    return Rest(datetime.fromisoformat(pair[0]), datetime.fromisoformat(pair[1]))
