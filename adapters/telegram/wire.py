"""How calls reach the Bot API: over aiohttp, which spends a fraction of what the library's own client does a call.

Files go up through the library's own client. Times are in seconds.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData

from adapters.telegram.failures import Cut, NotSent

_PLAIN = {"User-Agent": BaseRequest.USER_AGENT}
_JSON = {"Content-Type": "application/json", **_PLAIN}
_CONNECT = 5.0


class AiohttpRequest(BaseRequest):
    """A transport of the library. Connections are opened at the first call.

    Args:
        read_timeout: how long an answer may take, unless a call says otherwise.
        connections: so many at a time.
    """

    def __init__(self, read_timeout: float = 20.0, connections: int = 16) -> None:
        self._read_timeout = read_timeout
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._uploads: HTTPXRequest | None = None

    @property
    def read_timeout(self) -> float:
        """The usual longest wait for an answer."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Nothing: see above."""

    async def shutdown(self) -> None:
        """Give the connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._uploads is not None:
            await self._uploads.shutdown()
            self._uploads = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call: status and body of its answer. Raises TimedOut, NetworkError."""
        if request_data is not None and request_data.contains_files:
            if self._uploads is None:
                self._uploads = HTTPXRequest(read_timeout=self._read_timeout, write_timeout=self._read_timeout)
            return await self._uploads.do_request(
                url, method, request_data, read_timeout, write_timeout, connect_timeout, pool_timeout
            )
        longest = read_timeout if isinstance(read_timeout, int | float) else self._read_timeout
        body = json.dumps(request_data.parameters).encode() if request_data is not None else None
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=longest)
        try:
            async with self._open().request(
                method, url, data=body, headers=_JSON if body else _PLAIN, timeout=timeout, proxy=_proxy_of(url)
            ) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as problem:
            raise NotSent(type(problem).__name__) from problem  # its own text may show the address, and the token
        except TimeoutError as problem:
            raise TimedOut from problem
        except aiohttp.ClientError as problem:
            raise Cut(type(problem).__name__) from problem

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session


def _proxy_of(url: str) -> str | None:
    """The proxy that the environment names for an address. aiohttp would look it up, in a thread, at every call."""
    parts = urlsplit(url)
    return _proxy(parts.scheme, parts.netloc)


@lru_cache(maxsize=16)
def _proxy(scheme: str, host: str) -> str | None:
    return None if proxy_bypass(host) else getproxies().get(scheme)
