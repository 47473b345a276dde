import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.understanding.normalise import normalise, shortened


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("ＶＡ－２００　２００件！！！", "VA-200 200件!"),
        ("請問訂單到哪了？？？謝謝", "请问订单到哪了?谢谢"),
        ("12\u200b3\u202e号", "123号"),
        ("a\u00a0b\u2003c\td\r\ne\rf", "a b c\td\ne\nf"),
        ("发货了🎉好的👍", "发货了 好的👍"),
        ("“华东”‘A阀’「老华」", '"华东"\'A阀\'"老华"'),
        ("cafe\u0301 ¥35 ½吨 12㎏", "café ¥35 ½吨 12kg"),
        ("1️⃣ ①20件", "1 (1)20件"),
        ("好。。。行...吧", "好。行…吧"),
        ("SO—2611–0001", "SO-2611-0001"),
        ("1,200.50 SO-12 a_b|c", "1,200.50 SO-12 a_b|c"),
    ],
)
def test_odd_spellings_become_plain_ones(raw: str, text: str) -> None:
    assert normalise(raw).text == text


@pytest.mark.parametrize(
    ("raw", "piece", "source"),
    [
        ("新单！！！ＶＡ－２００", "VA-200", "ＶＡ－２００"),
        ("🎉請問１２\u200b３號", "123", "１２\u200b３"),
        ("好！\u200b！！行", "!", "！\u200b！！"),
        ("①20件", "20", "20"),
        ("①20件", "1", "①"),
        ("x...\u200by", "y", "y"),
    ],
)
def test_a_piece_of_the_text_is_found_in_the_raw_text(raw: str, piece: str, source: str) -> None:
    plain = normalise(raw)
    start = plain.text.index(piece)
    assert raw[slice(*plain.raw_span(start, start + len(piece)))] == source


@given(st.text(st.characters(exclude_categories=())) | st.text("！!。.~\u200b①1é請a\r\n \u3000\u0301👍🎉"))
def test_any_text_is_normalised_once_and_for_all_and_every_place_leads_back(raw: str) -> None:
    plain = normalise(raw)
    spans = [plain.raw_span(at, at + 1) for at in range(len(plain.text))]
    assert all(0 <= start <= end <= len(raw) for start, end in spans)
    assert all(before[1] <= after[1] and before[0] <= after[0] for before, after in pairwise(spans))
    for char, (start, end) in zip(plain.text, spans, strict=True):
        assert char in normalise(raw[start:end]).text or end - start != 1
    assert plain.raw_span(0, len(plain.text))[1] <= len(raw)


@pytest.mark.parametrize("unit", ["ＶＡ", "订单", "請單", "!！\u200b🎉\u0301a請\n", "!!a", "①", "\u0301"])
def test_64_kib_of_anything_take_a_moment(unit: str) -> None:
    raw = (unit * 65536)[:65536]
    before = time.process_time()
    normalise(raw)
    assert time.process_time() - before < 20  # bounded or not; how fast is for the benchmarks


@pytest.mark.parametrize("raw", ["ﷺ" * 200, "a" * 95 + "ﷺ" * 9, "訂單" * 80, "short"])
def test_a_shortened_text_still_leads_back_to_what_was_typed(raw) -> None:
    plain = shortened(normalise(raw), 100)
    assert len(plain.text) <= 100
    assert raw.startswith(plain.raw)
    assert all(
        0 <= start <= end <= len(plain.raw)
        for start, end in (plain.raw_span(at, at + 1) for at in range(len(plain.text)))
    )
    assert plain.raw_span(0, len(plain.text)) == (0, len(plain.raw))
