"""A thin client of WeCom's HTTP API: the access token, calls, uploads and downloads.

The token travels in the query string, so no URL may reach a log or an exception's text.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from adapters.wecom.errors import BUSY, TOKEN_STALE, ApiError
from conversations.channels import Unavailable, Unknown

log = logging.getLogger(__name__)

Clock = Callable[[], float]
"""The moment, in Unix seconds."""
Sleep = Callable[[float], Awaitable[None]]

_EARLY_S = 300.0  # a token is renewed this long before it lapses
_PAUSES_S = (0.2, 1.0, 3.0)  # between tries while the platform says it is busy
_TIMEOUT = httpx.Timeout(15.0, connect=5.0)
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_LARGEST = 100_000_000
_JSON = {"content-type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one app signs in with; every app has a secret of its own."""

    corp_id: str
    secret: str = field(repr=False)


class Api:
    """WeCom's API as one app sees it.

    Args:
        http: the connection pool; shared, closed by its owner.
        base: the API's address, https://qyapi.weixin.qq.com.
        credentials: whose token is used.
        clock: the moment, in Unix seconds.
        sleep: waits between tries.
    """

    def __init__(
        self, http: httpx.AsyncClient, base: str, credentials: Credentials, clock: Clock, sleep: Sleep = asyncio.sleep
    ) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it writes whole addresses, tokens and all
        self._http = http
        self._base = base.rstrip("/")
        self._credentials = credentials
        self._clock = clock
        self._sleep = sleep
        self._token = ""
        self._token_until = 0.0
        self._renewing = asyncio.Lock()

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Call a method with a JSON body; its answer.

        Raises: ApiError if it is refused; Unavailable if it never arrived; Unknown if nobody knows.
        """
        return await self._with_token("POST", path, content=_json(body), headers=_JSON)

    async def get(self, path: str, **params: str) -> dict[str, Any]:
        """Call a method that takes its arguments in the address. Raises as `post`."""
        return await self._with_token("GET", path, params=params)

    async def upload(self, kind: str, name: str, content: bytes) -> str:
        """Upload a file (image, voice, video, file); its media_id, good for three days. Raises as `post`."""
        answer = await self._with_token(
            "POST", "/cgi-bin/media/upload", params={"type": kind}, files={"media": (name, content)}
        )
        return str(answer["media_id"])

    async def download(self, media_id: str) -> bytes:
        """The bytes of what somebody sent. Raises as `post`; ApiError 40007 once it has lapsed."""
        answer = await self._with_token("GET", "/cgi-bin/media/get", params={"media_id": media_id}, binary=True)
        content = answer["content"]
        return bytes(content)

    async def token(self, stale: str | None = None) -> str:
        """The access token; `stale`: the one that was just refused. Many may ask: one of them renews it."""
        async with self._renewing:
            if self._token and self._token != stale and self._clock() < self._token_until:
                return self._token
            params = {"corpid": self._credentials.corp_id, "corpsecret": self._credentials.secret}
            answer = await self._patiently("GET", "/cgi-bin/gettoken", params=params)
            self._token = str(answer["access_token"])
            life = float(answer.get("expires_in") or 0)
            self._token_until = self._clock() + max(life - _EARLY_S, life / 2)
            return self._token

    async def _with_token(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        params = dict(request.pop("params", {}))
        token = await self.token()
        try:
            return await self._patiently(method, path, params=params | {"access_token": token}, **request)
        except ApiError as refusal:
            if refusal.code not in TOKEN_STALE:
                raise
        token = await self.token(stale=token)
        return await self._patiently(method, path, params=params | {"access_token": token}, **request)

    async def _patiently(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        for pause in _PAUSES_S:
            try:
                return await self._once(method, path, **request)
            except ApiError as refusal:
                if refusal.code != BUSY:
                    raise
            await self._sleep(pause)
        return await self._once(method, path, **request)

    async def _once(self, method: str, path: str, *, binary: bool = False, **request: Any) -> dict[str, Any]:
        return await _exchange(self._http, method, self._base, path, binary=binary, **request)


async def post_plain(
    http: httpx.AsyncClient, address: str, params: Mapping[str, str], body: Mapping[str, Any]
) -> dict[str, Any]:
    """Call an address that needs no token (a webhook). Raises as `Api.post`."""
    return await _exchange(http, "POST", address, "", binary=False, params=params, content=_json(body), headers=_JSON)


async def fetch(http: httpx.AsyncClient, address: str) -> bytes:
    """The bytes at an address that the platform itself named. Raises Unavailable."""
    try:
        response = await http.get(address, timeout=_TIMEOUT)
    except httpx.HTTPError as problem:
        raise Unavailable(type(problem).__name__) from None
    if response.status_code != httpx.codes.OK or len(response.content) > _LARGEST:
        raise Unavailable(f"HTTP {response.status_code}")
    return response.content


async def _exchange(
    http: httpx.AsyncClient, method: str, base: str, path: str, *, binary: bool, **request: Any
) -> dict[str, Any]:
    try:
        response = await http.request(method, base + path, timeout=_TIMEOUT, **request)
    except _NEVER_SENT as problem:
        raise Unavailable(f"{path}: {type(problem).__name__}") from None
    except httpx.HTTPError as problem:
        raise Unknown(f"{path}: {type(problem).__name__}") from None
    return _answer(path, response, binary=binary)


def _json(body: Mapping[str, Any]) -> bytes:
    """Raw UTF-8, for the platform refuses escaped characters (40033); the same body is the same bytes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _answer(path: str, response: httpx.Response, *, binary: bool) -> dict[str, Any]:
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise Unavailable(f"{path}: HTTP {response.status_code}")
    if response.status_code != httpx.codes.OK:
        raise ApiError(response.status_code, f"HTTP {response.status_code}")
    if binary and not _is_json(response):
        return {"content": response.content}
    try:
        answer = response.json()
        code = int(answer.get("errcode") or 0)
    except (ValueError, AttributeError, TypeError):
        raise Unknown(f"{path}: no JSON") from None
    if code:
        raise ApiError(code, str(answer.get("errmsg") or ""))
    if binary:  # a JSON file is a file as well
        return {"content": response.content}
    found: dict[str, Any] = answer
    return found


def _is_json(response: httpx.Response) -> bool:
    kind = response.headers.get("content-type", "")
    named = "content-disposition" in response.headers
    return not named and kind.split(";")[0].strip() in {"application/json", "text/plain", ""}
