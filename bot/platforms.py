"""Which platforms are on, and the process that serves them: what cannot be started is said, and the rest goes on."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bot import collecting, configs
from bot.attending import Attending
from bot.clocks import DatabaseClock, wall_clock
from bot.complaints import fail
from bot.entering import entrance
from bot.leases import run_alone
from bot.memory import BookMemory
from bot.sentlog import ALONE
from bot.serving import Service
from bot.settings import Settings
from bot.wiring import Assistant
from conversations.channels import Channel
from conversations.customers import Links
from conversations.desk import Desk
from store.company import current_company
from store.migrations import upgrade
from store.units import open_engine

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform ready to run: its channel, its web addresses, and the work that one replica alone may do."""

    channel: Channel
    routes: tuple[Any, ...] = ()
    runs: Mapping[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    close: Callable[[], Awaitable[None]] | None = None
    way_in: Callable[[], Awaitable[str]] | None = None  # what a customer's link to it begins with


Opener = Callable[[Settings, Assistant, "httpx.AsyncClient"], Platform]


def _wecom(settings: Settings, assistant: Assistant, http: httpx.AsyncClient) -> Platform:
    from adapters.wecom.assembly import Surroundings, assemble
    from adapters.wecom.kf import KfLine

    units = assistant.units
    house = Surroundings(
        http,
        assistant.worker.receive,
        BookMemory(units),
        lambda: units.clock().timestamp(),
        lambda account: entrance(units, "wecom", account),
    )
    company = units.read(lambda book: book.company.language if current_company(book.session) else "zh")
    wecom = assemble(configs.wecom(settings, company), house)
    runs = {f"wecom.{name}": run for name, run in wecom.runs.items()}
    line = wecom.lines.get("kf")
    if not isinstance(line, KfLine):
        return Platform(wecom.channel, wecom.routes, runs)
    attending = Attending(units, line, house.memory)
    runs["wecom.attending"], line.human_spoke = attending.run, attending.spoke
    return Platform(wecom.channel, wecom.routes, runs, way_in=line.way_in)


def _telegram(settings: Settings, assistant: Assistant, _http: httpx.AsyncClient) -> Platform:
    from adapters.telegram.assembly import Surroundings, assemble

    telegram = assemble(configs.telegram(settings), Surroundings(assistant.worker.receive, time.monotonic))
    runs = {f"telegram.{name}": run for name, run in telegram.runs.items()}
    return Platform(telegram.channel, telegram.routes, runs, telegram.close, telegram.username)


def _slack(settings: Settings, assistant: Assistant, _http: httpx.AsyncClient) -> Platform:
    from adapters.slack.assembly import Surroundings, assemble
    from bot.slack_people import BookPeople

    units = assistant.units
    house = Surroundings(assistant.worker.receive, BookPeople(units), lambda: units.clock().timestamp())
    slack = assemble(configs.slack(settings), house)
    runs = {f"slack.{name}": run for name, run in slack.runs.items()}
    return Platform(slack.channel, slack.routes, runs, slack.close)


OPENERS: dict[str, tuple[tuple[str, ...], Opener]] = {
    "telegram": (("telegram_token",), _telegram),
    "slack": (("slack_bot_token",), _slack),
    "wecom": (("wecom_secret", "wecom_bot_id", "wecom_kf_id"), _wecom),
}
"""Each platform: the settings of which one turns it on, and what opens it; its library is imported only then."""


def open_platforms(settings: Settings, assistant: Assistant, http: httpx.AsyncClient) -> dict[str, Platform]:
    """The platforms that are set up. One that cannot work is named in the log, and left off."""
    found: dict[str, Platform] = {}
    for name, (switches, opener) in OPENERS.items():
        if not any(getattr(settings, switch) for switch in switches):
            continue
        try:
            found[name] = opener(settings, assistant, http)
        except Exception as fault:
            log.exception("a platform stays off", extra={"action": "platform_off", "platform": name})
            sys.stderr.write(f"gendan: {name} stays off: {fault}\n")
    return found


async def run_service(settings: Settings, database: str | None = None) -> None:
    """Serve every configured platform, the web server and the reminders until stopped."""
    import httpx

    from adapters.web.channel import WebChannel
    from bot.web import listen, serve_until_stopped, web_app, with_hooks

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
