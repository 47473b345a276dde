from datetime import date

import pytest

from store.company.numbering import NumberTemplate

DAY = date(2026, 11, 3)


@pytest.mark.parametrize(
    ("template", "number", "scope"),
    [
        ("SO-{yy}{mm}-{seq:04}", "SO-2611-0012", "2026-11"),
        ("{yyyy}{mm}{dd}-{seq:03}", "20261103-012", "2026-11-03"),
        ("HF{yyyy}-{seq:05}", "HF2026-00012", "2026"),
        ("A{seq}", "A12", ""),
        ("订单{seq:06}", "订单000012", ""),
        ("{mm}-{seq:02}", "11-12", "11"),
    ],
)
def test_numbers_are_counted_within_the_smallest_date_field(template, number, scope):
    parsed = NumberTemplate.parse(template)
    assert parsed.number(DAY, 12) == number
    assert parsed.scope(DAY) == scope


def test_two_days_that_give_the_same_prefix_share_a_counter():
    for template in ("{mm}-{seq}", "{yy}{dd}-{seq}", "{seq}", "{yyyy}-{seq}"):
        parsed = NumberTemplate.parse(template)
        days = [date(2026, month, 3) for month in range(1, 13)] + [date(2027, 11, 3)]
        for one in days:
            for other in days:
                assert (parsed.scope(one) == parsed.scope(other)) == (parsed.number(one, 1) == parsed.number(other, 1))


def test_a_number_longer_than_its_width_is_not_cut():
    assert NumberTemplate.parse("S{seq:02}").number(DAY, 12345) == "S12345"


@pytest.mark.parametrize("bad", ["SO", "{seq}{seq}", "{year}-{seq}", "{seq:x}", "{seq", "seq}", "{}-{seq}", "a {seq}"])
def test_a_template_that_cannot_number_is_refused(bad):
    with pytest.raises(ValueError, match=r".+"):
        NumberTemplate.parse(bad)
