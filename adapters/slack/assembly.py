"""From settings to a running Slack: the channel, the address that Slack calls, and the work in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.routing import Route

from adapters.slack.api import Api
from adapters.slack.channel import Clock, SlackChannel, Sleep
from adapters.slack.intake import PATH, Address, Intake, People
from adapters.slack.signing import Signature
from adapters.slack.socket import SocketMode
from conversations.channels import Receive


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What an operator has set. Names as in the settings, without the prefix; an app token turns Socket Mode on."""

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    api: str = "https://slack.com/api/"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the house gives.

    Attributes:
        receive: keeps updates.
        people: what is known of somebody.
        clock: the moment, in Unix seconds.
        sleep: waits so many seconds.
    """

    receive: Receive
    people: People
    clock: Clock
    sleep: Sleep = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Slack:
    """A Slack ready to run.

    Attributes:
        channel: for delivery and the inbox.
        api: for the doctor.
        routes: to mount in the web server.
        runs: to run in the background until cancelled, by one replica alone.
        close: gives the connections back.
    """

    channel: SlackChannel
    api: Api
    routes: tuple[Route, ...]
    runs: Mapping[str, Callable[[], Awaitable[None]]]
    close: Callable[[], Awaitable[None]]


def assemble(config: Config, house: Surroundings) -> Slack:
    """An app, wired: over Socket Mode where an app token is set, over HTTP where a signing secret is.

    Raises: ValueError for settings that cannot work, saying which.
    """
    check(config)
    api = Api(config.bot_token, config.api)
    intake = Intake(house.receive, api, house.people, house.clock)
    routes: tuple[Route, ...] = ()
    if config.signing_secret:
        routes = (Route(PATH, Address(Signature(config.signing_secret), intake, house.clock)),)
    runs: dict[str, Callable[[], Awaitable[None]]] = {}
    if config.app_token:
        runs["socket"] = SocketMode(api, config.app_token, intake, house.sleep).run

    async def close() -> None:
        await intake.close()
        await api.close()

    return Slack(SlackChannel(api, house.clock, house.sleep), api, routes, runs, close)


def check(config: Config) -> None:
    """Raises ValueError for settings that cannot work, saying which."""
    if not config.bot_token.startswith("xoxb-"):
        raise ValueError("slack_bot_token must begin with xoxb-")
    if config.app_token and not config.app_token.startswith("xapp-"):
        raise ValueError("slack_app_token must begin with xapp-")
    if not config.app_token and not config.signing_secret:
        raise ValueError("slack_bot_token is set, but neither slack_app_token nor slack_signing_secret is")
    if not config.api.startswith(("https://", "http://")):
        raise ValueError("slack_api is no address")
