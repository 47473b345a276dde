"""Fits a letter to what a platform can draw: buttons or numbered choices, short labels, long texts split at pauses.

The number of a choice is its place in the letter's choices, whatever the platform draws, so that a typed number can be
looked up in the outbox (`numbered`). Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from conversations.channels import Abilities
from conversations.messages import Button, Choice, Letter
from conversations.phrasebook import Phrasebook

_PAUSES = (
    re.compile(r"\n\s*\n"),  # paragraphs
    re.compile(r"\n"),
    re.compile(r"(?<=[。！？；!?…])|(?<=[.;])\s"),  # sentences
    re.compile(r"(?<=[，、,])|\s"),
)
_OWN_LIMIT = 40

LISTED = "desk.option.numbered"
NUMBERED = frozenset({LISTED, "list.step", "list.order", "desk.your_order"})
"""Lines that number the first choices already."""


@dataclass(frozen=True, slots=True)
class Page:
    """One message to send; of several, the last one carries the buttons."""

    text: str
    buttons: tuple[Button, ...] = ()


def render(letter: Letter, words: Phrasebook, abilities: Abilities) -> tuple[Page, ...]:
    """The letter in the receiver's words, as many messages as the platform needs for it.

    Choices that the platform cannot all draw as buttons stand as numbered lines under the text; as many as it can
    draw are buttons all the same.
    """
    whole = words.letter(letter)
    text = whole.text
    if len(whole.buttons) > abilities.buttons:
        listed = sum(phrase.key in NUMBERED for phrase in letter.says)
        numbers = list(enumerate(whole.buttons, 1))[listed:]
        lines = "\n".join(f"{number}. {choice.label}" for number, choice in numbers)
        text = "\n".join(part for part in (text, lines) if part)
    most = abilities.label_length
    buttons = tuple(
        one if len(one.label) <= most else Button(shorten(one.label, most), one.action)
        for one in whole.buttons[: abilities.buttons]
    )
    *first, last = split(text, abilities.max_text, abilities.text_length)
    return (*(Page(piece) for piece in first), Page(last, buttons))


def numbered(letter: Letter, number: int) -> Choice | None:
    """The choice that a typed number means, counted from 1."""
    return letter.choices[number - 1] if 1 <= number <= len(letter.choices) else None


def labelled(letter: Letter, label: str, words: Phrasebook) -> Choice | None:
    """The choice with this label as drawn on any platform, with a number before it, or by how it alone begins."""
    wanted = _bare(label)
    full = [(_bare(words.say(choice.label)), choice) for choice in letter.choices]
    exact = [choice for text, choice in full if text == wanted]
    if exact:
        return exact[0]
    begins = wanted.removesuffix("…")
    longer = [choice for text, choice in full if text.startswith(begins)] if len(begins) > 1 or begins.isdigit() else []
    return longer[0] if len(longer) == 1 else None


def _bare(label: str) -> str:
    return re.sub(r"^\s*\d{1,2}[.)、]\s*", "", label).strip().casefold()


def shorten(label: str, length: int = _OWN_LIMIT) -> str:
    """A label of at most `length` characters."""
    return label if len(label) <= length else label[: length - 1].rstrip() + "…"


def split(text: str, limit: int, length: Callable[[str], int] = len) -> Iterator[str]:
    """Pieces of at most `limit` (in the platform's unit), cut at paragraphs, lines, sentences, words, else anywhere.

    Nothing is lost but blanks at the cuts.
    """
    rest = text.strip("\n")
    while length(rest) > limit:
        head = _fitting(rest, limit, length)
        cut = _pause(head)
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()
    if rest or not text:
        yield rest


def _fitting(text: str, limit: int, length: Callable[[str], int]) -> str:
    """The longest beginning of at most `limit`, at least one character."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return text[:low]


def _pause(head: str) -> int:
    """Where to cut: the last pause of the strongest kind in the second half."""
    for pause in _PAUSES:
        places = [found.end() for found in pause.finditer(head) if len(head) // 2 <= found.end() <= len(head)]
        if places:
            return max(places[-1], 1)
    return len(head)
