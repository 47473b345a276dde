"""WeCom, between the settings and its adapter."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.wecom import cards, doctor
from adapters.wecom.assembly import Config, Surroundings, assemble
from adapters.wecom.kf import KfLine
from adapters.wecom.memory import LocalMemory
from bot.attending import Attending
from bot.entering import entrance
from bot.memory import BookMemory
from bot.platforms.platform import ROBOT, Platform, Told, Visit, keep_nothing, say
from bot.settings import Settings
from bot.wiring import Assistant
from store.company import current_company

if TYPE_CHECKING:
    import httpx

_WECOM = ("api", "corp_id", "agent_id", "secret", "token", "aes_key", "bot_id", "bot_secret", "bot_ws", "kf_id",
          "kf_secret", "kf_token", "kf_aes_key")  # fmt: skip


def config_of(settings: Settings, language: str = "zh") -> Config:
    """What the adapter is configured with; its welcomes are in the language given."""
    given = {name: getattr(settings, f"wecom_{name}") or "" for name in _WECOM}
    return Config(**given, public_url=settings.public_url or "", language=language)


def open_platform(settings: Settings, assistant: Assistant, http: httpx.AsyncClient) -> Platform:
    """WeCom, wired: whichever of its lines are set up."""
    units = assistant.units
    house = Surroundings(
        http,
        assistant.worker.receive,
        BookMemory(units),
        lambda: units.clock().timestamp(),
        lambda account: entrance(units, "wecom", account),
    )
    company = units.read(lambda book: book.company.language if current_company(book.session) else "zh")
    wecom = assemble(config_of(settings, company), house)
    runs = {f"wecom.{name}": run for name, run in wecom.runs.items()}
    line = wecom.lines.get("kf")
    if not isinstance(line, KfLine):
        return Platform(wecom.channel, wecom.routes, runs)
    attending = Attending(units, line, house.memory)
    runs["wecom.attending"], line.human_spoke = attending.run, attending.spoke
    return Platform(wecom.channel, wecom.routes, runs, way_in=line.way_in)


async def examine(visit: Visit) -> Told:
    """Sign in with each line, and look; the robot only where no connection of ours stands."""
    config = config_of(visit.settings)
    served = bool(config.bot_id) and ROBOT in visit.leases
    memory = LocalMemory(":memory:")
    house = Surroundings(visit.http, keep_nothing, memory, lambda: visit.clock().timestamp())
    wecom = assemble(config, house)
    if served:  # a second connection would end the one that stands
        wecom = replace(wecom, lines={name: line for name, line in wecom.lines.items() if name != "robot"})
    robot = asyncio.ensure_future(wecom.runs["robot"]()) if config.bot_id and not served else None
    try:
        found = await doctor.examine(wecom, config)
        found += await doctor.called(visit.http, config, house.clock)
    finally:
        if robot is not None:
            robot.cancel()
            await asyncio.gather(robot, return_exceptions=True)
        memory.close()
    table = cards.doctor_words(visit.language)
    found_so = [(one.well, table[one.key].format(line=one.line, address=one.address, code=one.code)) for one in found]
    return [*found_so, (True, say(visit.language, "robot_served"))] if served else found_so
