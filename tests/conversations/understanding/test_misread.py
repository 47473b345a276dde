"""What was once misread and is not any more; each line is a kind of thing, not a sentence to be remembered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.understanding.listing import without_marks
from conversations.understanding.normalise import normalise
from conversations.understanding.references import read_addresses
from conversations.understanding.spelling import Speller, nearest
from tests.conversations.understanding.test_utterances import plain
from tests.support.understanding import NOW


def one(understander, text, dialog=None):
    found = understander.understand(text, now=NOW, open_dialog=dialog).intents
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "dialog", "name", "slots"),
    [
        ("chnage qty of 1 to 120", None, "order.change", {"orders": "1", "changes": "quantity:120"}),
        ("pls cancle 0012", None, "order.cancel", {"orders": "0012"}),
        ("postpne 12 to Friday", None, "step.postpone", {"orders": "12", "until": "11-27"}),
        ("0001取消 不想做了", None, "order.cancel", {"orders": "0001", "reason": "不想做了"}),
        ("agree, but Dec 18", None, "review.approve", {}),
        ("sf998877", None, "step.complete", {"tracking": "SF998877"}),
        ("发南港码头", "yes_no", "order.change", {"changes": "ship_to:南港码头"}),
        ("数量4000 金额140000 交期12月18日", "number", "review.approve", {}),
        ("它什么时候能发", None, "order.show", {}),
        ("我的单到哪了", None, "order.list", {"which": "own"}),
        ("send 12 back because the price is wrong", None, "review.return", {"orders": "12"}),
        ("make 0012 75 units instead of 60", None, "order.change", {"changes": "quantity:75"}),
        ("for order 12 update the address to 5 Harbour Street, Bergen", None, "order.change",
         {"changes": "ship_to:5 Harbour Street, Bergen"}),
        ("push 17 to Monday", None, "step.postpone", {"until": "11-30"}),
        ("won't have 12 ready before Thursday", None, "step.postpone", {"until": "11-26"}),
        ("remind me when the seals arrive", None, "step.snooze", {"event": "remind me when the seals arrive"}),
        ("不对,是200套", "yes_no", "order.change", {"changes": "quantity:200"}),
        ("no, 200", "yes_no", "order.change", {"changes": "quantity:200"}),
        ("木箱", "yes_no", "order.change", {"changes": "packing:木箱"}),
        ("苏州吴中区金山路88号", "yes_no", "order.change", {"changes": "ship_to:苏州吴中区金山路88号"}),
        ("送货地址改一下 0025 改到常州武进区科技路3号", None, "order.change",
         {"orders": "0025", "changes": "ship_to:常州武进区科技路3号"}),
        ("唔該催下12號單", None, "order.urge", {"orders": "12"}),
        ("张三贸易 要10台离心泵50 年前交", None, "order.place", {"customer": "?张三贸易", "lines": "CP-50*10"}),
        ("A阀加强 120件 华东 12月15", None, "order.place", {"customer": "hdjx", "lines": "VA-300*120"}),
        ("金陵 叶轮80个 单价200 12月8日", None, "order.place", {"lines": "IM-80*80@200", "promise_date": "12-08"}),
        ("金陵 电控柜两台 含税3180 元旦前交货", None, "order.place", {"lines": "CB-10*2@3180", "promise_date": "12-31"}),
        ("0022地址改成无锡 客户搬家", None, "order.change", {"changes": "ship_to:无锡", "reason": "客户搬家"}),
        ("2611-12到哪了", None, "order.show", {"orders": "SO-2611-0012"}),
        ("0012迟两日 等料", None, "step.postpone", {"until": "11-25", "reason": "等料"}),
        ("15包好了 3托", None, "step.complete", {"orders": "15"}),
        ("采购不到 0016的密封件停产了", None, "problem.report", {"orders": "0016"}),
        ("采购给3天时间", None, "flow.change", {"step": "purchase"}),
        ("22能今天出吗 特别急", None, "order.urge", {"orders": "22"}),
        ("周师傅手上有什么活", None, "order.list", {"owner": "zhou"}),
        ("0012加到500件", None, "order.change", {"orders": "0012", "changes": "quantity:500"}),
        ("0012加50件", None, "order.change", {"orders": "0012", "changes": "quantity:+50"}),
        ("increase 12 to 500", None, "order.change", {"orders": "12", "changes": "quantity:500"}),
        ("add 50 more to 12", None, "order.change", {"orders": "12", "changes": "quantity:+50"}),
        ("零零一八的单子到哪了", None, "order.show", {"orders": "0018"}),
        ("十八号单发走了", None, "step.complete", {"orders": "18"}),
        ("0027单证齐了", None, "step.complete", {"orders": "0027", "step": "papers"}),
        ("is 12 going to make it for Friday", None, "order.show", {"orders": "12"}),
        ("off tomorrow, back on Friday", None, "person.away", {"from": "11-24", "to": "11-26"}),
        ("not now, ask me again at 5", None, "step.snooze", {"until": "11-23 17:00"}),
        ("buyer backed out of 27, cancel it", None, "order.cancel", {"orders": "27"}),
        ("cancel huadong jixie 12", None, "order.cancel", {"orders": "12", "customer": "hdjx"}),
        ("order for Nangang Water: 5 gear pumps", None, "order.place", {"customer": "ngsh", "lines": "GP-20*5"}),
        ("roger, tmrw noon latest", None, "step.acknowledge", {"until": "11-24 12:00"}),
        ("need until midnight tonight for 12", None, "step.postpone", {"orders": "12", "until": "11-24 00:00"}),
        ("order 300 va-200 for huadong in 2026-W50", None, "order.place", {"lines": "VA-200*300", "promise_date": "12-13"}),
        ("what does Zhou have", None, "order.list", {"owner": "zhou"}),
        ("lmk when anything changes on 0012", None, "order.follow", {"orders": "0012"}),
        ("12 gone w/ fedex 7946 1234 5678", None, "step.complete", {"orders": "12", "tracking": "794612345678"}),
        ("客户北原,型号SP-15,数量40,单价830,备注:分两批发", None, "order.place",
         {"customer": "byny", "lines": "SP-15*40@830", "remark": "分两批发"}),
        ("转:小王你好,我司需A型阀500只,12月20日前交货。南港水务 朱经理", None, "order.place", {"customer": "ngsh"}),
    ],
)  # fmt: skip
def test_it_is_read_as_it_is_meant(understander, text, dialog, name, slots):
    found = one(understander, text, dialog)
    assert found.name == name
    for slot, value in slots.items():
        assert plain(found.slots[slot]).removesuffix(" 18:00") == value


def test_the_numbers_of_a_list_count_nothing(understander):
    text = "1. 华东 A型阀200件 12月5日交 2. 新海 80泵5台 12月20日交"
    orders = understander.understand(text, now=NOW).intents
    assert [(plain(order.slots["customer"]), plain(order.slots["lines"])) for order in orders] == [
        ("hdjx", "VA-200*200"), ("xhhg", "CP-80*5")]  # fmt: skip


def test_the_number_of_a_house_is_no_price(understander):
    slots = one(understander, "new order Huadong 20 VA-200 to Unit 4 Dock Road by Dec 5").slots
    assert plain(slots["ship_to"]) == "Unit 4 Dock Road"
    assert plain(slots["lines"]) == "VA-200*20"


def test_a_place_named_after_a_customer_is_a_place(understander):
    slots = one(understander, "新单 华东 A型阀200件 发南港仓库 12月5日").slots
    assert (plain(slots["customer"]), slots["ship_to"].value) == ("hdjx", "南港仓库")


@pytest.mark.parametrize("text", ["1、2、3都好了", "1.5 吨", "12. 12. 2026", "3. only the third"])
def test_numbers_that_mean_something_stay(text):
    assert without_marks(text) == text


@given(st.text(alphabet="12345. 、)\n(件x", max_size=40))
def test_taking_list_marks_away_keeps_every_place(text):
    assert len(without_marks(text)) == len(text)


@pytest.mark.parametrize(
    "text", ["12 on the road", "20 pcs by road", "12 is still on the road", "order 12 by the road"]
)
def test_what_is_on_the_road_has_no_address(text):
    assert list(read_addresses(text)) == []


@pytest.mark.parametrize(("said", "meant"), [("chnage", "change"), ("canel", "cancel"), ("tommorow", "tomorrow"), ("delivry", "delivery")])  # fmt: skip
def test_a_slip_is_put_right(said, meant):
    assert nearest(said) == meant


@pytest.mark.parametrize("text", ["the house", "for Cancell Ltd", "ship to Shippey", "older people"])
def test_other_words_and_names_are_left_alone(text):
    assert Speller(["Shippey"]).right(normalise(text)).text == text


@given(st.text(max_size=60))
def test_putting_right_leads_back_to_what_was_typed(text):
    found = Speller().right(normalise(text))
    assert found.raw == text
    for at in range(len(found.text)):
        start, end = found.raw_span(at, at + 1)
        assert 0 <= start <= end <= len(text)
