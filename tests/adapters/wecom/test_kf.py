"""WeChat customer service against the strict corporation."""

import asyncio

import httpx
import pytest

from adapters.wecom import kf_in
from adapters.wecom.channel import WeComChannel
from adapters.wecom.client import Api, Credentials
from adapters.wecom.kf import KfLine
from adapters.wecom.memory import LocalMemory
from conversations.channels import EditGone, Rejected, Unavailable, Unknown, Unreachable
from conversations.messages import Button, FileOut, Outgoing
from tests.fakes.wecom import BASE
from tests.fakes.wecom_kf import KFID, WecomKf

CUSTOMER = "wmTESTCUST01"
SEND, SYNC = "/cgi-bin/kf/send_msg", "/cgi-bin/kf/sync_msg"
BUTTONS = (Button("SO-1 羽绒马甲", "order.show:1"), Button("转人工", "human"))
HOUR = 3600


class Received:
    def __init__(self):
        self.updates, self.failures = {}, 0

    async def __call__(self, update):
        if self.failures:
            self.failures -= 1
            raise OSError("the book is away")
        new = update.message_id not in self.updates
        self.updates.setdefault(update.message_id, update)
        return new


@pytest.fixture
def corp(clock):
    return WecomKf(clock)


@pytest.fixture
def received():
    return Received()


@pytest.fixture
def memory():
    memory = LocalMemory(":memory:")
    yield memory
    memory.close()


@pytest.fixture
def make(corp, http, clock, memory, received):
    api = Api(http, BASE, Credentials(corp.corp_id, corp.secret), clock, clock.sleep)
    return lambda: KfLine(api, KFID, memory, received, clock, welcome_after=0.05)


@pytest.fixture
def line(make):
    return make()


@pytest.fixture
def channel(line):
    return WeComChannel({"kf": line})


def message(text="您的订单已到车缝工序", key="7", **more):
    return Outgoing(key=key, account=CUSTOMER, text=text, conversation=f"kf:{KFID}:{CUSTOMER}", **more)


def texts(corp):
    return [told["text"]["content"] for told in corp.told if told["msgtype"] == "text"]


async def test_everything_is_pulled_page_by_page_and_never_twice(line, corp, received):
    corp.empty_first = True
    for number in range(5):
        corp.says(str(number))
    assert await line.pull(KFID, "TOKEN") == 5
    assert await line.pull(KFID, "TOKEN") == 0
    assert [one.payload["fields"]["text"]["content"] for one in received.updates.values()] == list("01234")
    assert corp.pulled_with[-1] == ("cur5", "TOKEN")


async def test_two_pulls_at_once_take_turns(line, corp):
    for number in range(5):
        corp.says(str(number))
    assert sum(await asyncio.gather(line.pull(KFID), line.pull(KFID))) == 5


async def test_what_could_not_be_kept_is_pulled_again(line, corp, received):
    corp.says("我的货发了吗")
    received.failures = 1
    with pytest.raises(OSError, match="away"):
        await line.pull(KFID)
    await line.pull(KFID)
    assert len(received.updates) == 1


async def test_after_a_restart_the_pull_goes_on_where_it_was(make, corp, received):
    corp.says("一")
    await make().pull(KFID)
    corp.says("二")
    assert await make().pull(KFID) == 1


async def test_without_a_cursor_old_messages_are_not_answered_again(line, corp, clock, received):
    corp.says("昨天的")
    clock.now += 24 * HOUR
    corp.says("今天的")
    await line.pull(KFID)
    assert [one.payload["fields"]["text"]["content"] for one in received.updates.values()] == ["今天的"]


async def test_the_callback_wakes_the_pull(line, corp, received):
    running = asyncio.create_task(line.run())
    corp.says("我的货发了吗")
    await line.take({"Event": "kf_msg_or_event", "Token": "T", "OpenKfId": KFID})
    async with asyncio.timeout(5):
        for _ in range(400):
            if received.updates:
                break
            await asyncio.sleep(0.01)
    running.cancel()
    assert len(received.updates) == 1


async def test_a_callback_that_reaches_another_replica_than_the_one_that_pulls_is_heard_at_once(line, corp, received):
    corp.says("我的货发了吗")
    await line.take({"Event": "kf_msg_or_event", "Token": "T", "OpenKfId": KFID})
    async with asyncio.timeout(5):
        while not received.updates:  # noqa: ASYNC110 - it is pulled in the background
            await asyncio.sleep(0.01)
    assert len(received.updates) == 1


