"""The table of calendar and ladder cases (ladder_cases.yaml)."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from store.calendars import DEFAULT_HOURS, DEFAULT_WEEK, WEEKDAYS, Hours, Span, WorkCalendar
from store.company.defaults import Reminders, Rung
from tests.reminders.driving import play
from tests.reminders.slow import World

TABLE = yaml.safe_load((Path(__file__).parent / "ladder_cases.yaml").read_text("utf-8"))


def calendar_of(name):
    keys = TABLE["calendars"][name]
    return WorkCalendar(
        zone=ZoneInfo(keys["zone"]),
        country=keys.get("country"),
        week=frozenset(WEEKDAYS.index(day) for day in keys["week"]) if "week" in keys else DEFAULT_WEEK,
        hours=tuple(Hours.parse(each) for each in keys["hours"]) if "hours" in keys else DEFAULT_HOURS,
        closed=frozenset(date.fromisoformat(day) for day in keys.get("closed", ())),
        open=frozenset(date.fromisoformat(day) for day in keys.get("open", ())),
    )


def moment(text, zone):
    """A wall-clock time; the star marks the second of two."""
    local = datetime.fromisoformat(text.rstrip("*")).replace(tzinfo=zone, fold=text.endswith("*"))
    return local.astimezone(UTC)


def acts_of(case, zone):
    def _act(what, until):
        def _do(world, _now):
            match what:
                case "rest":
                    world.rests_until = until
                case "withdraw":
                    world.rests_until = None
                case "move":
                    world.due = until
                case "hold" | "resume":
                    world.held = what == "hold"
                case "finish":
                    world.done = True

        return _do

    script: dict = {}
    for when, what, *until in case.get("acts", ()):
        script.setdefault(moment(when, zone), []).append(_act(what, moment(until[0], zone) if until else None))
    return {when: tuple(acts) for when, acts in script.items()}


def rules_of(case):
    usual = Reminders()
    ladder = case.get("ladder")
    return Reminders(
        before=Span.parse(case["before"]) if "before" in case else usual.before,
        repeat=Span.parse(case["repeat"]) if "repeat" in case else usual.repeat,
        ladder=usual.ladder if ladder is None else tuple(Rung(Span.parse(after), to) for after, to in ladder),
    )


def shown(when, rule, zone):
    local = when.astimezone(zone)
    return f"{local:%a %m-%d %H:%M}{'*' if local.fold else ''} {rule}"


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["case"])
def test_a_step_is_reminded_of_as_the_table_says(case):
    calendar = calendar_of(case["calendar"])
    zone = calendar.zone
    world = World(moment(case["started"], zone), moment(case["due"], zone) if case["due"] else None)
    played = play(calendar, rules_of(case), world, acts_of(case, zone), moment(case["until"], zone))
    assert sorted(shown(when, rule, zone) for when, rule in played.said) == sorted(case["expect"])


def test_the_table_is_as_large_as_promised():
    assert len(TABLE["cases"]) >= 150
