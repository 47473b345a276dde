"""`gendan person`: what the book holds about somebody, and taking him out of it."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from bot.cli.opening import Database, command_group, opened
from bot.cli.speaking import say, word
from bot.complaints import fail
from store.operations.erasing import erase_person
from store.reads.personal import personal_data
from store.refusals import NotFound

app = command_group()
Key = Annotated[str, typer.Argument(metavar="KEY", help=word("option.key"))]


@app.command("export", help=word("help.person.export"))
def export(key: Key, database: Database = None) -> None:
    """Everything about somebody, as JSON."""
    with opened(database) as units:
        try:
            found = units.read(lambda book: personal_data(book, key))
        except NotFound:
            fail("nobody", 2, key=key)
    json.dump(found, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


@app.command("erase", help=word("help.person.erase"))
def erase(
    key: Key, yes: Annotated[bool, typer.Option("--yes", help=word("option.yes"))] = False, database: Database = None
) -> None:
    """Name, accounts and words go; what was done and the audit chain stay."""
    if not yes:
        fail("person.confirm", 2)
    with opened(database) as units:
        try:
            alias = units.write(lambda book: erase_person(book, key))
        except NotFound:
            fail("nobody", 2, key=key)
    say("person.erased", key=key, alias=alias)
