import asyncio

import pytest
from sqlmodel import select

from bot.inbox import TRIES, InboxWorker, keep, parked, replay
from conversations.channels import RawUpdate
from conversations.messages import Message
from store.book import Book
from store.tables import AuditEntry, Inbox
from store.units import Units
from tests.support.clock import Clock
from tests.support.platform import Platform


class Ears:
    """Writes down what it is told; breaks on the word it is given, after having changed the book."""

    def __init__(self, breaks_on: str = "") -> None:
        self.heard: list[str] = []
        self.breaks_on = breaks_on

    def answer(self, book: Book, message: Message, inbox: Inbox) -> None:
        book.record("heard", after=message.text)
        if self.breaks_on and self.breaks_on in message.text:
            raise RuntimeError("broken")
        self.heard.append(message.text)


def update(number: int, text: str, conversation: str = "a") -> RawUpdate:
    return RawUpdate("telegram", str(number), conversation, {"from": conversation, "text": text})


def a_worker(units: Units, ears: Ears) -> InboxWorker:
    return InboxWorker(units, ears, {"telegram": Platform("telegram")})


async def drain(worker: InboxWorker) -> None:
    while await worker.work():
        pass


async def test_an_update_delivered_twice_is_kept_and_answered_once(units: Units) -> None:
    ears = Ears()
    room = a_worker(units, ears)
    assert await room.receive(update(1, "hello"))
    assert not await room.receive(update(1, "hello"))
    await drain(room)
    assert not await room.receive(update(1, "hello"))
    await drain(room)
    assert ears.heard == ["hello"]


async def test_updates_that_come_together_are_kept_once_each_and_one_that_cannot_be_kept_keeps_no_other_out(
    units: Units,
) -> None:
    room = a_worker(units, Ears())
    bad = RawUpdate("telegram", "bad", None, {})  # type: ignore[arg-type]  # of no conversation
    several = [
        *(update(number, "hello") for number in range(5)),
        bad,
        *(update(number, "hello") for number in range(7)),
    ]
    outcomes = await asyncio.gather(*(room.receive(one) for one in several), return_exceptions=True)
    assert [one for one in outcomes if isinstance(one, bool)] == [*[True] * 5, *[False] * 5, True, True]
    assert [type(one).__name__ for one in outcomes if not isinstance(one, bool)] == ["IntegrityError"]
    kept = units.read(lambda book: list(book.session.exec(select(Inbox.message_id).order_by(Inbox.id))))
    assert kept == [str(number) for number in range(7)]


async def test_an_update_is_kept_though_its_request_has_gone_away(units: Units) -> None:
    room = a_worker(units, Ears())
    gone, stays = (asyncio.create_task(room.receive(update(number, "hello"))) for number in (1, 2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays
    assert len(units.read(lambda book: list(book.session.exec(select(Inbox.id))))) == 2


@pytest.mark.parametrize("at_once", [1, 3])
async def test_several_conversations_are_answered_at_a_time_and_each_in_its_order(units: Units, at_once: int) -> None:
    ears = Ears(breaks_on="broken")
    room = InboxWorker(units, ears, {"telegram": Platform("telegram")}, at_once)
    for number in range(12):
        await room.receive(update(number, f"{number}" if number != 4 else "broken", f"chat{number % 4}"))
    workers = [asyncio.create_task(drain(room)) for _ in range(2)]
    await asyncio.gather(*workers)
    await drain(room)
    heard = [int(text) for text in ears.heard]
    assert sorted(heard) == [number for number in range(12) if number not in {4, 8}]  # 8 waits behind the broken one
    for chat in range(4):
        mine = [number for number in heard if number % 4 == chat]
        assert mine == sorted(mine)


async def test_updates_of_one_conversation_are_answered_in_the_order_they_came(units: Units) -> None:
    ears = Ears()
    room = a_worker(units, ears)
    for number in range(5):
        await room.receive(update(number, str(number)))
    await drain(room)
    assert ears.heard == ["0", "1", "2", "3", "4"]


async def test_a_failing_update_is_retried_with_gaps_then_set_aside_and_holds_up_no_other_conversation(
    units: Units, clock: Clock
) -> None:
    ears = Ears(breaks_on="bomb")
    room = a_worker(units, ears)
    await room.receive(update(1, "bomb", "a"))
    await room.receive(update(2, "afterwards", "a"))
    await room.receive(update(3, "elsewhere", "b"))
    await drain(room)
    assert ears.heard == ["elsewhere"]
    for _ in range(TRIES):
        clock.pass_by(hours=1)
        await drain(room)
    assert ears.heard == ["elsewhere", "afterwards"]
    assert [row.attempts for row in units.read(parked)] == [TRIES]


async def test_what_a_failed_answer_changed_is_rolled_back(units: Units) -> None:
    room = a_worker(units, Ears(breaks_on="bomb"))
    await room.receive(update(1, "bomb"))
    await drain(room)
    assert units.read(lambda book: book.session.exec(select(AuditEntry)).all()) == []


async def test_a_parked_update_can_be_replayed_once_the_fault_is_mended(units: Units, clock: Clock) -> None:
    ears = Ears(breaks_on="bomb")
    room = a_worker(units, ears)
    await room.receive(update(1, "bomb"))
    for _ in range(TRIES + 1):
        await drain(room)
        clock.pass_by(hours=1)
    row = units.read(parked)[0].id
    assert row is not None
    ears.breaks_on = ""
    assert units.write(lambda book: replay(book, row))
    await drain(room)
    assert ears.heard == ["bomb"]
    assert not units.write(lambda book: replay(book, row))


async def test_an_update_that_cannot_be_read_is_set_aside_at_once(units: Units) -> None:
    room = a_worker(units, Ears())
    await room.receive(RawUpdate("telegram", "1", "a", {"strange": True}))
    await drain(room)
    assert ["ValueError" in (row.error or "") for row in units.read(parked)] == [True]


@pytest.mark.parametrize("channels", [(), ("slack",)])
async def test_updates_of_a_platform_that_is_off_wait(units: Units, channels: tuple[str, ...]) -> None:
    ears = Ears()
    units.write(lambda book: keep(book, update(1, "hello")))
    await drain(InboxWorker(units, ears, {name: Platform(name) for name in channels}))
    assert ears.heard == []
    await drain(a_worker(units, ears))
    assert ears.heard == ["hello"]
