"""The handles that every far side has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from conversations.channels import Channel, Receive

Again = Callable[[], Awaitable[None]]
"""Delivers the same update once more, as the platform does when it is not sure."""

FAILURES = ("limited", "blocked", "refused", "unclear", "down")


class Clock:
    """Seconds, moved by hand; who sleeps moves it."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Seen:
    """What reached somebody: one message, as a person sees it. `raw` is the fake's own record."""

    to: str
    text: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    thread: str | None = None
    raw: Any = None


class Far:
    """One platform's far side with its adapter.

    Attributes:
        name: of this far side; `platform` that of the channel.
        can: what the platform can do at all: buttons, edits, files_out, files_in, groups, quotes, pacing, fails,
            redelivers, places, proves (the adapter itself proves who somebody is).
        account: somebody who may be written to; `gone` somebody who may not; `group` a group with the bot in it.
        channel: the adapter's.
    """

    name: ClassVar[str]
    platform: ClassVar[str]
    can: ClassVar[frozenset[str]]
    account = ""
    gone = ""
    group: str | None = None
    channel: Channel

    def __init__(self, receive: Receive, clock: Clock) -> None:
        self.receive = receive
        self.clock = clock

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_problem: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Start the fake, and the adapter before it."""

    async def close(self) -> None:
        """End both."""

    def admit(self, key: str) -> str:
        """Let a person of the company exist here; his account."""
        raise NotImplementedError

    async def says(
        self,
        text: str,
        *,
        account: str | None = None,
        group: str | None = None,
        named: bool = True,
        file: tuple[str, bytes] | None = None,
        answers: str | None = None,
    ) -> Again:
        """Somebody writes: alone, into a group (naming the bot or not), with a file, in answer to a message of ours."""
        raise NotImplementedError

    async def presses(self, seen: Seen, action: str, account: str | None = None) -> Again:
        """Somebody presses a button."""
        raise NotImplementedError

    async def unknown(self) -> None:
        """Something happens that no adapter has heard of."""
        raise NotImplementedError

    async def wordless(self) -> None:
        """Somebody sends a place, alone."""
        raise NotImplementedError

    def fail(self, kind: str) -> None:
        """The next message to be sent meets one of FAILURES."""
        raise NotImplementedError

    @property
    def sent(self) -> list[Seen]:
        """What reached people, in order; renewed messages are in `edited`."""
        raise NotImplementedError

    @property
    def edited(self) -> list[Seen]:
        """Messages as they were renewed, in order."""
        return []

    @property
    def floods(self) -> int:
        """How often we wrote faster than the platform allows."""
        return 0
