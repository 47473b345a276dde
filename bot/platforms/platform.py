"""What a platform's module hands out, and what it is handed for an examination."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.findings import Finding, sentence
from bot.cli.speaking import words
from bot.settings import Settings
from conversations.channels import Channel, RawUpdate

if TYPE_CHECKING:
    import httpx

Clock = Callable[[], datetime]
ROBOT = "lease:wecom.robot"
"""What is held while the robot's connection stands."""

Told = list[tuple[bool, str]]
"""Findings: whether each is well, and what there is to say."""


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform ready to run: its channel, its web addresses, and the work that one replica alone may do."""

    channel: Channel
    routes: tuple[Any, ...] = ()
    runs: Mapping[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    close: Callable[[], Awaitable[None]] | None = None
    way_in: Callable[[], Awaitable[str]] | None = None  # what a customer's link to it begins with


@dataclass(frozen=True, slots=True)
class Visit:
    """What an examination has at hand.

    Attributes:
        settings: what is set up.
        http: the connection pool.
        clock: the machine's.
        language: in which findings are told.
        leases: names of connections that a running service holds.
        transport: how Telegram is reached; None: over the network.
    """

    settings: Settings
    http: httpx.AsyncClient
    clock: Clock
    language: str
    leases: frozenset[str] = frozenset()
    transport: httpx.AsyncBaseTransport | None = None


def told(found: Iterable[Finding], file: Path, language: str) -> Told:
    """Findings in the words of a platform's own file."""
    return [(one.well, sentence(file, one, language)) for one in found]


def say(language: str, key: str, **facts: object) -> str:
    """What the doctor says beside."""
    return words(language)[f"doctor.{key}"].format(**facts)


async def keep_nothing(_update: RawUpdate) -> bool:
    """An examination takes no updates."""
    raise RuntimeError("a doctor keeps nothing")
