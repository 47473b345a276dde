"""What holds for any text, any day and any calendar."""

import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.understanding.dates import OfficeWeek, plausible, read_dates

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
read_dates("2026-12-05T16:00:00Z", now=NOW)  # dateparser takes its time when first asked
HAN = "零一二三四五六七八九"


def han(value: int) -> str:
    tens, ones = divmod(value, 10)
    return ("" if tens < 2 else HAN[tens]) + ("十" if tens else "") + (HAN[ones] if ones or not tens else "")


def written_forms(day: date) -> list[str]:
    month = MONTHS[day.month - 1]
    return [
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}年{han(day.month)}月{han(day.day)}号",
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month[:3]} {day.year}",
        f"{day.day}-{month[:3]}-{day.year}",
    ]


WORDS = ["下周", "五", "前", "12", ".", "/", "5", "月", "日", "号", "by ", "the ", "end of ", "next ", "Friday ", "半", "个", "小时", "后", "到", "-", " ", "三", "天", "内", "am", ":", "30",
         "from ", "Dec ", "th", "年", "底", "Q1 ", "第", "工作日", "2026", "(", ")", "周", "末", "，", "\n", "half ", "past ", "in ", "a ", "week ", "上午", "节", "春节", "最后", "一"]  # fmt: skip


@given(st.dates(date(2026, 11, 24), date(2028, 12, 31)))
def test_a_written_date_is_read_back_in_every_form(day):
    for text in written_forms(day):
        (reading,) = read_dates(f"交期 {text} 华东", now=NOW)
        assert (reading.due.date(), reading.kind, reading.sure) == (day, "day", True), text


@given(st.dates(date(2026, 11, 24), date(2027, 11, 23)))
def test_a_day_without_a_year_is_the_next_one_to_come(day):
    month = MONTHS[day.month - 1]
    for text in (
        f"{day.month}月{day.day}号",
        f"{han(day.month)}月{han(day.day)}日",
        f"{month} {day.day}",
        f"{day.day} {month[:3]}",
    ):
        (reading,) = read_dates(f"ship {text}.", now=NOW)
        assert reading.due.date() == day, text


@given(st.dates(date(2026, 11, 24), date(2027, 11, 23)), st.integers(0, 23), st.integers(0, 59))
def test_a_written_moment_is_read_back(day, hour, minute):
    half = "am" if hour < 12 else "pm"
    for text in (
        f"{day} {hour:02}:{minute:02}",
        f"{MONTHS[day.month - 1]} {day.day} at {hour % 12 or 12}:{minute:02}{half}",
    ):
        (reading,) = read_dates(text, now=NOW)
        assert reading.has_time, text
        assert reading.due == datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE), text


@given(
    st.integers(1, 60),
    st.sampled_from([("天后", 1), ("周后", 7), ("个星期后", 7), (" days later", 1), (" weeks from now", 7)]),
)
def test_a_count_of_days_is_walked(count, unit):
    (reading,) = read_dates(f"{count}{unit[0]}", now=NOW)
    assert reading.due.date() == NOW.date() + timedelta(count * unit[1])


@settings(max_examples=300)
@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=14).map("".join)))
def test_any_text_is_read_or_left_and_spans_are_in_order(text):
    behind = 0
    for reading in read_dates(text, now=NOW):
        start, end = reading.span
        assert behind <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert reading.start.tzinfo is ZONE
        assert reading.due.tzinfo is ZONE
        assert reading.end is None or reading.end > reading.start
        assert plausible(reading, now=NOW) in {"ok", "past", "far"}
        behind = end


@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "1",
        "一",
        "周",
        "1-",
        "1/",
        "a",
        "the ",
        "next ",
        "5月",
        "三天后",
        "in 3 days from ",
        "by ",
        "mon ",
        "from 1 to ",
        "(",
        "3 days before ",
        "第",
        "，周五",
        "half ",
        "8:00",
        "twenty ",
        "最后一个",
        "下",
        "friday of on at ",
        "jan 5 ",
        "周五 Dec 5 3pm 到 ",
        "1.",
        "上午下午",
        "2026-12-05 10:00 ",
        "2026 abc 12 ",
        "- ",
    ],
)
def test_64_kib_of_hostile_text_is_bounded(piece):
    text = (piece * 65536)[:65536]
    read_dates(piece * 3, now=NOW)
    begun = time.process_time()
    read_dates(text, now=NOW)
    assert time.process_time() - begun < 20  # bounded or not; how fast is for the benchmarks


