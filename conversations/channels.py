"""What every platform adapter offers to the house, and the ways in which sending can fail.

An adapter has two halves. Inwards: it checks the platform's signature, hands the raw update to `Receive` (which keeps
it durably and says whether it is new) and only then acknowledges; later the inbox worker calls `translate`, a pure
function. Outwards: delivery calls `send`, which raises one of the failures below or returns the platform's message id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from conversations.messages import FileIn, Message, Outgoing


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """A platform's update as it came, with what makes it unique and what keeps it in order."""

    channel: str
    message_id: str
    conversation: str
    payload: Any
    account: str = ""


Receive = Callable[[RawUpdate], Awaitable[bool]]
"""Keeps an update; True if it is new, False for a redelivery. It has been committed when this returns."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a platform can draw; rendering falls back to numbered choices and split texts accordingly."""

    buttons: int = 0  # how many at most on one message; 0: none, choices are numbered
    edits: bool = False
    files: bool = False
    max_text: int = 4000  # in the platform's own unit, see `text_length`
    label_length: int = 40

    def text_length(self, text: str) -> int:
        """The text's length as the platform counts it (characters unless an adapter says otherwise)."""
        return len(text)


class SendFailure(Exception):
    """A message did not go out, or nobody knows."""


class RetryAfter(SendFailure):
    """The platform asks for patience. `seconds` to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry after {seconds} s")
        self.seconds = seconds


class Unreachable(SendFailure):
    """This receiver cannot be reached on this channel (blocked, gone, no window): try another channel."""


class Rejected(SendFailure):
    """The platform will never take this message (too long, bad field): a fault of ours, told to the administrator."""


class Unknown(SendFailure):
    """Nobody knows whether it arrived (timeout, connection lost after sending): tried again, may double."""


class Unavailable(SendFailure):
    """The platform or our access to it is down (5xx, bad token): tried again later, nothing arrived."""


class EditGone(SendFailure):
    """The message to edit can no longer be edited (too old, deleted, code used up)."""


class Channel(Protocol):
    """A platform, as delivery and the inbox worker see it."""

    @property
    def name(self) -> str:
        """Which platform: telegram, slack, wecom, web or console."""
        ...

    @property
    def abilities(self) -> Abilities:
        """What it can draw."""
        ...

    def translate(self, payload: Any) -> Message | None:
        """The update as a Message; None for kinds that mean nothing to us. Pure. Raises ValueError for a broken one."""
        ...

    async def fetch(self, file: FileIn) -> bytes:
        """The bytes of a file somebody sent. Raises SendFailure."""
        ...

    async def send(self, message: Outgoing) -> str | None:
        """Send or edit one message; returns the platform's id of it, if it has one. Raises SendFailure."""
        ...

    async def working(self, account: str, conversation: str | None) -> None:
        """Show a "working" sign for long work, where the platform has one."""
        ...
