"""Slack, between the settings and its adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.slack import doctor
from adapters.slack.api import Api
from adapters.slack.assembly import Config, Surroundings, assemble, check
from bot.platforms.platform import Platform, Told, Visit, told
from bot.settings import Settings
from bot.slack_people import BookPeople
from bot.wiring import Assistant

if TYPE_CHECKING:
    import httpx


def config_of(settings: Settings) -> Config:
    """What the adapter is configured with."""
    return Config(
        bot_token=settings.slack_bot_token or "",
        app_token=settings.slack_app_token or "",
        signing_secret=settings.slack_signing_secret or "",
        api=settings.slack_api,
    )


def open_platform(settings: Settings, assistant: Assistant, _http: httpx.AsyncClient) -> Platform:
    """Slack, wired."""
    units = assistant.units
    house = Surroundings(assistant.worker.receive, BookPeople(units), lambda: units.clock().timestamp())
    slack = assemble(config_of(settings), house)
    runs = {f"slack.{name}": run for name, run in slack.runs.items()}
    return Platform(slack.channel, slack.routes, runs, slack.close)


async def examine(visit: Visit) -> Told:
    """Sign in, and look."""
    config = config_of(visit.settings)
    check(config)
    api = Api(config.bot_token, config.api)
    try:
        found = await doctor.examine(api, config, visit.language)
        url = visit.settings.public_url or ""
        found += await doctor.called(visit.http, config, url, visit.clock().timestamp())
    finally:
        await api.close()
    return told(found, doctor.WORDS, visit.language)
