"""The process of `gendan serve`: the configured platforms, the web server and the reminders, until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import uuid
from collections.abc import Mapping
from dataclasses import replace

import httpx

from adapters.web.channel import WebChannel
from bot import collecting
from bot.clocks import DatabaseClock, wall_clock
from bot.complaints import fail
from bot.leases import run_alone
from bot.platforms import open_platforms
from bot.platforms.platform import Platform
from bot.sentlog import ALONE
from bot.serving import Service
from bot.settings import Settings
from bot.web import keep_sessions_in, listen, serve_until_stopped, web_app, with_hooks
from bot.wiring import Assistant
from conversations.channels import Channel
from conversations.customers import Links
from conversations.desk import Desk
from store.company import current_company
from store.migrations import upgrade
from store.units import open_engine

log = logging.getLogger(__name__)


async def run_service(settings: Settings, database: str | None = None) -> None:
    """Serve every configured platform, the web server and the reminders until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for talkative in ("apscheduler", "alembic", "httpx"):  # httpx shows addresses, and those carry tokens
        logging.getLogger(talkative).setLevel(logging.WARNING)
    at = listen(settings.http)
    engine = open_engine(database or settings.database())
    upgrade(engine)
    clock = DatabaseClock(engine) if engine.dialect.name == "postgresql" else wall_clock
    channels: dict[str, Channel] = {}
    assistant = Assistant(engine, clock, channels, ("web",), at_once=16)
    if settings.llm_url:
        from bot.advising import adviser_of

        adviser = adviser_of(settings, clock)
        assistant.worker.adviser = adviser.advise if adviser is not None else None
    if assistant.units.read(lambda book: current_company(book.session)) is None:
        assistant.close()
        fail("no_company", 2)
    assistant.desk.get_ready(assistant.units.read(lambda book: book.company))
    channel = channels["web"] = WebChannel(assistant.units)
    async with httpx.AsyncClient(timeout=20) as http:
        platforms = open_platforms(settings, assistant, http)
        channels |= {name: platform.channel for name, platform in platforms.items()}
        keep_sessions_in(settings.home / "sessions")
        routes = [route for platform in platforms.values() for route in platform.routes]
        app = with_hooks(web_app(assistant, Service(assistant, daily=True), channel), routes)
        holder = f"{ALONE if assistant.alone else ''}{socket.gethostname()}:{uuid.uuid4().hex[:8]}"
        runs = {name: run for platform in platforms.values() for name, run in platform.runs.items()}
        assistant.desk.links = Links(web=settings.web_address())
        collecting.settle()
        learning = asyncio.create_task(learn_links(assistant.desk, platforms))
        alone = [asyncio.create_task(run_alone(assistant.units, name, holder, run)) for name, run in runs.items()]
        try:
            await serve_until_stopped(app, at, lambda: _announce(settings, sorted(channels)))
        finally:
            for task in (*alone, learning):
                task.cancel()
            await asyncio.gather(*alone, learning, return_exceptions=True)
            for platform in platforms.values():
                if platform.close is not None:
                    await platform.close()
            assistant.close()


async def learn_links(desk: Desk, platforms: Mapping[str, Platform], pause_s: float = 60.0) -> None:
    """Ask each platform for the address that leads customers to it, until all have answered."""
    left = {name: platform.way_in for name, platform in platforms.items() if platform.way_in is not None}
    while left:
        for name, ask in list(left.items()):
            try:
                found = await ask()
            except Exception as fault:  # noqa: BLE001  # whatever the platform says: an invitation works without it
                kind = type(fault).__name__
                log.info("no link yet", extra={"action": "no_link", "platform": name, "problem": kind})
                continue
            desk.links = replace(desk.links, **{name: found or None})
            del left[name]
        if left:
            await asyncio.sleep(pause_s)


def _announce(settings: Settings, channels: list[str]) -> None:
    sys.stdout.write(f"Gendan serves at {settings.web_address()} ({', '.join(channels)})\n")
    sys.stdout.flush()
