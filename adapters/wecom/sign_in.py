"""The web pages opened inside WeCom (H5): whoever opens them is sent back by WeCom with a code that says who he is.

The browser carries the state that it was sent away with, so that nobody can be signed in as somebody else by a link.
The code works once: a page that is loaded again begins anew, with one tap.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.wecom import cards
from adapters.wecom.client import Api
from adapters.wecom.oauth import member, sign_in_address
from conversations.channels import SendFailure

PATH = "/hooks/wecom/sign-in"
Enter = Callable[[str], Awaitable[str]]
"""The address, on our own server, at which a member is signed in; for a stranger one that says so."""

_COOKIE = "gendan_wecom_state"
_STATE_S = 600
_PRIVATE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class SignIn:
    """The address that members open.

    Args:
        api: signed in with the app's secret.
        corp_id: the corporation's.
        agent_id: the app's.
        public_url: our own, https, on the domain that the app trusts.
        enter: says where a member goes on.
        language: of the few words shown when it fails.
    """

    def __init__(
        self, api: Api, corp_id: str, agent_id: str, public_url: str, enter: Enter, language: str = "zh"
    ) -> None:
        self._api = api
        self._corp_id, self._agent_id = corp_id, agent_id
        self._back = public_url.rstrip("/") + PATH
        self._enter = enter
        self._language = language

    def route(self) -> Route:
        """The route, for GET."""
        return Route(PATH, self.endpoint, methods=["GET"])

    async def endpoint(self, request: Request) -> Response:
        """Send the browser to WeCom; or, when it comes back from there, into the pages."""
        code, state = (request.query_params.get(name, "") for name in ("code", "state"))
        if not code:
            return self._away()
        expected = request.cookies.get(_COOKIE, "")
        if not expected or not hmac.compare_digest(expected.encode("utf-8", "replace"), state.encode()):
            return self._failed(403)
        try:
            userid = await member(self._api, code)
        except SendFailure:
            return self._failed(503)
        if userid is None:
            return self._failed(403)
        answer = RedirectResponse(await self._enter(userid), 303, headers=_PRIVATE)
        answer.delete_cookie(_COOKIE, path=PATH)
        return answer

    def _away(self) -> Response:
        state = secrets.token_hex(16)
        address = sign_in_address(self._corp_id, self._agent_id, self._back, state)
        answer = RedirectResponse(address, 303, headers=_PRIVATE)
        answer.set_cookie(_COOKIE, state, _STATE_S, path=PATH, secure=True, httponly=True, samesite="lax")
        return answer

    def _failed(self, status: int) -> Response:
        said, again = (escape(cards.word(name, self._language)) for name in ("sign_in_failed", "sign_in_again"))
        head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        page = f'{head}<p style="font:1rem sans-serif;margin:2rem">{said} <a href="{PATH}">{again}</a></p>'
        return HTMLResponse(page, status, headers=_PRIVATE)
