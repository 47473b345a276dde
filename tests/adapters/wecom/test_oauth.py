"""Signing in from inside WeCom."""

from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.wecom.oauth import member, sign_in_address
from conversations.channels import Unavailable

INFO = "/cgi-bin/auth/getuserinfo"


def test_the_address_carries_all_that_the_platform_asks_for():
    address = sign_in_address("wwcorp", "1000007", "https://gendan.test/sign-in?to=/chat", "a" * 32)
    parts = urlsplit(address)
    assert parts.fragment == "wechat_redirect"
    assert parse_qs(parts.query) == {
        "appid": ["wwcorp"], "redirect_uri": ["https://gendan.test/sign-in?to=/chat"], "response_type": ["code"],
        "scope": ["snsapi_base"], "state": ["a" * 32], "agentid": ["1000007"],
    }  # fmt: skip


@pytest.mark.parametrize("state", ["", "short", "a" * 129, "a" * 20 + "-", "状态" * 10])
def test_a_state_the_platform_may_damage_is_refused(state):
    with pytest.raises(ValueError, match="state"):
        sign_in_address("wwcorp", "1", "https://x", state)


async def test_a_code_is_a_member_or_nobody(api, corp):
    assert await member(api, "GOOD") == "zhouwei"
    assert await member(api, "USED") is None
    assert await member(api, "") is None
    assert await member(api, "x" * 600) is None
    corp.faults[INFO].append({"errcode": 0, "errmsg": "ok", "openid": "oX", "external_userid": "wmX"})
    assert await member(api, "OUTSIDER") is None
    corp.faults[INFO].append({"errcode": 60020, "errmsg": "ip"})
    with pytest.raises(Unavailable):
        await member(api, "GOOD")
