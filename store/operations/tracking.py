"""Public tracking pages: an address that cannot be guessed, shows one order's public facts, and can be revoked.

The address carries 16 random bytes and their signature: a forged one is turned away before the book is asked, and one
that was taken back is answered exactly like one that never was.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import timedelta

from sqlmodel import col, select

from store.book import Book
from store.operations import frame
from store.reads.seeing import see
from store.tables import Order, Secret, TrackingLink

_SECRET = "tracking"  # noqa: S105  # the name of one, not a secret
_BYTES = 16
_KEPT = timedelta(days=90)  # so long after the order has ended its page is still there
_NOTED = timedelta(hours=1)  # views within it are one entry of the audit


def share(book: Book, number: str) -> str:
    """The token of an order's public page: the one that lives, else a new one.

    Raises:
        NotFound: no such order, or none that may be seen.
        NotAllowed: for staff, neither its salesperson nor a coordinator.
    """
    order = see(book, number, lock=True)
    frame.require(book, "tracking.share", order)
    live = _live(book, order)
    if live:
        return _token(book, live[0].id)
    row = TrackingLink(
        id=secrets.token_hex(_BYTES), order_id=order.id or 0, made_by=book.by.key, made_at=book.now
    )  # fmt: skip
    book.session.add(row)
    book.record("tracking.shared", order=order)
    return _token(book, row.id)


def revoke(book: Book, number: str) -> int:
    """Take an order's public pages back, at once and for ever; how many. Raises as share."""
    order = see(book, number, lock=True)
    frame.require(book, "tracking.revoke", order)
    live = _live(book, order)
    for row in live:
        row.revoked_at, row.revoked_by = book.now, book.by.key
        book.session.add(row)
    if live:
        book.record("tracking.revoked", order=order)
    return len(live)


def order_behind(book: Book, token: str) -> tuple[TrackingLink, Order] | None:
    """The link and order that a token opens; None for any other, whatever the reason."""
    link_id = _opened(book, token)
    row = book.session.get(TrackingLink, link_id) if link_id is not None else None
    if row is None or row.revoked_at is not None:
        return None
    order = frame.order_of(book, row.order_id)
    ended = order.closed_at
    return None if ended is not None and ended + _KEPT < book.now else (row, order)


def to_note(row: TrackingLink, book: Book) -> bool:
    """Whether a view of the page is to be noted in the audit: it was not within the last hour."""
    return row.seen_at is None or row.seen_at + _NOTED <= book.now


def note_view(book: Book, link_id: str) -> None:
    """Write down that an order's page was looked at."""
    row = book.session.get(TrackingLink, link_id)
    if row is None or not to_note(row, book):
        return
    row.seen_at = book.now
    book.session.add(row)
    order = frame.order_of(book, row.order_id)
    book.record("order.read", subject=f"order:{order.number}", after={"page": row.id[:8]})


# --- parts ----------------------------------------------------------------------------------------------------------


def _live(book: Book, order: Order) -> list[TrackingLink]:
    query = select(TrackingLink).where(TrackingLink.order_id == order.id, col(TrackingLink.revoked_at).is_(None))
    return list(book.session.exec(query.order_by(col(TrackingLink.made_at).desc())))


def _token(book: Book, link_id: str) -> str:
    raw = bytes.fromhex(link_id)
    return base64.urlsafe_b64encode(raw + _signature(_key(book), raw)).decode().rstrip("=")


def _opened(book: Book, token: str) -> str | None:
    """The link's id in a token that we have signed."""
    if len(token) > 64:
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    key = book.session.get(Secret, _SECRET)
    head, tail = raw[:_BYTES], raw[_BYTES:]
    if key is None or not hmac.compare_digest(tail, _signature(bytes.fromhex(key.value), head)):
        return None
    return head.hex()


def _signature(key: bytes, raw: bytes) -> bytes:
    return hmac.new(key, raw, hashlib.sha256).digest()[:_BYTES]


def _key(book: Book) -> bytes:
    row = book.session.get(Secret, _SECRET)
    if row is None:
        row = Secret(name=_SECRET, value=secrets.token_hex(32))
        book.session.add(row)
        book.session.flush()  # of two replicas that make the first one, the second begins its unit anew
    return bytes.fromhex(row.value)