def test_a_naive_now_is_refused():
    with pytest.raises(ValueError, match="aware"):
        read_dates("明天", now=datetime(2026, 11, 24))  # noqa: DTZ001


def test_words_of_a_language_that_is_not_asked_for_are_not_read():
    assert read_dates("next Friday", now=NOW, languages=("zh",)) == ()
    assert read_dates("下周五", now=NOW, languages=("en",)) == ()


def test_hours_are_counted_across_a_change_of_the_clocks():
    zone = ZoneInfo("America/New_York")
    (reading,) = read_dates("in 24 hours", now=datetime(2026, 10, 31, 12, tzinfo=zone))
    assert reading.due == datetime(2026, 11, 1, 11, tzinfo=zone)
    (reading,) = read_dates("tomorrow noon", now=datetime(2026, 10, 31, 12, tzinfo=zone))
    assert reading.due == datetime(2026, 11, 1, 12, tzinfo=zone)


def test_a_stamp_with_its_own_zone_is_moved_to_ours():
    (reading,) = read_dates("ship by 2026-12-05T16:00:00Z", now=NOW)
    assert (reading.due, reading.deadline, reading.rule) == (datetime(2026, 12, 5, 16, tzinfo=UTC), True, "dateparser")


class Closed(OfficeWeek):
    """A calendar with the week of November 30 off, and a spring festival from February 1 on."""

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5 and not date(2026, 11, 30) <= day <= date(2026, 12, 4)

    def closing(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 17, 30, tzinfo=ZONE).astimezone(UTC)  # as calendars tell it

    def holiday(self, name: str, year: int) -> tuple[date, date] | None:
        return (date(2027, 2, 1), date(2027, 2, 20)) if (name, year) == ("spring_festival", 2027) else None


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("4个工作日内", "2026-12-07T00:00"),
        ("within 4 working days", "2026-12-07T00:00"),
        ("春节前", "2027-01-29T00:00"),
        ("after Chinese New Year", "2027-02-22T00:00"),
        ("周五下班前", "2026-11-27T17:30"),
        ("COB tomorrow", "2026-11-25T17:30"),
    ],
)
def test_the_companys_calendar_decides_on_working_days_closing_and_festivals(text, due):
    (reading,) = read_dates(text, now=NOW, days=Closed(ZONE))
    assert reading.due.replace(tzinfo=None) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("昨天", "past"), ("今天", "ok"), ("9:00 today", "past"), ("明年底", "far"), ("next Friday", "ok")],
)
def test_a_promise_lies_between_today_and_a_year_ahead(text, answer):
    now = NOW.replace(hour=22)
    (reading,) = read_dates(text, now=now)
    assert plausible(reading, now=now) == answer


def test_a_day_and_month_that_may_be_swapped_offers_the_other():
    (reading,) = read_dates("deliver 05/06", now=NOW)
    assert (reading.due.month, reading.due.day, reading.sure) == (5, 6, False)
    assert [(other.month, other.day) for other in reading.alternatives] == [(6, 5)]


def test_the_second_weekday_of_a_list_is_of_the_same_week():
    assert [one.due.day for one in read_dates("下周二、周四各送100件", now=NOW)] == [1, 3]


def test_what_was_read_before_is_read_alike_at_another_time_of_the_same_day() -> None:
    """Readings are remembered for the day; a calendar of its own has no memory."""
    table = yaml.safe_load((Path(__file__).parent / "data" / "phrases.yaml").read_text(encoding="utf-8"))
    texts = [*table["reads"], *table["reads_nothing"]]
    texts += [f"客户说{one}要货,不行就{other}交" for one, other in pairwise(list(table["reads"]))]
    times = [datetime(2026, 11, 24, hour, 20, tzinfo=ZONE) for hour in (8, 15)]
    afresh = [[read_dates(text, now=now, days=OfficeWeek(ZONE)) for text in texts] for now in times]
    days = OfficeWeek(ZONE)
    assert [[read_dates(text, now=now, days=days) for text in texts] for now in times] == afresh
