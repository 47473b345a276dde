"""Values of forms: what people write, and what is kept."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.messages import Money
from store.refusals import Invalid
from store.rules.forms import check_form, checked, missing_in, require_all
from store.rules.reviewing import Figures, is_blind, still_to_give, wrong_figures
from store.rules.shipping import share_out

TYPES = ("text", "integer", "decimal", "money", "date", "choice", "check", "file")


@dataclass(frozen=True)
class F:
    field: str = "f"
    name: str = "F"
    type: str = "text"
    required: bool = False
    choices: tuple = ("木箱", "Carton")


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        ("text", "  顺丰 ", "顺丰"), ("integer", "１，２００", "1200"), ("integer", "3万", "30000"),
        ("integer", Decimal("5.0"), "5"), ("decimal", "2.50", "2.50"), ("money", "5万", "50000.00"),
        ("money", "￥1,200", "1200.00"), ("money", "35元", "35.00"), ("money", "USD 3.5k", "3500.00"),
        ("money", Money(Decimal(7), "CNY"), "7.00"), ("money", 0, "0.00"), ("date", "2026/12/5", "2026-12-05"),
        ("date", "2026年12月5日", "2026-12-05"), ("date", date(2026, 12, 5), "2026-12-05"),
        ("date", datetime(2026, 12, 5, 9, tzinfo=UTC), "2026-12-05"), ("choice", "CARTON", "Carton"), ("choice", "木箱 ", "木箱"),
        ("check", "是", True), ("check", "No", False), ("check", False, False),
        ("file", {"name": "a.jpg", "sha256": "x", "evil": 1}, {"name": "a.jpg", "sha256": "x"}),
    ],
)  # fmt: skip
def test_what_people_write_is_kept_plainly(kind, raw, kept) -> None:
    assert checked(F(type=kind), raw) == kept


@pytest.mark.parametrize(
    ("kind", "raw"),
    [("integer", "2.5"), ("integer", "many"), ("integer", True), ("decimal", "1e9"), ("decimal", "NaN"), ("money", "-5"), ("money", "五千吧"), ("money", "1.23456"),
     ("date", "2026-02-30"), ("date", "Friday"), ("choice", "袋"), ("check", "maybe"), ("file", "a.jpg"), ("text", "x" * 2001)],
)  # fmt: skip
def test_what_is_not_of_the_type_is_refused_naming_the_field(kind, raw) -> None:
    with pytest.raises(Invalid) as refused:
        checked(F(type=kind), raw)
    assert (refused.value.key, refused.value.facts["field"]) == ("refused.field_value", "f")


@given(st.sampled_from(TYPES), st.text() | st.integers() | st.floats() | st.booleans())
def test_any_value_is_kept_or_refused_and_what_is_kept_is_kept_again(kind, raw) -> None:
    try:
        kept = checked(F(type=kind), raw)
    except Invalid:
        return
    assert checked(F(type=kind), kept) == kept


def test_the_first_missing_field_is_named_with_the_others() -> None:
    form = [F("a", "A"), F("b", "B", required=True), F("c", "C", required=True)]
    with pytest.raises(Invalid) as refused:
        require_all(form, {"a": "x", "b": "  "})
    assert (refused.value.facts["field"], refused.value.facts["others"]) == ("b", ["C"])
    assert missing_in(form, {"b": False, "c": 0}) == []


def test_given_values_stand_over_kept_ones_and_empty_ones_take_them_away() -> None:
    form = [F("a"), F("b")]
    assert check_form(form, {"a": "1", "b": "2"}, {"a": "9", "b": ""}) == {"a": "9"}


# --- reviews and shipments ------------------------------------------------------------------------------------------

TRUTH = Figures(
    Decimal("7000.00"),
    (Decimal(200), Decimal(5)),
    (Decimal(35), Decimal(35)),
    date(2026, 12, 5),
    {"ship_to": "苏州 园区"},
)


def test_blind_is_above_the_amount_and_never_without_one() -> None:
    assert [is_blind(Decimal(n), Decimal(100)) for n in (99, 100, 101)] == [False, False, True]
    assert not is_blind(Decimal(10**9), None)


@pytest.mark.parametrize(
    ("name", "given", "right"),
    [
        ("amount", "７０００", True), ("amount", Money(Decimal(7000), "CNY"), True), ("amount", "7000.01", False),
        ("quantity", "205", True), ("quantity", ["200", "5"], True), ("quantity", ["5", "200"], False),
        ("price", "35", True), ("price", "36", False), ("promise_date", "2026-12-05", True),
        ("promise_date", date(2026, 12, 6), False), ("ship_to", "苏州园区", True), ("ship_to", "无锡", False), ("amount", "?", False),
    ],
)  # fmt: skip
def test_figures_typed_unseen(name, given, right) -> None:
    assert (wrong_figures([name], {name: given}, TRUTH) == []) is right


def test_what_a_blind_review_still_lacks() -> None:
    assert still_to_give(["amount", "quantity"], {"amount": "1", "quantity": ""}) == ["quantity"]


def test_a_shipment_fills_the_lines_of_a_product_in_order() -> None:
    left = [("A", Decimal(5)), ("B", Decimal(2)), ("A", Decimal(5))]
    assert share_out(left, {"A": Decimal(7)}, {"A": "a", "B": "b"}) == [Decimal(5), Decimal(0), Decimal(2)]
    assert share_out(left, None, {}) == [Decimal(5), Decimal(2), Decimal(5)]
