"""Keeping raw updates durably, and taking them to the desk: in order per conversation, each at most once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Integer, String, bindparam, exists, false, literal_column, or_, text
from sqlalchemy import update as change
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from bot.rush import Rush
from conversations.channels import Channel, RawUpdate, SendFailure
from conversations.messages import AdviceWanted, FileIn, Message, PictureWanted
from store.book import Book
from store.columns import UtcDateTime, type_json
from store.prepared import Prepared
from store.session import Rows
from store.tables import Inbox
from store.units import Units

log = logging.getLogger(__name__)

TRIES = 5
GAPS = (timedelta(seconds=2), timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5))
LARGEST_FILE = 20_000_000
_KEPT_TOGETHER = 64


class Answering(Protocol):
    """The desk, as the worker sees it."""

    def answer(self, book: Book, message: Message, inbox: Inbox) -> None:
        """Answer one message inside the unit of work."""
        ...


def _with_words(message: Message) -> Message:
    """The message with its pictures read."""
    from conversations.understanding.photos import words_on

    return replace(message, files=tuple(replace(file, words=words_on(file.content)) for file in message.files))


def keep(book: Book, update: RawUpdate) -> bool:
    """Keep an update; False if the platform has delivered it before."""
    values = {
        "channel": update.channel,
        "account": update.account,
        "message_id": update.message_id,
        "conversation": update.conversation,
        "payload": _storable(update.payload),
        "received_at": book.now,
    }
    kept = _KEEP.first(book.session.connection(), **values) is not None
    if kept:
        book.news.add("inbox")
    return kept


_KEEP = Prepared(
    text(
        "INSERT INTO inbox (channel, account, message_id, conversation, payload, received_at, status, attempts) "
        "VALUES (:channel, :account, :message_id, :conversation, :payload, :received_at, 'new', 0) "
        "ON CONFLICT DO NOTHING RETURNING id"
    ).bindparams(bindparam("payload", type_=type_json), bindparam("received_at", type_=UtcDateTime()))
)
"""One statement past the session, whatever the load: whether an update is known is the unique key's to say."""


def _storable(payload: Any) -> Any:
    """A payload without what no database keeps and no platform sends back: halves of characters, NUL."""
    written = repr(payload)
    return _cleaned(payload) if "\\ud" in written or "\\x00" in written else payload  # most have none of it


def _cleaned(payload: Any) -> Any:
    if isinstance(payload, str):
        return payload.encode("utf-8", "replace").decode().replace("\x00", "")
    if isinstance(payload, Mapping):
        return {_cleaned(key): _cleaned(value) for key, value in payload.items()}
    return [_cleaned(value) for value in payload] if isinstance(payload, list | tuple) else payload


def next_waiting(book: Book, channels: tuple[str, ...], limit: int = 1) -> list[Inbox]:
    """The oldest updates of these channels that may be taken now: at most one a conversation, none before it open."""
    return book.session.find(_waiting(channels), now=book.now, most=limit)


@lru_cache(maxsize=8)
def _waiting(channels: tuple[str, ...]) -> Rows[Inbox]:
    some = bindparam("most", type_=Integer)
    return Rows(Inbox, *_free(channels), order=(col(Inbox.id),), limit=some, lock=True, skip_locked=True)


def take(book: Book, channels: tuple[str, ...], row: int, problem: str | None = None) -> bool:
    """Take an update that this unit answers (or parks, with the problem); False: it is another's, or not its turn."""
    values = {"now": book.now, "row": row, "state": "parked" if problem else "done", "problem": problem}
    taken = _taking(channels).count(book.session.connection(), **values) == 1
    if taken:
        book.news.add("other")
    return taken


@lru_cache(maxsize=8)
def _taking(channels: tuple[str, ...]) -> Prepared:
    free = select(Inbox.id).where(*_free(channels), col(Inbox.id) == bindparam("row"))
    mine = free.with_for_update(skip_locked=True).scalar_subquery()
    problem = func.coalesce(bindparam("problem", type_=String()), col(Inbox.error))
    return Prepared(change(Inbox).where(col(Inbox.id) == mine).values(status=bindparam("state"), error=problem))


