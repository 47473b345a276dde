"""Which rows of the outbox may be taken now, and how they are let go of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, exists, false, literal_column, or_, update
from sqlalchemy import select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from bot.sentlog import Went
from store.book import Book
from store.columns import UtcDateTime
from store.many import write_many
from store.operations.hiding import hide_sent
from store.plain import LetterRow, columns_of, rows_of, table_of
from store.prepared import Prepared
from store.tables import Outbox

BATCH = 64


@lru_cache(maxsize=32)
def _due(channels: tuple[str, ...], only: str | None) -> Prepared:
    """The rows that may go out at the moment `now` (a parameter), best first, at most one a receiver.

    Built once: putting the statement together costs more than running it.
    """
    now: Any = bindparam("now", type_=UtcDateTime())
    other = aliased(Outbox)
    rank, other_rank = _rank(Outbox), _rank(other)
    in_flight = and_(col(other.status) == "claimed", col(other.lease_until) > now, col(other.id) != col(Outbox.id))
    ahead = and_(
        col(other.status) == "pending",
        col(other.send_at) <= now,
        or_(other_rank < rank, and_(other_rank == rank, col(other.id) < col(Outbox.id))),
    )
    retrying = and_(
        col(other.status) == "pending",
        col(other.attempts) > 0,
        col(other.send_at) > now,
        other_rank <= rank,
        col(other.id) < col(Outbox.id),
    )
    # Two questions rather than one with «or»: each is answered from the index of what is live.
    live = is_live(other)
    person = (col(other.person).is_not(None), col(other.person) == col(Outbox.person))
    account = (
        col(Outbox.person).is_(None), col(other.person).is_(None), col(other.channel) == col(Outbox.channel),
        col(other.account) == col(Outbox.account), col(other.group).is_not_distinct_from(col(Outbox.group)),
    )  # fmt: skip
    return Prepared(
        core_select(*columns_of(LetterRow))
        .where(
            or_(
                and_(col(Outbox.status) == "pending", col(Outbox.send_at) <= now),
                and_(col(Outbox.status) == "claimed", col(Outbox.lease_until) <= now),
            ),
            or_(col(Outbox.channel).is_(None), false(), *(col(Outbox.channel) == one for one in channels)),
            *([or_(col(Outbox.person) == only, col(Outbox.account) == only)] if only else []),
            ~exists().where(*person, live, or_(in_flight, ahead, retrying)),
            ~exists().where(*account, live, or_(in_flight, ahead, retrying)),
        )
        .order_by(rank, col(Outbox.send_at), col(Outbox.id))
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )


def due(book: Book, channels: tuple[str, ...], only: str | None, most: int = BATCH, deep: int = 1) -> list[LetterRow]:
    """The rows that may go out now, best first, locked for this unit.

    Args:
        book: the unit of work.
        channels: the platforms that are on.
        only: this receiver's alone.
        most: so many rows at most.
        deep: so many of one receiver at most, in their order; what follows the first are pushes that were not held.
    """
    found = _due(channels, only).rows(book.session.connection(), now=book.now, most=most)
    rows = [LetterRow(*row) for row in found]
    people = {row.person for row in rows if row.person and _is_plain(row)}
    if deep > 1 and people and len(rows) < most:
        rows += _behind(book, people, {row.id for row in rows}, most - len(rows), deep - 1)
    return rows


def _is_plain(row: LetterRow) -> bool:
    """Whether others may follow it at once: a push that is neither held nor tried again."""
    return row.kind == "push" and row.attempts == 0 and row.send_at <= row.created_at


def _behind(book: Book, people: Collection[str], known: Collection[int], most: int, deep: int) -> list[LetterRow]:
    """Up to `deep` pushes of each of these people, next after those that are known."""
    chosen: defaultdict[str, list[int]] = defaultdict(list)
    over: set[str] = set()
    asked = {"now": book.now, "people": sorted(people), "deep": deep + 2}
    for row in book.session.connection().execute(_WAITING, asked):
        if row.id in known or row.person in over:
            continue
        ends = row.kind != "push" or row.attempts or row.send_at > row.created_at or row.channel
        if ends or len(chosen[row.person]) >= deep:
            over.add(row.person)  # what stands behind it has to wait for it
        else:
            chosen[row.person].append(row.id)
    turns = [row for turn in zip_longest(*chosen.values()) for row in turn if row is not None][:most]
    if not turns:
        return []
    found = {row.id: row for row in rows_of(book.session, LetterRow, turns, lock=True)}
    whose = {row: person for person, rows in chosen.items() for row in rows}
    lost = {whose[row] for row in turns if row not in found or not _still(found[row], whose[row], book.now)}
    return [found[row] for row in turns if whose[row] not in lost]


def _still(row: LetterRow, person: str, now: datetime) -> bool:
    """Whether a row is what it was before it was locked."""
    return row.status == "pending" and row.person == person and row.send_at <= now and _is_plain(row)


def is_live(table: Any) -> ColumnElement[bool]:
    """Whether a row still waits or is under way, in the words of the index `outbox_live`."""
    found: ColumnElement[bool] = table.status.in_([literal_column("'pending'"), literal_column("'claimed'")])
    return found


def _rank(table: Any) -> ColumnElement[int]:
    """The order in which a row of the outbox (or of an alias of it) is taken."""
    return case((table.kind == "answer", 0), (table.kind == "edit", 1), (table.urgent.is_(True), 1), else_=2)


def next_due(book: Book) -> datetime | None:
    """The next moment at which something in the outbox may go out or a lease ends.

    What is due already and was not taken stands behind something that waits: it goes when that does.
    """
    live = select(func.min(Outbox.send_at)).where(Outbox.status == "pending", col(Outbox.send_at) > book.now)
    held = select(func.min(Outbox.lease_until)).where(Outbox.status == "claimed", col(Outbox.lease_until) > book.now)
    pending, leased = book.session.exec(live).first(), book.session.exec(held).first()
    return min((moment for moment in (pending, leased) if moment is not None), default=None)


def release(book: Book, whose: str = "") -> None:
    """Give up claims: for a process that knows that it is alone.

    Args:
        book: the unit of work.
        whose: what the claims begin with; empty: all.
    """
    query = select(Outbox).where(Outbox.status == "claimed", col(Outbox.claim).startswith(whose, autoescape=True))
    for row in book.session.exec(query).all():
        row.status, row.claim, row.lease_until = "pending", None, None
        book.session.add(row)


_PEEKED = ("id", "person", "kind", "attempts", "channel", "send_at", "created_at")
_QUEUES = (
    core_select(
        *(table_of(Outbox).c[name] for name in _PEEKED),
        func.row_number()
        .over(partition_by=col(Outbox.person), order_by=(_rank(Outbox), col(Outbox.id)))
        .label("place"),
    )
    .where(
        col(Outbox.person).in_(bindparam("people", expanding=True)),
        is_live(Outbox),
        col(Outbox.status) == "pending",
        or_(col(Outbox.send_at) <= bindparam("now", type_=UtcDateTime()), col(Outbox.attempts) > 0),
    )
    .subquery()
)
_WAITING = core_select(_QUEUES).where(_QUEUES.c.place <= bindparam("deep", type_=Integer)).order_by(_QUEUES.c.place)
"""What waits for some people, the first few of each."""

_SENT = (
    update(Outbox)
    .where(col(Outbox.id) == bindparam("row"), col(Outbox.claim) == bindparam("held"))
    .values(status="sent", claim=None, lease_until=None, sent_at=bindparam("now", type_=UtcDateTime()),
            platform_id=bindparam("theirs"), buttons_live=bindparam("live"))
)  # fmt: skip
"""Write down that a message has gone out, past the session: most of what delivery does is this."""


_LEFT = (
    update(Outbox)
    .where(col(Outbox.id) == bindparam("row"), col(Outbox.claim) == bindparam("held"))
    .values(status="pending", claim=None, lease_until=None, attempts=col(Outbox.attempts) - 1)
)


def leave(book: Book, claims: Sequence[tuple[int, str]]) -> None:
    """Give back rows that were claimed and not tried: (row, claim)."""
    write_many(book.session.connection(), _LEFT, [{"row": row, "held": claim} for row, claim in claims])


def note_sent(book: Book, went: Sequence[Went]) -> None:
    """Write down what has gone out; of what somebody else has claimed since, nothing."""
    rows = [
        {"row": one.row, "held": one.claim, "now": book.now, "theirs": one.platform_id, "live": one.buttons}
        for one in went
    ]
    write_many(book.session.connection(), _SENT, rows)
    told_once = [one.row for one in went if one.secret]
    if told_once:
        hide_sent(book, told_once)
