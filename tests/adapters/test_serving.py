"""The real `gendan serve` with all three platforms at once: killed in between, and with one that is down or wrongly set up."""

import asyncio
import os
import random
import sys
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from sqlmodel import select
from starlette.responses import Response

from store.tables import Inbox, Outbox
from tests.fakes import slack_people
from tests.fakes.slack import BOT_TOKEN, SECRET, Slack
from tests.fakes.telegram import TOKEN, Telegram
from tests.fakes.wecom import Wecom
from tests.fakes.wecom_caller import AES_KEY, CORP, Caller
from tests.fakes.wecom_caller import TOKEN as CALLBACK_TOKEN
from tests.support.far.telegram import refusal
from tests.support.far.wecom import SEND
from tests.support.serving import free_port, look

COMPANY = Path(__file__).parents[2] / "docs" / "examples" / "pump.yaml"
WANG, LIU, HE = "U0WANG", 1005, "heping"  # on Slack, Telegram, WeCom
HOOK = "s3cret"


@contextmanager
def served(app):
    """An application behind a real socket; its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(5)


class World:
    """The three platforms, and a house that serves them all."""

    def __init__(self, folder, telegram, slack, wecom):
        self.folder, self.slack, self.port = folder, slack, free_port()
        self.telegram, self.telegram_at = telegram
        self.wecom, self.wecom_at = wecom
        self.caller = Caller(None, "", time.time)
        self.log = folder / "serve.log"
        self.process = None
        self.numbers = dict.fromkeys(("telegram", "slack", "wecom"), 0)
        self.settings = {
            "PATH": os.environ["PATH"], "GENDAN_HOME": str(folder), "GENDAN_HTTP": f"127.0.0.1:{self.port}",
            "GENDAN_PUBLIC_URL": "https://gendan.test",
            "GENDAN_TELEGRAM_TOKEN": TOKEN, "GENDAN_TELEGRAM_API": self.telegram_at, "GENDAN_TELEGRAM_WEBHOOK_SECRET": HOOK,
            "GENDAN_SLACK_BOT_TOKEN": BOT_TOKEN, "GENDAN_SLACK_SIGNING_SECRET": SECRET, "GENDAN_SLACK_API": slack.base,
            "GENDAN_WECOM_CORP_ID": CORP, "GENDAN_WECOM_AGENT_ID": "1000007", "GENDAN_WECOM_SECRET": "app-secret",
            "GENDAN_WECOM_TOKEN": CALLBACK_TOKEN, "GENDAN_WECOM_AES_KEY": AES_KEY, "GENDAN_WECOM_API": self.wecom_at,
        }  # fmt: skip

    @property
    def url(self):
        return f"sqlite:///{self.folder}/gendan.db"

    async def load(self):
        command = (sys.executable, "-m", "bot", "company", "load", str(COMPANY), "-y")
        process = await asyncio.create_subprocess_exec(*command, env=self.settings, stdout=asyncio.subprocess.DEVNULL)
        assert await process.wait() == 0

    async def start(self):
        with self.log.open("ab") as out:
            command = (sys.executable, "-m", "bot", "serve")
            self.process = await asyncio.create_subprocess_exec(*command, env=self.settings, stdout=out, stderr=out)

    async def kill(self):
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def asks(self, where):
        """Somebody asks something there; whether the platform was told that it has arrived. If not it comes again."""
        number = self.numbers[where]
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=10) as client:
                answer = await getattr(self, f"_{where}")(client, number)
        except httpx.HTTPError:
            return False
        assert answer.status_code < 500, where
        self.numbers[where] += answer.status_code == 200
        return answer.status_code == 200

    async def _telegram(self, client, number):
        update = self.telegram.says(f"我是谁 {number}", account=LIU) | {"update_id": 1000 + number}
        update["message"]["message_id"] = 5000 + number
        return await client.post("/hooks/telegram", json=update, headers={"x-telegram-bot-api-secret-token": HOOK})

    async def _slack(self, client, number):
        update = slack_people.says(f"我是谁 {number}", WANG) | {"event_id": f"Ev{number:06d}"}
        body, kind = slack_people.encoded(update)
        stamp = str(int(time.time()))
        headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": slack_people.signature(body, stamp),
                   "content-type": kind, "x-slack-retry-num": "1"}  # fmt: skip
        return await client.post("/hooks/slack", content=body, headers=headers)

    async def _wecom(self, client, number):
        fields = {"ToUserName": CORP, "FromUserName": HE, "CreateTime": str(int(time.time())), "AgentID": "1000007",
                  "MsgType": "text", "Content": f"我是谁 {number}", "MsgId": str(9000 + number)}  # fmt: skip
        query, body = self.caller.parts(fields)
        return await client.post("/hooks/wecom/app", params=query, content=body)

    def answered(self):
        """How many answers have arrived on each platform."""
        return {
            "telegram": sum(one["chat"] == LIU for one in self.telegram.sent),
            "slack": sum(one["channel"] == "D0WANG" for one in self.slack.sent),
            "wecom": sum(one["touser"] == HE for one in self.wecom.sent),
        }

    async def until(self, happened, seconds=90):
        async with asyncio.timeout(seconds):
            while not happened():  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.05)


@pytest.fixture
async def world(tmp_path):
    telegram, wecom = Telegram(time.time), Wecom(time.time)
    telegram.chats[LIU] = "private"
    wecom.members.add(HE)
    with served(telegram.app) as telegram_at, served(wecom.app) as wecom_at:
        async with Slack(time.time) as slack:
            slack.users[WANG] = {}
            await slack.conversations_open(WANG)
            one = World(tmp_path, (telegram, telegram_at), slack, (wecom, wecom_at))
            await one.load()
            yield one
            await one.kill()


@asynccontextmanager
async def writing(world, enough):
    """One person on each platform asks one question after the other, as long as each is taken sooner or later."""

    async def write(where):
        chance = random.Random(where)
        while not enough.is_set():
            if await world.asks(where):
                await asyncio.sleep(chance.uniform(1.2, 2.0))
            else:
                await asyncio.sleep(0.05)

    tasks = [asyncio.create_task(write(where)) for where in world.numbers]
    try:
        yield
    finally:
        enough.set()
        await asyncio.gather(*tasks)


class Trouble:
    """What else goes wrong on the platforms' side; `unclear` counts what was done though nobody was told."""

    def __init__(self, world, chance):
        self.world, self.chance, self.unclear = world, chance, dict.fromkeys(world.numbers, 0)

    def __call__(self):
        kind = self.chance.randrange(6)
        slack, telegram, wecom = self.world.slack, self.world.telegram, self.world.wecom
        if kind == 0:
            slack.faults["chat.postMessage"].append("drop")
            self.unclear["slack"] += 1
        elif kind == 1:
            slack.faults["chat.postMessage"].append("ratelimited")
        elif kind == 2:
            telegram.faults["sendMessage"].append(refusal(429, "Too Many Requests: retry after 2", retry_after=2))
        elif kind == 3:
            telegram.faults["sendMessage"].append(Response("<html>", 502))
        elif kind == 4:
            wecom.faults[SEND].append({"errcode": -1, "errmsg": "busy"})
        else:
            wecom.faults[SEND].append(Response("", 503))