def _free(channels: tuple[str, ...]) -> tuple[ColumnElement[bool], ...]:
    """What tells an update that may be taken now."""
    now: Any = bindparam("now", type_=UtcDateTime())
    earlier = aliased(Inbox)
    blocked = exists().where(
        earlier.channel == Inbox.channel,  # type: ignore[arg-type]
        earlier.conversation == Inbox.conversation,  # type: ignore[arg-type]
        col(earlier.status) == literal_column("'new'"),  # as the index of those that wait has it
        col(earlier.id) < col(Inbox.id),
    )
    return (
        col(Inbox.status) == "new",
        or_(col(Inbox.next_try_at).is_(None), col(Inbox.next_try_at) <= now),
        or_(false(), *(col(Inbox.channel) == one for one in channels)),
        ~blocked,
    )


def next_retry(book: Book) -> datetime | None:
    """When a failed update is to be tried again, if any."""
    return book.session.exec(select(func.min(Inbox.next_try_at)).where(Inbox.status == "new")).first()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update about to be answered: its row, as it was read, and what it says."""

    inbox: Inbox
    message: Message | None
    problem: str | None = None

    @property
    def row(self) -> int:
        """The row's id."""
        return self.inbox.id or 0

    @property
    def conversation(self) -> tuple[str, str]:
        """Channel and conversation."""
        return self.inbox.channel, self.inbox.conversation


