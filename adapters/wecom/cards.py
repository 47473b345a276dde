"""Messages of ours as WeCom's template cards and texts: pure, the same input gives the same bytes.

Limits are the vendor's: task_id at most 128 bytes of [0-9A-Za-z_-@], six buttons, 10 characters on a button, 36 in
the title, 160 beneath it (longer is cut on the screen, so a long text goes ahead of its card as a message of its own).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from conversations.channels import Abilities
from conversations.datafiles import read_data
from conversations.messages import Button, Outgoing

TITLE = 36
UNDER_TITLE = 160
LABEL = 10
_MARKUP = re.compile(r"<(?=/?[A-Za-z@!])")


class ByteAbilities(Abilities):
    """Abilities of a platform that counts UTF-8 bytes."""

    __slots__ = ()

    def text_length(self, text: str) -> int:
        """The text's length in bytes."""
        return len(text.encode("utf-8", "replace"))


LARGEST_TEXT = 2048  # bytes; what is longer would be cut without a word
ABILITIES = ByteAbilities(buttons=6, edits=True, files=True, max_text=2000, label_length=LABEL)


def task_id(message: Outgoing) -> str:
    """The id of a card: the same at each try of the same message, never the same for another one.

    The outbox's key alone would repeat when a book is begun anew, and the platform remembers ids for ever.
    """
    said = repr((message.key, message.account, message.text, [(one.label, one.action) for one in message.buttons]))
    return f"g{re.sub('[^0-9A-Za-z]', '-', message.key)[:40]}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def plain(text: str) -> str:
    """Text that shows as it is written: WeCom would turn <a href> into a link that hides where it leads."""
    return _MARKUP.sub("＜", text)


def fits(text: str, title: int = TITLE, under: int = UNDER_TITLE) -> bool:
    """Whether a card with room for so many characters shows the whole text."""
    return len(_parts(text, title)[1]) <= under


def card(message: Outgoing, *, whole: bool = True, title: int = TITLE) -> dict[str, Any]:
    """A card with buttons. `whole` false: the text went ahead, the card carries its first line alone."""
    first, under = _parts(message.text, title)
    shown = {"title": first or word("press", message.language)}
    found: dict[str, Any] = {"card_type": "button_interaction", "task_id": task_id(message), "main_title": shown}
    if whole and under:
        found["sub_title_text"] = under
    return found | {"button_list": _buttons(message.buttons)}


def renewed(message: Outgoing) -> dict[str, Any]:
    """The card that takes the place of an earlier one; without buttons it carries one that is grey and dead."""
    title, under = _parts(message.text)
    found: dict[str, Any] = {"card_type": "button_interaction", "main_title": {"title": title or "…"}}
    if under:
        found["sub_title_text"] = under if len(under) <= UNDER_TITLE else under[: UNDER_TITLE - 1] + "…"
    if message.buttons:
        return found | {"button_list": _buttons(message.buttons)}
    done = word("done", message.language)
    return found | {"button_list": [{"text": done, "style": 4, "key": "-"}], "replace_text": done}


def word(name: str, language: str) -> str:
    """One of the adapter's own words; Chinese where the language has none."""
    words = _words()
    return words.get(language, words["zh"])[name]


def _buttons(buttons: tuple[Button, ...]) -> list[dict[str, Any]]:
    return [
        {"text": button.label[:LABEL], "style": 1 if place == 0 else 2, "key": button.action}
        for place, button in enumerate(buttons[: ABILITIES.buttons])
    ]


def _parts(text: str, title: int = TITLE) -> tuple[str, str]:
    """The title, and what stands beneath it: the rest, or all of it where the first line is too long for a title."""
    whole = text.strip()
    first, _, rest = whole.partition("\n")
    if len(first) <= title:
        return first, rest.strip("\n")
    return first[: title - 1] + "…", whole


def doctor_words(language: str) -> Mapping[str, str]:
    """What the doctor's findings are called."""
    words: Any = _words()
    found: Mapping[str, str] = words["doctor"][language]
    return found


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    words: Mapping[str, Mapping[str, str]] = read_data(__file__, "words.yaml")
    return words
