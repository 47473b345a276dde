"""Whether a step is needed, what waits for what, and when it is due."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.calendars import Hours, Span, WorkCalendar
from store.rules.due import due_of, possible_promise
from store.rules.flow import downstream, next_after, parents_of, ready
from store.rules.rights import RIGHTS, may
from store.rules.when import OrderFacts, compare_amount, holds

OFFICE = WorkCalendar(ZoneInfo("Asia/Shanghai"), hours=(Hours.parse("09:00-12:00"), Hours.parse("13:00-18:00")))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+08:00")


def facts(**more) -> OrderFacts:
    return OrderFacts(Decimal(10000), "hdjx", frozenset({"VA", "VB"}), more.pop("fields", {}), **more)


@pytest.mark.parametrize(
    ("when", "held"),
    [
        (None, True), ({}, True), ({"stock": "short"}, False), ({"amount": ">= 10000"}, True),
        ({"amount": "> 10000"}, False), ({"amount": "<10,000.01"}, True), ({"amount": "10000"}, True),
        ({"customer": ("hdjx", "x")}, True), ({"customer": ("x",)}, False), ({"product": ("VB",)}, True),
        ({"product": ("VC",)}, False), ({"amount": ">= 1", "customer": ("x",)}, False),
        ({"field": {"ship_to": ("present",)}}, False), ({"field": {"ship_to": "absent"}}, True),
    ],
)  # fmt: skip
def test_conditions(when, held) -> None:
    assert holds(when, facts()) is held


@pytest.mark.parametrize(
    ("value", "wanted", "held"),
    [("Suzhou", "present", True), ("", "present", False), ("", "absent", True), (False, "present", True), ("木箱", ("木箱", "纸箱"), True), ("袋", ("木箱",), False)],
)  # fmt: skip
def test_conditions_on_a_field(value, wanted, held) -> None:
    assert holds({"field": {"f": wanted}}, facts(fields={"f": value})) is held


def test_short_is_what_the_stock_says() -> None:
    assert holds({"stock": "short"}, facts(short=True))


@given(st.text())
def test_any_text_is_a_comparison_or_refused_and_never_run_as_code(text) -> None:
    with suppress(ValueError):
        assert compare_amount(text, Decimal(1)) in {True, False}


def test_after_is_the_step_above_unless_it_is_said() -> None:
    table = parents_of([("a", None), ("b", None), ("c", ("a", "b")), ("d", ()), ("e", None)])
    assert table == {"a": (), "b": ("a",), "c": ("a", "b"), "d": (), "e": ("d",)}
    assert next_after(table, "a") == ["b", "c"]


def test_ready_is_what_has_everything_before_it_finished() -> None:
    table = parents_of([("a", None), ("b", None), ("c", ("a",)), ("d", ("b", "c"))])
    assert ready(table, dict.fromkeys("abcd", "waiting")) == ["a"]
    assert ready(table, {"a": "done", "b": "waiting", "c": "waiting", "d": "waiting"}) == ["b", "c"]
    assert ready(table, {"a": "done", "b": "skipped", "c": "active", "d": "waiting"}) == []
    assert ready(table, {"a": "done", "b": "skipped", "c": "done", "d": "waiting"}) == ["d"]


def test_downstream_follows_what_stands_above_it_in_the_file_too() -> None:
    assert downstream({"a": ("c",), "b": ("a",), "c": (), "d": ()}, "c") == ["a", "b"]


def due(**more):
    usual = {"within": None, "before_promise_days": None, "started_at": None, "promise_date": date(2026, 12, 11)}
    found = due_of(calendar=OFFICE, **{**usual, **more})
    return found and f"{found.astimezone(OFFICE.zone):%m-%d %H:%M}"


def test_due_moments() -> None:
    assert due() is None
    assert due(within=Span.parse("1d")) is None
    assert due(within=Span.parse("1d"), started_at=at("11-23T10:00")) == "11-24 10:00"
    assert due(within=Span.parse("1d"), started_at=at("11-23T10:00"), held_minutes=120) == "11-24 12:00"
    assert due(before_promise_days=3) == "12-08 18:00"
    assert due(before_promise_days=3, held_minutes=120) == "12-08 18:00"
    assert due(before_promise_days=0, promise_date=date(2026, 12, 13)) == "12-11 18:00"
    assert due(within=Span.parse("1d"), started_at=at("12-08T17:00"), before_promise_days=3) == "12-08 18:00"
    assert due(before_promise_days=3, postponed_to=at("12-20T10:00")) == "12-20 10:00"


@pytest.mark.parametrize(
    ("until", "days", "possible"),
    [("12-14T15:00", 0, 14), ("12-14T18:00", 0, 14), ("12-14T18:01", 0, 15), ("12-12T10:00", 0, 14), ("12-11T18:00", 1, 14), ("12-14T07:00", 3, 17)],
)  # fmt: skip
def test_the_first_day_that_can_be_promised(until, days, possible) -> None:
    found = possible_promise(OFFICE, at(until), days)
    assert found == date(2026, 12, possible)
    assert at(until) <= OFFICE.before_promise(found, days)


def test_nobody_without_role_or_relation_may_anything() -> None:
    assert not any(may(action, ()) for action in RIGHTS)
    assert {action for action in RIGHTS if may(action, {"contact"})} == {
        "order.follow",
        "order.urge",
        "tracking.share",
    }
