"""From settings to a running WeCom, and its lines side by side."""

import pytest
from starlette.applications import Starlette

from adapters.wecom.assembly import Config, Surroundings, assemble
from adapters.wecom.memory import LocalMemory
from conversations.channels import EditGone, Rejected, RetryAfter, Unreachable
from conversations.messages import Button, Outgoing
from tests.fakes.wecom import BASE
from tests.fakes.wecom_caller import AES_KEY, CORP, TOKEN, Caller
from tests.fakes.wecom_kf import KFID, WecomKf

APP = {"corp_id": CORP, "agent_id": "1000007", "secret": "app-secret", "token": TOKEN, "aes_key": AES_KEY}


@pytest.fixture
def corp(clock):
    return WecomKf(clock)


@pytest.fixture
def house(http, clock):
    received, memory = [], LocalMemory(":memory:")

    async def receive(update):
        received.append(update)
        return True

    yield Surroundings(http, receive, memory, clock), received
    memory.close()


async def test_the_callback_of_the_app_serves_customers_too(house, corp, clock):
    around, received = house
    wecom = assemble(Config(api=BASE, **APP, kf_id=KFID), around)
    caller = Caller(Starlette(routes=list(wecom.routes)), "/hooks/wecom/app", clock)
    text = {"FromUserName": "zhouwei", "CreateTime": "1", "MsgType": "text", "Content": "你好", "MsgId": "1"}
    assert (await caller.deliver(text)).status_code == 200
    notice = {"CreateTime": "1", "MsgType": "event", "Event": "kf_msg_or_event", "Token": "T", "OpenKfId": KFID}
    assert (await caller.deliver(notice)).status_code == 200
    corp.says("我的货发了吗")
    assert await wecom.lines["kf"].pull(KFID, "T") == 1
    heard = [wecom.channel.translate(update.payload) for update in received]
    assert [(one.account, one.text) for one in heard] == [("zhouwei", "你好"), ("wmTESTCUST01", "我的货发了吗")]
    for one in heard:
        await wecom.channel.send(
            Outgoing(key=one.account, account=one.account, text="好", conversation=one.conversation)
        )
    assert [len(corp.sent), len(corp.told)] == [1, 1]


def test_only_what_is_set_up_is_on(house):
    around, _ = house
    wecom = assemble(Config(bot_id="b", bot_secret="s"), around)
    assert (set(wecom.lines), set(wecom.runs), wecom.routes) == ({"webhook", "robot"}, {"robot"}, ())
    assert set(assemble(Config(**APP), around).lines) == {"webhook", "app"}


@pytest.mark.parametrize("wrong", [
    {"secret": "s"}, {"secret": "s", "corp_id": "c"}, {"secret": "s", "corp_id": "c", "agent_id": "x"}, {"token": "t"},
    {"bot_id": "b"}, {"kf_id": "k", "corp_id": "c"}, APP | {"aes_key": "short"},
])  # fmt: skip
def test_settings_that_cannot_work_are_said_at_the_start(house, wrong):
    around, _ = house
    with pytest.raises(ValueError, match=r"wecom_|EncodingAESKey"):
        assemble(Config(**wrong), around)


def test_no_secret_is_shown():
    assert "app-secret" not in repr(Config(**APP))
    assert TOKEN not in repr(Config(**APP))


async def test_a_webhook_lists_what_cannot_be_pressed_and_keeps_its_pace(house, corp):
    channel = assemble(Config(api=BASE), house[0]).channel

    def post(key="1", group="webhook:key-1", **more):
        return channel.send(Outgoing(key=key, account="", group=group, text="今日逾期 3 单", **more))

    await post(buttons=(Button("查看", "board"),))
    assert corp.webhook_sent[0][1]["text"]["content"] == "今日逾期 3 单\n查看"
    for number in range(19):
        await post(str(number))
    with pytest.raises(RetryAfter):
        await post()
    with pytest.raises(Unreachable):
        await post(group="webhook:nobody")
    with pytest.raises(EditGone):
        await post(edits="x")
    with pytest.raises((Rejected, Unreachable)):
        await channel.send(Outgoing(key="1", account="", group="webhook:key-1", text="长" * 700))
