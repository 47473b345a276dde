"""`gendan token` and `gendan code`: how one person gets in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot.cli.opening import Database, command_group, opened, settings
from bot.cli.speaking import word
from bot.complaints import fail
from conversations.customers import Links
from store.operations.identities import make_code, make_token
from store.tables import Person

apps = {"token": command_group(), "code": command_group()}
Key = Annotated[str, typer.Argument(metavar="KEY", help=word("option.key"))]


@apps["token"].command(help=word("help.token"))
def token(
    key: Key, page: Annotated[bool, typer.Option("--page", help=word("option.page"))] = False, database: Database = None
) -> None:
    """A personal API token, or a link that signs in on the web page; it is shown once."""
    with opened(database) as units:
        person = units.read(lambda book: book.session.get(Person, key))
        if person is None or person.kind != "staff":
            fail("nobody_of_staff", 2, key=key)
        made = units.write(lambda book: make_token(book, key, "page" if page else "api"))
    sys.stdout.write(f"{Links(web=settings().web_address()).page(made) if page else made}\n")


@apps["code"].command(help=word("help.code"))
def code(key: Key, database: Database = None) -> None:
    """A one-time binding code; typed to the assistant, it makes that account this person's."""
    with opened(database) as units:
        if units.read(lambda book: book.session.get(Person, key)) is None:
            fail("nobody", 2, key=key)
        made = units.write(lambda book: make_code(book, key))
    sys.stdout.write(made + "\n")
