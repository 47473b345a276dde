"""`gendan inbox`: updates that failed too often and were set aside."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot.cli.opening import Database, command_group, opened
from bot.cli.speaking import say, word
from bot.complaints import fail
from bot.inbox import parked, replay

app = command_group()


@app.command("parked", help=word("help.inbox.parked"))
def list_parked(database: Database = None) -> None:
    """Updates that failed five times, with the reason."""
    with opened(database) as units:
        rows = units.read(parked)
    for row in rows:
        sys.stdout.write(f"{row.id}  {row.received_at.isoformat()}  {row.channel}  {row.error}\n")
    if not rows:
        say("inbox.none")


@app.command("replay", help=word("help.inbox.replay"))
def replay_parked(row: Annotated[int, typer.Argument(help=word("option.parked"))], database: Database = None) -> None:
    """Let an update that was set aside be tried again."""
    with opened(database) as units:
        if not units.write(lambda book: replay(book, row)):
            fail("inbox.not_parked", 2, row=row)
    say("inbox.replayed")
