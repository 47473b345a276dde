"""Replicas wake each other through PostgreSQL."""

import asyncio

import pytest

from bot.waking import Waking, address_of
from store.units import open_engine


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  another process is waited for, too
            await asyncio.sleep(0.01)


@pytest.mark.postgres
async def test_a_replica_that_wrote_wakes_the_others_and_not_itself(postgres_url):
    address = address_of(open_engine(postgres_url))
    heard = {"one": 0, "two": 0}

    def _hear(name):
        heard[name] += 1

    one, two = (Waking(address, lambda name=name: _hear(name)) for name in heard)
    tasks = [asyncio.create_task(each.run()) for each in (one, two)]
    try:
        await until(lambda: heard == {"one": 1, "two": 1})  # both listen, and look at what was before
        one.tell()
        await until(lambda: heard["two"] == 2)
        two.tell()
        await until(lambda: heard["one"] == 2)
        assert heard["two"] == 2
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.postgres
async def test_a_lost_connection_is_made_anew(postgres_url):
    import psycopg

    address = address_of(open_engine(postgres_url))
    heard = []
    waking = Waking(address, lambda: heard.append(1))
    task = asyncio.create_task(waking.run())
    try:
        await until(lambda: heard)
        with psycopg.connect(address, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await until(lambda: len(heard) == 2)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_a_file_wakes_nobody(sqlite_url):
    assert address_of(open_engine(sqlite_url)) is None
