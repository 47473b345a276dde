"""The figures of a blind review as a reviewer types them: one by one, or several in a line with their names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from conversations.dialogs.conversation import Conversation
from conversations.dialogs.formwords import Called, Said, plain_text, said_in, without
from conversations.dialogs.reading import day_in, day_of, plain
from conversations.understanding.lexicon import lexicon
from conversations.understanding.numbers import read_numbers

FIGURE = "figure:"
"""Before the name of a figure among the arguments of an approval."""

_WORDS = {
    "amount": "total_word",
    "quantity": "quantity_word",
    "price": "price_word",
    "promise_date": "promise_word",
}
_KINDS = {"promise_date": ("date",), "amount": ("money",), "price": ("money",), "quantity": ("quantity",)}


def figures_in(conv: Conversation, text: str, keys: Sequence[str]) -> dict[str, Any]:
    """What a text gives of the figures wanted: those named, the others by their kind, bare numbers in order.

    Args:
        conv: the conversation.
        text: as typed.
        keys: the figures that a review still wants.
    """
    said = said_in(text, [one for one in _called() if one.field in keys], named_only=True)
    found = {
        one.part.field: value for one in said if (value := _value(conv, one.part.field, str(one.value))) is not None
    }
    entities = conv.read(without(text, said)).entities
    for key in keys:
        kinds = () if key in found else _KINDS.get(key, ())
        values = [plain(one.value) for kind in kinds for one in entities.of(kind)]
        if len(values) == 1:
            found[key] = day_of(conv, values[0]) if key == "promise_date" else values[0]
    open_ones = [key for key in keys if key not in found and key in _WORDS and key != "promise_date"]
    numbers = [plain(one.value) for one in entities.of("number")]
    return found | dict(zip(open_ones, numbers, strict=False)) if len(numbers) <= len(open_ones) else found


def figures_named(text: str) -> list[Said]:
    """The figures that a text gives by name, and where."""
    return said_in(text, _called(), named_only=True)


def as_args(figures: dict[str, Any]) -> dict[str, Any]:
    """Figures as arguments of an approval."""
    return {f"{FIGURE}{key}": value for key, value in figures.items()}


def _value(conv: Conversation, key: str, said: str) -> Any:
    """The value in the words behind a name: a day, a number, or the numbers of several lines."""
    if key == "promise_date":
        return day_in(conv, said)
    numbers = [one.value for one in read_numbers(plain_text(said).lower())]
    return numbers[0] if len(numbers) == 1 else numbers or None


@lru_cache(maxsize=1)
def _called() -> tuple[Called, ...]:
    """What people call the figures of an order; a word for two of them means the amount."""
    words = lexicon().words
    totals = {word for word, concepts in words.items() if _WORDS["amount"] in concepts}
    return tuple(
        Called(
            key,
            tuple(w for w, concepts in words.items() if concept in concepts and (key == "amount" or w not in totals)),
        )
        for key, concept in _WORDS.items()
    )
