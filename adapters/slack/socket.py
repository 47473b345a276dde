"""Socket Mode: Slack's updates over a connection of ours, so that no public address is needed."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from adapters.slack.api import Api
from adapters.slack.intake import Intake

if TYPE_CHECKING:
    from slack_sdk.socket_mode.aiohttp import SocketModeClient
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

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
        from slack_sdk.socket_mode.aiohttp import SocketModeClient

        web = self._api.client()
        quiet = logging.getLogger("slack_sdk.gendan.socket")
        quiet.setLevel(logging.CRITICAL)  # its errors carry the connection's address, and that its ticket
        # Asked for here: the library would go on for ever with a token that is refused, without a word.
        opened = await self._api.call("apps_connections_open", app_token=self._app_token)
        socket = SocketModeClient(self._app_token, quiet, web, web.proxy, ping_interval=self._ping_s)
        socket.proxy = web.proxy
        socket.wss_uri = str(opened["url"])
        socket.socket_mode_request_listeners.append(self._heard)
        socket.on_message_listeners.append(_watch)
        try:
            await socket.connect()  # type: ignore[no-untyped-call]
            log.info("slack: connected", extra={"action": "slack_connected"})
            await asyncio.Event().wait()  # it mends itself from now on
        finally:
            await _close(socket)

    async def _heard(self, socket: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Keep one envelope, then acknowledge it. One after the other: each comes in a task of its own."""
        from slack_sdk.socket_mode.response import SocketModeResponse

        async with self._turn:
            try:
                answer = await self._intake.take(request.payload if isinstance(request.payload, dict) else {})
            except Exception as problem:  # noqa: BLE001 - its text may quote what was said, so only its kind is told
                log.error("update not kept: %s", type(problem).__name__, extra={"action": "slack_not_kept"})  # noqa: TRY400
                return  # not acknowledged: Slack sends it again
            await socket.send_socket_mode_response(SocketModeResponse(request.envelope_id, answer))


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
