"""What WeCom calls: the genuine is kept before it is acknowledged, everything else is 4xx and leaves no trace."""

import logging
import random

import pytest
from starlette.applications import Starlette

from adapters.wecom.callback import Callback
from adapters.wecom.crypto import Secrets
from tests.fakes.wecom_caller import AES_KEY, CORP, TOKEN, Caller, sealed, signature, xml

TEXT = {"ToUserName": CORP, "FromUserName": "linlan", "CreateTime": "1790000123", "MsgType": "text",
        "Content": "SO-20260917-003 到哪一步了", "MsgId": "7301948820011223344", "AgentID": "1000007"}  # fmt: skip


class Kept:
    def __init__(self):
        self.updates, self.problem = [], None

    async def take(self, fields):
        if self.problem:
            raise self.problem
        self.updates.append(fields)


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def caller(kept, clock):
    callback = Callback(Secrets.of(TOKEN, AES_KEY, CORP), kept.take, clock)
    return Caller(Starlette(routes=[callback.route("/hooks/wecom/app")]), "/hooks/wecom/app", clock)


async def test_the_address_proves_itself_with_the_bare_message(caller):
    response = await caller.verify("8123649912+/=")
    assert (response.status_code, response.text) == (200, "8123649912+/=")
    assert response.headers["content-type"].startswith("text/plain")


async def test_a_message_is_kept_word_for_word_and_answered_with_nothing(caller, kept):
    response = await caller.deliver(TEXT)
    assert (response.status_code, response.content) == (200, b"")
    assert kept.updates == [TEXT]


async def test_a_retry_with_a_new_signature_is_accepted(caller, kept):
    assert [(await caller.deliver(TEXT)).status_code for _ in range(3)] == [200] * 3
    assert len(kept.updates) == 3  # Receive tells them apart by MsgId


async def test_what_could_not_be_kept_is_not_acknowledged_and_may_come_again(caller, kept):
    query, body = caller.parts(TEXT)
    kept.problem = OSError("disk full")
    assert (await caller.post(query, body)).status_code == 503
    kept.problem = None
    assert (await caller.post(query, body)).status_code == 200


async def test_what_was_said_is_not_in_the_log_when_it_could_not_be_kept(caller, kept, caplog):
    kept.problem = OSError("[parameters: ('geheim-4711',)]")
    assert (await caller.deliver(TEXT)).status_code == 503
    assert "geheim" not in caplog.text
    assert "OSError" in caplog.text


async def test_a_genuine_update_that_we_do_not_know_is_acknowledged(caller, kept):
    kept.problem = ValueError("an update of nobody")
    assert (await caller.deliver(TEXT)).status_code == 200


async def test_a_request_that_was_answered_is_not_taken_a_second_time(caller, kept):
    query, body = caller.parts(TEXT)
    assert (await caller.post(query, body)).status_code == 200
    assert (await caller.post(query, body)).status_code == 403
    assert len(kept.updates) == 1


@pytest.mark.parametrize(("age", "status"), [(0, 200), (299, 200), (-299, 200), (301, 403), (-301, 403), (10**9, 403)])
async def test_a_request_may_be_five_minutes_off(caller, clock, age, status):
    assert (await caller.deliver(TEXT, at=clock.now - age)).status_code == status


@pytest.mark.parametrize("timestamp", ["", "x", "-1790000000", "1790000000.0", "١٧٩٠٠٠٠٠٠٠", "9" * 400, " 1790000000"])
async def test_a_timestamp_that_is_none_is_refused(caller, kept, timestamp):
    encrypted = sealed(xml(TEXT))
    query = {"msg_signature": signature(encrypted, timestamp, "n"), "timestamp": timestamp, "nonce": "n"}
    assert (await caller.post(query, xml({"Encrypt": encrypted}))).status_code == 403
    assert kept.updates == []


@pytest.mark.parametrize("body", [
    b"", b"<xml>", b"{}", b"\xff\xfe", b"<xml/>", b"<xml>words</xml>", b"<xml><Encrypt/></xml>",
    b"<xml><Encrypt><a/></Encrypt></xml>", b"<xml><Encrypt>1</Encrypt><Encrypt>2</Encrypt></xml>",
    b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>', b"<a>" * 400, b"<?xml version='1.0' encoding='utf-16'?><xml/>", b"<xml>" + b"<a/>" * 5000 + b"</xml>",
])  # fmt: skip
async def test_a_body_that_is_no_envelope_is_refused(caller, kept, body):
    query, _ = caller.parts(TEXT)
    assert (await caller.post(query, body)).status_code == 403
    assert kept.updates == []


async def test_a_body_without_end_is_cut_off(caller):
    query, _ = caller.parts(TEXT)
    assert (await caller.post(query, b"x" * 1_100_000)).status_code == 413


@pytest.mark.parametrize("message", ["", "no xml", "<xml/>", "<!DOCTYPE x><xml><FromUserName>a</FromUserName></xml>"])
async def test_a_genuine_envelope_around_nonsense_is_refused(caller, kept, message):
    assert (await caller.deliver(message)).status_code == 403
    assert kept.updates == []


async def test_a_message_for_another_corporation_or_under_another_key_is_refused(caller, kept):
    assert (await caller.deliver(TEXT, receive_id="wwother")).status_code == 403
    assert (await caller.deliver(TEXT, key=AES_KEY[::-1])).status_code == 403
    assert kept.updates == []


@pytest.mark.parametrize("change", [{"msg_signature": "0" * 40}, {"echostr": "x"}, {"nonce": "other"}, {"timestamp": "1"},
                                    {"msg_signature": "签名"}, {"echostr": ""}])  # fmt: skip
async def test_a_proof_that_is_forged_is_refused(caller, change):
    assert (await caller.verify(**change)).status_code == 403


def damaged(kind, caller, chance, clock):
    """A request that is not genuine: its query and body."""
    at = clock.now + chance.choice([-301, 301, -4000, 10**6]) if kind == "stale" else None
    query, body = caller.parts(TEXT | {"Content": "geheim-4711"}, at=at)
    data = bytearray(body.encode())
    begin, end = data.index(b"<Encrypt>") + 18, data.index(b"]]></Encrypt>")
    match kind:
        case "truncated":
            del data[chance.randrange(begin, end) :]
        case "altered":
            data[chance.randrange(begin, end)] ^= 1 + chance.randrange(7)
        case "random":
            data = bytearray(chance.randbytes(chance.randrange(400)))
        case "forged":
            query["msg_signature"] = f"{chance.getrandbits(160):040x}"
    return query, bytes(data)


@pytest.mark.parametrize("count", [60, pytest.param(2000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["truncated", "altered", "random", "forged", "stale"])
async def test_requests_that_are_not_genuine_leave_no_trace(caller, kept, clock, caplog, kind, count):
    caplog.set_level(logging.DEBUG)
    chance = random.Random(4)
    for _ in range(count):
        response = await caller.post(*damaged(kind, caller, chance, clock))
        assert 400 <= response.status_code < 500
    assert kept.updates == []
    assert "geheim" not in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("count", [60, pytest.param(2000, marks=pytest.mark.slow)])
async def test_replayed_requests_leave_no_second_trace(caller, kept, count):
    for _ in range(count):
        query, body = caller.parts(TEXT)
        assert (await caller.post(query, body)).status_code == 200
        assert (await caller.post(query, body)).status_code == 403
    assert len(kept.updates) == count
