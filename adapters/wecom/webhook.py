"""Group webhooks (消息推送): one-way messages into a group, which is "webhook:KEY" in the company file."""

from __future__ import annotations

from typing import Any

import httpx

from adapters.wecom import cards
from adapters.wecom.client import Clock, post_plain
from adapters.wecom.errors import ApiError, failure
from adapters.wecom.pacing import WEBHOOK_LIMITS, Pacer
from conversations.channels import EditGone, Rejected, RetryAfter, Unreachable
from conversations.messages import Outgoing

PREFIX = "webhook:"
_UNKNOWN_KEY = 93000


class WebhookLine:
    """Writes texts into groups that have a webhook; buttons cannot be pressed there, so their labels are listed.

    Args:
        http: the connection pool.
        base: the API's address.
        clock: the moment, in Unix seconds.
    """

    def __init__(self, http: httpx.AsyncClient, base: str, clock: Clock) -> None:
        self._http = http
        self._address = base.rstrip("/") + "/cgi-bin/webhook/send"
        self._clock = clock
        self._pacer = Pacer(WEBHOOK_LIMITS)

    async def send(self, message: Outgoing) -> str | None:
        """Post one text. Raises SendFailure."""
        if message.edits:
            raise EditGone("what a webhook posted stays as it is")
        text = cards.plain(message.text)
        if message.buttons:
            text += "\n" + " · ".join(button.label for button in message.buttons)
        if not text.strip() or len(text.encode("utf-8", "replace")) > cards.LARGEST_TEXT:
            raise Rejected("a text that is empty or of more than 2048 bytes")
        key = (message.group or "").removeprefix(PREFIX)
        wait = self._pacer.take(key, self._clock())
        if wait:
            raise RetryAfter(wait)
        body: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
        try:
            await post_plain(self._http, self._address, {"key": key}, body)
        except ApiError as refusal:
            if refusal.code == _UNKNOWN_KEY:
                raise Unreachable("no such webhook") from None
            raise failure(refusal) from None
        return None

    async def fetch(self, ref: str) -> bytes:
        """Nothing ever comes in here."""
        raise Unreachable(ref[:20])
