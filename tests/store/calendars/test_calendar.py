"""Working days and working time: a table of cases, and a slow model that counts minute by minute."""

import timeit
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.calendars import WEEKDAYS, Hours, NoWorkingTime, Span, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")


def hours(*texts):
    return tuple(Hours.parse(text) for text in texts)


PLAIN = WorkCalendar(SHANGHAI)  # 09:00-12:00 and 13:00-18:00, Monday to Friday, no holidays
CHINA = WorkCalendar(SHANGHAI, "CN")
OWN = WorkCalendar(SHANGHAI, "CN", closed=frozenset({date(2027, 2, 11)}), open=frozenset({date(2027, 2, 6)}))
NIGHT = WorkCalendar(SHANGHAI, hours=hours("22:00-06:00"))
ROUND = WorkCalendar(SHANGHAI, hours=hours("06:00-14:00", "14:00-22:00", "22:00-06:00"))
UK = WorkCalendar(LONDON, "GB-ENG", hours=hours("09:00-17:00"))
UK_NIGHT = WorkCalendar(LONDON, week=frozenset(range(7)), hours=hours("22:00-06:00"))
UK_SMALL = WorkCalendar(LONDON, week=frozenset(range(7)), hours=hours("00:30-01:30", "01:30-03:00"))
US = WorkCalendar(NEW_YORK, "US", hours=hours("09:00-17:00"))
SIX = WorkCalendar(SHANGHAI, "CN", week=frozenset(range(6)))

