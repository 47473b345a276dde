"""`gendan serve` as a process of its own, with the workspace on the far side of a real socket; killed in between."""

import asyncio
import os
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, SECRET, Slack
from tests.fakes.slack_people import envelope, event, presses, says

COMPANY = Path(__file__).parents[3] / "docs" / "examples" / "pump.yaml"
WANG = "U0WANG"


@pytest.fixture
async def api():
    async with Slack(time.time) as api:
        api.users[WANG] = {}
        await api.conversations_open(WANG)
        yield api


@pytest.fixture
def environment(api, tmp_path, unused_tcp_port):
    return {
        "PATH": os.environ["PATH"], "GENDAN_HOME": str(tmp_path), "GENDAN_HTTP": f"127.0.0.1:{unused_tcp_port}",
        "GENDAN_SLACK_BOT_TOKEN": BOT_TOKEN, "GENDAN_SLACK_APP_TOKEN": APP_TOKEN, "GENDAN_SLACK_SIGNING_SECRET": SECRET,
        "GENDAN_SLACK_API": api.base,
    }  # fmt: skip


@pytest.fixture
def log(tmp_path):
    return tmp_path / "serve.log"


@asynccontextmanager
async def serving(environment, log):
    with log.open("ab") as out:
        command = (sys.executable, "-m", "bot", "serve")
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=out, stderr=out)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def load(environment):
    command = [sys.executable, "-m", "bot", "company", "load", str(COMPANY), "-y"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


async def until(happened, seconds=60):
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.02)


async def tell(api, update):
    return await api.tell(envelope(update), update)


def buttons(message):
    return [one["value"] for block in message["blocks"] if block["type"] == "actions" for one in block["elements"]]


@pytest.mark.long
async def test_an_order_is_placed_by_talking_and_pressing_and_home_is_drawn(api, environment, log):
    load(environment)
    async with serving(environment, log):
        await until(lambda: api.sockets)
        await tell(api, says("新单 华东机械 A型阀200件 单价35 下下周五交 送苏州园区", WANG))
        await until(lambda: api.sent)
        await tell(api, presses(api.sent[0], buttons(api.sent[0])[0], WANG))
        await until(lambda: len(api.sent) == 2 and api.updates)
        await tell(api, event("app_home_opened", user=WANG, tab="home", channel="D0WANG"))
        await until(lambda: WANG in api.homes)
    assert "已下单" in api.sent[1]["text"]
    assert [one["type"] for one in api.updates[0]["blocks"]] == ["rich_text"]  # the draft has lost its buttons
    assert api.floods == 0
    said = log.read_text("utf-8")
    assert "Traceback" not in said
    assert not any(secret in said for secret in (BOT_TOKEN, APP_TOKEN, SECRET, "苏州园区"))


@pytest.mark.long
async def test_what_was_acknowledged_is_answered_though_the_process_is_killed_at_once(api, environment, log):
    load(environment)
    asked = 0
    for number in range(2):
        async with serving(environment, log) as process:
            await until(lambda: api.sockets)
            for _ in range(3):
                name = await tell(api, says(f"谁是王丽{number}", WANG))
                asked += 1
                await until(lambda name=name: name in api.acknowledged)
            process.kill()
            await process.wait()
        await until(lambda: not api.sockets)
    async with serving(environment, log):
        await until(lambda: len(api.sent) >= asked, 180)  # what was claimed when it was killed waits for its lease
        await asyncio.sleep(3)
    answers = {one["metadata"]["event_payload"]["key"] for one in api.sent}
    assert len(answers) == asked
    assert len(api.sent) - asked <= 2  # at most one extra a kill
