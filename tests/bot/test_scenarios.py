"""Every transcript of tests/scenarios, played through the whole assistant; and that the player of transcripts can say no."""

import json
from typing import Any

import pytest

from tests.support.scenarios import HERE, Playing, aftermath, expectations, is_long, names

ON_POSTGRES = ("orders_one_sentence", "steps_whole_order", "trading/whole_order", "redelivery", "undo_last_change")


def played(name: str, url: str) -> Playing:
    playing = Playing((HERE / f"{name}.jsonl").read_text("utf-8").splitlines(), expectations(name))
    playing.play(url)
    return playing


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long) if is_long(name) else name for name in names()]
)
def test_what_must_come_of_a_transcript_comes_of_it(name: str, sqlite_url: str) -> None:
    assert played(name, sqlite_url).complaints() == []
    assert aftermath(sqlite_url) == []


@pytest.mark.postgres
@pytest.mark.parametrize(
    "name", [name if name in ON_POSTGRES else pytest.param(name, marks=pytest.mark.long) for name in names()]
)
def test_it_is_the_same_on_postgresql(name: str, postgres_url: str) -> None:
    assert played(name, postgres_url).complaints() == []
    assert aftermath(postgres_url) == []


def test_each_transcript_has_its_expectations_and_a_title() -> None:
    assert len(names()) >= 40
    assert {path.name.removesuffix(".expect.yaml") for path in HERE.rglob("*.expect.yaml")} == {
        name.rpartition("/")[2] for name in names()
    }
    for name in names():
        first = (HERE / f"{name}.expect.yaml").read_text("utf-8").splitlines()[0]
        assert first.startswith("about: {title: "), name
        assert expectations(name)["about"]["company"] == (name.rpartition("/")[0] or "pump")


STORY = [
    {
        "at": "2026-11-23T09:00:00+08:00",
        "from": "wangli",
        "text": "新单 华东机械 A型阀200件 单价35 12月8日交 送苏州园区",
    },
    {"from": "wangli", "press": "确认"},
    {"get": "/api/orders/SO-2611-0001", "as": "chen"},
]


@pytest.mark.parametrize(
    ("line", "entry", "complaint"),
    [
        (2, {"to": "heping", "says": ["SO-2611-0009"]}, "does not say"),
        (2, {"to": "heping", "says": ["SO-2611-0001"], "not": ["7,000.00"]}, "says '7,000.00'"),
        (2, {"to": "heping", "buttons": ["上天"]}, "has no button"),
        (2, {"to": "heping", "no_buttons": True}, "has buttons"),
        (2, {"to": "heping", "via": "slack"}, "goes by wecom"),
        (2, {"to": "heping", "urgent": True}, "differs in urgency"),
        (2, {"to": "heping", "at": "2026-11-24"}, "was sent at"),
        (2, {"to": "heping", "edits": True}, "is an edit or not"),
        (2, {"to": "heping", "files": ["x.png"]}, "has no file"),
        (2, {"to": "heping", "times": 2}, "1 messages fit, not 2"),
        (2, {"to": "zhou", "says": []}, "went nothing"),
        (2, {"to": "heping", "say": []}, "means nothing"),
        (2, {"silent": ["heping"]}, "was to hear nothing"),
        (2, {"nobody_else": True}, "nobody else was to hear"),
        (2, {"api": {"status": "open"}}, "no answer of the API"),
        (3, {"api": {"status": "done"}}, "status is 'open'"),
        (3, {"api": {"steps.review.owner": "liu"}}, "steps.review.owner is 'heping'"),
        (3, {"api": {"lines.1.sku": "x"}}, "nothing there"),
        (3, {"http": 404, "api": {}}, "the API answered 200"),
        ("silent", ["heping"], "was to hear nothing"),
        ("silence", ["heping"], "means nothing"),
    ],
)
def test_the_player_says_what_is_not_as_expected(line: Any, entry: Any, complaint: str, sqlite_url: str) -> None:
    expected = {"about": {"title": "x", "company": "pump"}, line: [entry] if isinstance(line, int) else entry}
    playing = Playing([json.dumps(story, ensure_ascii=False) for story in STORY], expected)
    playing.play(sqlite_url)
    assert any(complaint in found for found in playing.complaints()), playing.complaints()
