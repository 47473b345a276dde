"""`gendan chat`: talk with the assistant in this terminal."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.chatting import talk
from bot.cli.opening import Database, command_group, settings
from bot.cli.speaking import word

app = command_group()


@app.command(help=word("help.chat"))
def chat(
    person: Annotated[str, typer.Option("--as", metavar="KEY", help=word("option.as"))],
    database: Database = None,
) -> None:
    """Pushes appear as they come."""
    found = settings()
    asyncio.run(talk(person, database or found.database(), found.web_address()))
