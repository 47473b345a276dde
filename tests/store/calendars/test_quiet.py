from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.calendars import Hours, QuietHours, WorkCalendar, first_allowed

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")
TOKYO = ZoneInfo("Asia/Tokyo")
NIGHT = QuietHours.parse("21:00-08:00")
CHINA = WorkCalendar(SHANGHAI, "CN")


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("quiet", "moment", "holds"),
    [
        ("21:00-08:00", "2026-11-23T20:59", False),
        ("21:00-08:00", "2026-11-23T21:00", True),
        ("21:00-08:00", "2026-11-24T00:00", True),
        ("21:00-08:00", "2026-11-24T07:59", True),
        ("21:00-08:00", "2026-11-24T08:00", False),
        ("12:00-13:00", "2026-11-24T12:30", True),
        ("12:00-13:00", "2026-11-24T13:00", False),
        ("00:00-00:00", "2026-11-24T03:00", False),
        ("21:00-24:00", "2026-11-24T23:59", True),
        ("21:00-24:00", "2026-11-24T00:00", False),
    ],
)
def test_quiet_hours_hold_from_their_start_up_to_their_end(quiet, moment, holds):
    assert QuietHours.parse(quiet).holds(at(moment), SHANGHAI) is holds


def test_quiet_hours_end_the_next_morning_and_not_at_all_in_the_day():
    assert NIGHT.ends(at("2026-11-23T22:00"), SHANGHAI) == at("2026-11-24T08:00")
    assert NIGHT.ends(at("2026-11-24T02:00"), SHANGHAI) == at("2026-11-24T08:00")
    assert NIGHT.ends(at("2026-11-24T10:00"), SHANGHAI) == at("2026-11-24T10:00")


def test_quiet_hours_follow_the_clock_on_the_wall_when_it_changes():
    assert NIGHT.ends(at("2026-03-28T22:00", LONDON), LONDON) == at("2026-03-29T08:00", LONDON)
    assert NIGHT.ends(at("2026-10-24T22:00", LONDON), LONDON) == at("2026-10-25T08:00", LONDON)


@pytest.mark.parametrize("bad", ["", "21:00", "21-8", "25:00-08:00", "21:60-08:00", "21:00-08:00-09:00", "a-b"])
def test_what_is_no_span_of_the_clock_is_refused(bad):
    with pytest.raises(ValueError, match="not"):
        QuietHours.parse(bad)
    with pytest.raises(ValueError, match="not"):
        Hours.parse(bad)


PUSHES = [
    ("2026-11-23T10:00", (), "2026-11-23T10:00"),
    ("2026-11-23T12:30", (), "2026-11-23T12:30"),  # the lunch break is no quiet time
    ("2026-11-23T22:00", (), "2026-11-24T08:00"),
    ("2026-11-27T22:00", (), "2026-11-30T08:00"),  # Friday evening: Monday
    ("2026-11-28T12:00", (), "2026-11-30T08:00"),
    ("2026-09-30T21:30", (), "2026-10-08T08:00"),  # over the national holiday
    ("2026-10-10T12:00", (), "2026-10-10T12:00"),  # a Saturday that is worked
    ("2026-11-23T10:00", ((date(2026, 11, 23), date(2026, 11, 24)),), "2026-11-25T08:00"),
    ("2026-11-23T10:00", ((date(2026, 11, 24), date(2026, 11, 24)),), "2026-11-23T10:00"),
    ("2026-11-26T22:00", ((date(2026, 11, 27), date(2026, 11, 27)),), "2026-11-30T08:00"),
]


@pytest.mark.parametrize(("moment", "away", "allowed"), PUSHES)
def test_a_push_waits_for_the_first_moment_outside_quiet_hours_on_a_working_day(moment, away, allowed):
    found = first_allowed(at(moment), quiet=NIGHT, zone=SHANGHAI, calendar=CHINA, away=away)
    assert found == at(allowed)


def test_a_push_follows_the_clock_of_its_receiver():
    found = first_allowed(at("2026-11-23T20:30"), quiet=NIGHT, zone=TOKYO, calendar=CHINA)
    assert found == at("2026-11-24T08:00", TOKYO)


def test_a_night_shift_that_runs_into_a_closed_day_is_no_closed_day():
    shift = WorkCalendar(SHANGHAI, hours=(Hours.parse("22:00-06:00"),))
    never = QuietHours.parse("00:00-00:00")
    assert first_allowed(at("2026-11-28T02:00"), quiet=never, zone=SHANGHAI, calendar=shift) == at("2026-11-28T02:00")
    assert first_allowed(at("2026-11-28T07:00"), quiet=never, zone=SHANGHAI, calendar=shift) == at("2026-11-30T00:00")


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)), st.integers(0, 1439), st.integers(0, 1439))  # noqa: DTZ001
def test_what_is_allowed_is_never_quiet_nor_closed_nor_early(moment, start, end):
    asked, quiet = moment.replace(tzinfo=LONDON), QuietHours(start, end)
    calendar = WorkCalendar(LONDON, "GB")
    found = first_allowed(asked, quiet=quiet, zone=LONDON, calendar=calendar)
    assert found >= asked
    assert not quiet.holds(found, LONDON)
    assert calendar.is_working_day(found.astimezone(LONDON).date())
    assert found - asked < timedelta(days=12)
