from datetime import timedelta

from sqlmodel import select

from bot.leases import LEASE, hold, let_go
from bot.memory import BookMemory
from bot.sentlog import ALONE
from store.tables import Heartbeat
from store.units import Units
from tests.support.clock import Clock


def test_a_connection_that_stands_once_is_held_by_one(units: Units, clock: Clock) -> None:
    assert units.write(lambda book: hold(book, "polling", "a"))
    assert not units.write(lambda book: hold(book, "polling", "b"))
    clock.pass_by(seconds=15)
    assert units.write(lambda book: hold(book, "polling", "a"))
    clock.pass_by(seconds=15)
    assert not units.write(lambda book: hold(book, "polling", "b"))


def test_when_the_holder_is_gone_another_takes_over_within_thirty_seconds(units: Units, clock: Clock) -> None:
    units.write(lambda book: hold(book, "polling", "a"))
    assert timedelta(seconds=30) > LEASE
    clock.now += LEASE
    assert units.write(lambda book: hold(book, "polling", "b"))
    assert not units.write(lambda book: hold(book, "polling", "a"))


def test_who_knows_that_he_is_alone_need_not_wait_for_his_predecessor(units: Units) -> None:
    units.write(lambda book: hold(book, "polling", f"{ALONE}a"))
    assert not units.write(lambda book: hold(book, "polling", "b"))
    assert units.write(lambda book: hold(book, "polling", f"{ALONE}c"))
    units.write(lambda book: hold(book, "socket", "a"))
    assert not units.write(lambda book: hold(book, "socket", f"{ALONE}c"))


def test_who_stops_lets_go_at_once_but_only_of_what_he_holds(units: Units) -> None:
    units.write(lambda book: hold(book, "polling", "a"))
    units.write(lambda book: let_go(book, "polling", "b"))
    assert not units.write(lambda book: hold(book, "polling", "b"))
    units.write(lambda book: let_go(book, "polling", "a"))
    assert units.write(lambda book: hold(book, "polling", "b"))


async def test_what_is_remembered_lapses_and_is_taken_once(units: Units) -> None:
    memory = BookMemory(units)
    await memory.put("cursor", "x1", 1000.0)
    assert await memory.get("cursor", 999.0) == "x1"
    assert await memory.get("cursor", 1000.0) is None
    assert await memory.take("cursor", 999.0) == "x1"
    assert await memory.take("cursor", 999.0) is None


async def test_what_has_lapsed_does_not_pile_up_and_leases_are_no_memories(units: Units, clock: Clock) -> None:
    memory = BookMemory(units)
    moment = units.clock().timestamp
    units.write(lambda book: hold(book, "polling", "a"))
    await memory.put("stays", "x", moment() + 72 * 3600)
    for number in range(150):
        await memory.put(f"code:{number}", "x", moment() + 60)
        if number == 50:
            clock.pass_by(hours=1)
    names = units.read(lambda book: set(book.session.exec(select(Heartbeat.name))))
    assert {"memory:stays", "lease:polling", "memory:code:149"} < names
    assert len(names) < 120
    assert await memory.get("stays", moment()) == "x"
