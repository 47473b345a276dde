"""The tables are complete: every intent and button is answered, every phrase exists in both languages."""

import re
from pathlib import Path

import pytest

import conversations
from conversations.desk import HANDLERS
from conversations.dialogs.linking import code_in
from conversations.handlers import ACTIONS
from conversations.phrasebook import phrases
from conversations.understanding.intents import INTENTS

ROOT = Path(conversations.__file__).parent.parent
SOURCES = [
    *(ROOT / "conversations").rglob("*.py"),
    *(ROOT / "store" / "operations").glob("*.py"),
    *(ROOT / "store" / "reads").glob("*.py"),
]
CALL = re.compile(r"(?:Phrase|say|button|Invalid)\(\s*\"([a-z_]+\.[a-z_.]+)\"")
KEY = re.compile(r"^\s+key = \"([a-z_]+\.[a-z_.]+)\"", re.MULTILINE)
BUTTON = re.compile(
    r"f?\"((?:step|review|change|exception|request|order|notice|question|dialog|flow|list)\.[a-z_]+):\{"
)


def test_every_intent_people_can_say_is_answered():
    assert set(INTENTS) <= set(HANDLERS)


def test_every_button_that_is_drawn_does_something():
    drawn = {found for path in SOURCES for found in BUTTON.findall(path.read_text("utf-8"))}
    assert drawn
    assert drawn - {"step.done"} <= set(ACTIONS)


def test_every_phrase_that_is_said_exists_in_both_languages():
    said = {found for path in SOURCES for pattern in (CALL, KEY) for found in pattern.findall(path.read_text("utf-8"))}
    for language in ("zh", "en"):
        assert not {key for key in said if key not in phrases(language)}, language


def test_every_intent_has_a_name_in_both_languages():
    for language in ("zh", "en"):
        assert all(f"intent.{name}" in phrases(language) for name in INTENTS)


@pytest.mark.parametrize("key", sorted(key for key in phrases("zh") if not key.startswith(("date.", "work."))))
def test_a_phrase_has_the_same_blanks_in_both_languages(key):
    zh, en = (set(re.findall(r"\{(\w+)", phrases(language)[key])) for language in ("zh", "en"))
    assert zh == en


@pytest.mark.parametrize(
    "typed",
    [
        "K7QF-2M9D",
        "绑定 K7QF-2M9D",
        "k7qf2m9d",
        "link k7qf 2m9d",
        "Ｋ７ＱＦ－２Ｍ９Ｄ",
        "绑定码是 K7QF 2M9D。",
        "K7QF—2M9D",
    ],
)
def test_a_code_is_found_however_it_was_typed(typed):
    assert re.sub(r"[^A-Z0-9]", "", __import__("unicodedata").normalize("NFKC", code_in(typed)).upper()) == "K7QF2M9D"


@pytest.mark.parametrize("typed", ["你好", "where is my order", "SO-2611-0001到哪了", "13812345678"])
def test_ordinary_words_are_no_code(typed):
    assert code_in(typed) is None
