"""`gendan doctor`: whether what is set up works, and what to do where it does not."""

from __future__ import annotations

import asyncio
import logging
import sys

from bot.cli.opening import command_group, settings
from bot.cli.speaking import terminal_language, word
from bot.clocks import wall_clock
from bot.complaints import fail
from bot.doctor import examine
from bot.settings import Settings

app = command_group()


@app.command(help=word("help.doctor"))
def doctor() -> None:
    """One line for each thing that was looked at; exit status 1 if something is to be mended."""
    logging.disable(logging.CRITICAL)  # what goes wrong is told in words
    ill = asyncio.run(_told(settings()))
    if ill:
        fail("doctor.ill", 1, count=ill)
    sys.stdout.write(word("doctor.well") + "\n")


async def _told(given: Settings) -> int:
    """Write what is found as it is found; how much is to be mended."""
    import httpx

    ill = 0
    async with httpx.AsyncClient(timeout=15) as http:
        async for one in examine(given, http, wall_clock, terminal_language()):
            ill += not one.well
            sys.stdout.write(f"{'✓' if one.well else '✗'} {one.part}: {one.says}\n")
            sys.stdout.flush()
    return ill
