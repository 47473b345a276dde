"""Accounts that are nobody's yet: a code makes them somebody's; anything else gets a kind answer without facts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from conversations.dialogs.reply import Reply, button, say
from conversations.messages import Message
from store.book import Book
from store.operations.hiding import hide_typed
from store.operations.identities import looks_like_code, redeem
from store.tables import Inbox

_WORDS = re.compile(
    r"绑定|验证|邀请|链接|代码|密码|码|是|为|我的|\b(?:link|bind|code|my|is|the|start|/start|connect|account)\b",
    re.IGNORECASE,
)
_NOISE = re.compile(r"[^0-9A-Za-z０-９Ａ-Ｚａ-ｚ]+")
_SHAPES = (
    re.compile(r"[0-9A-Za-z]{4}[\W_]{0,3}[0-9A-Za-z]{4}"),
    re.compile(r"(?:[0-9A-Za-z][\W_]{0,2}){8}"),
)

_WRITTEN = re.compile(r"(?<![0-9A-Za-z])(?=[0-9A-Z-]*[0-9A-Z])[0-9A-Z]{4}[-–—][0-9A-Z]{4}(?![0-9A-Za-z])")
_ASKED = re.compile(r"绑定|\b(?:link|bind)\b", re.IGNORECASE)


def stranger(book: Book, message: Message, inbox: Inbox) -> tuple[Reply, str | None]:
    """Answer an account that is nobody's; also whose it has become, if a code made it so."""
    code = code_in(message.start or "") or code_in(message.text)
    if code is None:
        return say("link.who_are_you"), None
    return link(book, message, code, inbox)


def link(book: Book, message: Message, code: str, inbox: Inbox) -> tuple[Reply, str | None]:
    """Redeem a code for the account that a message came from; what is kept of the message has the code no more."""
    book.by = replace(book.by, message=None)
    outcome = redeem(book, message.channel, message.account, code)
    if outcome.person is None:
        return Reply((outcome.refused,) if outcome.refused else ()), None
    hide_typed(inbox, (code,))
    key = "link.already" if outcome.already else "link.done"
    contact = outcome.person.kind == "contact"
    more = "link.contact_may" if contact else "link.staff_may"
    reply = say(key, person=outcome.person.name).also(*say(more).says).offering(button("button.help", "help"))
    return reply, outcome.person.key


def code_in(text: str) -> str | None:
    """The binding code in a text, however it was typed: spaced, lower case, full width, with words around it."""
    narrow = unicodedata.normalize("NFKC", text).strip()
    bare = _WORDS.sub(" ", narrow)
    written = _WRITTEN.search(narrow)
    if written is not None and (_ASKED.search(narrow) or written.group(0) == narrow):
        return written.group(0)  # as a code is written, even if no code has such letters: a try like any other
    for shape in _SHAPES:
        for found in shape.finditer(bare):
            if _code_like(found.group(0)):
                return found.group(0)
    squeezed = _NOISE.sub("", bare)
    return squeezed if _code_like(squeezed) and len(squeezed) == 8 else None


def _code_like(text: str) -> bool:
    bare = _NOISE.sub("", text)
    return len(bare) == 8 and looks_like_code(bare) and any(char.isdigit() or char.isupper() for char in bare)
