"""Hearing from Telegram: every update is kept, durably, before Telegram is told that it has arrived.

By long polling the next question's offset is what confirms; at the webhook it is the 2xx answer.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from telegram import Bot, BotCommand
from telegram.error import RetryAfter, TelegramError
from telegram.request import BaseRequest

from adapters.telegram import reading
from adapters.telegram.failures import seconds_of
from conversations.channels import Receive

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import Route

log = logging.getLogger(__name__)

PATH = "/hooks/telegram"
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
_HEADER = "x-telegram-bot-api-secret-token"
_LARGEST_BODY = 1_000_000
_GAPS = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)
_REFRESH = 3600.0
_POLL = 50

Sleep = Callable[[float], Awaitable[None]]
_T = TypeVar("_T")


class Receiving:
    """Takes updates in, and answers presses so that the phone stops spinning.

    Args:
        bot: the library's client.
        polls: its connection for long polling alone.
        receive: keeps an update; it is committed when this returns.
        sleep: waits so many seconds.
    """

    def __init__(self, bot: Bot, polls: BaseRequest, receive: Receive, sleep: Sleep = asyncio.sleep) -> None:
        self._bot = bot
        self._polls = polls
        self._receive = receive
        self._sleep = sleep
        self._username = ""
        self._answers: set[asyncio.Task[None]] = set()

    async def poll(self) -> None:
        """Long polling until cancelled. Whatever goes wrong is tried again, with growing gaps."""
        await self._patiently(self._start_polling)
        offset: int | None = None
        while True:
            offset = await self._patiently(lambda: self._ask(offset))  # noqa: B023 - awaited in this round

    async def keep_webhook(self, url: str, secret: str) -> None:
        """Tell Telegram our address, and again every hour, until cancelled."""
        while True:
            await self._patiently(lambda: self._set_webhook(url, secret))
            await self._sleep(_REFRESH)

    async def take(self, update: Any) -> None:
        """Keep one update; a press is answered at once, in the background. What is no update is passed over."""
        try:
            raw = reading.raw_update(update, self._username, str(self._bot.token).partition(":")[0])
        except ValueError:
            log.warning("no update", extra={"action": "telegram_no_update"})
            return
        await self._receive(raw)
        self._note(update)

    def route(self, secret: str) -> Route:
        """The address that Telegram calls. Anything but an update with the secret is a 4xx."""
        from starlette.responses import Response  # a bot that polls needs no web server's parts
        from starlette.routing import Route

        async def hook(request: Request) -> Response:
            given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, secret.encode()):
                return Response(status_code=403)
            body = await _body(request)
            if body is None:
                return Response(status_code=413)
            try:
                update = json.loads(body)
            except (ValueError, RecursionError):
                return Response(status_code=400)
            if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
                return Response(status_code=400)
            try:
                await self.take(update)
            except Exception:  # not kept: Telegram brings it again
                log.exception("update not kept", extra={"action": "telegram_not_kept"})
                return Response(status_code=429, headers={"Retry-After": "5"})
            return Response(status_code=200)

        return Route(PATH, hook, methods=["POST"])

    async def _start_polling(self) -> None:
        await self._introduce()
        await self._bot.delete_webhook(drop_pending_updates=False)

    async def _set_webhook(self, url: str, secret: str) -> None:
        await self._introduce()
        await self._bot.set_webhook(
            url.rstrip("/") + PATH, secret_token=secret, allowed_updates=list(reading.KINDS), drop_pending_updates=False
        )

    async def _introduce(self) -> None:
        """Who we are, and the menu of commands in each language."""
        self._username = (await self._bot.get_me()).username or ""
        for language in ("en", "zh", None):  # None: for all other languages
            menu = [BotCommand(name, says[language or "en"]["menu"]) for name, says in reading.words().items()]
            await self._bot.set_my_commands(menu, language_code=language)

    async def _ask(self, offset: int | None) -> int | None:
        """Ask for updates from `offset` on, which confirms those before; the offset to ask with next."""
        # The library's own getUpdates parses before we could keep what it cannot parse: asked for as it comes.
        asked = f"timeout={_POLL}&allowed_updates={quote(json.dumps(reading.KINDS))}"
        if offset is not None:
            asked += f"&offset={offset}"
        updates: Any = await self._polls.post(f"{self._bot.base_url}/getUpdates?{asked}", read_timeout=_POLL + 10)
        after = None  # once all is confirmed none is named: numbers may begin anew after a quiet week
        for update in updates:
            await self.take(update)
            if isinstance(update, dict) and isinstance(update.get("update_id"), int):
                after = max(after or 0, update["update_id"] + 1)
        return after

    async def _patiently(self, attempt: Callable[[], Awaitable[_T]]) -> _T:
        tries = 0
        while True:
            try:
                return await attempt()
            except Exception as problem:  # noqa: BLE001 - nothing may end the listening
                gap = _gap(problem, tries)
                # Its text may carry the token: the kind of problem has to do.
                kind = type(problem).__name__
                log.warning("telegram: %s, again in %s s", kind, gap, extra={"action": "telegram_trouble"})
            tries += 1
            await self._sleep(gap)

    def _note(self, update: Any) -> None:
        query = update.get("callback_query")
        if isinstance(query, dict) and isinstance(query.get("id"), str):
            task = asyncio.get_running_loop().create_task(self._answer(query["id"]))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)
        changed = reading.blocking(update)
        if changed is not None:
            action = "telegram_blocked" if changed[1] else "telegram_unblocked"
            log.info("a chat's door", extra={"action": action, "chat": changed[0]})

    async def _answer(self, query: str) -> None:
        try:
            await self._bot.answer_callback_query(query)
        except TelegramError:
            log.debug("a press could not be answered")  # too old: what it asks for is done all the same


async def _body(request: Request) -> bytes | None:
    """The body; None if it is larger than any update."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            return None
    return body


def _gap(problem: Exception, tries: int) -> float:
    return seconds_of(problem) if isinstance(problem, RetryAfter) else _GAPS[min(tries, len(_GAPS) - 1)]
