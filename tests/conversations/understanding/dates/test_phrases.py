"""The table of phrases in data/phrases.yaml, read back."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from conversations.understanding.dates import DateReading, read_dates
from conversations.understanding.normalise import normalise

ZONE = ZoneInfo("Asia/Shanghai")
DATA = Path(__file__).parent / "data"
TABLE: dict[str, Any] = yaml.safe_load((DATA / "phrases.yaml").read_text(encoding="utf-8"))
FIRST_SEEN: dict[str, list[str]] = yaml.safe_load((DATA / "first_seen.yaml").read_text(encoding="utf-8"))


def moment(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=ZONE)


def written(reading: DateReading) -> str:
    """A reading in the notation of the table."""
    marks = [
        "!" if reading.deadline else "",
        "" if reading.sure else "?",
        "~" if reading.working else "",
        f"={reading.duration.total_seconds() / 3600:g}" if reading.kind == "duration" and reading.duration else "",
    ]
    day = reading.due.strftime("%Y-%m-%d %H:%M" if reading.has_time else "%Y-%m-%d")
    return " ".join([day, *filter(None, marks)])


@pytest.mark.parametrize(("text", "expected"), TABLE["reads"].items())
def test_a_phrase_commits_to_the_day_people_mean(text, expected):
    expected = [expected] if isinstance(expected, str) else expected
    assert [written(one) for one in read_dates(text, now=moment(TABLE["seen_from"]))] == expected


@pytest.mark.parametrize("text", TABLE["reads_nothing"])
def test_numbers_and_talk_that_are_no_dates_give_none(text):
    assert read_dates(text, now=moment(TABLE["seen_from"])) == ()


@pytest.mark.parametrize(("now", "text", "expected"), TABLE["elsewhere"])
def test_the_same_words_mean_another_day_from_another_moment(now, text, expected):
    assert [written(one) for one in read_dates(text, now=moment(now))] == [expected]


@pytest.mark.parametrize("text", [text for text in TABLE["reads"] if text.isascii()])
def test_english_is_read_in_any_case(text):
    now = moment(TABLE["seen_from"])
    assert [one.due for one in read_dates(text.upper(), now=now)] == [one.due for one in read_dates(text, now=now)]


@pytest.mark.parametrize("text", list(TABLE["reads"]))
def test_a_phrase_is_read_alike_inside_a_sentence(text):
    now = moment(TABLE["seen_from"])
    alone = read_dates(text, now=now)
    if not all(one.sure for one in alone):
        pytest.skip("bare forms need their surroundings")
    sentence = f"ok\n{text}\nok" if text.isascii() else f"请在\n{text}\n发货"
    inside = read_dates(sentence, now=now)
    assert [one.due for one in inside] == [one.due for one in alone]
    assert [sentence[slice(*one.span)] for one in inside] == [text[slice(*one.span)] for one in alone]


@pytest.mark.parametrize(("text", "expected"), FIRST_SEEN.items())
def test_a_phrase_nobody_tried_before_is_read_as_meant(text, expected):
    found = read_dates(normalise(text).text.lower(), now=moment(TABLE["seen_from"]))
    days = [one.due.strftime("%Y-%m-%d %H:%M" if one.has_time else "%Y-%m-%d") for one in found]
    assert days in [[day] for day in expected] or (days, expected) == ([], [])
