"""Delivery: claims outbox rows, renders them for their receiver, sends with no transaction open, notes what came of it.

Order is kept per receiver; answers go before urgent pushes, those before the rest. Each failure class of
conversations.channels has its consequence in `_CONSEQUENCES`; a claim not settled within its lease is taken anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.claiming import due, is_live
from bot.routing import Address, addresses, who_else
from bot.sentlog import ALONE, SentLog, Went
from bot.settling import Settling
from conversations.channels import (
    Channel,
    EditGone,
    Rejected,
    RetryAfter,
    SendFailure,
    Unavailable,
    Unknown,
    Unreachable,
)
from conversations.messages import Choice, FileOut, Letter, Outgoing, Phrase
from conversations.phrasebook import book_for
from conversations.rendering import render
from reminders import Drop, Hold, Reroute, gate, merge
from reminders.gating import read_ahead
from store.book import Book
from store.company.views import Human
from store.messages import pack_letter, unpack_letter
from store.reads.windows import window_of
from store.tables import Blob, Inbox, Outbox
from store.units import Units

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
GAPS = (5, 20, 60, 300, 900, 3600)  # seconds between tries on one channel
TRIES = len(GAPS)
_MERGED_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed row, ready to send: its id, the claim that holds it, the channel, and the parts in order.

    `until`: when the lease ends, by this machine's steady counter in seconds.
    """

    row: int
    claim: str
    channel: str
    parts: tuple[Outgoing, ...]
    until: float
    is_edit: bool = False


