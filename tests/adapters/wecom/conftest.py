"""A corporation, its clock, and the real client in front of it."""

import pytest

from adapters.wecom.client import Api, Credentials
from tests.fakes.wecom import BASE, Wecom


class Clock:
    def __init__(self):
        self.now = 1_790_000_000.0
        self.slept = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def corp(clock):
    return Wecom(clock)


@pytest.fixture
async def http(corp):
    async with corp.client() as client:
        yield client


@pytest.fixture
def api(corp, http, clock):
    return Api(http, BASE, Credentials(corp.corp_id, corp.secret), clock, clock.sleep)