class Keeper:
    """Keeps updates: those that arrive while the book is busy with others before them go in as one unit.

    Args:
        units: the book.
        rush: told how many were kept together.
    """

    def __init__(self, units: Units, rush: Rush) -> None:
        self._rush = rush
        self._units = units
        self._waiting: list[tuple[RawUpdate, asyncio.Future[bool]]] = []
        self._busy: asyncio.Task[None] | None = None

    async def keep(self, update: RawUpdate) -> bool:
        """Commits before it returns; False if the update is known."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((update, future))
        if self._busy is None or self._busy.done():
            self._busy = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_KEPT_TOGETHER], self._waiting[_KEPT_TOGETHER:]
            updates = [update for update, _ in batch]
            self._rush.note(len(batch))
            try:
                kept = await self._units.run(lambda book, these=updates: [keep(book, one) for one in these], first=True)  # type: ignore[misc]
            except Exception as problem:  # noqa: BLE001 - each is told, or tried alone
                await self._singly(batch, problem)
                continue
            for (_, future), new in zip(batch, kept, strict=True):
                if not future.done():  # its request has gone away: kept it is all the same
                    future.set_result(new)

    async def _singly(self, batch: list[tuple[RawUpdate, asyncio.Future[bool]]], problem: Exception) -> None:
        """One that cannot be kept must not keep the others out."""
        for update, future in batch:
            outcome: bool | Exception = problem
            if len(batch) > 1:
                try:
                    outcome = await self._units.run(lambda book, one=update: keep(book, one), first=True)  # type: ignore[misc]
                except Exception as own:  # noqa: BLE001 - its sender is told
                    outcome = own
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)


class InboxWorker:
    """Takes kept updates to the desk.

    Args:
        units: the book.
        desk: who answers.
        channels: the platforms by name; an update of a platform that is off waits until it is on.
        at_once: of how many conversations updates are answered at a time; their units share commits where they can.
        rush: says when answers are to wait.
    """

    def __init__(
        self,
        units: Units,
        desk: Answering,
        channels: Mapping[str, Channel],
        at_once: int = 1,
        rush: Rush | None = None,
    ) -> None:
        self._units = units
        self._desk = desk
        self._channels = channels
        self._at_once = at_once
        self.adviser: Callable[[str], Awaitable[str | None]] | None = None  # asked what nobody understood
        self._taken: set[tuple[str, str]] = set()  # conversations that are being answered
        self._rush = rush or Rush()
        self._keeper = Keeper(units, self._rush)

    async def receive(self, update: RawUpdate) -> bool:
        """The Receive of every adapter: commits before it returns."""
        return await self._keeper.keep(update)

    async def work(self) -> bool:
        """Answer waiting updates, at most one a conversation; False if there is none."""
        await self._rush.over()
        found = await self._units.look(self._look)
        free = [one for one in found if one.conversation not in self._taken][: self._at_once]
        if not free:
            return False
        self._taken.update(one.conversation for one in free)
        try:
            return any(await asyncio.gather(*(self._take(one) for one in free)))
        finally:
            self._taken.difference_update(one.conversation for one in free)

    async def _take(self, waiting: Waiting) -> bool:
        message = waiting.message
        if message is not None and message.files:
            message = replace(
                message, files=tuple([await self._fetch(message.channel, file) for file in message.files])
            )
        if message is not None and self.adviser is not None:
            message = replace(message, advice="")
        try:
            try:
                return await self._units.run(lambda book: self._answer(book, waiting, message))
            except (PictureWanted, AdviceWanted) as wanted:  # it takes a while: outside of the unit, then answer anew
                message = await self._helped(message, wanted) if message else message
                return await self._units.run(lambda book: self._answer(book, waiting, message))
        except Exception as problem:  # the row must not take others with it
            log.exception("update failed", extra={"action": "inbox_failed", "inbox_id": waiting.row})
            said = f"{type(problem).__name__}: {problem}"
            await self._units.run(lambda book: _set_back(book, waiting.row, said))
            return True

    async def _helped(self, message: Message, wanted: Exception) -> Message:
        """The message with its pictures read, or with what a language model says of it."""
        if isinstance(wanted, PictureWanted):
            return await asyncio.to_thread(_with_words, replace(message, advice=None))
        return replace(message, advice=(await self.adviser(message.text) if self.adviser else None) or None)

    def _look(self, book: Book) -> list[Waiting]:
        rows = next_waiting(book, tuple(self._channels), self._at_once + len(self._taken))
        return [self._translated(row) for row in rows]

    def _translated(self, row: Inbox) -> Waiting:
        try:
            return Waiting(row, self._channels[row.channel].translate(row.payload))
        except (KeyError, ValueError) as problem:
            return Waiting(row, None, f"{type(problem).__name__}: {problem}")

    async def _fetch(self, channel: str, file: FileIn) -> FileIn:
        if file.content is not None or file.problem:
            return file
        if file.size and file.size > LARGEST_FILE:
            return replace(file, problem="too_large")
        try:
            return replace(file, content=await self._channels[channel].fetch(file))
        except SendFailure:
            return replace(file, problem="failed")

    def _answer(self, book: Book, waiting: Waiting, message: Message | None) -> bool:
        if not take(book, tuple(self._channels), waiting.row, waiting.problem):
            return True  # somebody else was faster: there may be more
        if waiting.problem:
            log.warning("update not understood", extra={"action": "inbox_parked", "inbox_id": waiting.row})
        elif message is not None:
            self._desk.answer(book, message, waiting.inbox)
        return True


def _set_back(book: Book, row_id: int, problem: str) -> None:
    row = book.session.get(Inbox, row_id)
    if row is None or row.status != "new":
        return
    row.attempts += 1
    row.error = problem[:500]
    if row.attempts >= TRIES:
        row.status = "parked"
    else:
        row.next_try_at = book.now + GAPS[min(row.attempts, len(GAPS)) - 1]
    book.session.add(row)


def parked(book: Book) -> list[Inbox]:
    """Updates that failed too often, oldest first."""
    return list(book.session.exec(select(Inbox).where(Inbox.status == "parked").order_by(col(Inbox.id))).all())


def replay(book: Book, row_id: int) -> bool:
    """Let a parked update be tried again; False if there is no such one."""
    row: Any = book.session.get(Inbox, row_id)
    if row is None or row.status != "parked":
        return False
    row.status, row.attempts, row.next_try_at, row.error = "new", 0, None, None
    book.session.add(row)
    book.record("inbox.replayed", subject=f"inbox:{row_id}")
    return True
