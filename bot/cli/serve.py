"""`gendan serve`: every platform that is configured, the web server, reminders."""

from __future__ import annotations

import asyncio

from bot.cli.opening import Database, command_group, settings
from bot.cli.speaking import word
from bot.hosting import run_service

app = command_group()


@app.command(help=word("help.serve"))
def serve(database: Database = None) -> None:
    """Until it is told to stop."""
    asyncio.run(run_service(settings(), database))
