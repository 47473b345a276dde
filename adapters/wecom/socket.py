"""The smart robot's long connection: signs in, keeps it alive, and comes back after every kind of end.

The platform allows one live connection a robot: a later one throws the earlier one out. Whoever is thrown out waits a
minute before it tries again, so that two owners do not throw each other out for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import itertools
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from adapters.wecom.client import Sleep
from adapters.wecom.errors import ApiError
from conversations.channels import Unavailable, Unknown

log = logging.getLogger(__name__)

Frame = dict[str, Any]
Handle = Callable[[Frame], Awaitable[None]]

_MESSAGE, _EVENT = "aibot_msg_callback", "aibot_event_callback"
_LARGEST_FRAME = 32_000_000


class End(enum.Enum):
    """Why a connection ended."""

    LOST = "lost"  # closed, cut, or dead: back soon
    REFUSED = "refused"  # the secret is wrong: back seldom
    DISPLACED = "displaced"  # another connection of the same robot took over


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds."""

    heartbeat: float = 30.0
    answer: float = 10.0  # within which an acknowledgement must come
    first_gap: float = 1.0
    longest_gap: float = 30.0
    refused: float = 300.0
    displaced: float = 60.0


@dataclass(frozen=True, slots=True)
class BotKeys:
    """What a robot signs in with."""

    bot_id: str
    secret: str = field(repr=False)


class Socket:
    """One robot's connection.

    Args:
        address: wss://openws.work.weixin.qq.com.
        keys: the robot's.
        handle: told of each message and event, in order.
        pace: how long things take.
        sleep: waits between connections.
    """

    def __init__(
        self, address: str, keys: BotKeys, handle: Handle, pace: Pace | None = None, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._address = address
        self._keys = keys
        self._handle = handle
        self._pace = pace or Pace()
        self._sleep = sleep
        self._live: aiohttp.ClientWebSocketResponse | None = None
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._numbers = itertools.count(1)
        self.connected = asyncio.Event()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        gap = self._pace.first_gap
        while True:
            end, lived = await self._connection()
            self.connected.clear()
            gap = self._pace.first_gap if lived else min(gap * 2, self._pace.longest_gap)
            pause = {End.REFUSED: self._pace.refused, End.DISPLACED: self._pace.displaced}.get(end, gap)
            level = logging.INFO if end is End.LOST else logging.ERROR
            log.log(level, "robot disconnected: %s", end.value, extra={"action": "wecom_robot_down", "pause_s": pause})
            await self._sleep(pause)

    async def call(self, command: str, body: Mapping[str, Any], answers: str | None = None) -> Frame:
        """Send a command; the body of its acknowledgement.

        Args:
            command: its name.
            body: its fields.
            answers: the req_id of the callback that is answered; None: a command of our own.
        Raises: Unavailable without a connection; Unknown if it broke before the acknowledgement; ApiError.
        """
        live = self._live
        if live is None or live.closed:
            raise Unavailable("the robot is not connected")
        number = answers or f"{command}_{next(self._numbers)}"
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        frame = {"cmd": command, "headers": {"req_id": number}, "body": dict(body)}
        try:
            await live.send_str(json.dumps(frame, ensure_ascii=False))
            answer = await asyncio.wait_for(future, self._pace.answer)
        except (TimeoutError, ConnectionError, aiohttp.ClientError, RuntimeError):
            raise Unknown(f"{command}: no acknowledgement") from None
        finally:
            self._waiting.pop(number, None)
        if answer.get("errcode"):
            raise ApiError(int(answer["errcode"]), str(answer.get("errmsg") or ""))
        found = answer.get("body")
        return found if isinstance(found, dict) else {}

    async def _connection(self) -> tuple[End, bool]:
        """One connection from its beginning to its end: why it ended, and whether it had been signed in."""
        try:
            async with aiohttp.ClientSession() as session, self._opened(session) as live:
                return await self._signed_in(live)
        except (TimeoutError, OSError, aiohttp.ClientError) as problem:
            log.info("robot not connected", extra={"action": "wecom_robot_connect", "problem": type(problem).__name__})
            return End.LOST, False
        except Exception:
            log.exception("robot's connection failed", extra={"action": "wecom_robot_fault"})
            return End.LOST, False

    @contextlib.asynccontextmanager
    async def _opened(self, session: aiohttp.ClientSession) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with asyncio.timeout(self._pace.answer):
            live = await session.ws_connect(self._address, max_msg_size=_LARGEST_FRAME, autoping=True)
        try:
            yield live
        finally:
            self._live = None
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionResetError())
            # Our side is closed in any case: a displaced connection may stay half open, answering pings and no more.
            with contextlib.suppress(TimeoutError, OSError, aiohttp.ClientError):
                await asyncio.wait_for(live.close(), 2)

    async def _signed_in(self, live: aiohttp.ClientWebSocketResponse) -> tuple[End, bool]:
        self._live = live
        reading = asyncio.create_task(self._read(live))
        beating: asyncio.Task[End] | None = None
        try:
            try:
                await self.call("aibot_subscribe", {"bot_id": self._keys.bot_id, "secret": self._keys.secret})
            except ApiError as refusal:
                log.error(  # noqa: TRY400 - where it came from says nothing here
                    "robot refused", extra={"action": "wecom_robot_refused", "errcode": refusal.code}
                )
                return End.REFUSED, False
            except (Unknown, Unavailable):
                return End.LOST, False
            self.connected.set()
            log.info("robot connected", extra={"action": "wecom_robot_up"})
            beating = asyncio.create_task(self._beat(live))
            done, _ = await asyncio.wait({reading, beating}, return_when=asyncio.FIRST_COMPLETED)
            return (reading if reading in done else beating).result(), True
        finally:
            tasks = [task for task in (reading, beating) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, live: aiohttp.ClientWebSocketResponse) -> End:
        """Read until the end. A clean close ends the loop without an exception: that is an end as any other."""
        async for message in live:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                frame = json.loads(message.data)
            except ValueError:
                continue
            if isinstance(frame, dict) and await self._frame(frame) is End.DISPLACED:
                return End.DISPLACED
        return End.LOST

    async def _frame(self, frame: Frame) -> End | None:
        command = frame.get("cmd")
        if command not in (_MESSAGE, _EVENT):  # a tuple: what comes in need not be hashable
            headers = frame.get("headers")
            waiting = self._waiting.get(str(headers.get("req_id"))) if isinstance(headers, dict) else None
            if waiting is not None and not waiting.done():
                waiting.set_result(frame)
            return None
        body = frame.get("body")
        if isinstance(body, dict) and "disconnected_event" in str(body.get("event")):
            return End.DISPLACED
        await self._handle(frame)
        return None

    async def _beat(self, live: aiohttp.ClientWebSocketResponse) -> End:
        """A connection that does not answer a heartbeat is dead, whatever the network says."""
        while not live.closed:
            await asyncio.sleep(self._pace.heartbeat)
            try:
                await self.call("ping", {})
            except ApiError as refusal:
                log.info("heartbeat refused", extra={"action": "wecom_robot_ping", "errcode": refusal.code})
                return End.LOST  # 846609: not subscribed any more
            except (Unknown, Unavailable):
                return End.LOST
        return End.LOST
