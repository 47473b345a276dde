"""The thin client against the strict corporation."""

import asyncio
import logging

import httpx
import pytest
from starlette.responses import Response

from adapters.wecom.client import Api, Credentials
from adapters.wecom.errors import ApiError, failure
from conversations.channels import Rejected, RetryAfter, Unavailable, Unknown, Unreachable
from tests.fakes.wecom import BASE

SEND = "/cgi-bin/message/send"


def text(content="到哪一步了", user="zhouwei"):
    return {"touser": user, "agentid": 1000007, "msgtype": "text", "text": {"content": content}}


async def test_many_calls_at_once_share_one_token(api, corp):
    await asyncio.gather(*(api.post(SEND, text(str(number))) for number in range(20)))
    assert (corp.tokens_made, len(corp.sent)) == (1, 20)


async def test_a_token_is_renewed_five_minutes_early(api, corp, clock):
    await api.token()
    clock.now += 7200 - 301
    assert await api.token() == "token-1"
    clock.now += 2
    assert await api.token() == "token-2"


async def test_a_revoked_token_is_renewed_once_and_the_call_repeated_once(api, corp):
    await api.token()
    corp.tokens.clear()
    await asyncio.gather(*(api.post(SEND, text(str(number))) for number in range(5)))
    assert (corp.tokens_made, len(corp.sent)) == (2, 5)


async def test_a_token_that_is_refused_again_is_the_callers_trouble(api, corp):
    corp.faults[SEND].extend([{"errcode": 40014, "errmsg": "x"}] * 2)
    with pytest.raises(ApiError) as refused:
        await api.post(SEND, text())
    assert isinstance(failure(refused.value), Unavailable)
    assert corp.requests.count(SEND) == 2


async def test_a_wrong_secret_is_said_and_not_hammered(http, corp, clock):
    api = Api(http, BASE, Credentials(corp.corp_id, "wrong"), clock, clock.sleep)
    with pytest.raises(ApiError) as refused:
        await api.token()
    assert refused.value.code == 40001
    assert corp.requests == ["/cgi-bin/gettoken"]


async def test_a_busy_platform_is_asked_again_with_pauses(api, corp, clock):
    corp.faults[SEND].extend([{"errcode": -1, "errmsg": "busy"}] * 2)
    await api.post(SEND, text())
    assert len(corp.sent) == 1
    assert clock.slept == [0.2, 1.0]


async def test_a_platform_that_stays_busy_asks_for_patience(api, corp):
    corp.faults[SEND].extend([{"errcode": -1, "errmsg": "busy"}] * 9)
    with pytest.raises(ApiError) as refused:
        await api.post(SEND, text())
    assert isinstance(failure(refused.value), RetryAfter)
    assert corp.requests.count(SEND) == 4


@pytest.mark.parametrize(("problem", "expected"), [
    (httpx.ConnectError("x"), Unavailable), (httpx.ConnectTimeout("x"), Unavailable),
    (httpx.ReadTimeout("x"), Unknown), (httpx.RemoteProtocolError("x"), Unknown), (httpx.WriteError("x"), Unknown),
])  # fmt: skip
async def test_whether_it_may_have_arrived_is_told_apart(api, corp, problem, expected):
    await api.token()
    corp.faults[SEND].append(problem)
    with pytest.raises(expected):
        await api.post(SEND, text())


@pytest.mark.parametrize(("status", "expected"), [(502, Unavailable), (200, Unknown)])
async def test_answers_that_are_none(api, corp, status, expected):
    corp.faults[SEND].append(Response("<html>", status))
    with pytest.raises(expected):
        await api.post(SEND, text())


@pytest.mark.parametrize(("code", "kind"), [
    (40003, Unreachable), (81013, Unreachable), (60111, Unreachable), (95018, Unreachable), (45009, RetryAfter),
    (45033, RetryAfter), (60020, Unavailable), (40001, Unavailable), (48002, Unavailable), (45002, Rejected),
    (40058, Rejected), (42045, Rejected), (123456, Rejected),
])  # fmt: skip
def test_each_code_is_one_kind_of_failure(code, kind):
    assert type(failure(ApiError(code, "hint"))) is kind


async def test_requests_are_raw_utf_8(api, corp):
    await api.post(SEND, text("裁床 ✂️"))
    assert corp.sent[0]["text"]["content"] == "裁床 ✂️"


async def test_files_keep_their_chinese_names_and_come_back(api, corp):
    media_id = await api.upload("file", '报表 "9月".xlsx', b"PK-content")
    assert corp.media[media_id][2] == "报表 %229月%22.xlsx"
    assert await api.download(media_id) == b"PK-content"


async def test_a_file_that_has_lapsed_is_refused(api, corp, clock):
    media_id = await api.upload("file", "a.pdf", b"%PDF-1.7")
    clock.now += 3 * 86_400 + 1
    with pytest.raises(ApiError, match="40007"):
        await api.download(media_id)


async def test_no_secret_or_token_reaches_a_log_or_an_exception(api, corp, caplog):
    caplog.set_level(logging.DEBUG)
    corp.faults[SEND].extend([httpx.ReadTimeout("x"), {"errcode": 60020, "errmsg": "not allow to access from your ip"}])
    with pytest.raises(Unknown) as unclear:
        await api.post(SEND, text())
    with pytest.raises(ApiError) as refused:
        await api.post(SEND, text())
    failure(refused.value)
    said = caplog.text + str(unclear.value) + repr(unclear.value) + str(refused.value) + repr(api.__dict__)
    assert "app-secret" not in said
    assert "token-1" not in caplog.text + str(unclear.value)
