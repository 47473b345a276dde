import itertools
import time
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from conversations.understanding.normalise import normalise
from conversations.understanding.numbers import read_discounts, read_money, read_numbers, read_quantities, scan

CASES = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text("utf-8"))


FIRST_SEEN = yaml.safe_load(Path(__file__).with_name("first_seen.yaml").read_text("utf-8"))


def seen(kind):
    return pytest.mark.parametrize(("raw", "meant"), FIRST_SEEN[kind].items(), ids=list(FIRST_SEEN[kind]))


def of(kind):
    return pytest.mark.parametrize(("raw", "expected"), CASES[kind].items(), ids=list(CASES[kind]))


def piece(text, span):
    return text[slice(*span)]


@of("quantities")
def test_quantities_are_read(raw, expected) -> None:
    text = normalise(raw).text
    found = [(piece(text, one.span), one.value, one.unit_key) for one in read_quantities(text)]
    assert found == [(written, Decimal(value), key) for written, value, key in expected]


@of("money")
def test_money_is_read(raw, expected) -> None:
    text = normalise(raw).text
    found = [[piece(text, m.span), m.amount, m.currency, m.per, m.role, m.tax] for m in read_money(text)]
    assert found == [[row[0], Decimal(row[1]), *row[2:]] for row in expected]


@of("discounts")
def test_discounts_are_read(raw, expected) -> None:
    text = normalise(raw).text
    assert [(piece(text, one.span), one.factor) for one in read_discounts(text)] == [
        (w, Decimal(f)) for w, f in expected
    ]


@of("numbers")
def test_numbers_are_read(raw, expected) -> None:
    text = normalise(raw).text
    found = [(piece(text, one.span), one.value, one.kind) for one in read_numbers(text)]
    assert found == [(written, Decimal(value), kind) for written, value, kind in expected]


@seen("quantities")
def test_a_quantity_nobody_tried_before_is_read_as_meant(raw, meant) -> None:
    found = [(one.value, one.unit_key) for one in read_quantities(normalise(raw).text.lower())]
    assert found == [(Decimal(meant[0]), meant[1])]


@seen("money")
def test_an_amount_nobody_tried_before_is_read_as_meant(raw, meant) -> None:
    (found,) = read_money(normalise(raw).text.lower())
    assert found.amount == Decimal(meant[0])
    read = (found.currency, found.per, found.role)
    assert [one for one, other in zip(read, meant[1:], strict=True) if other not in {"*", one}] == []


@seen("discounts")
def test_a_discount_nobody_tried_before_is_read_as_meant(raw, meant) -> None:
    assert [one.factor for one in read_discounts(normalise(raw).text.lower())] == [Decimal(meant)]


@seen("numbers")
def test_a_number_nobody_tried_before_is_read_as_meant(raw, meant) -> None:
    assert [one.value for one in read_numbers(normalise(raw).text.lower())] == [Decimal(meant)]


@pytest.mark.parametrize(
    ("text", "sure"), [("两三百个", False), ("100多件", False), ("500-odd pcs", False), ("300个", True)]
)
def test_a_vague_quantity_is_marked(text, sure) -> None:
    assert [one.sure for one in read_quantities(text)] == [sure]


def test_a_company_may_have_units_of_its_own() -> None:
    (found,) = read_quantities("阀芯12模", ["模"])
    assert (found.value, found.unit_key) == (12, "模")


DIGITS = "零一二三四五六七八九"


def chinese(number: int) -> str:
    """A number under 100,000,000 in characters, as taught at school."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = "零" if low and (low < 1000 or high % 10 == 0) else ""
        return chinese(high) + "万" + (gap + chinese(low) if low else "")
    text, gap = "", False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + name
            gap = False
        else:
            gap = True
    return text or "零"


@given(st.integers(1, 99_999_999), st.sampled_from(["件", "箱", "套", "个"]))
def test_a_quantity_in_characters_is_read_back(number, unit) -> None:
    (found,) = read_quantities(f"A型阀{chinese(number)}{unit}")
    assert (found.value, found.unit) == (number, unit)


@given(
    st.decimals("0.01", "99999999", places=2),
    st.sampled_from(["¥{}", "{}元", "${:,}", "USD {:,}", "{} eur", "单价{}", "{:,.2f}美元"]),
)
def test_an_amount_is_read_back(amount, form) -> None:
    (found,) = read_money(form.format(amount))
    assert found.amount == amount


@given(st.integers(1, 10**9), st.sampled_from(["{}件", "{} pcs", "{:,}件", "{:,} boxes"]))
def test_a_quantity_in_digits_is_read_back(number, form) -> None:
    (found,) = read_quantities(form.format(number))
    assert found.value == number


@given(st.text() | st.text("1,.一二千万点半两元块件 -/$@xkMand a half又零多共每单价含税%折打()"))
def test_any_text_is_read_without_complaint(text) -> None:
    for read in (read_numbers, read_quantities, read_money, read_discounts):
        spans = [one.span for one in read(text)]
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


@pytest.mark.parametrize(
    "unit", ["1", "1.", "1,", "一", "一万", "half a ", "one and ", "@1 ", "1 per ", "A1-", "打9折", "$", "单价 "]
)
def test_64_kib_of_anything_are_read_in_bounded_time(unit) -> None:
    text = (unit * 65536)[:65536]
    before = time.process_time()
    numerals = scan(text)
    money = read_money(text, numerals)
    read_quantities(text, (), numerals, money)
    read_numbers(text, numerals)
    read_discounts(text, numerals)
    assert time.process_time() - before < 20  # bounded or not; how fast is for the benchmarks
