"""Slack's notation of texts: `&amp; &lt; &gt;`, and whatever stands in angle brackets. Pure."""

from __future__ import annotations

import re

_BRACKET = re.compile(r"<([^<>\n]*)>")
_MENTION = re.compile(r"@([UW][A-Z0-9]+)\Z")
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


def escape(text: str) -> str:
    """Text that Slack shows as it is written: nothing in it names a person, a channel or everybody."""
    for sign, escaped in _ESCAPES:
        text = text.replace(sign, escaped)
    return text


def unescape(text: str) -> str:
    """What was typed before Slack escaped it."""
    for sign, escaped in reversed(_ESCAPES):
        text = text.replace(escaped, sign)
    return text


def read(text: str, me: str) -> tuple[str, bool]:
    """What a person typed, and whether it spoke to the bot.

    Args:
        text: as Slack tells it.
        me: the bot's user id; empty if it is not known.
    """
    named = False

    def _shown(found: re.Match[str]) -> str:
        nonlocal named
        target, _, label = found[1].partition("|")
        mention = _MENTION.match(target)
        if mention and me and mention[1] == me:
            named = True
            return ""
        if target.startswith("!"):
            return label or "@" + target[1:].partition("^")[0]
        if target.startswith("#"):
            return f"#{label or target[1:]}"
        if label:
            return f"@{label}" if mention else label
        return target.removeprefix("mailto:").removeprefix("tel:")

    shown = _BRACKET.sub(_shown, text)
    return unescape(shown.strip(" ") if named else shown), named


def without_first_mention(text: str) -> str:
    """The text without the mention that it begins with, whoever that is."""
    return re.sub(r"\A\s*<@[UW][A-Z0-9]+(?:\|[^<>]*)?>\s*", "", text)
