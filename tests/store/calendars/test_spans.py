from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.calendars import Hours, Span, WorkCalendar, build_calendar, overlapping

ZONE = ZoneInfo("Asia/Shanghai")


@given(st.integers(0, 99_999), st.sampled_from("mhd"))
def test_a_duration_reads_back_as_it_is_written(amount, unit):
    span = Span.parse(f"{amount}{unit}")
    assert (span.amount, span.unit, str(span)) == (amount, unit, f"{amount}{unit}")


@pytest.mark.parametrize("bad", ["", "4", "h", "4 h", "-4h", "4.5h", "4hours", "１h", "4w", "1h30m", "999999m"])
def test_what_is_no_duration_is_refused(bad):
    with pytest.raises(ValueError, match="not a duration"):
        Span.parse(bad)


def test_a_day_is_the_sum_of_the_hours_at_work_and_24_hours_by_the_clock():
    calendar = WorkCalendar(ZONE, hours=(Hours.parse("09:00-12:00"), Hours.parse("13:30-18:00")))
    assert calendar.minutes(Span.parse("2d")) == 2 * 450
    assert calendar.minutes(Span.parse("4h")) == 240
    assert Span.parse("2d").clock == timedelta(hours=48)


@pytest.mark.parametrize("text", ["09:00-12:00", "22:00-06:00", "00:00-24:00", "20:00-00:00"])
def test_hours_read_back_as_they_are_written(text):
    assert Hours.parse(str(Hours.parse(text))) == Hours.parse(text)


@pytest.mark.parametrize(
    ("texts", "clash"),
    [
        (["09:00-12:00", "12:00-18:00"], False),
        (["09:00-12:00", "11:59-18:00"], True),
        (["22:00-06:00", "06:00-14:00"], False),
        (["22:00-06:00", "05:00-07:00"], True),
        (["00:00-24:00", "05:00-07:00"], True),
        (["09:00-12:00", "09:00-12:00"], True),
    ],
)
def test_hours_that_share_time_are_found_also_over_midnight(texts, clash):
    assert (overlapping(tuple(Hours.parse(text) for text in texts)) is not None) is clash


@dataclass(frozen=True)
class Keys:
    country: str | None = None
    week: tuple[str, ...] | None = None
    hours: tuple[Hours, ...] | None = None
    closed: tuple[date, ...] | None = None
    open: tuple[date, ...] | None = None


def test_keys_that_a_department_leaves_out_are_the_companys():
    day, shift = date(2026, 12, 24), (Hours.parse("22:00-06:00"),)
    company = Keys(country="CN", week=("mon", "tue"), closed=(day,))
    calendar = build_calendar(ZONE, company, Keys(hours=shift))
    assert (calendar.country, calendar.week, calendar.hours) == ("CN", frozenset({0, 1}), shift)
    assert calendar.closed == {day}


def test_an_empty_list_of_closed_days_hides_the_companys():
    assert build_calendar(ZONE, Keys(closed=(date(2026, 12, 24),)), Keys(closed=())).closed == frozenset()


def test_what_nobody_states_is_monday_to_friday_nine_to_six_without_the_lunch_hour():
    calendar = build_calendar(ZONE, None)
    assert calendar == WorkCalendar(ZONE)
    assert [str(one) for one in calendar.hours] == ["09:00-12:00", "13:00-18:00"]
