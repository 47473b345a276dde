"""A clock that stands still, or whose sweep fails each time, is noticed by something beside it, and the administrator hears."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.clocks import HandClock
from bot.serving import Service
from bot.wiring import Assistant
from conversations.messages import Outgoing
from store.tables import Heartbeat, Identity
from store.units import open_engine
from tests.support.companies import at, load
from tests.support.platform import Platform


class House:
    """A serving assistant; root, the administrator, is on Telegram."""

    def __init__(self, url: str) -> None:
        self.clock = HandClock(at("2026-11-23T10:00:00"))
        self.platform = Platform("telegram")
        self.assistant = Assistant(open_engine(url), self.clock, {"telegram": self.platform}, at_once=4)
        load(self.assistant.units)
        account = Identity(channel="telegram", account="t-root", person="root", linked_at=self.clock())
        self.assistant.units.write(lambda book: book.session.add(account))
        self.service = Service(self.assistant, watch_s=0.05)

    async def heard(self, seconds: float = 3) -> list[Outgoing]:
        """What the administrator was told by then; sooner if it comes."""
        for _ in range(round(seconds / 0.05)):
            if self.platform.sent:
                break
            await asyncio.sleep(0.05)
        return self.platform.sent

    async def beaten(self) -> None:
        def _is(book):  # type: ignore[no-untyped-def]
            return book.session.exec(select(Heartbeat).where(Heartbeat.name == "sweep")).first() is not None

        for _ in range(200):
            if await self.assistant.units.look(_is):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("no sign of life")


@pytest.fixture
async def house(sqlite_url: str):  # type: ignore[no-untyped-def]
    house = House(sqlite_url)
    yield house
    await house.service.stop()
    house.assistant.units.close()


async def test_a_clock_that_was_stopped_is_told_of_once(house: House) -> None:
    house.service.start()
    await house.beaten()
    house.clock.move(house.clock() + timedelta(minutes=4))
    assert await house.heard(0.3) == []
    house.service._clock.stop()
    house.clock.move(house.clock() + timedelta(minutes=10))
    (told,) = await house.heard()
    assert told.receiver == "root"
    assert "10:0" in told.text
    await asyncio.sleep(0.3)
    assert len(house.platform.sent) == 1


async def test_a_sweep_that_fails_each_time_is_no_sign_of_life(house: House) -> None:
    def _broken(book):  # type: ignore[no-untyped-def]
        from store.tables import Deadline

        book.session.add(Deadline(subject="nothing known", subject_key="1", next_at=book.now))

    house.assistant.units.write(_broken)
    house.service.start()
    await house.beaten()
    await asyncio.sleep(0.3)
    house.clock.move(house.clock() + timedelta(minutes=6))
    (told,) = await house.heard()
    assert told.receiver == "root"
