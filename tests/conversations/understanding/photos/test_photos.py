"""A purchase order on a picture becomes order.place, every value a guess; the reader is a process that may fail."""

import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from conversations.understanding.photos import (
    PictureProblem,
    Piece,
    available,
    is_picture,
    page_orders,
    picture_words,
    read_page,
    words_on,
)
from tests.support.understanding import NOW

HEAD = [
    ("采购订单", 380, 30),
    ("采购方:华东机械有限公司", 60, 110),
    ("订单编号", 60, 155),
    ("PO-88123", 260, 157),
    ("交货日期:2026-12-15", 60, 200),
    ("收货地址:苏州工业园区星湖街88号", 60, 245),
]
TABLE = [
    ("序号", "产品型号", "数量", "单位", "单价", "金额"),
    ("1", "VA-200", "200", "件", "35", "7000"),
    ("2", "CP-80", "5", "台", "2350", "11750"),
    ("合计", "", "205", "", "", "18750"),
]
FONTS = sorted(map(str, Path("/usr/share/fonts").rglob("NotoSansCJK*.ttc")))


def placed() -> list[tuple[str, int, int]]:
    cells = [
        (text, 60 + 150 * column, 320 + 50 * row)
        for row, texts in enumerate(TABLE)
        for column, text in enumerate(texts)
        if text
    ]
    return [*HEAD, *cells]


def pieces() -> list[Piece]:
    return [Piece(text, left, top, left + 26 * len(text), top + 34, 0.98) for text, left, top in placed()]


def test_a_page_is_one_order_with_a_line_for_each_row_and_every_value_a_guess(understander):
    (order,) = page_orders(read_page(pieces()), understander, now=NOW)
    slots = order.slots
    assert order.name == "order.place"
    assert slots["customer"].value.key == "hdjx"
    assert slots["promise_date"].value.due.date().isoformat() == "2026-12-15"
    assert (slots["po_number"].value, slots["ship_to"].value) == ("PO-88123", "苏州工业园区星湖街88号")
    lines = [(line.product.value.key, line.quantity.value, line.price.value) for line in slots["lines"].value]
    assert lines == [("VA-200", 200, 35), ("CP-80", 5, 2350)]
    assert not any(slot.sure for slot in slots.values())


def test_the_order_of_the_pieces_and_small_slants_do_not_matter(understander):
    slanted = [
        Piece(one.text, one.left, one.top + one.left / 60, one.right, one.bottom + one.left / 60) for one in pieces()
    ]
    straight = page_orders(read_page(pieces()), understander, now=NOW)
    assert page_orders(read_page(slanted[::-1]), understander, now=NOW) == straight


def test_lines_without_a_table_are_read_as_words(understander):
    page = read_page([Piece("新单 华东机械", 10, 10, 200, 40), Piece("A型阀 200件 12月5日交", 10, 60, 300, 90)])
    (order,) = page_orders(page, understander, now=NOW)
    assert page.sheet is None
    assert order.slots["lines"].value[0].product.value.key == "VA-200"


@pytest.mark.parametrize("words", [[], ["祝大家节日快乐"], ["0000", "////", "::"], ["数量 单价"]])
def test_a_picture_of_anything_else_orders_nothing(understander, words):
    page = read_page([Piece(text, 5, 20 * at, 200, 20 * at + 18) for at, text in enumerate(words)])
    assert page_orders(page, understander, now=NOW) == ()


def test_pictures_are_told_by_their_first_bytes():
    assert is_picture(b"\x89PNG\r\n")
    assert not is_picture(b"PK\x03\x04")
    assert words_on(b"PK\x03\x04") is None


@pytest.mark.parametrize(
    ("program", "key"),
    [
        ("import time; time.sleep(30)", "too_slow"),
        ("import sys; sys.exit(3)", "unreadable"),
        ("print('no json')", "unreadable"),
        ("print('[[1]]')", "unreadable"),
        ("import os; os.abort()", "unreadable"),
    ],
)
def test_a_worker_that_fails_is_told_from_one_that_is_slow(program, key):
    with pytest.raises(PictureProblem) as problem:
        picture_words(b"\x89PNG", seconds=0.8, worker=(sys.executable, "-c", program))
    assert problem.value.key == key


@pytest.mark.skipif(not available() or not FONTS, reason="needs gendan[ocr] and a Chinese font")
def test_a_rendered_purchase_order_is_read_from_its_picture(understander):
    picture = Image.new("RGB", (1000, 560), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.truetype(FONTS[0], 28)
    for text, left, top in placed():
        pen.text((left, top), text, font=font, fill="black")
    file = BytesIO()
    picture.save(file, "PNG")
    (order,) = page_orders(read_page(picture_words(file.getvalue())), understander, now=NOW)
    assert order.slots["customer"].value.key == "hdjx"
    assert [line.quantity.value for line in order.slots["lines"].value] == [200, 5]


@pytest.mark.skipif(not available(), reason="needs gendan[ocr]")
def test_a_broken_picture_is_unreadable():
    with pytest.raises(PictureProblem, match="unreadable"):
        picture_words(b"\x89PNG\r\n and then nothing")
