"""Where somebody goes on whom a platform has vouched for in the browser: to the pages, signed in."""

from __future__ import annotations

from store.book import Book
from store.operations.identities import make_token
from store.units import Units

STRANGER = "/chat?link=unknown"


async def entrance(units: Units, channel: str, account: str) -> str:
    """The address that signs in whose account that is; for an account of nobody's, the page that says so."""
    return await units.run(lambda book: _entrance(book, channel, account))


def _entrance(book: Book, channel: str, account: str) -> str:
    human = book.company.by_account(channel, account)
    return f"/chat/enter/{make_token(book, human.key, 'page')}" if human is not None else STRANGER
