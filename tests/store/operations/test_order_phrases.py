"""Whatever the operations on orders say can be said in both languages."""

import re
from datetime import date
from pathlib import Path

import pytest

import store
from conversations.phrasebook import LANGUAGES, book_for, phrases
from store.messages import unpack_letter
from store.operations.changes import FieldChange, plan_change
from store.operations.changing import apply_change, decide_change
from store.operations.following import follow
from store.operations.holds import cancel_order, hold_order, resume_order
from store.operations.taking_back import take_back
from store.operations.urging import urge
from store.reads.status import status_of
from store.reads.timeline import timeline, why_late

_SAID = re.compile(r'Phrase\(\s*"([a-z_.]+)"')
_REFUSED = re.compile(r'"(refused\.[a-z_.]+)"')
_RECORDED = re.compile(r'record\(\s*"([a-z_.]+)"|what="([a-z]+\.[a-z_.]+)"')


def code():
    folder = Path(store.__file__ or "").parent
    return "\n".join(
        file.read_text("utf-8") for part in ("operations", "reads") for file in (folder / part).glob("*.py")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_in_the_code_has_its_words(language):
    said = set(_SAID.findall(code())) | set(_REFUSED.findall(code()))
    done = {f"did.{one or other}" for one, other in _RECORDED.findall(code())}
    assert (said | done) - set(phrases(language)) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_told_about_an_order_is_said_without_blanks(desk, clock, language):
    number = desk.place(quantity=100)
    desk.finish(number, "review")
    for who in ("zheng", "li"):
        desk.as_(who, follow, number)
    changes = [
        FieldChange("quantity", None, 150),
        FieldChange("promise_date", None, date(2026, 12, 11)),
        FieldChange("ship_to", None, "无锡"),
        FieldChange("po_number", None, "PO-1"),
    ]
    plan = desk.as_("wangli", plan_change, number, changes)
    first, second = desk.as_("wangli", apply_change, plan, "客户加量").pending
    desk.as_(first.reviewer, decide_change, first.id, None, True)
    desk.as_(second.reviewer, decide_change, second.id, None, False, "太晚")
    desk.as_("li", urge, number, "急用")
    desk.as_("wangli", hold_order, number, "等款")
    desk.as_("wangli", resume_order, number)
    desk.as_("wangli", cancel_order, number, "不要了")
    desk.place(quantity=3)
    desk.as_("wangli", take_back)
    words = book_for(language, "Asia/Shanghai", clock.now)
    for row in desk.pushes():
        text = words.letter(unpack_letter(row.body)).text
        assert text.strip()
        assert not re.search(r"[{}\[\]]|None", text), text

    def stories(book):
        order = book.order(number)
        status, why = status_of(book, order), why_late(book, order)
        return [
            *status.events,
            *(one.what for one in timeline(book, order)),
            *(c for o in why.overruns for c in o.causes),
        ]

    for phrase in desk.look(stories):
        assert not re.search(r"[{}\[\]]|None", words.say(phrase)), words.say(phrase)
