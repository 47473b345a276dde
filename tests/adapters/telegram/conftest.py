"""A Bot API, its clock, and the real library in front of it."""

import asyncio

import pytest

from adapters.telegram.assembly import Config, Surroundings, assemble
from tests.fakes.telegram import BASE, TOKEN, Telegram


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


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def api(clock):
    return Telegram(clock)


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def house(api, clock, kept):
    return Surroundings(kept, clock, clock.sleep, api.transport())


@pytest.fixture
async def telegram(house):
    made = assemble(Config(token=TOKEN, api=BASE), house)
    yield made
    await made.close()


@pytest.fixture
def channel(telegram):
    return telegram.channel
