"""Which rows of the outbox may be taken now, and how they are let go of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, literal_column, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.sentlog import Went
from store.book import Book
from store.columns import UtcDateTime
from store.tables import Outbox

BATCH = 64


@lru_cache(maxsize=8)
def due(channels: tuple[str, ...], only: str | None) -> SelectOfScalar[Outbox]:
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
    return (
        select(Outbox)
        .where(
            or_(
                and_(col(Outbox.status) == "pending", col(Outbox.send_at) <= now),
                and_(col(Outbox.status) == "claimed", col(Outbox.lease_until) <= now),
            ),
            or_(col(Outbox.channel).is_(None), col(Outbox.channel).in_(channels)),
            *([or_(col(Outbox.person) == only, col(Outbox.account) == only)] if only else []),
            ~exists().where(*person, live, or_(in_flight, ahead, retrying)),
            ~exists().where(*account, live, or_(in_flight, ahead, retrying)),
        )
        .order_by(rank, col(Outbox.send_at), col(Outbox.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )


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


_SENT = (
    update(Outbox)
    .where(col(Outbox.id) == bindparam("row"), col(Outbox.claim) == bindparam("held"))
    .values(status="sent", claim=None, lease_until=None, sent_at=bindparam("now", type_=UtcDateTime()),
            platform_id=bindparam("theirs"), buttons_live=bindparam("live"))
)  # fmt: skip
"""Write down that a message has gone out, past the session: most of what delivery does is this."""


def note_sent(book: Book, went: Sequence[Went]) -> None:
    """Write down what has gone out; of what somebody else has claimed since, nothing."""
    rows = [
        {"row": one.row, "held": one.claim, "now": book.now, "theirs": one.platform_id, "live": one.buttons}
        for one in went
    ]
    book.session.connection().execute(_SENT, rows)
