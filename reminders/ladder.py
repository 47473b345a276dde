"""When a run has something to say: nudge, due, repeats, lapsed rests and the rungs of the ladder. Pure.

Working time is the owner's calendar. Rests stop the clock of the ladder; repeats are counted anew from a lapse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from reminders.rules import DUE, LAPSED, NUDGE, OWNER, REPEAT, RUNG, Push, Rest, Run
from store.calendars import WorkCalendar
from store.company.defaults import Reminders

_MINUTE = timedelta(minutes=1)
_NONE = timedelta()


def what_is_due(run: Run, rules: Reminders, calendar: WorkCalendar, now: datetime) -> tuple[Push, ...]:
    """Everything that should have been said by now and was not, in the order to say it.

    A process that was down says one thing of each kind: every rung it missed, of repeats at most one, none beside a due
    push or a lapse that is said late itself.
    """
    if run.at_rest(now):
        return ()
    found: list[Push] = []
    if run.resting is not None:
        found.append(Push(LAPSED, run.lapses + 1, OWNER, run.resting.until, now))
        run = after_push(run, found[0])
    for rule in (_nudge, _due, _repeat):
        push = rule(run, rules, calendar, now)
        if push is not None:
            found.append(push)
            run = after_push(run, push)
    found.extend(_rungs(run, rules, calendar, now))
    return tuple(found)


def next_moment(run: Run, rules: Reminders, calendar: WorkCalendar, now: datetime) -> datetime | None:
    """The first moment after now at which this run may have something to say; None if it never will."""
    found = next_push(run, rules, calendar, now)
    return found[0] if found else None


def next_push(run: Run, rules: Reminders, calendar: WorkCalendar, now: datetime) -> tuple[datetime, str] | None:
    """The first moment after now at which this run may have something to say, and the rule that will speak."""
    if run.resting is not None and now < run.resting.until:
        return run.resting.until, LAPSED
    ahead = [(moment, rule) for moment, rule in _moments(run, rules, calendar, now) if moment > now]
    return min(ahead, key=lambda one: one[0], default=None)


def after_push(run: Run, push: Push) -> Run:
    """The run once this has been said."""
    match push.rule:
        case "lapsed":
            return lapse(run, push.said_at)
        case "nudge":
            return run._replace(nudged=True)
        case "due":
            return run._replace(nudged=True, due_told=True, repeated_at=push.said_at)
        case "repeat":
            return run._replace(repeats=push.turn, repeated_at=push.said_at)
    return run._replace(rungs=run.rungs | {push.place})


def lapse(run: Run, said_at: datetime) -> Run:
    """The run once its rest has lapsed and the owner was told; a due moment passed by then needs no push of its own."""
    rest = run.resting
    if rest is None:
        return run
    passed = run.due is not None and run.due <= said_at
    return run._replace(
        rests=(*run.rests, rest),
        resting=None,
        lapses=run.lapses + 1,
        lapsed_at=rest.until,
        nudged=run.nudged or passed,
        due_told=run.due_told or passed,
        repeated_at=said_at,
    )


def nudge_moment(run: Run, rules: Reminders, calendar: WorkCalendar) -> datetime | None:
    """When the nudge ahead of the due moment goes out; None when less time than that was given to begin with.

    Where exactly that much was given and the nudge would fall on the start itself, the telling of the start is it.
    """
    if run.due is None or not rules.before:
        return None
    minutes = calendar.minutes(rules.before)
    if calendar.elapsed(run.since, run.due) < timedelta(minutes=minutes):
        return None
    moment = calendar.back(run.due, minutes)
    return moment if moment > run.since else None


def repeat_after(run: Run, rules: Reminders, calendar: WorkCalendar, moment: datetime) -> datetime | None:
    """The first repeat later than `moment`; repeats stand every `repeat` from the due moment or the last lapse."""
    anchor = _anchor(run)
    if anchor is None or not rules.repeat:
        return None
    step = timedelta(minutes=calendar.minutes(rules.repeat))
    passed = worked(run, calendar, anchor, moment) // step
    for turn in range(max(1, passed), passed + 3):
        found = when_worked(run, calendar, anchor, turn * step)
        if found > moment:
            return found
    raise AssertionError("working time went backwards")


def rung_moment(run: Run, after: timedelta, calendar: WorkCalendar) -> datetime | None:
    """When so much working time beyond the due moment has passed, rests left out."""
    return None if run.late_from is None else when_worked(run, calendar, run.late_from, after)


def when_worked(run: Run, calendar: WorkCalendar, start: datetime, work: timedelta) -> datetime:
    """When so much working time outside the run's rests has passed since `start`."""
    cursor, left = start, work
    for rest in _rests(run):
        if rest.until <= cursor:
            continue
        done = calendar.elapsed(cursor, max(cursor, rest.since))
        if done >= left:
            break
        left -= done
        cursor = rest.until
    return add_time(calendar, cursor, left)


