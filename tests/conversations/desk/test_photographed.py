"""A purchase order sent as a picture: a draft of what was read, guesses marked, stored only when confirmed."""

from dataclasses import replace

from conversations.messages import FileIn
from conversations.understanding.photos import Piece

PNG = b"\x89PNG\r\n\x1a\n"


def picture(*lines):
    words = tuple(
        Piece(text, 20 + 180 * place, 40 * row, 160 + 180 * place, 40 * row + 30)
        for row, texts in enumerate(lines)
        for place, text in enumerate(texts)
    )
    return FileIn("po.png", "image/png", content=PNG, words=words)


ORDER = picture(
    ["采购方:华东机械"],
    ["客户单号:PO-7788"],
    ["交货日期:2026-12-10"],
    ["收货地址:苏州园区"],
    ["型号", "数量", "单位", "单价"],
    ["VA-200", "100", "件", "35"],
)


def test_a_picture_that_was_read_becomes_a_draft_with_every_value_marked(talk):
    shown = talk.say("wangli", files=[ORDER])
    assert "draft.line" in shown.keys
    assert shown.fact("draft.line", "guess")
    placed = talk.press("wangli", "确认")
    assert placed.keys == ["desk.placed"]
    order = talk.order()
    assert [(line["sku"], int(line["quantity"])) for line in order["lines"]] == [("VA-200", 100)]


def test_a_picture_without_an_order_is_an_attachment_like_any_other(talk):
    shown = talk.say("wangli", files=[replace(ORDER, words=())])
    assert "draft.line" not in shown.keys


def test_a_workshop_picture_drafts_nothing(talk):
    assert "draft.line" not in talk.say("zhou", files=[ORDER]).keys