# The week of Monday 2026-11-23 (no holidays in it).
ADD = [
    # the worked examples of the company file's description
    (PLAIN, "2026-11-23T10:00", "1d", "2026-11-24T10:00"),
    (PLAIN, "2026-11-23T18:00", "1d", "2026-11-24T18:00"),
    (PLAIN, "2026-11-24T07:00", "1d", "2026-11-24T18:00"),
    (PLAIN, "2026-11-21T11:00", "1d", "2026-11-23T18:00"),
    (PLAIN, "2026-11-23T10:00", "2h", "2026-11-23T12:00"),
    # closings and openings
    (PLAIN, "2026-11-23T10:00", "121m", "2026-11-23T13:01"),
    (PLAIN, "2026-11-23T12:00", "1m", "2026-11-23T13:01"),
    (PLAIN, "2026-11-23T12:30", "1h", "2026-11-23T14:00"),
    (PLAIN, "2026-11-23T13:00", "5h", "2026-11-23T18:00"),
    (PLAIN, "2026-11-23T13:00", "301m", "2026-11-24T09:01"),
    (PLAIN, "2026-11-23T17:59", "1m", "2026-11-23T18:00"),
    (PLAIN, "2026-11-23T17:59", "2m", "2026-11-24T09:01"),
    (PLAIN, "2026-11-23T18:00", "3h", "2026-11-24T12:00"),
    (PLAIN, "2026-11-23T18:01", "4h", "2026-11-24T14:00"),
    (PLAIN, "2026-11-23T08:59", "3h", "2026-11-23T12:00"),
    (PLAIN, "2026-11-23T09:00", "3h", "2026-11-23T12:00"),
    (PLAIN, "2026-11-23T09:00", "1d", "2026-11-23T18:00"),
    (PLAIN, "2026-11-23T00:00", "1d", "2026-11-23T18:00"),
    (PLAIN, "2026-11-23T23:59", "1d", "2026-11-24T18:00"),
    (PLAIN, "2026-11-27T17:00", "2h", "2026-11-30T10:00"),
    (PLAIN, "2026-11-27T18:00", "1m", "2026-11-30T09:01"),
    (PLAIN, "2026-11-28T12:00", "30m", "2026-11-30T09:30"),
    (PLAIN, "2026-11-29T23:59", "30m", "2026-11-30T09:30"),
    (PLAIN, "2026-11-23T10:00", "5d", "2026-11-30T10:00"),
    (PLAIN, "2026-11-30T16:00", "1d", "2026-12-01T16:00"),  # over the end of a month
    (PLAIN, "2026-12-31T16:00", "1d", "2027-01-01T16:00"),  # and of a year, without holidays
    (PLAIN, "2028-02-28T16:00", "1d", "2028-02-29T16:00"),  # a leap day
    (PLAIN, "2026-11-23T10:00", "0m", "2026-11-23T10:00"),
    (PLAIN, "2026-11-21T10:00", "0m", "2026-11-21T10:00"),
    # holidays and moved working days (调休) of China, 2026
    (CHINA, "2025-12-31T16:00", "4h", "2026-01-04T11:00"),  # Sunday the 4th is worked
    (CHINA, "2026-02-13T17:00", "2h", "2026-02-14T10:00"),  # Saturday is worked
    (CHINA, "2026-02-14T17:00", "2h", "2026-02-24T10:00"),  # spring festival, nine days
    (CHINA, "2026-02-27T17:00", "2h", "2026-02-28T10:00"),
    (CHINA, "2026-04-03T17:00", "2h", "2026-04-07T10:00"),  # qingming with its Monday
    (CHINA, "2026-04-30T17:00", "2h", "2026-05-06T10:00"),
    (CHINA, "2026-05-08T17:00", "2h", "2026-05-09T10:00"),
    (CHINA, "2026-06-18T17:00", "2h", "2026-06-22T10:00"),
    (CHINA, "2026-09-19T12:00", "1h", "2026-09-20T10:00"),
    (CHINA, "2026-09-24T17:00", "2h", "2026-09-28T10:00"),
    (CHINA, "2026-09-30T17:00", "2h", "2026-10-08T10:00"),
    (CHINA, "2026-10-09T17:00", "2h", "2026-10-10T10:00"),
    (OWN, "2027-02-05T12:00", "1h", "2027-02-06T10:00"),  # own open day over the holiday
    (OWN, "2027-02-06T18:00", "1h", "2027-02-12T10:00"),  # own closed day after the holidays
    # night shifts belong to the day they start
    (NIGHT, "2026-11-23T23:00", "2h", "2026-11-24T01:00"),
    (NIGHT, "2026-11-24T06:00", "1h", "2026-11-24T23:00"),
    (NIGHT, "2026-11-23T22:00", "1d", "2026-11-24T06:00"),
    (NIGHT, "2026-11-28T05:00", "1h", "2026-11-28T06:00"),  # Saturday morning is Friday's
    (NIGHT, "2026-11-28T05:00", "2h", "2026-11-30T23:00"),
    (NIGHT, "2026-11-23T03:00", "1h", "2026-11-23T23:00"),  # Monday morning would be Sunday's
    (NIGHT, "2027-01-01T02:00", "1h", "2027-01-01T03:00"),  # the old year's shift
    (ROUND, "2026-11-23T06:00", "1d", "2026-11-24T06:00"),
    (ROUND, "2026-11-23T13:00", "2h", "2026-11-23T15:00"),
    (ROUND, "2026-11-28T05:00", "2h", "2026-11-30T07:00"),
    # a day shift does not feel the change of the clock
    (UK, "2026-03-27T16:00", "2h", "2026-03-30T10:00"),
    (UK, "2026-10-23T16:00", "2h", "2026-10-26T10:00"),
    (US, "2026-03-06T16:00", "2h", "2026-03-09T10:00"),
    (US, "2026-11-25T16:00", "2h", "2026-11-27T10:00"),  # thanksgiving
    (UK, "2026-12-24T16:00", "2h", "2026-12-29T10:00"),  # Christmas, boxing day moved to Monday
    (UK, "2026-04-02T16:00", "2h", "2026-04-07T10:00"),  # Easter in England
    # a night shift does: 28 March 2026 has 7 hours, 24 October 9
    (UK_NIGHT, "2026-03-28T22:00", "7h", "2026-03-29T06:00"),
    (UK_NIGHT, "2026-03-28T22:00", "8h", "2026-03-29T23:00"),
    (UK_NIGHT, "2026-10-24T22:00", "9h", "2026-10-25T06:00"),
    (UK_NIGHT, "2026-10-24T22:00", "10h", "2026-10-25T23:00"),
    # hours that begin or end in the gap: 01:30 does not exist on 29 March 2026; the clock shows 00:59, then 02:00
    (UK_SMALL, "2026-03-29T00:30", "30m", "2026-03-29T02:00"),
    (UK_SMALL, "2026-03-29T00:30", "90m", "2026-03-29T03:00"),
    (UK_SMALL, "2026-03-29T00:30", "91m", "2026-03-30T00:31"),
]