async def test_a_failing_pull_does_not_end_the_line(line, corp, received):
    corp.faults[SYNC].append(httpx.ReadTimeout("x"))
    corp.says("一")
    running = asyncio.create_task(line.run())
    await asyncio.sleep(0.05)
    await line.take({"Token": "T", "OpenKfId": KFID})
    await asyncio.sleep(0.1)
    running.cancel()
    assert len(received.updates) == 1


async def test_a_customer_is_answered_five_times_until_he_writes_again(channel, line, corp):
    corp.says("你好")
    await line.pull(KFID)
    for number in range(5):
        await channel.send(message(str(number), key=str(number)))
    with pytest.raises(Unreachable):
        await channel.send(message("六", key="6"))
    assert (await line.window(CUSTOMER)).left(corp.clock()) == 0
    corp.says("还有呢")
    await line.pull(KFID)
    await channel.send(message("六", key="6"))
    assert len(corp.told) == 6


async def test_after_48_hours_nothing_goes_out(channel, line, corp, clock):
    corp.says("你好")
    await line.pull(KFID)
    clock.now += 48 * HOUR
    with pytest.raises(Unreachable):
        await channel.send(message())
    assert SEND not in corp.requests


async def test_what_does_not_fit_the_window_is_not_begun(channel, line, corp):
    corp.says("你好")
    await line.pull(KFID)
    for number in range(4):
        await channel.send(message(str(number), key=str(number)))
    with pytest.raises(Unreachable):
        await channel.send(message("x", key="9", files=(FileOut("a.pdf", "application/pdf", b"%PDF-1.7"),)))
    assert len(corp.told) == 4


async def test_a_try_after_an_unclear_one_does_not_double(channel, line, corp):
    corp.says("你好")
    await line.pull(KFID)
    await channel.send(message(key="1"))
    line._taken = type(line._taken)()  # as after a restart
    await channel.send(message(key="1"))
    assert len(corp.told) == 1
    corp.faults[SEND].append(httpx.ReadTimeout("x"))
    with pytest.raises(Unknown):
        await channel.send(message(key="2"))


async def test_buttons_are_a_menu_and_a_tap_is_a_press(channel, line, corp, received):
    corp.says("你好")
    await line.pull(KFID)
    await channel.send(message("请选择要查询的订单", buttons=BUTTONS))
    menu = corp.told[0]["msgmenu"]
    assert (menu["head_content"], menu["list"][1]["click"]["id"]) == ("请选择要查询的订单", "human")
    corp.says("转人工", menu_id="human")
    await line.pull(KFID)
    assert channel.translate(list(received.updates.values())[-1].payload).press == "human"


async def test_a_long_text_goes_ahead_of_its_menu(channel, line, corp):
    corp.says("你好")
    await line.pull(KFID)
    await channel.send(message("长" * 600, buttons=BUTTONS))
    assert [told["msgtype"] for told in corp.told] == ["text", "msgmenu"]


async def test_whoever_comes_in_is_welcomed_at_once(line, corp, received):
    corp.enters()
    await line.pull(KFID)
    await asyncio.sleep(0.02)
    assert len(texts(corp)) == 1
    assert "跟单" in texts(corp)[0]


async def test_whoever_comes_with_a_code_is_greeted_by_the_answer_to_it(channel, line, corp, received):
    corp.enters(scene_param="K7%2BX")
    await line.pull(KFID)
    heard = channel.translate(next(iter(received.updates.values())).payload)
    assert (heard.start, heard.account) == ("K7+X", CUSTOMER)
    await channel.send(message("已为您绑定。"))
    await asyncio.sleep(0.1)
    assert texts(corp) == ["已为您绑定。"]


async def test_if_the_answer_takes_too_long_a_general_welcome_goes_out(channel, line, corp):
    corp.enters(scene_param="K7X")
    await line.pull(KFID)
    await asyncio.sleep(0.1)
    assert len(texts(corp)) == 1
    with pytest.raises(Unreachable):  # the code is spent and he has not written yet
        await channel.send(message("已为您绑定。"))


async def test_after_twenty_seconds_no_welcome_is_tried(line, corp, clock):
    corp.enters()
    clock.now += 20
    await line.pull(KFID)
    await asyncio.sleep(0.02)
    assert corp.requests.count("/cgi-bin/kf/send_msg_on_event") == 0


