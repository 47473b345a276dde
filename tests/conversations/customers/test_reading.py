"""What customers ask for beyond status and urging, in the words they type."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.customers import Links, asks_progress, read_customer
from conversations.customers.links import qr_picture

SAID = {
    "wish": [
        "能不能先发一百件过来？工地急用", "麻烦改成380V的", "801先做，778不急", "收货人换成刘师傅", "发货前拍个照", "再要五十件", "取消吧 项目黄了",
        "能提前两天吗", "可以分两批送吗", "别忘了放合格证", "can we get 100 pcs first?", "please add 2 more units", "we'd like to cancel it",
        "we need to push delivery to January", "could you deliver to Tuas instead", "make it 25",
    ],
    "human": ["转人工", "叫你们经理来说", "让王丽给我回个电话", "不想跟机器人说", "can I talk to a real person", "call me please", "I'd like to speak with Han Mei"],
    "complaint": [
        "我要投诉", "质量太差了", "收到的阀有三个是坏的", "少了两件", "到货了 外箱破了", "这都第几次延期了 你们到底行不行", "this is unacceptable",
        "two of the pumps arrived damaged", "wrong item delivered", "I want a refund",
    ],
    "received": ["货收到了，没问题", "确认收货", "阀到了 验收通过", "goods received, thanks", "everything arrived safely"],
    "other": ["发票开了没", "能便宜点吗", "质保多久", "合同还没回传", "你们发顺丰还是德邦", "what is the HS code", "please send the test certificates", "how much for 50 units"],
    "fine": ["好的", "嗯嗯 知道了", "收到 谢谢", "OK 没问题", "那等你们消息", "ok thanks", "got it", "great, thank you"],
    "progress": ["快递单号多少", "还没到啊", "tracking number?", "could you let me know when it ships"],
    "link": ["有没有网页能看进度 发个链接", "is there a tracking page"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SAID.items() for text in texts])
def test_what_a_customer_wants_is_told_by_his_words(kind, text):
    said = read_customer(text, proposal=False)
    assert said is not None
    assert said.kind == kind


@pytest.mark.parametrize(
    "text",
    ["我的货到哪了", "催一下", "PO-778怎么样了", "货到了吗", "货收到了没", "什么时候能发", "where is my order", "has it arrived?", "any news?", "hurry up", "你好"],
)  # fmt: skip
def test_status_and_urging_are_left_to_the_grammar(text):
    assert read_customer(text, proposal=False) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("accept", "好的 就这么办"), ("accept", "同意"), ("accept", "ok that works for us"), ("date", "同意新交期"),
        ("date", "we agree to the new date"), ("refuse", "不同意"), ("refuse", "等不了那么久"), ("refuse", "too late for us"),
        ("condition", "可以，但是运费你们出"), ("condition", "ok but only if you pay the freight"), ("quotation", "报价没问题"), ("quotation", "we accept the quotation"),
    ],
)  # fmt: skip
def test_words_of_consent_count_where_something_was_proposed(kind, text):
    assert read_customer(text, proposal=True).kind == kind


@pytest.mark.parametrize("text", ["同意吗", "好吗?", "能不能接受分批", "is the new date ok?"])
def test_a_question_is_no_consent(text):
    found = read_customer(text, proposal=True)
    assert found is None or found.kind not in {"accept", "date", "quotation"}


def test_what_else_a_message_says_is_handed_on():
    said = read_customer("PO-778到哪了，另外能不能改成木箱", proposal=False)
    assert (said.kind, said.rest) == ("wish", "po-778到哪了")


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_left(text):
    said = read_customer(text, proposal=True)
    assert said is None or said.clause
    assert asks_progress(text) in {True, False}


def test_an_invitation_offers_every_way_that_is_set_up():
    assert Links().invite("K7QF-2M9D") == []
    links = Links("https://g.example/", "pump_bot", "https://work.weixin.qq.com/kf/kfc1?enc_scene=E")
    assert links.invite("K7QF-2M9D") == [
        ("wecom", "https://work.weixin.qq.com/kf/kfc1?enc_scene=E&scene_param=K7QF2M9D"),
        ("telegram", "https://t.me/pump_bot?start=K7QF2M9D"),
        ("web", "https://g.example/join/K7QF2M9D"),
    ]
    assert links.track("abc") == "https://g.example/t/abc"


def test_the_picture_is_a_png():
    assert qr_picture("绑定 K7QF-2M9D").startswith(b"\x89PNG")