def at(calendar, text):
    return datetime.fromisoformat(text).replace(tzinfo=calendar.zone)


@pytest.mark.parametrize(("calendar", "start", "span", "end"), ADD)
def test_working_time_from_a_moment_on(calendar, start, span, end):
    found = calendar.add_span(at(calendar, start), Span.parse(span))
    assert found == at(calendar, end)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(("calendar", "start", "span", "end"), ADD)
def test_what_was_added_has_elapsed(calendar, start, span, end):
    minutes = calendar.minutes(Span.parse(span))
    assert calendar.elapsed(at(calendar, start), at(calendar, end)) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("calendar", "start", "span", "end"), ADD)
def test_going_back_as_far_as_was_added_leads_to_the_last_start_that_leads_here(calendar, start, span, end):
    minutes = calendar.minutes(Span.parse(span))
    back = calendar.back(at(calendar, end), minutes)
    assert back >= at(calendar, start)
    assert calendar.add(back, minutes) == at(calendar, end)


DAYS = [
    *[(CHINA, f"2026-01-0{day}", worked) for day, worked in zip(range(1, 6), [0, 0, 0, 1, 1], strict=True)],
    *[(CHINA, f"2026-02-{day}", worked) for day, worked in [(13, 1), (14, 1), (15, 0), (16, 0), (20, 0), (21, 0)]],
    *[(CHINA, f"2026-02-{day}", worked) for day, worked in [(22, 0), (23, 0), (24, 1), (28, 1)]],
    *[(CHINA, f"2026-04-0{day}", worked) for day, worked in [(3, 1), (4, 0), (5, 0), (6, 0), (7, 1)]],
    *[(CHINA, f"2026-05-0{day}", worked) for day, worked in [(1, 0), (4, 0), (5, 0), (6, 1), (9, 1)]],
    *[(CHINA, f"2026-{day}", worked) for day, worked in [("06-19", 0), ("09-20", 1), ("09-25", 0), ("10-01", 0)]],
    *[(CHINA, f"2026-10-{day}", worked) for day, worked in [("07", 0), ("08", 1), ("10", 1), ("11", 0)]],
    *[(SIX, f"2026-{day}", worked) for day, worked in [("02-21", 0), ("10-04", 0), ("10-17", 1), ("05-02", 0)]],
    *[(OWN, f"2027-02-{day}", worked) for day, worked in [("06", 1), ("10", 0), ("11", 0), ("12", 1)]],
    *[(UK, f"2026-{day}", worked) for day, worked in [("04-03", 0), ("04-06", 0), ("08-31", 0), ("12-28", 0)]],
    *[(US, f"2026-{day}", worked) for day, worked in [("07-03", 0), ("11-26", 0), ("11-27", 1)]],
    (US, "2027-12-31", 0),  # observed for New Year's Day of 2028, a Saturday
]


@pytest.mark.parametrize(("calendar", "day", "worked"), DAYS)
def test_a_day_is_worked_or_not(calendar, day, worked):
    assert calendar.is_working_day(date.fromisoformat(day)) is bool(worked)


PROMISES = [
    (PLAIN, "2026-12-04", 0, "2026-12-04T18:00"),
    (PLAIN, "2026-12-04", 3, "2026-12-01T18:00"),
    (PLAIN, "2026-12-05", 0, "2026-12-04T18:00"),  # a Saturday: the last working day up to it
    (PLAIN, "2026-12-06", 3, "2026-12-01T18:00"),
    (PLAIN, "2026-12-07", 1, "2026-12-04T18:00"),
    (PLAIN, "2026-12-01", 2, "2026-11-27T18:00"),
    (CHINA, "2026-10-05", 0, "2026-09-30T18:00"),
    (CHINA, "2026-10-12", 1, "2026-10-10T18:00"),  # a Saturday that is worked
    (CHINA, "2026-02-24", 1, "2026-02-14T18:00"),
    (NIGHT, "2026-12-04", 0, "2026-12-05T06:00"),
    (UK, "2026-03-30", 1, "2026-03-27T17:00"),
]


