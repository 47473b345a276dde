"""A colleague who talks with a customer of WeChat customer service gets the conversation itself, where he may have it.

The book knows who talks with whom (store.operations.attending). Where the colleague is a servicer of our account, the
platform gives him the conversation, and the customer reads him directly; when the talk is over it is ended there too,
and the customer's next word is the bot's again. Where the platform says no, the words go through the bot, as elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlmodel import col, select

from store.book import Book
from store.operations.attending import attended, go_on
from store.tables import Attendance, Identity, Outbox
from store.units import Units

log = logging.getLogger(__name__)

CHANNEL = "wecom"
_REST_S = 3.0
_BACK = timedelta(hours=48)  # a session of the platform ends by itself then
_KEPT_S = 3 * 86_400.0
_WAITS = ("pending", "claimed")


class Line(Protocol):
    """Customer service, as far as conversations change hands."""

    async def hand_over(self, customer: str, servicer: str) -> None:
        """Give the conversation to a human."""
        ...

    async def end_session(self, customer: str) -> None:
        """The bot has it again."""
        ...


class Memory(Protocol):
    """Small texts kept over a restart."""

    async def get(self, name: str, now: float) -> str | None:
        """What is kept."""
        ...

    async def put(self, name: str, value: str, lapses_at: float) -> None:
        """Keep."""
        ...

    async def take(self, name: str, now: float) -> str | None:
        """What is kept; it is gone then."""
        ...


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk of the book: the customer's account and the colleague's on the platform, and whether it goes on."""

    id: int
    customer: str
    servicer: str
    on: bool


class Attending:
    """Carries the book's talks over to the platform.

    Args:
        units: the book.
        line: customer service.
        memory: remembers which conversations were given, or refused.
    """

    def __init__(self, units: Units, line: Line, memory: Memory) -> None:
        self._units, self._line, self._memory = units, line, memory

    async def run(self) -> None:
        """Look now and then; until cancelled."""
        while True:
            try:
                await self.step()
            except Exception:
                log.exception("conversations stay where they are", extra={"action": "attending_failed"})
            await asyncio.sleep(_REST_S)

    async def step(self) -> None:
        """Give what has begun, end what is over; once each."""
        for talk in await self._units.look(talks):
            now = self._units.clock().timestamp()
            name = f"attending:{talk.id}"
            state = await self._memory.get(name, now)
            if talk.on and state is None:
                given = await self._try(self._line.hand_over(talk.customer, talk.servicer), talk)
                await self._memory.put(name, "given" if given else "refused", now + _KEPT_S)
            elif not talk.on and state == "given":
                await self._try(self._line.end_session(talk.customer), talk)
                await self._memory.put(name, "ended", now + _KEPT_S)

    async def spoke(self, customer: str) -> None:
        """A word fell in a talk that the platform carries: the silence counts anew."""
        await self._units.run(lambda book: _spoke(book, customer))

    @staticmethod
    async def _try(asked: object, talk: Talk) -> bool:
        try:
            await asked  # type: ignore[misc]  # a coroutine of the line
        except Exception as fault:  # noqa: BLE001  # whatever the platform says: the words then go through the bot
            kind = type(fault).__name__
            log.info("not handed over", extra={"action": "not_handed_over", "talk": talk.id, "problem": kind})
            return False
        return True


def talks(book: Book) -> Sequence[Talk]:
    """The talks of the last two days with customers of the platform, by colleagues who are on it.

    One that has just begun is left out until everything that is still to be said by the bot has gone.
    """
    rows = book.session.exec(select(Attendance).where(col(Attendance.since) > book.now - _BACK)).all()
    accounts: dict[str, str] = {}
    people = {key for row in rows for key in (row.contact, row.by)}
    for one in book.session.exec(
        select(Identity).where(Identity.channel == CHANNEL, col(Identity.person).in_(people))
    ).all():
        accounts.setdefault(one.person, one.account)
    found = []
    for row in rows:
        if row.contact not in accounts or row.by not in accounts:
            continue
        on = row.ended_at is None and row.until > book.now
        if not on or not _waits(book, row.contact):
            found.append(Talk(row.id or 0, accounts[row.contact], accounts[row.by], on))
    return found


def _spoke(book: Book, customer: str) -> None:
    query = select(Identity.person).where(Identity.channel == CHANNEL, Identity.account == customer)
    contact = book.session.exec(query).first()
    row = attended(book, contact) if contact is not None else None
    if row is not None:
        go_on(book, row)


def _waits(book: Book, contact: str) -> bool:
    query = select(Outbox.id).where(Outbox.person == contact, col(Outbox.status).in_(_WAITS))
    return book.session.exec(query.limit(1)).first() is not None