def worked(run: Run, calendar: WorkCalendar, start: datetime, end: datetime) -> timedelta:
    """Working time between two moments outside the run's rests."""
    cursor, done = start, _NONE
    for rest in _rests(run):
        if rest.until <= cursor:
            continue
        if rest.since >= end:
            break
        done += calendar.elapsed(cursor, max(cursor, rest.since))
        cursor = rest.until
    return done + calendar.elapsed(cursor, end)


def add_time(calendar: WorkCalendar, start: datetime, work: timedelta) -> datetime:
    """`calendar.add` for working time that is no whole number of minutes."""
    minutes, rest = divmod(work, _MINUTE)
    moment = calendar.add(start, minutes)
    if rest == _NONE:
        return moment
    moment = calendar.next_open(moment)
    here = calendar.elapsed(moment, moment + _MINUTE)
    if rest <= here:
        return moment + rest
    return calendar.next_open(moment + here) + (rest - here)


def _nudge(run: Run, rules: Reminders, calendar: WorkCalendar, now: datetime) -> Push | None:
    if run.nudged or run.late(now):
        return None  # once it is due the due push says more
    moment = nudge_moment(run, rules, calendar)
    if moment is None or moment > now or _rested(run, moment):
        return None
    return Push(NUDGE, 0, OWNER, moment, now)


def _due(run: Run, _rules: Reminders, _calendar: WorkCalendar, now: datetime) -> Push | None:
    if run.due is None or run.due_told or now < run.due or run.at_rest(run.due):
        return None
    return Push(DUE, 0, OWNER, run.due, now)


def _repeat(run: Run, rules: Reminders, calendar: WorkCalendar, now: datetime) -> Push | None:
    """The last repeat that is due; earlier ones that were missed are not made up for."""
    anchor = _anchor(run)
    if anchor is None or not rules.repeat or not run.due_told:
        return None
    step = timedelta(minutes=calendar.minutes(rules.repeat))
    if now - anchor < step:
        return None  # no more of a while is working time than the while is long
    turn = worked(run, calendar, anchor, now) // step
    if turn < 1:
        return None
    moment = when_worked(run, calendar, anchor, turn * step)
    if moment > now or moment <= (run.repeated_at or anchor):
        return None
    return Push(REPEAT, run.repeats + 1, OWNER, moment, now)


def _rungs(run: Run, rules: Reminders, calendar: WorkCalendar, now: datetime) -> Iterator[Push]:
    if not run.late(now) or run.late_from is None:
        return
    waits = [(place, rung, timedelta(minutes=calendar.minutes(rung.after))) for place, rung in enumerate(rules.ladder)]
    if all(after > now - run.late_from for _, _, after in waits):
        return  # as above: most of what falls due does so just now
    done = worked(run, calendar, run.late_from, now)
    for place, rung, after in waits:
        if place in run.rungs or after > done:
            continue
        moment = rung_moment(run, after, calendar)
        if moment is not None and moment <= now:
            yield Push(RUNG + rung.to, place, rung.to, moment, now, place)


def _moments(run: Run, rules: Reminders, calendar: WorkCalendar, now: datetime) -> Iterator[tuple[datetime, str]]:
    """Moments at which something may be said, some of them past; of the rungs only the first that lies ahead."""
    if run.due is None:
        return
    if not run.nudged:
        moment = nudge_moment(run, rules, calendar)
        if moment is not None:
            yield moment, NUDGE
    yield run.due, DUE
    repeat = repeat_after(run, rules, calendar, max(now, run.due))
    if repeat is not None:
        yield repeat, REPEAT
    waits = (
        (calendar.minutes(rung.after), rung.to) for place, rung in enumerate(rules.ladder) if place not in run.rungs
    )
    for minutes, to in sorted(waits, key=lambda one: one[0]):
        moment = rung_moment(run, timedelta(minutes=minutes), calendar)
        if moment is not None and moment > now:
            yield moment, RUNG + to
            return


def _anchor(run: Run) -> datetime | None:
    start = run.late_from
    return start if start is None or run.lapsed_at is None else max(start, run.lapsed_at)


def _rests(run: Run) -> Sequence[Rest]:
    if run.resting is None and not run.rests:
        return ()
    rests = run.rests if run.resting is None else (*run.rests, run.resting)
    return sorted(rests, key=lambda rest: rest.since)


def _rested(run: Run, moment: datetime) -> bool:
    return any(rest.covers(moment) for rest in run.rests)
