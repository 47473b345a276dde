"""What a person said, in the same shape from every platform, and what adapters get to send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from store.messages import Choice, Fact, FileRef, Letter, Money, Phrase, WorkTime

__all__ = [
    "AdviceWanted",
    "Button",
    "Choice",
    "Fact",
    "FileIn",
    "FileOut",
    "FileRef",
    "Letter",
    "Message",
    "Money",
    "Outgoing",
    "Phrase",
    "PictureWanted",
    "WorkTime",
]


@dataclass(frozen=True, slots=True)
class FileIn:
    """A file somebody sent. `ref` is what the platform needs to fetch it; `content` is there once fetched."""

    name: str
    type: str = "application/octet-stream"
    ref: str | None = None
    content: bytes | None = None
    size: int | None = None
    problem: str | None = None  # why it could not be fetched: too_large | gone | failed
    words: tuple[Any, ...] | None = None  # what stands on a picture, once it was read


class AdviceWanted(Exception):
    """Raised where a language model may be asked what a message means; it is then answered anew, with its advice."""


class PictureWanted(Exception):
    """Raised where a message can be answered only when its pictures have been read; it is then answered anew.

    Reading takes seconds, and no transaction may stay open for so long.
    """


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said or pressed.

    Attributes:
        channel: telegram | slack | wecom | web | console.
        account: the sender's verified id on that platform.
        conversation: the platform's chat to answer into.
        text: what was typed, raw; empty for a press or a bare file.
        person: set only where the adapter itself proves who it is (console, signed-in web page); else the desk
            looks the account up.
        press: a button's action, or its label as typed by a tester.
        press_on: the platform id of the message that carries the button; None: the newest that has it.
        reply_to: the platform id of the message of ours that is quoted.
        group: the platform's id of the group it was said in; None in a direct chat.
        mentioned: the bot was spoken to (always true in direct chats).
        start: a code that a deep link carried.
        door: nothing was said: the account has blocked the bot ("shut"), or lets it in again ("open").
        wordless: it was a place, a sticker, a card of somebody's: nothing that is read here.
        advice: what a language model says of it; None: there is none to ask, empty: it has not been asked.
    """

    channel: str
    account: str
    conversation: str = ""
    text: str = ""
    person: str | None = None
    press: str | None = None
    press_on: str | None = None
    reply_to: str | None = None
    group: str | None = None
    mentioned: bool = True
    files: tuple[FileIn, ...] = ()
    sender_name: str | None = None
    start: str | None = None
    wordless: bool = False
    door: str | None = None
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A rendered button: what it says, what it sends back (at most 60 bytes)."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class FileOut:
    """A file with its bytes, ready to send."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A rendered message for one account on one platform; plain text, which the adapter escapes.

    Attributes:
        key: unique per message and attempt-independent: for platforms that can refuse a second copy.
        receiver: who it is for, as the book knows him: a person's or group's key, or "channel:account".
        account: the receiver's id on the platform; or `group`, the platform's group id.
        conversation: the chat, thread or topic to answer into, where it differs from the account's own.
        edits: the platform id of the message to replace in place; `buttons` empty then takes its buttons away.
        reply_to: the platform's id of the message that is answered.
    """

    key: str
    account: str
    text: str
    conversation: str | None = None
    group: str | None = None
    buttons: tuple[Button, ...] = ()
    files: tuple[FileOut, ...] = ()
    edits: str | None = None
    reply_to: str | None = None
    urgent: bool = False
    language: str = "zh"
    receiver: str = ""
