"""Whatever the operations on steps and people say can be said in both languages."""

import re
from pathlib import Path

import pytest

import store
from conversations.phrasebook import LANGUAGES, book_for, phrases
from store.messages import unpack_letter
from store.operations.exceptions import open_exception
from store.operations.handovers import ask_handover
from store.operations.reviews import return_review
from store.rules.rights import RIGHTS
from store.units import Units
from tests.support.clock import Clock
from tests.support.flows import Flows

MODULES = ("cards", "claiming", "exceptions", "flow", "frame", "handovers", "identities", "inviting", "notices", "people",
           "postponing", "promises", "reviews", "steps", "surveys")  # fmt: skip
_SAID = re.compile(r'Phrase\(\s*"([a-z_.]+)"')
_REFUSED = re.compile(r'"(refused\.[a-z_.]+)"')


def keys_in_code() -> set[str]:
    folder = Path(store.__file__ or "").parent
    files = [folder / "operations" / f"{name}.py" for name in MODULES] + sorted((folder / "rules").glob("*.py"))
    text = "\n".join(file.read_text("utf-8") for file in files)
    return set(_SAID.findall(text)) | set(_REFUSED.findall(text)) | {f"right.{action}" for action in RIGHTS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_key_in_the_code_can_be_said(language: str) -> None:
    assert keys_in_code() - set(phrases(language)) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_of_a_busy_order_is_said_without_blanks(units: Units, clock: Clock, language: str) -> None:
    flows = Flows(units)
    order = flows.place({"B1": 60})
    review = flows.step(order, "review")
    flows.act(review.owner, lambda b: return_review(b, review.id or 0, "no"))
    order = flows.place({"A1": 30})
    flows.approve(order)
    step = flows.step(order, "make")
    flows.act("ann", lambda b: open_exception(b, order.number, "special", "red"))
    flows.act(step.owner, lambda b: ask_handover(b, step.id or 0, "moe", "busy"))
    words = book_for(language, "Asia/Shanghai", clock())
    for row in flows.sent():
        rendered = words.letter(unpack_letter(row.body))
        assert rendered.text
        assert not re.search(r"[{}\[\]]|None|Text\(|Phrase\(", rendered.text), rendered.text
        assert all(1 <= len(button.label) <= 20 and len(button.action) <= 60 for button in rendered.buttons)
        print(f"--- {row.person} {row.kind}\n{rendered.text}\n{[b.label for b in rendered.buttons]}")  # noqa: T201 read by eye with -s
