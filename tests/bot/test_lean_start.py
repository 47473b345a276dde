"""What is switched off costs nothing at the start: its library is not imported."""

import subprocess
import sys

import pytest

LOOK = """
import asyncio, sys
from pathlib import Path
from bot.clocks import wall_clock
import httpx
from bot.platforms import open_platforms
from bot.settings import read_settings
from bot.wiring import Assistant
from store.units import open_engine

given = dict(pair.split("=", 1) for pair in sys.argv[2:])
assistant = Assistant(open_engine(sys.argv[1]), wall_clock, {})

async def opened():
    async with httpx.AsyncClient() as http:
        platforms = open_platforms(read_settings(given), assistant, http)
        for platform in platforms.values():
            if platform.close is not None:
                await platform.close()
        return sorted(platforms)

print(",".join(asyncio.run(opened())))
print(",".join(sorted(sys.modules)))
"""
TELEGRAM = ("GENDAN_TELEGRAM_TOKEN=7000000001:" + "A" * 35,)
SLACK = ("GENDAN_SLACK_BOT_TOKEN=xoxb-1", "GENDAN_SLACK_SIGNING_SECRET=" + "s" * 32)


@pytest.mark.parametrize(
    ("switches", "on", "absent"),
    [
        ((), "", ("telegram", "slack_sdk", "adapters.wecom", "adapters.slack", "adapters.telegram")),
        (TELEGRAM, "telegram", ("slack_sdk", "adapters.slack", "adapters.wecom")),
        (SLACK, "slack", ("telegram", "adapters.telegram", "adapters.wecom")),
    ],
    ids=["nothing", "telegram", "slack"],
)
def test_the_library_of_a_platform_that_is_off_is_not_imported(sqlite_url, switches, on, absent) -> None:
    found = subprocess.run(
        [sys.executable, "-c", LOOK, sqlite_url, *switches], capture_output=True, text=True, check=True
    )
    opened, modules = found.stdout.splitlines()
    assert opened == on
    loaded = set(modules.split(","))
    assert not loaded & set(absent)
    assert not loaded & {"alembic", "pypinyin.phrases_dict", "openpyxl", "nicegui", "matplotlib"}
    # What libraries bring along that nobody here calls: httpx's command line, and the other database's drivers.
    assert not loaded & {"rich", "click", "pygments", "sqlalchemy.dialects.postgresql"}
