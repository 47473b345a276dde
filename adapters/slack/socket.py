"""Socket Mode: Slack's updates over a connection of ours, so that no public address is needed.

Bolt holds the connection and dispatches; its one middleware keeps an update and answers, so that nothing is
acknowledged before it is kept and no listener is ever looked for.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from adapters.slack.api import Api
from adapters.slack.intake import Intake

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
    from slack_bolt.response import BoltResponse
    from slack_sdk.socket_mode.aiohttp import SocketModeClient
    from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

_GAPS = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
_PING_S = 10.0

Sleep = Callable[[float], Awaitable[None]]


class SocketMode:
    """Holds one connection.

    Args:
        api: whose client opens it.
        app_token: xapp-…
        intake: keeps what comes.
        sleep: waits so many seconds.
        ping_s: how often the connection is tried.
    """

    def __init__(
        self, api: Api, app_token: str, intake: Intake, sleep: Sleep = asyncio.sleep, ping_s: float = _PING_S
    ) -> None:
        self._api = api
        self._app_token = app_token
        self._intake = intake
        self._sleep = sleep
        self._ping_s = ping_s
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Stay connected until cancelled. Whatever goes wrong at the start is tried again, with growing gaps."""
        tries = 0
        while True:
            try:
                await self._connected()
            except Exception as problem:  # noqa: BLE001 - nothing may end the listening; its text may carry an address
                kind = getattr(problem, "args", ("",))[0] if type(problem).__module__.startswith("conv") else ""
                gap = _GAPS[min(tries, len(_GAPS) - 1)]
                log.warning("slack: %s %s, again in %s s", type(problem).__name__, kind, gap,
                            extra={"action": "slack_trouble"})  # fmt: skip
            tries += 1
            await self._sleep(gap)

    async def _connected(self) -> None:
        await asyncio.to_thread(import_module, "slack_bolt.async_app")  # takes a while, in which others are to be heard
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

        web = self._api.client()
        quiet = logging.getLogger("slack_bolt.gendan.socket")
        quiet.setLevel(logging.CRITICAL)  # its errors carry the connection's address, and that its ticket
        # Asked for here: the library would go on for ever with a token that is refused, without a word.
        opened = await self._api.call("apps_connections_open", app_token=self._app_token)
        app = self._app(web, quiet)
        socket = AsyncSocketModeHandler(app, self._app_token, quiet, web, web.proxy, self._ping_s).client
        socket.proxy = web.proxy
        socket.wss_uri = str(opened["url"])
        socket.on_message_listeners.append(_watch)
        try:
            await socket.connect()  # type: ignore[no-untyped-call]
            log.info("slack: connected", extra={"action": "slack_connected"})
            await asyncio.Event().wait()  # it mends itself from now on
        finally:
            await _close(socket)

    def _app(self, web: AsyncWebClient, quiet: logging.Logger) -> AsyncApp:
        """Bolt's application: whose an update is, is the desk's to find out, and the connection proves it genuine."""
        from slack_bolt.async_app import AsyncApp
        from slack_bolt.authorization import AuthorizeResult

        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=web.token)

        app = AsyncApp(
            logger=quiet,
            client=web,
            authorize=authorize,
            request_verification_enabled=False,
            ignoring_self_events_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            attaching_function_token_enabled=False,
        )
        app.middleware(self._keep)
        return app

    async def _keep(self, req: AsyncBoltRequest) -> BoltResponse:
        """Keep one update, then have it acknowledged. One after the other: each comes in a task of its own."""
        from slack_bolt.response import BoltResponse

        async with self._turn:
            try:
                answer = await self._intake.take(req.body)
            except Exception as problem:  # noqa: BLE001 - its text may quote what was said, so only its kind is told
                log.error("update not kept: %s", type(problem).__name__, extra={"action": "slack_not_kept"})  # noqa: TRY400
                return BoltResponse(status=503)  # not acknowledged: Slack sends it again
            return BoltResponse(status=200, body=answer or "")


async def _watch(message: Any) -> None:
    """An administrator may have switched Socket Mode off: the library would only try again, for ever."""
    if '"disconnect"' not in str(message.data)[:200]:
        return
    reason = json.loads(message.data).get("reason")
    level = logging.ERROR if reason == "link_disabled" else logging.INFO
    log.log(level, "slack ends the connection: %s", reason, extra={"action": "slack_disconnect", "reason": reason})


async def _close(socket: SocketModeClient) -> None:
    tasks = [socket.message_processor, socket.current_session_monitor, socket.message_receiver]
    await socket.close()  # type: ignore[no-untyped-call]
    await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)
