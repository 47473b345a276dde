from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.channels import Abilities
from conversations.phrasebook import book_for
from conversations.rendering import labelled, numbered, render, shorten, split
from store.messages import Choice, Letter, Phrase

WORDS = book_for("zh", "Asia/Shanghai", datetime(2026, 11, 23, tzinfo=UTC))
LETTER = Letter(
    (Phrase("desk.thanks"),),
    (Choice(Phrase("button.ack"), "step.ack:1.1"), Choice(Phrase("button.done"), "step.done:1.1")),
)


def test_choices_are_numbered_where_the_platform_has_no_buttons():
    (page,) = render(LETTER, WORDS, Abilities(buttons=0))
    assert page.text == "不客气\n1. 收到\n2. 完成"
    assert page.buttons == ()
    assert numbered(LETTER, 2).action == "step.done:1.1"
    assert numbered(LETTER, 3) is None


def test_buttons_stay_buttons_where_there_is_room():
    (page,) = render(LETTER, WORDS, Abilities(buttons=3))
    assert [button.action for button in page.buttons] == ["step.ack:1.1", "step.done:1.1"]
    assert page.text == "不客气"


def test_a_label_is_found_as_it_was_drawn():
    assert labelled(LETTER, "完成", WORDS).action == "step.done:1.1"
    assert labelled(LETTER, "2. 完成", WORDS).action == "step.done:1.1"
    assert labelled(LETTER, "退回", WORDS) is None


def test_the_last_page_carries_the_buttons():
    letter = Letter((Phrase("desk.any_of", {"what": "一句话。" * 30}),), LETTER.choices)
    pages = render(letter, WORDS, Abilities(buttons=2, max_text=50))
    assert all(not page.buttons for page in pages[:-1])
    assert len(pages[-1].buttons) == 2


@given(st.text(min_size=1), st.integers(min_value=4, max_value=60))
def test_nothing_but_blanks_is_lost_by_splitting(text, limit):
    def utf16(piece):
        return len(piece.encode("utf-16-le", "surrogatepass")) // 2

    pieces = list(split(text, limit, utf16))
    assert all(utf16(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_texts_are_cut_at_the_end_of_sentences():
    assert list(split("第一句话。第二句话。第三句", 11)) == ["第一句话。第二句话。", "第三句"]


def test_long_labels_are_shortened():
    assert shorten("一二三四五六", 4) == "一二三…"


@pytest.mark.parametrize(("count", "said"), [(1, "1 try left"), (2, "2 tries left"), (Decimal(1), "1 try left")])
def test_one_is_not_several(count, said):
    book = book_for("en", "UTC", datetime(2026, 11, 30, tzinfo=UTC))
    assert said in book.say(Phrase("refused.code_wrong", {"left": count}))
    assert "1 order," in book.say(Phrase("draft.sum", {"orders": 1, "lines": 3, "amount": None}))
