"""Which platforms are on, and the process that serves them."""

from __future__ import annotations

import logging
import sys

from bot.cli.common import fail
from bot.clocks import DatabaseClock, wall_clock
from bot.serving import Service
from bot.settings import Settings
from bot.wiring import Assistant
from conversations.channels import Channel
from store.company import current_company
from store.migrations import upgrade
from store.units import open_engine

log = logging.getLogger(__name__)


async def run_service(settings: Settings, database: str | None = None) -> None:
    """Serve every configured platform, the web server and the reminders until stopped."""
    from adapters.web.channel import WebChannel
    from bot.web import serve_until_stopped, server, web_app

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    engine = open_engine(database or settings.database())
    upgrade(engine)
    clock = DatabaseClock(engine) if engine.dialect.name == "postgresql" else wall_clock
    channels: dict[str, Channel] = {}
    assistant = Assistant(engine, clock, channels, ("web",), at_once=16)
    if assistant.units.read(lambda book: current_company(book.session)) is None:
        assistant.close()
        fail("the book holds no company yet: gendan init, or gendan company load FILE", 2)
    channel = channels["web"] = WebChannel(assistant.units)
    app = web_app(assistant, Service(assistant), channel)
    try:
        await serve_until_stopped(server(app, settings.http), lambda: _announce(settings))
    finally:
        assistant.close()


def _announce(settings: Settings) -> None:
    sys.stdout.write(f"Gendan serves at {settings.public_url or 'http://' + settings.http}\n")
    sys.stdout.flush()
