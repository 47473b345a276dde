"""The Web API: the library's client made on first use, one call at a time, its exceptions as our failures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from conversations.channels import Rejected, Unavailable

if TYPE_CHECKING:
    import aiohttp
    from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

_TIMEOUT_S = 20.0
_LARGEST = 20_000_000
_PIECE = 65_536


class Api:
    """One app's calls.

    Args:
        token: of the bot.
        base: address of the Web API, with its final slash.
    """

    def __init__(self, token: str, base: str) -> None:
        self._token = token
        self._base = base.rstrip("/") + "/"
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None

    def client(self) -> AsyncWebClient:
        """The library's client; it never tries again by itself, for then a message might go out twice."""
        if self._client is None:
            import aiohttp
            from slack_sdk.web.async_client import AsyncWebClient

            quiet = logging.getLogger("slack_sdk.gendan")
            quiet.setLevel(logging.WARNING)  # below that it puts what was said into the log
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S))
            self._client = AsyncWebClient(
                self._token, self._base, session=self._session, retry_handlers=[], logger=quiet, timeout=int(_TIMEOUT_S)
            )
            if proxy_bypass(urlsplit(self._base).hostname or ""):
                self._client.proxy = None  # the library takes a proxy from the environment, but not its exceptions
        return self._client

    async def call(self, method: str, *, editing: bool = False, **arguments: Any) -> Mapping[str, Any]:
        """Call a method, named as the library's function for it. Raises SendFailure."""
        found, _ = await self.with_headers(method, editing=editing, **arguments)
        return found

    async def with_headers(
        self, method: str, *, editing: bool = False, **arguments: Any
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """As `call`, with the answer's headers."""
        if self._client is None:  # importing it takes a while, in which others are to be heard
            await asyncio.to_thread(import_module, "slack_sdk.web.async_client")
        client = self.client()
        from adapters.slack.failures import failure

        try:
            answer = await getattr(client, method)(**arguments)
        except Exception as problem:  # noqa: BLE001 - what it means is decided in one table
            raise failure(problem, editing=editing) from None
        data = answer.data if isinstance(answer.data, Mapping) else {}
        return data, {name.lower(): value for name, value in answer.headers.items()}

    async def download(self, address: str) -> bytes:
        """A file's bytes. Raises SendFailure."""
        import aiohttp

        client, session = self.client(), self._session
        if session is None or not self._ours(address):
            raise Rejected("a file that lies elsewhere")  # the token is shown to nobody else
        head = {"Authorization": f"Bearer {self._token}"}
        try:
            async with session.get(address, headers=head, proxy=client.proxy, allow_redirects=False) as answer:
                return await _content(answer)
        except (OSError, TimeoutError, aiohttp.ClientError) as problem:
            raise Unavailable(type(problem).__name__) from None

    async def close(self) -> None:
        """Give the connections back."""
        if self._session is not None:
            await self._session.close()

    def _ours(self, address: str) -> bool:
        """Whether an address is Slack's: the API's own host, or under the same domain."""
        host, own = urlsplit(address).hostname or "", urlsplit(self._base).hostname or ""
        secure = urlsplit(address).scheme == urlsplit(self._base).scheme
        return secure and (host == own or host.endswith(("." + own, ".slack.com")))


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    if answer.status >= 500:
        raise Unavailable(f"status {answer.status}")
    if answer.status != 200 or answer.content_type == "text/html":  # a page to sign in on
        raise Rejected(f"status {answer.status}")
    found = bytearray()
    async for piece in answer.content.iter_chunked(_PIECE):
        found += piece
        if len(found) > _LARGEST:
            raise Rejected("too large")
    return bytes(found)
