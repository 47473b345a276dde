"""Telegram, between the settings and its adapter."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from adapters.telegram import doctor
from adapters.telegram.assembly import Config, Surroundings, assemble
from bot.platforms.platform import Platform, Told, Visit, keep_nothing, told
from bot.settings import Settings
from bot.wiring import Assistant

if TYPE_CHECKING:
    import httpx


def config_of(settings: Settings) -> Config:
    """What the adapter is configured with."""
    return Config(
        token=settings.telegram_token or "",
        webhook_secret=settings.telegram_webhook_secret or "",
        public_url=settings.public_url or "",
        api=settings.telegram_api,
    )


def open_platform(settings: Settings, assistant: Assistant, _http: httpx.AsyncClient) -> Platform:
    """Telegram, wired."""
    telegram = assemble(config_of(settings), Surroundings(assistant.worker.receive, time.monotonic))
    runs = {f"telegram.{name}": run for name, run in telegram.runs.items()}
    return Platform(telegram.channel, telegram.routes, runs, telegram.close, telegram.username)


async def examine(visit: Visit) -> Told:
    """Sign in, and look."""
    config = config_of(visit.settings)
    telegram = assemble(config, Surroundings(keep_nothing, lambda: 0.0, transport=visit.transport))
    try:
        found = await doctor.examine(telegram.bot, config, visit.clock())
    finally:
        await telegram.close()
    return told(found, doctor.WORDS, visit.language)