@pytest.mark.parametrize(("calendar", "promise", "days", "due"), PROMISES)
def test_days_before_a_promise_end_at_closing(calendar, promise, days, due):
    assert calendar.before_promise(date.fromisoformat(promise), days) == at(calendar, due)


HOLIDAYS = [
    (CHINA, "spring_festival", 2026, "2026-02-15", "2026-02-23"),
    (CHINA, "national_day", 2026, "2026-10-01", "2026-10-07"),
    (CHINA, "new_year", 2026, "2026-01-01", "2026-01-03"),
    (CHINA, "labour_day", 2026, "2026-05-01", "2026-05-05"),
    (CHINA, "qingming", 2026, "2026-04-04", "2026-04-06"),
    (CHINA, "dragon_boat", 2026, "2026-06-19", "2026-06-21"),
    (CHINA, "mid_autumn", 2026, "2026-09-25", "2026-09-27"),
    (UK, "christmas", 2026, "2026-12-25", "2026-12-28"),
    (UK, "easter", 2026, "2026-04-03", "2026-04-06"),
    (UK, "labour_day", 2026, "2026-05-02", "2026-05-04"),
    (US, "thanksgiving", 2026, "2026-11-26", "2026-11-26"),
    (US, "national_day", 2026, "2026-07-03", "2026-07-05"),
    (US, "new_year", 2028, "2027-12-31", "2028-01-02"),
]


@pytest.mark.parametrize(("calendar", "name", "year", "first", "last"), HOLIDAYS)
def test_a_holiday_is_its_whole_stretch_of_days_off(calendar, name, year, first, last):
    assert calendar.holiday(name, year) == (date.fromisoformat(first), date.fromisoformat(last))


def test_a_holiday_that_the_country_does_not_have_is_none():
    assert UK.holiday("spring_festival", 2026) is None
    assert PLAIN.holiday("christmas", 2026) is None
    assert CHINA.holiday("no such day", 2026) is None


@pytest.mark.parametrize(
    ("calendar", "moment", "opens"),
    [
        (PLAIN, "2026-11-23T10:00", "2026-11-23T10:00"),
        (PLAIN, "2026-11-23T12:00", "2026-11-23T13:00"),
        (PLAIN, "2026-11-27T18:00", "2026-11-30T09:00"),
        (NIGHT, "2026-11-28T05:59", "2026-11-28T05:59"),
        (NIGHT, "2026-11-28T06:00", "2026-11-30T22:00"),
        (NIGHT, "2027-01-01T00:30", "2027-01-01T00:30"),
    ],
)
def test_the_next_moment_at_which_work_is_done(calendar, moment, opens):
    assert calendar.next_open(at(calendar, moment)) == at(calendar, opens)


def test_a_moment_in_a_night_shift_counts_to_the_day_it_began():
    assert NIGHT.day_of(at(NIGHT, "2026-11-28T02:00")) == date(2026, 11, 27)
    assert NIGHT.day_of(at(NIGHT, "2026-11-28T07:00")) == date(2026, 11, 28)


def test_nothing_elapses_backwards_or_while_closed():
    assert PLAIN.elapsed(at(PLAIN, "2026-11-24T10:00"), at(PLAIN, "2026-11-23T10:00")) == timedelta()
    assert PLAIN.elapsed(at(PLAIN, "2026-11-28T10:00"), at(PLAIN, "2026-11-29T10:00")) == timedelta()


def test_a_year_of_working_time_is_the_sum_of_its_days():
    first, last = at(CHINA, "2026-01-01T00:00"), at(CHINA, "2027-01-01T00:00")
    worked = sum(CHINA.is_working_day(date(2026, 1, 1) + timedelta(days=day)) for day in range(365))
    assert CHINA.elapsed(first, last) == timedelta(hours=8 * worked)


def test_years_ahead_are_reached():
    assert CHINA.add_span(at(CHINA, "2026-11-23T10:00"), Span.parse("2000d")).year == 2034


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(TypeError):
        PLAIN.add(datetime(2026, 11, 23, 10), 5)  # noqa: DTZ001
    with pytest.raises(ValueError, match="negative"):
        PLAIN.add(at(PLAIN, "2026-11-23T10:00"), -1)


