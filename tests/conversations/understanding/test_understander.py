"""What holds for any text: nothing is guessed from other people's talk, nothing breaks, nothing takes long."""

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.understanding.intents import CHANGING, INTENTS, Understood
from conversations.understanding.understander import MOST, Understander
from tests.support.understanding import EXAMPLES, NOW, pump, understander_in, understander_of

HERE = Path(__file__).parent
OURS = re.compile(r"\b(?:back|leave|leaving|out|away|off|vacation|holiday)\b", re.IGNORECASE)
WORDS = [
    "0012",
    "12",
    "到哪了",
    "取消",
    "新单",
    "华东",
    "A型阀",
    "200件",
    "单价35",
    "发了",
    "没",
    "吗",
    "延到",
    "周五",
    ",",
    "。",
    "?",
    "ship",
    "shipped",
    "order",
    "for",
    "by",
    "Friday",
    "not",
    "转给",
    "老周",
    "改成",
    "because",
]


def unrelated() -> list[str]:
    data = yaml.safe_load((HERE / "unrelated.yaml").read_text("utf-8"))
    joined = [
        opening + gap + rest
        for language, gap in (("zh", ""), ("en", " "))
        for opening in data[language]["openings"]
        for rest in data[language]["rests"]
    ]
    lines = [line for file in sorted(HERE.glob("unrelated_*.txt")) for line in file.read_text("utf-8").splitlines()]
    return [*data["whole"], *joined, *(line for line in lines if line and line[0] != "#")]


def corpus() -> Iterator[str]:
    folder = os.environ.get("GENDAN_CORPORA")
    for file in sorted(Path(folder).rglob("*.jsonl")) if folder else ():
        for line in file.read_text("utf-8").splitlines():
            yield next(
                value for key in ("text", "input", "Input") if isinstance(value := json.loads(line).get(key), str)
            )


def accepted(understander: Understander, texts: list[str]) -> list[str]:
    """The texts that an intent which changes something is seen in, with its name."""
    found = []
    for text in texts:
        intents = understander.understand(text, now=NOW).intents
        found += [f"{text} -> {one.name} by {one.rule}" for one in intents if one.name in CHANGING and not one.negated]
    return found


def test_talk_that_asks_for_nothing_changes_nothing(understander):
    texts = unrelated()
    wrong = accepted(understander, texts)
    print(len(texts), len(wrong), *wrong, sep="\n")  # noqa: T201
    assert len(texts) >= 1000
    assert len(wrong) / len(texts) < 0.005


def test_sentences_about_dates_and_numbers_rarely_look_like_changes(understander):
    # "I'll be out on Friday" and the like are talk of ours: leave, and coming back.
    texts = [text for text in dict.fromkeys(corpus()) if not OURS.search(text)]
    if not texts:
        pytest.skip("GENDAN_CORPORA names no folder of public sentences")
    wrong = accepted(understander, texts)
    print(len(texts), len(wrong), *wrong, sep="\n")  # noqa: T201
    assert len(wrong) / len(texts) < 0.01


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.lists(st.sampled_from(WORDS), max_size=14).map("".join),
        st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    )
)
def test_any_text_is_understood_asked_about_or_declined(text):
    for expected in (None, "quantity", "text", "yes_no"):
        found = pump().understand(text, now=NOW, open_dialog=expected)
        assert isinstance(found, Understood)
        for intent in found.intents:
            allowed = INTENTS[intent.name]
            assert set(intent.slots) <= allowed
            assert 0 <= intent.confidence <= 1
            for start, end in (intent.span, *(slot.span for slot in intent.slots.values())):
                assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize(
    "piece", ["12发了,", "0012 ", "新单华东A型阀200件 ", "a", "，", "没", "(((", "1", "\n", "改成", "12 shipped and "]
)
def test_hostile_length_takes_no_time(understander, piece):
    text = (piece * 70_000)[:65_536]
    understander.understand("0012到哪了", now=NOW)
    started = time.process_time()
    found = understander.understand(text, now=NOW)
    assert time.process_time() - started < 20  # bounded or not; how fast is for the benchmarks
    assert found.cut == len(text) - MOST


def test_slots_say_where_in_the_raw_text_they_stood(understander):
    text = "０012 已发货 顺豐ＳF1234567890"
    intent = understander.understand(text, now=NOW).intent
    start, end = intent.slots["tracking"].span
    assert text[start:end] == "ＳF1234567890"
    assert intent.slots["orders"].value == ("0012",)


def test_what_was_not_said_has_no_slot(understander):
    assert dict(understander.understand("取消0012", now=NOW).intent.slots).keys() == {"orders"}


def test_unknown_names_are_kept_as_said(understander):
    slots = understander.understand("新单 宏达公司 C型法兰50台", now=NOW).intent.slots
    assert (slots["customer"].value.said, slots["customer"].sure) == ("宏达公司", False)
    assert slots["lines"].value[0].product.value.said == "C型法兰"


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("12到15都发了", "12 13 14 15"),
        ("12-15都发了", "12 13 14 15"),
        ("12 to 15 shipped", "12 13 14 15"),
        ("SO-2611-0012~14发了", "SO-2611-0012 SO-2611-0013 SO-2611-0014"),
        ("12和15都发了", "12 15"),
        ("15到12都发了", "15 12"),
        ("12号和15号单发了", "12 15"),
    ],
)
def test_orders_from_one_to_another_are_all_that_lie_between(understander, text, orders):
    (intent,) = understander.understand(text, now=NOW).intents
    assert intent.name == "step.complete"
    assert intent.value("orders") == tuple(orders.split())


def test_what_the_company_calls_so_is_no_talk_of_other_things():
    company = (EXAMPLES / "trading.yaml").read_text("utf-8").replace("name: Pack\n", "name: Bill\n")
    understander = understander_in(company)
    assert [one.name for one in understander.understand("bill done", now=NOW).intents] == ["step.complete"]
    assert understander_of("trading").understand("bill done", now=NOW).intents == ()
