"""Our texts and buttons as Block Kit. A text stands in a rich_text block, where nothing in it can be markup. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.slack.markup import escape
from adapters.slack.words import word
from conversations.channels import Abilities
from conversations.messages import Button

LONGEST = 3900
"""Characters of a text, escaped: chat.update refuses more than 4000, and all blocks together some 13,000."""

_A_BLOCK = 25
_LABEL = 75
_VALUE = 2000
_HOME_LABEL = 40


@dataclass(frozen=True, slots=True)
class EscapedAbilities(Abilities):
    """Slack counts what is sent: an ampersand is five characters."""

    def text_length(self, text: str) -> int:
        """The text's length once it is escaped."""
        return len(escape(text))


ABILITIES = EscapedAbilities(buttons=20, edits=True, files=True, max_text=LONGEST, label_length=40)


@dataclass(frozen=True, slots=True)
class Home:
    """What App Home shows: a text, and buttons whose actions are what pressing them says."""

    text: str
    buttons: tuple[Button, ...] = ()


def blocks(text: str, buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """A message's blocks."""
    return [_text(text), *_rows(buttons)]


def fallback(text: str, buttons: Sequence[Button]) -> str:
    """The text for notifications, and for where blocks are refused: then choices are typed by number."""
    lines = [f"{place}. {button.label}" for place, button in enumerate(buttons, 1)]
    return escape("\n".join((text, *lines)))


def home(shown: Home | None, language: str) -> dict[str, Any]:
    """The App Home tab. None: of somebody whom we do not know."""
    head = {"type": "header", "text": {"type": "plain_text", "text": word("home", language)}}
    if shown is None:
        return {"type": "home", "blocks": [head, _text(word("home_stranger", language))]}
    again = Button(word("refresh_label", language), word("refresh", language))
    body = [_text(shown.text or word("home_none", language)), *_rows((*shown.buttons[:_HOME_LABEL], again))]
    return {"type": "home", "blocks": [head, *body]}


def _text(text: str) -> dict[str, Any]:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def _rows(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    drawn = [
        {
            "type": "button",
            "action_id": f"b{place}",
            "text": {"type": "plain_text", "text": button.label[:_LABEL]},
            "value": button.action[:_VALUE],
        }
        for place, button in enumerate(buttons)
    ]
    return [
        {"type": "actions", "elements": drawn[begin : begin + _A_BLOCK]} for begin in range(0, len(drawn), _A_BLOCK)
    ]