def test_a_calendar_that_never_opens_says_so():
    never = WorkCalendar(SHANGHAI, week=frozenset())
    for ask in (never.next_open, lambda moment: never.add(moment, 1), lambda moment: never.back(moment, 1)):
        with pytest.raises(NoWorkingTime):
            ask(at(never, "2026-11-23T10:00"))
    with pytest.raises(NoWorkingTime):
        never.next_working_day(date(2026, 11, 23))


def test_questions_over_months_are_cheap():
    first, last = at(CHINA, "2026-03-23T10:00"), at(CHINA, "2026-11-23T10:00")
    CHINA.elapsed(first, last)
    best = min(timeit.repeat(lambda: CHINA.elapsed(first, last), number=200, repeat=5)) / 200
    assert best < 0.001  # some 10 microseconds on an idle machine


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001
    lambda when: when.replace(second=0, microsecond=0)
)
clocks = st.integers(0, 95).map(lambda quarter: quarter * 15)


@st.composite
def calendars(draw):
    marks = sorted(draw(st.lists(clocks, min_size=2, max_size=6, unique=True)))
    pairs = [Hours(*pair) for pair in zip(marks[::2], marks[1::2], strict=False)]
    if draw(st.booleans()) and len(marks) % 2 == 0 and marks[0] > 0:
        pairs[-1] = Hours(pairs[-1].start, 1440 + draw(st.integers(0, marks[0] // 15)) * 15)
    week = draw(st.sets(st.integers(0, 6), min_size=1))
    zone = draw(st.sampled_from([SHANGHAI, LONDON, NEW_YORK, ZoneInfo("Australia/Lord_Howe")]))
    country = draw(st.sampled_from([None, "CN", "US"]))
    return WorkCalendar(zone, country, frozenset(week), tuple(pairs))


def working_minutes(calendar, start):
    """The slow model: one minute after the other, each asked of the wall clock whether it is worked."""
    minute = start
    while True:
        local = minute.astimezone(calendar.zone)
        clock = local.hour * 60 + local.minute
        today, before = local.date(), local.date() - timedelta(days=1)
        worked = (calendar.is_working_day(today) and any(one.start <= clock < one.end for one in calendar.hours)) or (
            calendar.is_working_day(before) and any(one.start <= clock + 1440 < one.end for one in calendar.hours)
        )
        yield minute, worked
        minute += timedelta(minutes=1)


def changes_its_clock(calendar, first, last):
    return first.astimezone(calendar.zone).utcoffset() != last.astimezone(calendar.zone).utcoffset()


@settings(max_examples=60, deadline=None)
@given(calendars(), moments, st.integers(1, 600))
def test_add_and_elapsed_agree_with_counting_minute_by_minute(calendar, moment, minutes):
    start = moment.replace(tzinfo=calendar.zone).astimezone(UTC)
    end = calendar.add(start, minutes)
    if end - start > timedelta(days=12) or changes_its_clock(calendar, start, end + timedelta(days=1)):
        return  # too long for a slow model; an hour shown twice has tests of its own
    left = minutes
    for minute, worked in working_minutes(calendar, start):
        left -= worked
        if left == 0:
            assert end == minute + timedelta(minutes=1)
            break
    assert calendar.elapsed(start, end) == timedelta(minutes=minutes)
    assert calendar.back(end, minutes) >= start


@settings(max_examples=200, deadline=None)
@given(calendars(), st.lists(moments, min_size=3, max_size=3))
def test_elapsed_time_adds_up_in_any_zone_through_any_change_of_the_clock(calendar, found):
    one, two, three = sorted(moment.replace(tzinfo=calendar.zone).astimezone(UTC) for moment in found)
    whole = calendar.elapsed(one, three)
    assert calendar.elapsed(one, two) + calendar.elapsed(two, three) == whole
    assert whole <= three - one
    minutes = int(whole.total_seconds() // 60)
    assert calendar.add(one, minutes) <= three


def test_weekdays_are_named_in_their_order():
    assert [WEEKDAYS.index(date(2026, 11, 23 + day).strftime("%a").lower()) for day in range(7)] == list(range(7))
