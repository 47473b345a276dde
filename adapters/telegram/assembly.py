"""From settings to a running Telegram: the channel, the address that Telegram calls, and the work in the background."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telegram import Bot
from telegram.request import BaseRequest, HTTPXRequest

from adapters.telegram.channel import Clock, Sleep, TelegramChannel
from adapters.telegram.receiving import SECRET, Receiving
from conversations.channels import Receive

if TYPE_CHECKING:
    import httpx
    from starlette.routing import Route

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{20,}\Z")
_LOGGERS = ("httpx", "telegram.Bot", "telegram.request.BaseRequest", "telegram.request.HTTPXRequest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What an operator has set. Names as in the settings, without the prefix; a webhook secret turns polling off."""

    token: str = field(repr=False)
    webhook_secret: str = field(default="", repr=False)
    public_url: str = ""
    api: str = "https://api.telegram.org"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the house gives.

    Attributes:
        receive: keeps updates.
        clock: the moment in seconds, never going back.
        sleep: waits so many seconds.
        transport: how the far side is reached; None: over the network.
        wire: what carries the library's calls instead of both.
    """

    receive: Receive
    clock: Clock
    sleep: Sleep = asyncio.sleep
    transport: httpx.AsyncBaseTransport | None = None
    wire: BaseRequest | None = None


@dataclass(frozen=True, slots=True)
class Telegram:
    """A Telegram ready to run.

    Attributes:
        channel: for delivery and the inbox.
        bot: the library's client, for the doctor.
        receiving: takes updates in.
        routes: to mount in the web server.
        runs: to run in the background until cancelled, by one replica alone.
        close: gives the connections back.
        username: asks for the bot's user name, for links that lead to it. Raises telegram.error.TelegramError.
    """

    channel: TelegramChannel
    bot: Bot = field(repr=False)  # its own picture shows the token
    receiving: Receiving
    routes: tuple[Route, ...]
    runs: Mapping[str, Callable[[], Awaitable[None]]]
    close: Callable[[], Awaitable[None]]
    username: Callable[[], Awaitable[str]]


def assemble(config: Config, house: Surroundings) -> Telegram:
    """A bot, wired: by long polling, or with a webhook where its secret is set.

    Raises: ValueError for settings that cannot work, saying which.
    """
    _check(config)
    _hush(config.token)
    calls, polls = _wires(house)
    api = config.api.rstrip("/")
    bot = Bot(config.token, f"{api}/bot", f"{api}/file/bot", request=calls, get_updates_request=polls)
    receiving = Receiving(bot, polls, house.receive, house.sleep)

    async def close() -> None:
        await calls.shutdown()
        await polls.shutdown()

    async def username() -> str:
        return (await bot.get_me()).username or ""

    routes: tuple[Route, ...] = ()
    runs: dict[str, Callable[[], Awaitable[None]]] = {"polling": receiving.poll}
    if config.webhook_secret:
        routes = (receiving.route(config.webhook_secret),)
        runs = {"webhook": lambda: receiving.keep_webhook(config.public_url, config.webhook_secret)}
    return Telegram(TelegramChannel(bot, house.clock, house.sleep), bot, receiving, routes, runs, close, username)


def _wires(house: Surroundings) -> tuple[BaseRequest, BaseRequest]:
    """What carries calls, and what carries the long question for updates alone."""
    if house.wire is not None:
        return house.wire, house.wire
    if house.transport is not None:
        reach: dict[str, Any] = {"transport": house.transport}
        calls = HTTPXRequest(read_timeout=20, write_timeout=20, pool_timeout=5, httpx_kwargs=reach)
        return calls, HTTPXRequest(connection_pool_size=1, httpx_kwargs=reach)
    from adapters.telegram.wire import AiohttpRequest

    return AiohttpRequest(), AiohttpRequest(connections=1)


def _check(config: Config) -> None:
    if not _TOKEN.match(config.token):
        raise ValueError("telegram_token is not what @BotFather gives: digits, a colon, letters")
    if config.webhook_secret and not SECRET.match(config.webhook_secret):
        raise ValueError("telegram_webhook_secret may have letters, digits, _ and - alone, at most 256")
    if config.webhook_secret and not config.public_url.startswith("https://"):
        raise ValueError("telegram_webhook_secret is set, but public_url is no https address")


class _Redact(logging.Filter):
    """Takes the token out of what the libraries log: it stands in every address they call."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if self.token in said:
            record.msg, record.args = said.replace(self.token, "***"), ()
        return True


def _hush(token: str) -> None:
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, _Redact) and one.token == token for one in logger.filters):
            logger.addFilter(_Redact(token))
