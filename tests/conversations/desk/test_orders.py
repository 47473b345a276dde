"""Orders by conversation: drafts, corrections, confirmation, changes."""

from datetime import date
from decimal import Decimal

import pytest


def test_an_order_is_stored_only_on_confirmation(talk):
    draft = talk.say("wangli", "新单 华东机械 A型阀200件 单价36 12月5日交 发到苏州园区")
    assert draft.keys[0] == "draft.title"
    assert draft.labels[0] == "确认"
    assert talk.say("liu", "所有订单").keys == ["list.none"]
    placed = talk.say("wangli", "确认")
    assert placed.keys == ["desk.placed"]
    order = talk.order()
    assert (order["customer"]["key"], order["amount"], order["promise_date"]) == ("hdjx", "7200.00", "2026-12-05")
    assert order["fields"] == {"ship_to": "苏州园区"}


def test_missing_things_are_asked_one_at_a_time_in_their_order(talk):
    assert talk.say("wangli", "下单").keys[-1] == "draft.ask.customer_missing"
    assert talk.say("wangli", "华东").keys[-1] == "draft.ask.product_missing"
    assert talk.say("wangli", "特制件").keys[-1] == "draft.ask.quantity"
    assert talk.say("wangli", "12").keys[-1] == "draft.ask.price"
    assert talk.say("wangli", "88.5").keys[-1] == "draft.ask.promise"
    assert talk.say("wangli", "12月10日").keys[-1] == "draft.ask.said"
    assert talk.say("wangli", "苏州").keys[-1] == "draft.confirm"
    talk.press("wangli", "确认")
    line = talk.order()["lines"][0]
    assert (line["sku"], line["quantity"], line["price"]) == ("SP-1", "12", "88.50")


def test_a_line_without_a_price_takes_the_list_price_and_says_so(talk):
    draft = talk.say("wangli", "新单 华东机械 A型阀10件 12月10日交 发到苏州园区")
    assert draft.fact("draft.line", "price").amount == Decimal(35)
    assert draft.fact("draft.line", "listed") is not None


def test_a_question_in_between_does_not_lose_the_draft(talk):
    talk.say("wangli", "新单 华东机械 A型阀10件 12月10日交")
    aside = talk.say("wangli", "A型阀还有多少")
    assert aside.keys == ["stock.one", "desk.draft_kept"]
    assert talk.say("wangli", "苏州园区").keys[-1] == "draft.confirm"


def test_one_field_is_changed_at_any_moment_and_the_old_card_is_stale(talk):
    talk.say("wangli", "新单 华东机械 A型阀10件 12月10日交 发到苏州园区")
    first = talk.units.read(lambda _: None) or "m1"
    again = talk.say("wangli", "数量改600")
    assert again.fact("draft.line", "quantity") == Decimal(600)
    stale = talk.press("wangli", "确认", on=first)
    assert "desk.placed" not in stale.keys
    assert talk.press("wangli", "确认").keys == ["desk.placed"]
    assert talk.order()["lines"][0]["quantity"] == "600"


def test_never_mind_leaves_the_draft(talk):
    talk.say("wangli", "新单 华东机械 A型阀10件 12月10日交")
    assert talk.say("wangli", "取消").keys == ["desk.left_draft"]
    assert talk.say("wangli", "确认").keys == ["desk.nothing_open"]


def test_a_past_promise_is_asked_again_and_a_closed_day_is_marked(talk):
    draft = talk.say("wangli", "新单 华东机械 A型阀10件 2026年11月2日交 发到苏州园区")
    assert draft.keys[-1] == "draft.ask.promise_past"
    again = talk.say("wangli", "12月5日")
    assert again.fact("draft.promise", "day") == date(2026, 12, 5)
    assert again.fact("draft.promise", "closed") is not None


def test_a_repeat_is_asked_about_and_can_be_meant(talk):
    talk.place()
    draft = talk.say("wangli", "新单 华东机械 A型阀10件 12月11日交 发到苏州园区")
    assert draft.keys[-1] == "draft.ask.repeat"
    assert draft.fact("draft.ask.repeat", "number") == "SO-2611-0001"
    assert talk.press("wangli", "不是重复单").keys[-1] == "draft.confirm"


@pytest.mark.parametrize(("words", "quantity"), [("数量改600", 600), ("make it 1", 1)])
def test_a_draft_that_looks_like_a_repeat_is_corrected_like_any_other(talk, words, quantity):
    talk.place()
    assert talk.say("wangli", "新单 华东机械 A型阀10件 12月11日交 发到苏州园区").keys[-1] == "draft.ask.repeat"
    assert talk.say("wangli", words).fact("draft.line", "quantity") == Decimal(quantity)