class Delivery:
    """Sends what is in the outbox.

    Args:
        units: the book.
        channels: the platforms that are on, by name.
        always: channels on which everybody is known by key.
        only: send to this person alone, on the channels given (a terminal beside a server).
        at_once: how many messages may be under way at a time; 1 keeps the outbox's own order over all receivers.
        steady: a counter of seconds that also runs while this process is paused.
        log: notes what has gone out before the book can; None: the book alone does.
    """

    def __init__(
        self,
        units: Units,
        channels: Mapping[str, Channel],
        always: Sequence[str] = (),
        only: str | None = None,
        at_once: int = 1,
        steady: Callable[[], float] = time.monotonic,
        log: SentLog | None = None,
    ) -> None:
        self._settling = Settling(units, steady, log)
        self._steady = steady
        self._gate = asyncio.Semaphore(at_once)
        self._units = units
        self._only = only
        self._channels = channels
        self._always = tuple(always)

    async def pump(self) -> int:
        """Claim and send one batch; how many rows were handled (0: nothing to do now)."""
        await self._settling.recall()
        claimed = await self._units.run(self._claim)
        await asyncio.gather(*(self._in_turn(parcel) for parcel in claimed.parcels))
        return claimed.handled

    async def _in_turn(self, parcel: Parcel) -> None:
        async with self._gate:
            await self._send(parcel)

    async def _send(self, parcel: Parcel) -> None:
        platform_id: str | None = None
        failure: SendFailure | None = None
        try:
            for part in parcel.parts:
                if self._steady() >= parcel.until:
                    return  # waited or slept beyond the lease: the row is anybody's again
                platform_id = await self._channels[parcel.channel].send(part)
        except SendFailure as problem:
            failure = problem
        except Exception:  # a fault of an adapter must not stop the others
            log.exception("sending failed", extra={"action": "send_failed", "outbox_id": parcel.row})
            failure = Unknown("adapter fault")
        if failure is None and not parcel.is_edit:
            went = Went(parcel.row, parcel.claim, platform_id, bool(parcel.parts[-1].buttons))
            await self._settling.went_out(went, parcel.until)
        else:
            await self._settling.patiently(lambda book: self._settle(book, parcel, platform_id, failure), parcel.until)

    def _claim(self, book: Book) -> Claimed:
        parcels: list[Parcel] = []
        handled = 0
        rows = book.session.exec(due(tuple(self._channels), self._only), params={"now": book.now}).all()
        kept = read_ahead(book, rows)  # rows stay at hand as long as somebody holds them
        for row in rows:
            if row.status not in {"pending", "claimed"}:
                continue  # merged into an earlier row of this batch
            handled += 1
            parcel = self._prepare(book, row)
            book.session.add(row)
            if parcel is not None:
                parcels.append(parcel)
        del kept
        return Claimed(tuple(parcels), handled)

    def _prepare(self, book: Book, row: Outbox) -> Parcel | None:
        if row.kind == "push" and row.person and not self._judge(book, row):
            return None
        if row.kind == "edit" and not self._aim_edit(book, row):
            return None
        address = self._address(book, row)
        if address is None:
            self._give_up(book, row, "no channel is left")
            return None
        row.status, row.claim = "claimed", (ALONE if self._settling.alone else "") + uuid.uuid4().hex
        row.attempts += 1
        row.lease_until = book.now + LEASE
        row.sent_via, row.account = address.channel, address.account
        try:
            parts = self._parts(book, row, address)
        except Exception as fault:  # a letter that cannot be drawn must not hold up the others
            log.exception("a letter cannot be drawn", extra={"action": "render_failed", "outbox_id": row.id})
            row.status, row.error = "undeliverable", f"{type(fault).__name__}: {fault}"[:300]
            return None
        return Parcel(
            row.id or 0, row.claim, address.channel, parts, self._steady() + LEASE.total_seconds(), row.kind == "edit"
        )

    def _judge(self, book: Book, row: Outbox) -> bool:
        """Whether a push may go out now; if not, the row says what becomes of it."""
        verdict = gate(book, row)
        if isinstance(verdict, Hold):
            row.send_at, row.status = verdict.until, "pending"
            return False
        if isinstance(verdict, Drop):
            row.status = "dropped"
            return False
        if isinstance(verdict, Reroute):
            row.person, row.tried = verdict.person, []
            return False  # stays pending: judged anew as the other person's
        if row.attempts == 0 and row.send_at > row.created_at:
            self._gather(book, row)
        return True

    def _gather(self, book: Book, row: Outbox) -> None:
        """Held messages of one person go out as one."""
        others = select(Outbox).where(
            Outbox.person == row.person,
            is_live(Outbox),
            Outbox.status == "pending",
            Outbox.kind == "push",
            col(Outbox.send_at) <= book.now,
            col(Outbox.send_at) > col(Outbox.created_at),
            Outbox.attempts == 0,
            Outbox.id != row.id,
        )
        rows = [row]
        for other in book.session.exec(others.order_by(col(Outbox.id)).limit(_MERGED_AT_MOST)).all():
            verdict = gate(book, other)
            if isinstance(verdict, Drop):
                other.status = "dropped"
            elif not isinstance(verdict, Hold | Reroute):
                other.status, other.merged_into = "merged", row.id
                rows.append(other)
            book.session.add(other)
        if len(rows) > 1:
            row.body = pack_letter(merge(book, rows))
            row.orders = list(dict.fromkeys(number for each in rows for number in each.orders))
            row.urgent = any(each.urgent for each in rows)

    def _aim_edit(self, book: Book, row: Outbox) -> bool:
        """Whether an edit still has a message to replace, on a platform that can."""
        target = book.session.get(Outbox, row.edits) if row.edits else None
        channel = self._channels.get(target.sent_via or "") if target else None
        if target is None or target.platform_id is None or channel is None or not channel.abilities.edits:
            row.status = "dropped"
            return False
        row.channel, row.account = target.sent_via, target.account
        row.conversation, row.group = target.conversation, target.group
        return True

    def _address(self, book: Book, row: Outbox) -> Address | None:
        if row.group:
            group = book.company.groups.get(row.group)
            accounts = dict(group.accounts) if group else {}
            for channel in [row.channel] if row.channel else self._channels:
                if channel not in row.tried and (channel in accounts or (channel in self._always and group)):
                    return Address(channel, accounts.get(channel, row.group))
            return None
        if row.channel and row.account and row.channel not in row.tried:
            return Address(row.channel, row.account) if row.channel in self._channels else None
        person = book.company.people.get(row.person) if row.person else None
        if person is None or row.kind == "edit":
            return None
        for address in addresses(person, self._always):
            if address.channel in self._channels and address.channel not in row.tried:
                return address
        return None

    def _parts(self, book: Book, row: Outbox, address: Address) -> tuple[Outgoing, ...]:
        letter = unpack_letter(row.body)
        language, zone = _reader(book, row)
        abilities = self._channels[address.channel].abilities
        pages = render(letter, book_for(language, zone, book.now), abilities)
        target = book.session.get(Outbox, row.edits) if row.edits else None
        asked = book.session.get(Inbox, row.reply_to) if row.reply_to else None
        files = _files(book, letter)
        return tuple(
            Outgoing(
                key=f"{row.id}" if place == 0 else f"{row.id}.{place}",
                account=address.account,
                text=page.text,
                conversation=row.conversation,
                group=address.account if row.group else None,
                buttons=page.buttons,
                files=files if place == len(pages) - 1 else (),
                edits=target.platform_id if target else None,
                reply_to=asked.message_id if asked else None,
                urgent=row.urgent,
                language=language,
                receiver=row.person or row.group or f"{address.channel}:{address.account}",
            )
            for place, page in enumerate(pages)
        )

    def _settle(self, book: Book, parcel: Parcel, platform_id: str | None, failure: SendFailure | None) -> None:
        row = book.session.get(Outbox, parcel.row, with_for_update=True)
        if row is None or row.claim != parcel.claim:
            return  # the lease ran out and somebody else has it now
        row.claim = row.lease_until = None
        if failure is None:
            row.status, row.sent_at, row.platform_id = "sent", book.now, platform_id
            row.buttons_live = bool(parcel.parts[-1].buttons) and row.kind != "edit"
            self._note_edit(book, row, parcel)
        else:
            row.error = f"{type(failure).__name__}: {failure}"[:300]
            row.status = "pending"
            log.info(
                "not sent", extra={"action": "send_failed", "outbox_id": row.id, "failure": type(failure).__name__}
            )
            _CONSEQUENCES.get(type(failure), _try_again)(self, book, row, failure)
        book.session.add(row)

    def _note_edit(self, book: Book, row: Outbox, parcel: Parcel) -> None:
        target = book.session.get(Outbox, row.edits) if row.edits else None
        if target is not None:
            target.buttons_live = bool(parcel.parts[-1].buttons)
            book.session.add(target)

    def other_channel(self, book: Book, row: Outbox) -> None:
        """This channel does not reach the person: the next one is tried at once, then somebody else is told."""
        row.tried = [*row.tried, row.sent_via or ""]
        row.attempts = 0
        row.account = None if row.person else row.account
        if row.kind != "edit" and row.person and self._address(book, row) is not None:
            row.send_at = book.now
        else:
            self._give_up(book, row, row.error or "unreachable")

    def _give_up(self, book: Book, row: Outbox, why: str) -> None:
        row.status, row.error = "undeliverable", why
        log.warning("undeliverable", extra={"action": "undeliverable", "outbox_id": row.id})
        person = book.company.anyone(row.person) if row.person else None
        if person is None or row.kind == "edit":
            return
        told = [*_already_told(row), person.key]
        receiver = who_else(book.company, person, told)
        what = Phrase("delivery.undeliverable", {"person": person.name.raw, "what": unpack_letter(row.body).says})
        if receiver is None:
            book.record("delivery.nobody_reached", subject=f"person:{person.key}", after={"outbox": row.id})
            log.error("nobody was reached", extra={"action": "nobody_reached", "outbox_id": row.id})
            return
        book.record(
            "delivery.undeliverable", subject=f"person:{person.key}", after={"outbox": row.id, "told": receiver}
        )
        letter = Letter((what, *other_ways(book, person)), _page_of(person, row))
        new = book.tell(receiver, letter, rule="undeliverable:" + ",".join(told), urgent=row.urgent)
        new.order_id, new.orders = row.order_id, row.orders


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one claim found: parcels to send, and how many rows were handled in all."""

    parcels: tuple[Parcel, ...]
    handled: int


def _already_told(row: Outbox) -> list[str]:
    rule = row.rule or ""
    return rule.removeprefix("undeliverable:").split(",") if rule.startswith("undeliverable:") else []


def other_ways(book: Book, person: Human) -> tuple[Phrase, ...]:
    """For a customer whose WeChat window is shut: why nothing goes through, and how he may be reached instead."""
    window = window_of(book, person.key) if person.is_contact else None
    return (Phrase("window.closed", {"person": person.name.raw}),) if window is not None and not window.left else ()


def _page_of(person: Human, row: Outbox) -> tuple[Choice, ...]:
    """The order's tracking page, to be forwarded to a customer who was not reached."""
    if not person.is_contact or len(row.orders) != 1:
        return ()
    return (Choice(Phrase("button.tracking"), f"tracking.share:{row.orders[0]}"),)


