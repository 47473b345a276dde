"""The written utterances are understood: their intents and every slot named, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from conversations.understanding.intents import Intent, Named, Slot
from conversations.understanding.understander import Understander
from tests.support.understanding import LONDON, NOW, understander_of

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Written:
    """One utterance: the text, the kind of answer waited for, and what each intent must be, with its slots.

    `others`: further intents that are right as well ("a|b" in the heading).
    """

    text: str
    expects: str | None
    intents: tuple[tuple[str, dict[str, str]], ...]
    negated: bool = False
    others: tuple[str, ...] = ()


def written(name: str) -> Iterator[Written]:
    section = ""
    for line in (HERE / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line.strip() and not line.startswith("#"):
            said, _, wanted = line.partition(" => ")
            expects = None
            if said.startswith("@"):
                expects, said = said[1:].split(" ", 1)
            negated = section.startswith("negated ")
            meant, *others = section.removeprefix("negated ").split("|")
            if section in {"several", "in order"}:
                parts = [part.strip().partition(" ") for part in wanted.split(" + ")]
                intents = tuple((name, _slots(rest)) for name, _, rest in parts)
            else:
                intents = ((meant, _slots(wanted)),)
            yield Written(said, expects, intents, negated, tuple(others))


def _slots(text: str) -> dict[str, str]:
    return dict(part.strip().split("=", 1) for part in text.split(";") if "=" in part)


def plain(value: object) -> str:
    """A slot's value as the file writes it."""
    if isinstance(value, Slot):
        return plain(value.value)
    if isinstance(value, Named):
        return value.key or f"?{value.said}"
    if hasattr(value, "due"):
        return f"{value.due:%m-%d %H:%M}" if value.has_time else f"{value.due:%m-%d}"
    if isinstance(value, tuple):
        return ",".join(map(plain, value))
    if hasattr(value, "product"):
        price = f"@{plain(value.price)}" if value.price else ""
        return f"{plain(value.product)}*{plain(value.quantity)}{price}"
    if hasattr(value, "mode"):
        sign = {"set": "", "add": "+", "less": "-", "remove": "!"}[value.mode]
        return f"{value.field}:{sign}{plain(value.value)}"
    number = getattr(value, "amount", getattr(value, "value", value))
    return f"{number.normalize():f}" if hasattr(number, "normalize") else str(number)


def right_intents(case: Written, found: tuple[Intent, ...]) -> bool:
    names = [one.name for one in found]
    meant = names == [name for name, _ in case.intents] or (len(names) == 1 and names[0] in case.others)
    return meant and (not found or found[0].negated == case.negated)


def wrong_slots(case: Written, found: tuple[Intent, ...]) -> list[str]:
    wrong = []
    for (_, wanted), intent in zip(case.intents, found, strict=True):
        for name, value in wanted.items():
            got = plain(intent.slots[name]) if name in intent.slots else "-"
            if not re.fullmatch(re.escape(value) + r"( \d\d:\d\d)?" if "-" in value else re.escape(value), got):
                wrong.append(f"{name}: {got} for {value}")
    return wrong


def score(understander: Understander, cases: list[Written], now: datetime = NOW) -> tuple[float, float, list[str]]:
    """Shares of right intents and of wholly right utterances, and what went wrong."""
    intents = slots = 0
    failures = []
    for case in cases:
        found = understander.understand(case.text, now=now, open_dialog=case.expects).intents
        if not right_intents(case, found):
            failures.append(f"{case.text} -> {[one.name for one in found]} for {[name for name, _ in case.intents]}")
            continue
        intents += 1
        wrong = wrong_slots(case, found)
        slots += not wrong
        failures += [f"{case.text} -> {'; '.join(wrong)}"] if wrong else []
    return intents / len(cases), slots / len(cases), failures


@pytest.mark.parametrize(
    "name",
    [
        "utterances_zh",
        "utterances_en",
        "first_seen_1",
        "first_seen_2",
        "first_seen_3",
        "first_seen_4",
        "first_seen_5",
        "first_seen_7",
        "first_seen_en_1",
        "first_seen_8",
        "first_seen_9",
        "first_seen_10",
        "first_seen_11",
        "first_seen_en_3",
    ],
)
def test_the_written_utterances_are_understood(understander, name):
    intents, slots, failures = score(understander, list(written(name)))
    print(f"{name}: intents {intents:.3f}, all slots {slots:.3f}", *failures, sep="\n")  # noqa: T201
    assert intents >= 0.97
    assert slots >= 0.93


@pytest.mark.parametrize("name", ["first_seen_6", "first_seen_en_2"])
def test_what_people_of_another_company_write_is_understood(name):
    intents, slots, failures = score(understander_of("trading"), list(written(name)), LONDON)
    print(f"{name}: intents {intents:.3f}, all slots {slots:.3f}", *failures, sep="\n")  # noqa: T201
    assert intents >= 0.92
    assert slots >= 0.90


def test_there_are_utterances_enough():
    assert len([*written("utterances_zh"), *written("utterances_en")]) >= 600
