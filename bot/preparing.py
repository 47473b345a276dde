"""One claim: rows of the outbox are judged at the moment of sending, addressed, drawn and held; a unit of work.

Works on plain rows; what was changed of them is written together at the end, each set of columns by one statement.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Update, bindparam, or_, update
from sqlalchemy import select as sql_select
from sqlmodel import col, select

from bot.claiming import is_live
from bot.routing import Address, address_of
from bot.unreached import give_up
from conversations.channels import Channel
from conversations.messages import FileOut, Letter, Outgoing
from conversations.phrasebook import Phrasebook, book_for
from conversations.rendering import render
from reminders import Drop, Hold, Reroute, gate, merge
from reminders.gating import count_on, read_ahead
from reminders.rules import DIGEST
from store.book import Book, put_letter
from store.many import write_many
from store.messages import unpack_letter
from store.operations.hiding import SECRET, hide
from store.plain import LetterRow, among, listed, table_of
from store.prepared import Prepared
from store.tables import Blob, Inbox, Outbox

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
_MERGED_AT_MOST = 30
_HELD = ("status", "claim", "attempts", "lease_until", "sent_via", "account")
_AIM = ("channel", "account", "conversation", "group")
_SAID = ("body", "named", "orders", "urgent", "card")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed row, ready to send: its id, the claim that holds it, the channel, and the parts in order.

    `until`: when the lease ends, by this machine's steady counter in seconds. `receiver`: as the book knows him.
    """

    row: int
    claim: str
    channel: str
    parts: tuple[Outgoing, ...]
    until: float
    is_edit: bool = False
    secret: bool = False

    @property
    def receiver(self) -> str:
        """Who it is for: what goes to one receiver goes in order."""
        return self.parts[0].receiver if self.parts else str(self.row)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one claim found: parcels to send, and how many rows were handled in all."""

    parcels: tuple[Parcel, ...]
    handled: int


@dataclass(frozen=True, slots=True)
class House:
    """Where messages can go: the platforms that are on by name, and those on which everybody is known by key."""

    channels: Mapping[str, Channel]
    always: tuple[str, ...]


class Preparing:
    """Prepares the rows of one claim.

    Args:
        book: the unit of work.
        house: where messages can go.
        until: when the lease ends, by this machine's steady counter.
        holder: what the names of claims begin with.
    """

    def __init__(self, book: Book, house: House, until: float, holder: str) -> None:
        self._book = book
        self._house = house
        self._until = until
        self._claim = holder + uuid.uuid4().hex
        self._asked: dict[int, str] = {}
        self._changed: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        self._words: Callable[[str, ZoneInfo], Phrasebook] = cache(
            lambda language, zone: book_for(language, zone, book.now)
        )

    def prepare(self, rows: Sequence[LetterRow]) -> Claimed:
        """Judge, address and draw rows that are this unit's; what became of each is in the book afterwards."""
        read_ahead(self._book, rows)
        self._asked = _asked(self._book, rows)
        parcels: list[Parcel] = []
        handled = 0
        by_id = {row.id: row for row in rows}
        for row in rows:
            if row.status not in {"pending", "claimed"}:
                continue  # merged into an earlier row of this batch
            handled += 1
            parcel = self._one(row, by_id)
            if parcel is not None:
                parcels.append(parcel)
        self._write()
        return Claimed(tuple(parcels), handled)

    def _one(self, row: LetterRow, batch: Mapping[int, LetterRow]) -> Parcel | None:
        more: tuple[str, ...] = ()
        if row.kind == "push" and row.person:
            body = row.body
            if not self._judge(row, batch):
                return None
            more = _SAID if row.body is not body else ()
        if row.kind == "edit":
            if not self._aim_edit(row):
                return None
            more = _AIM
        address = address_of(self._book.company, row, self._house.channels, self._house.always)
        if address is None:
            give_up(self._book, row, "no channel is left")
            if row.rule == SECRET and (kept := self._book.session.get(Outbox, row.id)) is not None:
                hide(self._book, kept)
            self._keep(row, "status", "error", *more)
            return None
        try:
            parts = self._parts(row, address)
        except Exception as fault:  # a letter that cannot be drawn must not hold up the others
            log.exception("a letter cannot be drawn", extra={"action": "render_failed", "outbox_id": row.id})
            row.status, row.error = "undeliverable", f"{type(fault).__name__}: {fault}"[:300]
            self._keep(row, "status", "error", *more)
            return None
        row.status, row.claim = "claimed", self._claim
        row.attempts += 1
        row.lease_until = self._book.now + LEASE
        row.sent_via, row.account = address.channel, address.account
        self._keep(row, *_HELD, *more)
        return Parcel(row.id, self._claim, address.channel, parts, self._until, row.kind == "edit", row.rule == SECRET)

    def _judge(self, row: LetterRow, batch: Mapping[int, LetterRow]) -> bool:
        """Whether a push may go out now; if not, the row says what becomes of it."""
        verdict = gate(self._book, row)
        if isinstance(verdict, Hold):
            row.send_at, row.status = verdict.until, "pending"
            self._keep(row, "send_at", "status")
        elif isinstance(verdict, Drop):
            row.status = "dropped"
            self._keep(row, "status")
        elif isinstance(verdict, Reroute):
            row.person, row.tried = verdict.person, []
            self._keep(row, "person", "tried")  # stays pending: judged anew as the other person's
        else:
            if row.attempts == 0 and (row.send_at > row.created_at or row.rule == DIGEST):
                self._gather(row, batch)
            count_on(self._book, row.person or "")
            return True
        return False

    def _gather(self, row: LetterRow, batch: Mapping[int, LetterRow]) -> None:
        """Held messages of one person go out as one, his digest among them if there is one now."""
        others = select(Outbox).where(
            Outbox.person == row.person,
            is_live(Outbox),
            Outbox.status == "pending",
            Outbox.kind == "push",
            col(Outbox.send_at) <= self._book.now,
            or_(col(Outbox.send_at) > col(Outbox.created_at), col(Outbox.rule) == DIGEST),
            Outbox.attempts == 0,
            Outbox.id != row.id,
        )
        rows: list[LetterRow | Outbox] = [row]
        for other in self._book.session.exec(others.order_by(col(Outbox.id)).limit(_MERGED_AT_MOST)).all():
            verdict = gate(self._book, other)
            if isinstance(verdict, Drop):
                other.status = "dropped"
            elif not isinstance(verdict, Hold | Reroute):
                other.status, other.merged_into = "merged", row.id
                rows.append(other)
            self._book.session.add(other)
            if (here := batch.get(other.id or 0)) is not None:
                here.status = other.status
        if len(rows) > 1:
            put_letter(row, merge(self._book, rows))
            row.orders = list(dict.fromkeys(number for each in rows for number in each.orders))
            row.urgent = any(each.urgent for each in rows)
            if len({each.card for each in rows}) > 1:
                row.card = None  # the end of one of them is not the end of all

    def _aim_edit(self, row: LetterRow) -> bool:
        """Whether an edit still has a message to replace, on a platform that can."""
        target = self._book.session.get(Outbox, row.edits) if row.edits else None
        channel = self._house.channels.get(target.sent_via or "") if target else None
        if target is None or target.platform_id is None or channel is None or not channel.abilities.edits:
            row.status = "dropped"
            self._keep(row, "status")
            return False
        row.channel, row.account = target.sent_via, target.account
        row.conversation, row.group = target.conversation, target.group
        return True

    def _parts(self, row: LetterRow, address: Address) -> tuple[Outgoing, ...]:
        letter = unpack_letter(row.body)
        language, zone = _reader(self._book, row)
        abilities = self._house.channels[address.channel].abilities
        pages = render(letter, self._words(language, zone), abilities)
        target = self._book.session.get(Outbox, row.edits) if row.edits else None
        files = _files(self._book, letter) if letter.files else ()
        last = len(pages) - 1
        return tuple(
            Outgoing(
                key=f"{row.id}" if place == 0 else f"{row.id}.{place}",
                account=address.account,
                text=page.text,
                conversation=row.conversation,
                group=address.account if row.group else None,
                buttons=page.buttons,
                files=files if place == last else (),
                edits=target.platform_id if target else None,
                reply_to=self._asked.get(row.reply_to) if row.reply_to else None,
                urgent=row.urgent,
                language=language,
                receiver=row.person or row.group or f"{address.channel}:{address.account}",
            )
            for place, page in enumerate(pages)
        )

    def _keep(self, row: LetterRow, *names: str) -> None:
        """These columns of the row have changed."""
        self._changed[tuple(dict.fromkeys(names))].append(
            {"row": row.id, **{f"new_{name}": getattr(row, name) for name in names}}
        )

    def _write(self) -> None:
        connection = self._book.session.connection()
        for names, rows in self._changed.items():
            write_many(connection, _writing(names), rows)


@cache
def _writing(names: tuple[str, ...]) -> Update:
    """Built once for each set of columns that changes together."""
    table = table_of(Outbox)
    return (
        update(table).where(table.c.id == bindparam("row")).values({name: bindparam(f"new_{name}") for name in names})
    )


def _reader(book: Book, row: LetterRow) -> tuple[str, ZoneInfo]:
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


_INBOX = table_of(Inbox).columns


@cache
def _asking(dialect: str) -> Prepared:
    return Prepared(sql_select(_INBOX.id, _INBOX.message_id).where(among(_INBOX.id, "rows", dialect)))


def _asked(book: Book, rows: Sequence[LetterRow]) -> dict[int, str]:
    """The platforms' ids of the messages that these rows answer, by their row in the inbox."""
    wanted = [row.reply_to for row in rows if row.reply_to]
    if not wanted:
        return {}
    connection = book.session.connection()
    dialect = connection.dialect.name
    return {row[0]: row[1] for row in _asking(dialect).rows(connection, rows=listed(wanted, dialect))}
