import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.understanding.normalise import normalise
from conversations.understanding.references import (
    find_carrier,
    read_codes,
    read_order_refs,
    read_phones,
    read_po_numbers,
    read_tracking,
    tracking_url,
)

PATTERN = "SO-{yy}{mm}-{seq:04}"


def orders(raw, pattern=PATTERN, *, weak=False):
    return [
        n for ref in read_order_refs(normalise(raw).text, pattern=pattern) if weak or not ref.weak for n in ref.numbers
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SO-2611-0001 到哪了", ["SO-2611-0001"]),
        ("so26110001到哪了", ["SO-2611-0001"]),
        ("ＳＯ－２６１１－０００１", ["SO-2611-0001"]),
        ("so 2611 0001", ["SO-2611-0001"]),
        ("2611-0001好了", ["SO-2611-0001"]),
        ("0012到哪了", ["0012"]),
        ("SO-0012到哪了", ["0012"]),
        ("#12", ["12"]),
        ("12号单", ["12"]),
        ("单子12", ["12"]),
        ("订单12怎么样", ["12"]),
        ("订单号：12", ["12"]),
        ("SO12", ["12"]),
        ("so 12 shipped", ["12"]),
        ("where is order 12?", ["12"]),
        ("no. 12", ["12"]),
        ("order #12", ["12"]),
        ("12、15、17号单都好了", ["12", "15", "17"]),
        ("订单12、15和17", ["12", "15", "17"]),
        ("#12, #15 and #17", ["12", "15", "17"]),
        ("12-15号单", ["12", "13", "14", "15"]),
        ("订单12到15", ["12", "13", "14", "15"]),
        ("0012-0014", ["0012", "0013", "0014"]),
        ("orders 12 to 14", ["12", "13", "14"]),
        ("0012延到周五", ["0012"]),
        ("0012 改成250件", ["0012"]),
        ("12号和15号单", ["12", "15"]),
        ("12号、13号和15号单", ["12", "13", "15"]),
        ("12号到15号单", ["12", "13", "14", "15"]),
        ("十二号单", ["12"]),
        ("二十一号订单", ["21"]),
        ("5号和12号开会", []),
        ("第十二号单", []),
        ("1-5000号单", []),
        ("新订单200件", []),
        ("A型阀200件单价35 12月5日交 2026-12-05", []),
        ("VA-200 SF1234567890 13800138000 021-65432100", []),
        ("12.5 12/5 3点 0.5吨 50%", []),
    ],
)
def test_orders_are_referred_to_in_many_ways(text, expected) -> None:
    assert orders(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12发了,15还要两天", ["12", "15"]),
        ("12、15、17都好了", ["12", "15", "17"]),
        ("where is 12?", ["12"]),
        ("12 shipped, SF1234567890", ["12"]),
        ("A型阀200件 单价35 12月5日交", []),
        ("200 pcs at 35, 4pm Dec 5", []),
        ("改成250 三天 5号 12点", []),
        ("两小时后 35元 $35 2w 12%", []),
    ],
)
def test_a_bare_number_may_be_an_order_unless_it_is_something_else(text, expected) -> None:
    assert orders(text, weak=True) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("{yyyy}{mm}{dd}-{seq:03}", "20261123-007好了", ["20261123-007"]),
        ("HD{seq:05}", "hd00012 hd12", ["HD00012", "12"]),
        ("PO/{yy}/{seq:04}", "po/26/0012", ["PO/26/0012"]),
    ],
)
def test_a_company_has_its_own_form_of_numbers(pattern, text, expected) -> None:
    assert orders(text, pattern) == expected