async def kill_and_write(world, kills):
    chance, enough = random.Random(4), asyncio.Event()
    trouble = Trouble(world, chance)
    async with writing(world, enough):
        for turn in range(kills):
            await world.start()
            if turn % 4 == 3:  # one in four dies while it starts
                await asyncio.sleep(chance.uniform(0.5, 3))
            else:
                before = dict(world.numbers)
                await world.until(lambda before=before: any(world.numbers[one] > before[one] for one in before))
                trouble()
                await asyncio.sleep(chance.uniform(0, 4))
            await world.kill()
        await world.start()
        before = dict(world.numbers)
        await world.until(lambda: all(world.numbers[one] > before[one] + 1 for one in before))
    await world.until(lambda: all(world.answered()[where] >= count for where, count in world.numbers.items()))
    await asyncio.sleep(2)
    await world.kill()
    return trouble.unclear


def check(world, kills, unclear):
    assert min(world.numbers.values()) > 0, world.numbers
    inbox = look(world.url, lambda book: list(book.session.exec(select(Inbox))))
    answers = look(world.url, lambda book: list(book.session.exec(select(Outbox).where(Outbox.kind == "answer"))))
    asked = {where: sum(row.channel == where for row in inbox) for where in world.numbers}
    assert {row.status for row in inbox} == {"done"}
    assert all(asked[where] in {count, count + 1} for where, count in world.numbers.items())  # kept, and then killed
    assert sorted(row.reply_to for row in answers) == sorted(row.id for row in inbox)
    assert {row.status for row in answers} == {"sent"}
    arrived = world.answered()
    for where, count in asked.items():
        assert count <= arrived[where] <= count + kills + unclear[where], (where, arrived, asked)
    said = world.log.read_text("utf-8")
    assert "Traceback" not in said
    assert not any(secret in said for secret in (TOKEN, BOT_TOKEN, SECRET, "app-secret", AES_KEY))


@pytest.mark.long
@pytest.mark.parametrize("kills", [8])
async def test_on_three_platforms_at_once_kills_lose_nothing_and_double_nothing(world, kills, record_property):
    unclear = await kill_and_write(world, kills)
    for where, count in world.numbers.items():
        record_property(where, f"{count} asked, {world.answered()[where]} arrived, {unclear[where]} unclear")
    check(world, kills, unclear)


async def signed_in(world, member):
    """Whether a member of the WeCom who opens the pages there is let in, as the browser goes from address to address."""
    world.wecom.sign_ins["C1"] = member
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{world.port}", timeout=10) as browser:
        away = await browser.get("/hooks/wecom/sign-in")
        state = parse_qs(urlsplit(away.headers["location"]).query)["state"][0]
        head = {"cookie": away.headers["set-cookie"].partition(";")[0]}  # it goes over https alone
        back = await browser.get("/hooks/wecom/sign-in", params={"code": "C1", "state": state}, headers=head)
        entered = await browser.get(back.headers["location"])
        page = await browser.get(entered.headers["location"])
        return (entered.status_code, page.status_code, "何平" in page.text) == (303, 200, True)


@pytest.mark.slow
async def test_with_one_platform_down_and_one_wrongly_set_up_the_third_is_served_and_it_is_said(world):
    world.settings |= {
        "GENDAN_TELEGRAM_API": f"http://127.0.0.1:{free_port()}",
        "GENDAN_SLACK_BOT_TOKEN": "not-a-token",
    }
    await world.start()
    async with asyncio.timeout(60):
        while not await world.asks("wecom"):  # noqa: ASYNC110 - it starts in another process
            await asyncio.sleep(0.1)
    await world.until(lambda: world.answered()["wecom"] == 1, 30)
    assert await signed_in(world, HE)
    assert list((world.folder / "sessions").glob("storage-user-*.json"))  # and not wherever it was started
    said = world.log.read_text("utf-8")
    assert "slack stays off: slack_bot_token must begin with xoxb-" in said
    assert "telegram:" in said  # tried again and again, and told
    assert world.process.returncode is None