async def test_during_a_hand_over_the_bot_is_mute_until_the_session_ends(channel, line, corp, received):
    corp.says("转人工")
    await line.pull(KFID)
    await line.hand_over(CUSTOMER, "linlan")
    corp.says("在吗")
    await line.pull(KFID)
    assert len(received.updates) == 1
    with pytest.raises(Unreachable):
        await channel.send(message())
    corp.state.clear()
    corp.happens("session_status_change", change_type=3, old_servicer_userid="linlan")
    corp.says("谢谢")
    await line.pull(KFID)
    await channel.send(message())
    assert len(corp.told) == 1


async def test_the_house_hears_that_a_talk_with_a_servicer_goes_on(line, corp):
    spoken = []

    async def spoke(customer):
        spoken.append(customer)

    line.human_spoke = spoke
    corp.says("转人工")
    await line.pull(KFID)
    assert spoken == []
    await line.hand_over(CUSTOMER, "linlan")
    corp.says("在吗")
    corp.adds(
        {"open_kfid": KFID, "external_userid": CUSTOMER, "origin": 5, "msgtype": "text", "text": {"content": "在"}}
    )
    await line.pull(KFID)
    assert spoken == [CUSTOMER, CUSTOMER]


async def test_a_hand_over_can_be_taken_back(channel, line, corp):
    corp.says("转人工")
    await line.pull(KFID)
    await line.hand_over(CUSTOMER, "linlan")
    await line.end_session(CUSTOMER)
    await channel.send(message())
    assert len(corp.told) == 1


async def test_a_servicer_who_took_the_session_himself_is_noticed(channel, line, corp):
    corp.says("你好")
    await line.pull(KFID)
    corp.state[CUSTOMER] = 3
    with pytest.raises(Unreachable):
        await channel.send(message())
    assert (await line.window(CUSTOMER)).human


@pytest.mark.parametrize("fail_type", [4, 6])
async def test_a_message_that_did_not_arrive_closes_the_window(channel, line, corp, fail_type):
    corp.says("你好")
    corp.happens("msg_send_fail", fail_msgid="k1", fail_type=fail_type)
    await line.pull(KFID)
    with pytest.raises(Unreachable):
        await channel.send(message())


async def test_a_customer_is_known_by_his_external_id_without_a_conversation(corp, line):
    customer = "wmJ9K2" + "x" * 26
    corp.says("你好", customer)
    await line.pull(KFID)
    await WeComChannel({"kf": line}).send(Outgoing(key="1", account=customer, text="发货了"))
    assert corp.told[0]["touser"] == customer


async def test_the_link_carries_the_code(line):
    assert (await line.link("K7+X")).endswith("enc_scene=ENCxxx&scene_param=K7%2BX")
    with pytest.raises(ValueError, match="128"):
        await line.link("长" * 60)


async def test_nothing_can_be_renewed_and_nothing_too_long_is_posted(channel, line, corp):
    corp.says("你好")
    await line.pull(KFID)
    with pytest.raises(EditGone):
        await channel.send(message(edits="kabc"))
    for bad in ({"text": ""}, {"text": "长" * 700}):
        with pytest.raises(Rejected):
            await channel.send(message(**bad))


async def test_an_account_that_is_not_set_up_is_said(line, corp):
    corp.says("你好")
    await line.pull(KFID)
    corp.faults[SEND].append({"errcode": 95012, "errmsg": "not set up"})
    with pytest.raises(Unavailable):
        await line.send(message())


@pytest.mark.parametrize("item", [
    {"origin": 5, "msgtype": "text", "text": {"content": "人工"}}, {"origin": 5, "msgtype": "location", "location": {}},
    {"origin": 4, "msgtype": "event", "event": {"event_type": "servicer_status_change"}}, {"origin": 3, "msgtype": "moon"},
    {"origin": 4, "msgtype": "event", "event": {"event_type": "enter_session", "scene_param": ""}},
])  # fmt: skip
def test_what_means_nothing_to_us_is_passed_over(item):
    assert kf_in.translate(item | {"external_userid": CUSTOMER, "open_kfid": KFID}) is None


def test_files_are_understood():
    item = {"msgid": "1", "origin": 3, "external_userid": CUSTOMER, "open_kfid": KFID, "msgtype": "file"}
    heard = kf_in.translate(item | {"file": {"media_id": "M"}})
    assert heard.files[0].ref == "media:M"
