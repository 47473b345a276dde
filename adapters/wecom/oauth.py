"""Signing in to the web pages from inside WeCom (H5): the platform says which member has opened the page.

The code in the address works once, for five minutes, so the page redirects to a clean address once it has been spent.
Any member of the corporation can come in this way: what he may see is decided by who he is, not by this.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from adapters.wecom.client import Api
from adapters.wecom.errors import ApiError, failure

_AUTHORIZE = "https://open.weixin.qq.com/connect/oauth2/authorize"
_STATE = re.compile(r"[0-9A-Za-z]{16,128}\Z")  # what every page of the vendor agrees on
_BAD_CODE = 40029


def sign_in_address(corp_id: str, agent_id: str, back: str, state: str) -> str:
    """Where to send a browser that is not signed in.

    Args:
        corp_id: the corporation's.
        agent_id: the app's.
        back: our own address, https, on the domain that the app trusts.
        state: 16 to 128 letters and digits, made by chance, checked when he comes back.
    Raises: ValueError for another state.
    """
    if not _STATE.match(state):
        raise ValueError("a state is 16 to 128 letters and digits")
    query = {"appid": corp_id, "redirect_uri": back, "response_type": "code", "scope": "snsapi_base", "state": state,
             "agentid": agent_id}  # fmt: skip
    return f"{_AUTHORIZE}?{urlencode(query)}#wechat_redirect"


async def member(api: Api, code: str) -> str | None:
    """The member who came back with a code; None if the code is no good or he is no member. Raises SendFailure."""
    if not code or len(code.encode("utf-8", "replace")) > 512:
        return None
    try:
        answer = await api.get("/cgi-bin/auth/getuserinfo", code=code)
    except ApiError as refusal:
        if refusal.code == _BAD_CODE:
            return None
        raise failure(refusal) from None
    found = answer.get("userid") or answer.get("UserId")
    return str(found) if found else None
