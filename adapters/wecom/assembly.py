"""From settings to a running WeCom: the channel, the addresses that WeCom calls, and the work in the background."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.routing import Route

from adapters.wecom import app_in
from adapters.wecom.app import AppLine
from adapters.wecom.callback import Callback
from adapters.wecom.channel import Line, WeComChannel
from adapters.wecom.client import Api, Clock, Credentials
from adapters.wecom.crypto import Secrets
from adapters.wecom.kf import KfLine
from adapters.wecom.memory import Memory
from adapters.wecom.robot import RobotLine
from adapters.wecom.sign_in import Enter, SignIn
from adapters.wecom.socket import BotKeys
from adapters.wecom.webhook import WebhookLine
from conversations.channels import Receive

APP_PATH, KF_PATH = "/hooks/wecom/app", "/hooks/wecom/kf"
_KF_EVENTS = frozenset({"kf_msg_or_event", "kf_account_auth_change"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What an operator has set; empty: that line stays off. Names as in the settings, without the prefix."""

    api: str = "https://qyapi.weixin.qq.com"
    corp_id: str = ""
    agent_id: str = ""
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    aes_key: str = field(default="", repr=False)
    bot_id: str = ""
    bot_secret: str = field(default="", repr=False)
    bot_ws: str = "wss://openws.work.weixin.qq.com"
    kf_id: str = ""
    kf_secret: str = field(default="", repr=False)
    kf_token: str = field(default="", repr=False)
    kf_aes_key: str = field(default="", repr=False)
    public_url: str = ""
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the house gives.

    Attributes:
        http: the connection pool, closed by its owner.
        receive: keeps updates.
        memory: kept over restarts.
        clock: the moment, in Unix seconds.
        enter: lets a member into the web pages; None: there are none.
    """

    http: httpx.AsyncClient
    receive: Receive
    memory: Memory
    clock: Clock
    enter: Enter | None = None


@dataclass(frozen=True, slots=True)
class Wecom:
    """A WeCom ready to run.

    Attributes:
        channel: for delivery and the inbox.
        lines: those that are on.
        routes: to mount in the web server.
        runs: to run in the background until cancelled; "robot" by one replica alone, and "kf" likewise.
        apis: signed in for each line that calls the API, for the doctor.
    """

    channel: WeComChannel
    lines: Mapping[str, Line]
    routes: tuple[Route, ...]
    runs: Mapping[str, Callable[[], Awaitable[None]]]
    apis: Mapping[str, Api]


def assemble(config: Config, house: Surroundings) -> Wecom:
    """The lines that are set up, wired.

    Raises: ValueError for settings that cannot work, saying which.
    """
    _check(config)
    lines: dict[str, Line] = {"webhook": WebhookLine(house.http, config.api, house.clock)}
    runs: dict[str, Callable[[], Awaitable[None]]] = {}
    apis: dict[str, Api] = {}
    app = kf = None
    if config.secret:
        apis["app"] = _api(config, config.secret, house)
        lines["app"] = app = AppLine(apis["app"], int(config.agent_id), house.memory, house.clock)
    if config.bot_id:
        keys = BotKeys(config.bot_id, config.bot_secret)
        lines["robot"] = robot = RobotLine(
            config.bot_ws, keys, house.receive, house.http, house.clock, language=config.language
        )
        runs["robot"] = robot.run
    if config.kf_id:
        # Corporations of today call customer service with the app's own secret; older ones have one for it alone.
        apis["kf"] = _api(config, config.kf_secret, house) if config.kf_secret else apis["app"]
        lines["kf"] = kf = KfLine(
            apis["kf"], config.kf_id, house.memory, house.receive, house.clock, language=config.language
        )
        runs["kf"] = kf.run
    routes = _routes(config, house, app, kf)
    if app is not None and house.enter is not None and config.public_url.startswith("https://"):
        door = SignIn(
            apis["app"], config.corp_id, config.agent_id, config.public_url, house.enter, language=config.language
        )
        routes.append(door.route())
    return Wecom(WeComChannel(lines), lines, tuple(routes), runs, apis)


def _routes(config: Config, house: Surroundings, app: AppLine | None, kf: KfLine | None) -> list[Route]:
    async def _take(fields: dict[str, Any]) -> None:
        if app_in.event(fields) in _KF_EVENTS:
            if kf is not None:
                await kf.take(fields)
        elif app is not None:
            await app.take(fields, house.receive)

    found = []
    addresses = ((APP_PATH, config.token, config.aes_key), (KF_PATH, config.kf_token, config.kf_aes_key))
    for path, token, aes_key in addresses:
        if token and aes_key:
            found.append(Callback(Secrets.of(token, aes_key, config.corp_id), _take, house.clock).route(path))
    return found


def _api(config: Config, secret: str, house: Surroundings) -> Api:
    return Api(house.http, config.api, Credentials(config.corp_id, secret), house.clock)


def _check(config: Config) -> None:
    """Settings that belong together are all there."""
    together = {
        "secret": ("corp_id", "agent_id"),
        "token": ("corp_id", "aes_key"),
        "bot_id": ("bot_secret",),
        "kf_token": ("corp_id", "kf_aes_key"),
        "kf_id": ("corp_id",),
    }
    for name, others in together.items():
        missing = [other for other in others if getattr(config, name) and not getattr(config, other)]
        if missing:
            raise ValueError(f"wecom_{name} is set, but wecom_{missing[0]} is missing")
    if config.agent_id and not config.agent_id.isdecimal():
        raise ValueError("wecom_agent_id must be a number")
    if config.kf_id and not (config.kf_secret or config.secret):
        raise ValueError("wecom_kf_id is set, but neither wecom_kf_secret nor wecom_secret is")
