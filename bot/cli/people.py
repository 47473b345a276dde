"""Commands about one person: an API token, a binding code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot.cli.common import Database, fail, opened

Key = Annotated[str, typer.Argument(metavar="KEY", help="The person's key in the company file.")]


def register(parent: typer.Typer) -> None:
    """Hang the commands in."""
    parent.command("token")(token)
    parent.command("code")(code)


def token(key: Key, database: Database = None) -> None:
    """Make a personal API token; it is shown once."""
    from store.operations.identities import make_token
    from store.tables import Person

    with opened(database) as units:
        person = units.read(lambda book: book.session.get(Person, key))
        if person is None or person.kind != "staff":
            fail(f"nobody of the staff has the key {key!r}", 2)
        made = units.write(lambda book: make_token(book, key, "api"))
    sys.stdout.write(made + "\n")


def code(key: Key, database: Database = None) -> None:
    """Make a one-time binding code; typed to the assistant, it makes that account this person's."""
    from store.operations.identities import make_code
    from store.tables import Person

    with opened(database) as units:
        if units.read(lambda book: book.session.get(Person, key)) is None:
            fail(f"nobody has the key {key!r}", 2)
        made = units.write(lambda book: make_code(book, key))
    sys.stdout.write(made + "\n")
