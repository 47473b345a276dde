"""The whole house on WeCom: a member links himself, places an order by talking and pressing; his customer comes by link."""

from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette

from adapters.wecom.assembly import Config, Surroundings, assemble
from adapters.wecom.memory import LocalMemory
from bot.wiring import Assistant
from store.book import Actor
from store.operations.identities import make_code
from store.units import open_engine
from tests.fakes.wecom import BASE
from tests.fakes.wecom_caller import AES_KEY, CORP, TOKEN, Caller
from tests.fakes.wecom_kf import KFID, WecomKf
from tests.support.companies import load


class House:
    """An assistant with WeCom alone; `says` and `presses` are the member's, `shown` what he sees."""

    def __init__(self, url, corp, http, clock):
        channels = {}
        self.corp, self.clock, self.number = corp, clock, 0
        self.assistant = Assistant(open_engine(url), lambda: datetime.fromtimestamp(clock(), UTC), channels)
        self.memory = LocalMemory(":memory:")
        around = Surroundings(http, self.assistant.worker.receive, self.memory, clock)
        config = Config(
            api=BASE, corp_id=CORP, agent_id="1000007", secret="app-secret", token=TOKEN, aes_key=AES_KEY, kf_id=KFID
        )
        self.wecom = assemble(config, around)
        channels["wecom"] = self.wecom.channel
        self.caller = Caller(Starlette(routes=list(self.wecom.routes)), "/hooks/wecom/app", clock)
        load(self.assistant.units)

    def code(self, person, by="root"):
        return self.assistant.units.write(lambda book: make_code(book, person), Actor(by))

    async def update(self, **fields):
        self.number += 1
        self.clock.now += 5
        common = {
            "ToUserName": CORP,
            "FromUserName": "zhouwei",
            "CreateTime": str(int(self.clock())),
            "AgentID": "1000007",
        }
        response = await self.caller.deliver(common | fields)
        assert response.status_code == 200
        await self.assistant.settle()

    async def says(self, text):
        before = len(self.corp.sent)
        await self.update(MsgType="text", Content=text, MsgId=str(self.number))
        return self.corp.sent[before:]

    async def presses(self, card, key):
        task = card["task_id"]
        await self.update(MsgType="event", Event="template_card_event", EventKey=key, TaskId=task,
                          ResponseCode=self.corp.click(task, "zhouwei"))  # fmt: skip

    async def customer(self):
        await self.wecom.lines["kf"].pull(KFID, "T")
        await self.assistant.settle()


@pytest.fixture
def corp(clock):
    return WecomKf(clock)


@pytest.fixture
def house(sqlite_url, corp, http, clock):
    house = House(sqlite_url, corp, http, clock)
    yield house
    house.memory.close()
    house.assistant.close()


def drawn(sent):
    part = sent[sent["msgtype"]]
    return part["content"] if sent["msgtype"] == "text" else str(part)


async def test_a_member_links_himself_and_places_an_order_by_talking_and_pressing(house, corp):
    assert "绑定" in drawn((await house.says("你好"))[0])
    assert "王丽" in drawn((await house.says(house.code("wangli")))[0])
    (draft,) = await house.says("给华东机械下单：A型阀 100件，10月20日交货，送宁波北仑港，木箱")
    card = draft["template_card"]
    confirm = card["button_list"][0]["key"]
    before = len(corp.sent)
    await house.presses(card, confirm)
    told = [drawn(one) for one in corp.sent[before:]] + [str(one["template_card"]) for one in corp.updates]
    assert any("SO-2609-0001" in one for one in told)
    before = len(corp.sent)
    await house.presses(card, confirm)  # pressed again: nothing is placed twice
    assert not any("SO-2609-0002" in drawn(one) for one in corp.sent[before:])


async def test_a_customer_comes_by_link_asks_and_is_answered_within_his_window(house, corp):
    code = house.code("li", by="wangli")
    address = await house.wecom.lines["kf"].link(code)
    corp.enters(scene_param=address.partition("scene_param=")[2])
    await house.customer()
    assert len(corp.told) == 1
    assert "李工" in str(corp.told[0])
    corp.says("我的货到哪了")
    await house.customer()
    assert len(corp.told) == 2


async def test_a_redelivered_message_is_answered_once(house, corp):
    fields = {
        "ToUserName": CORP,
        "FromUserName": "zhouwei",
        "CreateTime": "1",
        "MsgType": "text",
        "Content": "你好",
        "MsgId": "9",
    }
    for _ in range(3):
        assert (await house.caller.deliver(fields)).status_code == 200
    await house.assistant.settle()
    assert len(corp.sent) == 1
