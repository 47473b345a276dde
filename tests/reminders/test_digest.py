"""Digest times and the order of what is late."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from reminders.digest import Lateness, by_cost, is_digest, next_digest
from store.calendars import WorkCalendar
from tests.reminders.conftest import SHANGHAI, at

OFFICE = WorkCalendar(zone=SHANGHAI, country="CN")
TWICE = (8 * 60 + 45, 13 * 60 + 30)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23 08:00", "2026-11-23 08:45"),
        ("2026-11-23 08:45", "2026-11-23 13:30"),
        ("2026-11-23 13:30", "2026-11-24 08:45"),
        ("2026-11-27 14:00", "2026-11-30 08:45"),
        ("2026-09-30 14:00", "2026-10-08 08:45"),
        ("2026-10-09 14:00", "2026-10-10 08:45"),  # a worked Saturday
    ],
)
def test_the_next_digest_is_on_a_working_day(now, expected):
    assert next_digest(TWICE, SHANGHAI, OFFICE, at(now)) == at(expected)


def test_a_digest_keeps_to_the_clock_of_its_reader():
    berlin = ZoneInfo("Europe/Berlin")
    assert next_digest((540,), berlin, OFFICE, at("2026-11-23 09:30")) == at("2026-11-23 16:00")


def test_only_digest_times_are():
    assert is_digest(TWICE, SHANGHAI, OFFICE, at("2026-11-23 08:45"))
    assert not is_digest(TWICE, SHANGHAI, OFFICE, at("2026-11-23 08:46"))
    assert not is_digest(TWICE, SHANGHAI, OFFICE, at("2026-11-22 08:45"))


def late(key, promise="2026-12-20", amount=100, urges=0, due="2026-11-20 12:00"):
    return Lateness(key, at(due), date.fromisoformat(promise), Decimal(amount), urges)


def test_what_costs_most_comes_first():
    things = [
        late("small"),
        late("large", amount=9000),
        late("chased", urges=2),
        late("tomorrow", promise="2026-11-24"),
        late("broken", promise="2026-11-20"),
        late("older", due="2026-11-19 12:00"),
    ]
    order = [one.key for one in by_cost(things, date(2026, 11, 23))]
    assert order == ["broken", "tomorrow", "chased", "large", "older", "small"]