@given(
    st.integers(20, 99),
    st.integers(1, 12),
    st.integers(1, 99_999),
    st.sampled_from(["SO-{}-{}", "so{}{}", "so {} {}", "SO_{}/{}"]),
)
def test_a_full_number_is_read_back(year, month, seq, written) -> None:
    assert orders(written.format(f"{year}{month:02}", f"{seq:04}")) == [f"SO-{year}{month:02}-{seq:04}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0012 已发货 顺丰SF1234567890", [("sf", "SF1234567890")]),
        ("12 shipped, SF1234567890123", [("sf", "SF1234567890123")]),
        ("中通 75123456789012", [("zto", "75123456789012")]),
        ("德邦单号：DPK210123456789", [("deppon", "DPK210123456789")]),
        ("shipped by UPS 1Z999AA10123456784", [("ups", "1Z999AA10123456784")]),
        ("fedex 123456789012", [("fedex", "123456789012")]),
        ("DHL 1234567890", [("dhl", "1234567890")]),
        ("EMS EA123456789CN", [("ems", "EA123456789CN")]),
        ("快递单号 773012345678901", [(None, "773012345678901")]),
        ("tracking no. ABC123456789", [(None, "ABC123456789")]),
        ("SO-2611-0001 VA-200 13800138000", []),
        ("顺丰什么时候到", []),
    ],
)
def test_tracking_numbers_tell_their_carrier(text, expected) -> None:
    assert [(one.carrier, one.number) for one in read_tracking(normalise(text).text)] == expected


def test_a_carrier_is_known_by_either_name_and_has_a_page() -> None:
    assert find_carrier("发的联邦快递")[0] == "fedex"
    assert find_carrier("by shunfeng")[0] == "sf"
    assert find_carrier("明天发") is None
    assert tracking_url("ups", "1Z9").endswith("1Z9")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("绑定 K7QF-2M9D", ["K7QF-2M9D"]),
        ("link k7qf 2m9d", ["K7QF-2M9D"]),
        ("k7qf2m9d", ["K7QF-2M9D"]),
        ("Ｋ７ＱＦ－２Ｍ９Ｄ", ["K7QF-2M9D"]),
        ("K7QF - 2M9D", ["K7QF-2M9D"]),
        ("绑定 k7q5-zm9d", ["K7Q5-2M9D"]),
        ("this item here 2026 1205 SO-2611-0001", []),
        ("20261205 VA-200 what when", []),
    ],
)
def test_a_binding_code_is_read_however_it_is_typed(text, expected) -> None:
    assert [one.code for one in read_codes(normalise(text).text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话13800138000", ["13800138000"]),
        ("+86 138 0013 8000", ["+8613800138000"]),
        ("021-65432100", ["02165432100"]),
        ("call +44 20 7946 0958", ["+442079460958"]),
        ("400-820-8820", ["4008208820"]),
        ("SO-2611-0001 SF1380013800012", []),
    ],
)
def test_telephone_numbers_are_read(text, expected) -> None:
    assert [one.number for one in read_phones(normalise(text).text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("客户单号 PO-7788", ["PO-7788"]),
        ("客户单号：7788", ["7788"]),
        ("their PO 4500012", ["4500012"]),
        ("PO# 4500012", ["4500012"]),
        ("po-7788", ["PO-7788"]),
        ("合同号HT2026/11-3", ["HT2026/11-3"]),
        ("possible 4500012", []),
        ("post 200 pcs", []),
    ],
)
def test_the_customers_own_number_is_read(text, expected) -> None:
    assert [one.number for one in read_po_numbers(normalise(text).text)] == expected


READERS = (lambda text: read_order_refs(text, pattern=PATTERN), read_tracking, read_phones, read_codes, read_po_numbers)


@given(st.text() | st.text("0123456789-#号单订SOso到、,和 ~PO+1ZFEDX快递"))
def test_any_text_is_read_without_complaint(text) -> None:
    for read in READERS:
        spans = [one.span for one in read(text)]
        assert all(0 <= start < end <= len(text) for start, end in spans)


@pytest.mark.parametrize(
    "unit", ["1", "0012 ", "#12、", "12-", "SO", "订单", "顺丰 ", "po", "1Z9", "a1b2", "+1 ", "单号 "]
)
def test_64_kib_of_anything_are_read_in_bounded_time(unit) -> None:
    text = (unit * 65536)[:65536]
    before = time.process_time()
    for read in READERS:
        read(text)
    assert time.process_time() - before < 20  # bounded or not; how fast is for the benchmarks
