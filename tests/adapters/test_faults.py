"""Platforms that repeat, refuse, stall and lose answers: every update is answered, none twice but where nobody could know."""

import asyncio
import io
import random
import sqlite3
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from store.tables import Inbox, Outbox
from tests.support.far import AppFar, SlackFar, TelegramFar
from tests.support.far.playing import OnPlatforms
from tests.support.scenarios import COMPANIES, HERE

STAFF = ("wangli", "heping", "malong", "dengyan")
FARS = {far.name: far for far in (TelegramFar, SlackFar, AppFar)}
TROUBLE = ("limited", "unclear", "down")
PUMP = COMPANIES / "pump.yaml"


class Trouble:
    """A platform with some people on it, on a bad day.

    Args:
        far: which platform.
        url: the book.
        chance: decides what goes wrong.
    """

    def __init__(self, far, url, chance):
        self.house = OnPlatforms(url, PUMP.read_text("utf-8"), "pump.yaml", io.StringIO(), HERE)
        self.kind, self.chance, self.unclear, self.asked = far, chance, 0, 0

    async def __aenter__(self):
        await self.house.move_in({"x": self.kind}, dict.fromkeys(STAFF, "x"))
        await self.house.begin(datetime.fromisoformat("2026-11-23T09:00:00+08:00"))
        await self.house.link()
        self.far = self.house.fars["x"]
        self.accounts = [account for _, account in self.house.who]
        return self

    async def __aexit__(self, *_problem):
        await self.house.move_out()
        self.house.close()

    async def go_on(self, count):
        """So many questions; each may come more than once, and each answer may meet trouble."""
        for number in range(count):
            if self.chance.random() < 0.4:
                kind = self.chance.choice(TROUBLE)
                self.unclear += kind == "unclear"
                self.far.fail(kind)
            again = await self.far.says(f"我是谁 {number}", account=self.chance.choice(self.accounts))
            self.asked += 1
            for _ in range(self.chance.choice((0, 0, 1, 3))):
                await again()
            if self.chance.random() < 0.5:
                await self.rest(timedelta(seconds=self.chance.randrange(90)))

    async def rest(self, span):
        await self.house.assistant.settle()
        await self.house.advance(self.house.clock() + span)

    async def rows(self, table):
        return await self.house.units.look(lambda book: list(book.session.exec(select(table))))


def endure(far, url, count, seed):
    async def work():
        async with Trouble(FARS[far], url, random.Random(seed)) as trouble:
            await trouble.go_on(count)
            await trouble.rest(timedelta(hours=3))
            inbox, outbox = await trouble.rows(Inbox), await trouble.rows(Outbox)
            answers = [row for row in outbox if row.kind == "answer"]
            assert len(inbox) == trouble.asked
            assert {row.status for row in inbox} == {"done"}
            assert {row.status for row in answers} == {"sent"}
            assert sorted(row.reply_to for row in answers) == sorted(row.id for row in inbox)
            sent = sum(row.status == "sent" for row in outbox)
            assert sent <= len(trouble.far.sent) <= sent + trouble.unclear
            assert trouble.far.floods == 0

    asyncio.run(work())


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize("far", ["slack"])
def test_a_bad_hour_loses_nothing_and_doubles_nothing(far, sqlite_url):
    endure(far, sqlite_url, 25, 1)


@contextmanager
def locked(url, seconds):
    """Somebody else writes in the book's file for so long."""
    held, over = threading.Event(), threading.Event()

    def hold():
        book = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        book.execute("BEGIN IMMEDIATE")
        held.set()
        over.wait(seconds)
        book.execute("ROLLBACK")
        book.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    yield
    over.set()
    holder.join()


@pytest.mark.parametrize(("far", "patience_s"), [("slack", 3.0), ("wecom-app", 5.0)])
def test_while_the_database_is_locked_for_two_seconds_the_platform_is_told_in_time(far, patience_s, sqlite_url):
    async def work():
        async with Trouble(FARS[far], sqlite_url, random.Random(1)) as trouble:
            before, account = len(trouble.far.sent), trouble.accounts[0]
            with locked(sqlite_url, 2.0):
                began = time.monotonic()
                again = await trouble.far.says("我是谁", account=account)
                took = time.monotonic() - began
            assert 1.5 < took < patience_s  # told when it was kept, and not before
            await again()
            await trouble.rest(timedelta(minutes=1))
            assert len(trouble.far.sent) == before + 1
            assert [row.status for row in await trouble.rows(Inbox)][-1] == "done"

    asyncio.run(work())


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("far", FARS)
def test_a_bad_day_loses_nothing_and_doubles_nothing(far, seed, sqlite_url):
    endure(far, sqlite_url, 250, seed)