def _reader(book: Book, row: Outbox) -> tuple[str, ZoneInfo]:
    """The language and zone in which a row is read."""
    company = book.company
    person = company.anyone(row.person) if row.person else None
    if person is not None:
        return person.language, person.zone
    group = company.groups.get(row.group) if row.group else None
    customer = company.customers.get(group.customer) if group and group.customer else None
    return (customer.language if customer else company.language), company.zone


def _files(book: Book, letter: Letter) -> tuple[FileOut, ...]:
    found = ((file, book.session.get(Blob, file.sha256)) for file in letter.files)
    return tuple(FileOut(file.name, file.type, blob.content) for file, blob in found if blob is not None)


def _wait(_delivery: Delivery, book: Book, row: Outbox, failure: SendFailure) -> None:
    row.attempts = max(0, row.attempts - 1)  # patience asked for is no failed try
    seconds = failure.seconds if isinstance(failure, RetryAfter) else GAPS[0]
    row.send_at = book.now + timedelta(seconds=seconds)
    row.attempts = max(row.attempts, 1)  # keeps its place before later messages


def _try_again(delivery: Delivery, book: Book, row: Outbox, _failure: SendFailure) -> None:
    if row.attempts >= TRIES:
        delivery.other_channel(book, row)
        return
    gap = GAPS[row.attempts - 1]
    jitter = gap * 0.1 * ((row.id or 0) % 10) / 10  # spread without chance, so that a rehearsal repeats exactly
    row.send_at = book.now + timedelta(seconds=gap + jitter)


def _next_channel(delivery: Delivery, book: Book, row: Outbox, _failure: SendFailure) -> None:
    delivery.other_channel(book, row)


def _forget(_delivery: Delivery, _book: Book, row: Outbox, _failure: SendFailure) -> None:
    row.status = "dropped"


_CONSEQUENCES: Mapping[type[SendFailure], Callable[[Delivery, Book, Outbox, SendFailure], None]] = {
    RetryAfter: _wait,
    Unknown: _try_again,
    Unavailable: _try_again,
    Unreachable: _next_channel,
    Rejected: _next_channel,
    EditGone: _forget,
}
