"""When somebody must be told what, and whether he may be disturbed now.

    rules.py      Run, Rest, Push: the values; the rules themselves are the company file's
    ladder.py     what a run has to say, and when next: nudge, due, repeats, lapsed rests, rungs (pure)
    runs.py       how a run begins and changes with its step; as JSON in its deadline (pure)
    people.py     who a rung speaks to (pure)
    danger.py     whether a waiting step can still start in time (pure)
    digest.py     digest times, and what lateness costs (pure)
    together.py   several late things of one person: one message, at digest times
    world.py      what the rules ask of the book
    planner.py    Planner: the next moment of whatever changed, written in the same transaction
    sweeping.py   sweep, next_wake: deadlines that have come become outbox rows
    speaking.py   Voice: outbox rows with their evidence
    letters.py    what is said
    gating.py     gate: go, hold, reroute or drop, at the moment of sending
    merging.py    merge: what was held for one person as one message
    history.py    what befell a step, by the audit log alone
    auditing.py   what should have been said on a day, and what was; the clock's pulse
    questioning.py  what people were asked, as the auditor sees it
    explaining.py why a step was or was not pushed, what comes next
    noise.py      which rule's pushes nobody acts upon
    briefs.py     a person's or department's day
    clock.py      Clock: APScheduler, which wakes the sweep

Deadlines are rows; a clock only wakes the sweep. Nothing here reads the time by itself.
"""

from reminders.gating import Drop, Go, Hold, Reroute, Verdict, gate
from reminders.merging import merge
from reminders.planner import Planner
from reminders.sweeping import Swept, next_wake, sweep

__all__ = ["Drop", "Go", "Hold", "Planner", "Reroute", "Swept", "Verdict", "gate", "merge", "next_wake", "sweep"]