@pytest.mark.parametrize("words", ["make it 8 A阀", "0001 make it 8 A阀", "0001 8 A阀 instead of 9", "0001改成8件A阀"])
def test_a_product_that_the_order_has_says_which_line_is_changed(talk, words):
    talk.place("新单 华东机械 A型阀10件 B型阀5件 12月11日交 发到苏州园区")
    shown = talk.say("wangli", words)
    assert shown.keys == ["desk.change_draft", "change.item"], shown.text
    assert "A型阀 数量：10 → 8" in shown.text


@pytest.mark.parametrize(
    "words", ["12月11日 送苏州园区 纸箱", "12月11日交,送苏州园区,纸箱", "Dec 11, ship to Suzhou, 纸箱"]
)
def test_an_answer_may_have_more_beside_it(talk, words):
    assert talk.say("wangli", "新单 华东机械 A型阀10件").keys[-1] == "draft.ask.promise"
    draft = talk.say("wangli", words)
    assert draft.keys[-1] == "draft.confirm"
    assert all(part in draft.text for part in ("12月11日", "：纸箱"))
    assert "：苏州园区\n" in draft.text or "：Suzhou\n" in draft.text


def test_what_is_not_plainly_for_the_draft_stays_with_the_answer(talk):
    talk.say("wangli", "新单 华东机械 A型阀10件")
    assert talk.say("wangli", "12月11日之前必须交,急").keys[-1] == "draft.ask.said"


def test_a_total_that_does_not_fit_is_a_question(talk):
    draft = talk.say("wangli", "新单 华东机械 A型阀10件 单价35 总价400 12月10日交 发到苏州园区")
    assert draft.keys[-1] == "draft.ask.total"
    assert talk.say("wangli", "2").fact("draft.line", "price").amount == Decimal(40)


def test_a_salesperson_does_not_order_for_a_colleagues_customer(talk):
    assert talk.say("zhaolei", "新单 华东机械 A型阀10件 12月10日交").keys == ["refused.not_allowed"]
    assert talk.say("liu", "新单 华东机械 A型阀10件 12月10日交 发到苏州园区").keys[-1] == "draft.confirm"


def test_cancelling_asks_for_the_reason_then_for_confirmation(talk):
    number = talk.place()
    assert talk.say("wangli", f"{number}取消").keys == ["desk.ask.reason.order.cancel"]
    shown = talk.say("wangli", "客户不要了")
    assert shown.keys == ["desk.draft.order.cancel"]
    assert talk.order()["status"] == "open"
    assert talk.say("wangli", "好").keys == ["desk.done.order.cancel"]
    assert talk.order()["status"] == "cancelled"


def test_a_change_before_the_review_is_shown_and_applied_on_confirmation(talk):
    number = talk.place()
    shown = talk.say("wangli", f"{number} 改成250件")
    assert shown.keys == ["desk.change_draft", "change.item"]
    assert talk.order()["lines"][0]["quantity"] == "10"
    talk.press("wangli", "确认")
    assert talk.order()["lines"][0]["quantity"] == "250"


def test_this_order_means_the_one_last_spoken_of(talk):
    first = talk.place()
    talk.place("新单 华东机械 B型阀5件 12月11日交 发到苏州园区")
    talk.say("wangli", f"{first}到哪了")
    assert talk.say("wangli", "催一下").fact("desk.urged", "number") == first


def test_after_more_than_a_working_day_the_desk_asks_which(talk):
    talk.place()
    talk.place("新单 华东机械 B型阀5件 12月11日交 发到苏州园区")
    talk.clock.at("2026-11-26T09:00:00+08:00")
    assert talk.say("wangli", "催一下").keys[0] == "desk.ask.which_order"


def test_what_is_not_understood_is_said_and_changes_nothing(talk):
    assert talk.say("wangli", "天王盖地虎").keys == ["desk.not_understood"]


def test_an_english_speaker_places_an_order(talk):
    talk.say("wangli", "speak English")
    draft = talk.say("wangli", "order for 华东: 200 VA-200 @35, deliver Dec 5, ship to Suzhou park")
    assert draft.keys[-1] == "draft.confirm"
    assert talk.press("wangli", "Confirm").keys == ["desk.placed"]


def test_a_bare_yes_answers_what_was_asked_last_and_nothing_below_it(talk):
    talk.say("wangli", "新单 华东机械 A型阀10件 12月10日交 发到苏州园区")
    talk.place("新单 华东机械 B型阀5件 12月11日交 发到苏州园区")
    talk.place("新单 华东机械 B型阀9件 12月11日交 发到苏州园区")
    talk.clock.at("2026-11-26T09:00:00+08:00")
    assert talk.say("wangli", "催一下").keys[0] == "desk.ask.which_order"
    assert "desk.placed" not in talk.say("wangli", "好").keys
