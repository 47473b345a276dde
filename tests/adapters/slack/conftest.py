"""A workspace, its clock, and the real library in front of it."""

import asyncio

import pytest
from starlette.applications import Starlette

from adapters.slack.assembly import Config, Surroundings, assemble
from adapters.slack.blocks import Home
from conversations.messages import Button
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, SECRET, Slack
from tests.fakes.slack_people import Caller


class Clock:
    def __init__(self):
        self.now = 1_790_000_000.0
        self.slept = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class Kept:
    """A Receive that keeps what is new, unless told to fail first."""

    def __init__(self):
        self.updates = {}
        self.fails = 0

    async def __call__(self, update):
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full")
        new = update.message_id not in self.updates
        self.updates.setdefault(update.message_id, update)
        return new


class People:
    """Everybody reads Chinese, but for Ben; only Anna is known."""

    async def language(self, account):
        return "en" if account == "U0BEN" else "zh"

    async def home(self, account):
        return Home("一件事", (Button("SO-1", "SO-2611-0001"),)) if account == "U0ANNA" else None


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def api(clock):
    async with Slack(clock) as api:
        yield api


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def house(clock, kept):
    return Surroundings(kept, People(), clock, clock.sleep)


@pytest.fixture
async def slack(api, house):
    made = assemble(Config(bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret=SECRET, api=api.base), house)
    yield made
    await made.close()


@pytest.fixture
def channel(slack):
    return slack.channel


@pytest.fixture
async def caller(slack, clock):
    made = Caller(Starlette(routes=list(slack.routes)), clock)
    yield made
    await made.client.aclose()
