"""Plain text for a place that reads Markdown: it must show as it was written, mention nobody and hide no link.

Whether the platform honours backslashes is not documented, so what would be markup is written in its full width form.
"""

from __future__ import annotations

import re

_WIDE = str.maketrans({"*": "＊", "`": "｀", "~": "～", "|": "｜"})
_RULES = (
    (re.compile(r"<(?=/?[A-Za-z@!])"), "＜"),
    (re.compile(r"\](?=\()"), "］"),
    (re.compile(r"^(\s*)#(?=#*\s)", re.MULTILINE), r"\1＃"),
    (re.compile(r"^(\s*)>", re.MULTILINE), r"\1＞"),
    (re.compile(r"^(\s*)([-=_]{3,}\s*)$", re.MULTILINE), "\\1\u200b\\2"),
    (re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"), "＿"),
)


def as_markdown(text: str) -> str:
    """The text so that its Markdown reading shows the same characters (some of them wider)."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text.translate(_WIDE)
