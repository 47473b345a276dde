"""Asking a language model (gendan[llm]: any OpenAI-compatible endpoint) what a message may mean that nobody understood.

It may take `seconds`, and no more than `tokens_a_day` are spent a day (UTC; counted by this process, by what the
endpoint reports or, where it reports nothing, by the length of what was sent and received). Whatever goes wrong,
nothing comes of it but a line in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import httpx

from bot.settings import Settings
from conversations.understanding.proposals import prompt

log = logging.getLogger(__name__)

LARGEST = 200_000
"""Bytes of an answer that are taken in."""
_PER_TOKEN = 2  # characters of a token at least, Chinese and JSON mixed: a guess on the dear side
_MOST_ANSWERED = 400


class Adviser:
    """Asks one endpoint.

    Args:
        url: base address, the part before /chat/completions.
        model: its name at the endpoint.
        key: sent as a bearer token; None: nothing is sent.
        seconds: that an answer may take.
        tokens_a_day: that may be spent.
        now: the clock.
        client: for tests of the wire.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        *,
        seconds: float = 8.0,
        tokens_a_day: int = 200_000,
        now: Callable[[], datetime],
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._url = url.rstrip("/") + "/chat/completions"
        self._model, self._seconds, self._most = model, seconds, tokens_a_day
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = client or httpx.AsyncClient()
        self._now = now
        self._day: date | None = None
        self.spent = 0

    async def advise(self, text: str) -> str | None:
        """What the model says of a message; None when it says nothing in time, or enough was spent today."""
        today = self._now().date()
        if self._day != today:
            self._day, self.spent = today, 0
        if self.spent >= self._most:
            log.info("no advice: enough for today", extra={"action": "advice_capped", "spent": self.spent})
            return None
        messages = prompt(text, f"{today:%Y-%m-%d %A}")
        asked = sum(len(one["content"]) for one in messages)
        self.spent += asked // _PER_TOKEN  # before the call: what fails may cost as well
        try:
            answer = await asyncio.wait_for(self._ask(messages), self._seconds)
            said, used = _content(answer)
        except (
            TimeoutError,
            httpx.HTTPError,
            httpx.InvalidURL,
            ValueError,
            TypeError,
            KeyError,
            IndexError,
        ) as problem:
            log.warning("no advice", extra={"action": "advice_failed", "why": type(problem).__name__})
            return None
        self.spent += max(0, (used or (asked + len(said)) // _PER_TOKEN) - asked // _PER_TOKEN)
        return said

    async def _ask(self, messages: list[dict[str, str]]) -> Any:
        body = {"model": self._model, "messages": messages, "temperature": 0, "max_tokens": _MOST_ANSWERED}
        asking = self._client.stream("POST", self._url, json=body, headers=self._headers, timeout=self._seconds)
        async with asking as answer:
            answer.raise_for_status()
            got = bytearray()
            async for piece in answer.aiter_bytes():
                got += piece
                if len(got) > LARGEST:
                    raise ValueError("too long")
        import json

        return json.loads(bytes(got))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()


def adviser_of(settings: Settings, now: Callable[[], datetime]) -> Adviser | None:
    """The adviser that the settings name, None when they name none. Raises ValueError for what is no number."""
    if not settings.llm_url or not settings.llm_model:
        return None
    seconds, tokens = float(settings.llm_seconds), int(settings.llm_tokens_a_day)
    return Adviser(
        settings.llm_url, settings.llm_model, settings.llm_key, seconds=seconds, tokens_a_day=tokens, now=now
    )


def _content(answer: Any) -> tuple[str, int]:
    said = answer["choices"][0]["message"]["content"]
    if not isinstance(said, str):
        raise TypeError("no text")
    usage = answer.get("usage")
    used = usage.get("total_tokens") if isinstance(usage, dict) else 0
    return said, used if isinstance(used, int) and 0 < used < 10**9 else 0
