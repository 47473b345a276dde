"""The address that WeCom calls: proves itself on GET, takes updates on POST; one for the app, one for customer service.

Everything genuine is kept before it is acknowledged. Everything else gets a 4xx, and one line in the log without a
word of what it said.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.wecom.client import Clock
from adapters.wecom.crypto import BadCallback, Envelope, Secrets, unseal
from adapters.wecom.xmltree import parse

log = logging.getLogger(__name__)

Take = Callable[[dict[str, Any]], Awaitable[None]]
"""Keeps one update, given as its fields; it has been committed when this returns."""

FRESH_S = 300.0
_LARGEST = 1_000_000
_MOST_REMEMBERED = 50_000


class Callback:
    """Checks requests of one callback address.

    Args:
        secrets: what the address was set up with.
        take: keeps an update.
        clock: the moment, in Unix seconds.
    """

    def __init__(self, secrets: Secrets, take: Take, clock: Clock) -> None:
        self._secrets = secrets
        self._take = take
        self._clock = clock
        self._answered: dict[str, float] = {}  # signatures of requests that were taken, until they are stale anyway

    def route(self, path: str) -> Route:
        """The route, for GET and POST."""
        return Route(path, self.endpoint, methods=["GET", "POST"])

    async def endpoint(self, request: Request) -> Response:
        """Answer one request."""
        try:
            return await (self._update(request) if request.method == "POST" else self._prove(request))
        except (BadCallback, ValueError):
            log.info("callback refused", extra={"action": "wecom_callback_refused", "method": request.method})
            return Response(status_code=403)
        except ClientDisconnect:
            return Response(status_code=400)

    async def _prove(self, request: Request) -> Response:
        message = unseal(self._secrets, self._envelope(request, request.query_params.get("echostr", "")))
        return PlainTextResponse(message)

    async def _update(self, request: Request) -> Response:
        body = await _read(request)
        if body is None:
            return Response(status_code=413)
        encrypted = parse(body.decode()).get("Encrypt")
        if not isinstance(encrypted, str):
            raise BadCallback
        envelope = self._envelope(request, encrypted)
        fields = parse(unseal(self._secrets, envelope))
        if envelope.signature in self._answered:  # a replay: a retry of the platform comes before it was answered
            raise BadCallback
        try:
            await self._take(fields)
        except ValueError:  # genuine, but nothing we know
            log.warning("update not understood", extra={"action": "wecom_odd"})
        except Exception as problem:  # noqa: BLE001 - its text may quote what was said, so only its kind is told
            log.error("update not kept: %s", type(problem).__name__, extra={"action": "wecom_not_kept"})  # noqa: TRY400
            return Response(status_code=503)  # not acknowledged: the platform sends it again
        self._remember(envelope.signature)
        return Response(status_code=200)

    def _envelope(self, request: Request, encrypted: str) -> Envelope:
        query = request.query_params
        timestamp = query.get("timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise BadCallback
        if abs(self._clock() - int(timestamp)) > FRESH_S:
            raise BadCallback
        return Envelope(encrypted, query.get("msg_signature", ""), timestamp, query.get("nonce", ""))

    def _remember(self, signature: str) -> None:
        now = self._clock()
        if len(self._answered) >= _MOST_REMEMBERED:
            self._answered = {known: until for known, until in self._answered.items() if until > now}
        self._answered[signature] = now + 2 * FRESH_S


async def _read(request: Request) -> bytes | None:
    """The body; None if it is larger than any update can be."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST:
            return None
    return bytes(body)
