"""A model's proposal quotes the message and is read by our own readers; nonsense is nothing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.understanding.intents import INTENTS, Intent
from conversations.understanding.proposals import NEVER, prompt, read_proposal
from tests.support.understanding import NOW, pump

SAID = "唉 0012 那个阀这礼拜怕是悬喽 下周三吧 铸件还没回来"


def proposed(answer, said=SAID):
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return read_proposal(text, said, pump(), now=NOW)


def test_values_are_read_by_our_own_readers_and_marked_as_guesses():
    found = proposed(
        {"intent": "step.postpone", "slots": {"orders": ["0012"], "until": "下周三", "reason": "铸件还没回来"}}
    )
    assert found.name == "step.postpone"
    assert found.slots["orders"].value == ("0012",)
    assert found.slots["until"].value.due.date().isoformat() == "2026-12-02"
    assert found.slots["reason"].value == "铸件还没回来"
    assert not any(slot.sure for slot in found.slots.values())
    assert found.confidence <= 0.5


def test_lines_and_names_are_looked_up_among_our_own():
    said = "haudong are after another 200 of the A型阀 chaps, thirty five each"
    found = proposed(
        {"intent": "order.place", "slots": {"lines": [{"product": "A型阀", "quantity": "200", "price": "99"}]}}, said
    )
    (line,) = found.slots["lines"].value
    assert (line.product.value.key, line.quantity.value, line.price) == ("VA-200", 200, None)


def test_what_was_not_said_is_left_out():
    found = proposed(
        {"intent": "step.postpone", "slots": {"orders": ["0099"], "until": "下周五", "reason": "客户要求"}}
    )
    assert dict(found.slots) == {}


def test_slots_that_the_intent_does_not_carry_are_left_out():
    assert dict(proposed({"intent": "help", "slots": {"orders": ["0012"], "amount": "12"}}).slots) == {}


@pytest.mark.parametrize("name", sorted(NEVER))
def test_rights_codes_and_consents_are_never_proposed(name):
    assert proposed({"intent": name, "slots": {}}) is None


@pytest.mark.parametrize(
    "answer",
    ["", "null", "[]", "{", "I think you want to cancel", '{"intent": 7}', '{"intent": "drop table"}', "{" * 5000,
     '{"intent": null, "slots": {}}', '```json\n{"intent": "x"}\n```', "[" * 100_000],
)  # fmt: skip
def test_nonsense_is_nothing(answer):
    assert proposed(answer) is None


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(sorted({slot for slots in INTENTS.values() for slot in slots})),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda one: st.lists(one, max_size=3)
        ),
    ),
    st.sampled_from(sorted(INTENTS)),
)
def test_any_slots_are_checked_without_complaint(slots, name):
    found = proposed({"intent": name, "slots": slots})
    assert found is None or (isinstance(found, Intent) and set(found.slots) <= INTENTS[name])


def test_the_prompt_holds_the_words_and_nothing_of_the_company():
    shown = json.dumps(prompt("12怎么办", "2026-11-23"), ensure_ascii=False)
    assert "12怎么办" in shown
    names = {name.spelling for name in pump().vocabulary.names if len(name.spelling) > 2}
    assert not [name for name in names if name in shown]
