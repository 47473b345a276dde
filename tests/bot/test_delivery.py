import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.claiming import next_due, release
from bot.delivery import LEASE, TRIES, Delivery
from bot.lanes import Lane
from conversations.channels import EditGone, Rejected, RetryAfter, SendFailure, Unavailable, Unknown, Unreachable
from conversations.messages import Choice, Letter, Outgoing, Phrase
from store.book import Book
from store.tables import Identity, Outbox, Person
from store.units import Units
from tests.support.clock import Clock
from tests.support.companies import load
from tests.support.platform import Platform


def letter(key: str = "button.details", *buttons: str) -> Letter:
    return Letter((Phrase(key),), tuple(Choice(Phrase(f"button.{name}"), f"{name}:1") for name in buttons))


class House:
    """The pump company with two platforms; zhou has an account on each."""

    def __init__(self, units: Units, clock: Clock) -> None:
        self.units, self.clock = units, clock
        load(units)
        self.telegram, self.slack = Platform("telegram"), Platform("slack")
        self.delivery = Delivery(units, {"telegram": self.telegram, "slack": self.slack}, ())
        units.write(self._accounts)

    def _accounts(self, book: Book) -> None:
        for channel, account, person in (("telegram", "t-zhou", "zhou"), ("slack", "s-zhou", "zhou"),
                                         ("telegram", "t-chen", "chen"), ("telegram", "t-wu", "wu")):  # fmt: skip
            book.session.add(Identity(channel=channel, account=account, person=person, linked_at=book.now))

    def tell(self, person: str, what: Letter | None = None, **more: object) -> int:
        return self.units.write(lambda book: _tell(book, person, what or letter(), **more))

    def answer(self, channel: str, account: str) -> None:
        """To an account that is nobody's."""

        def _say(book: Book) -> None:
            row = book.tell(None, letter(), kind="answer")
            row.channel, row.account = channel, account

        self.units.write(_say)

    def row(self, row_id: int) -> Outbox:
        found = self.units.read(lambda book: book.session.get(Outbox, row_id))
        assert found is not None
        return found

    async def pump(self, *, hours: float = 0) -> None:
        self.clock.pass_by(hours=hours)
        while await self.delivery.pump():
            pass


def _tell(book: Book, person: str, what: Letter, edits: int | None = None, **more: object) -> int:
    row = book.tell(person, what, **more)  # type: ignore[arg-type]
    row.edits = edits
    book.session.flush()
    assert row.id is not None
    return row.id


@pytest.fixture
def house(units: Units, clock: Clock) -> House:
    return House(units, clock)


async def test_a_push_goes_to_the_channel_the_person_prefers(house: House) -> None:
    def _prefer(book: Book) -> None:
        person = book.session.get(Person, "zhou")
        assert person is not None
        person.prefers = ["slack", "telegram"]
        book.session.add(person)

    house.units.write(_prefer)
    row = house.tell("zhou")
    await house.pump()
    assert [message.account for message in house.slack.sent] == ["s-zhou"]
    assert house.telegram.sent == []
    assert (house.row(row).status, house.row(row).platform_id) == ("sent", f"slack-{row}")


async def test_nothing_is_sent_twice(house: House) -> None:
    house.tell("zhou")
    await house.pump()
    await house.pump(hours=5)
    assert len(house.telegram.sent) == 1


async def test_messages_to_one_person_keep_their_order_even_when_the_first_must_be_tried_again(house: House) -> None:
    first, second = house.tell("zhou"), house.tell("zhou")
    house.telegram.failures = [Unknown("timeout")]
    await house.pump()
    assert house.telegram.sent == []
    await house.pump(hours=1)
    assert [message.key for message in house.telegram.sent] == [str(first), str(second)]


async def test_an_answer_overtakes_pushes(house: House) -> None:
    push = house.tell("zhou")
    answer = house.tell("zhou", kind="answer")
    await house.pump()
    assert [message.key for message in house.telegram.sent] == [str(answer), str(push)]


@pytest.mark.parametrize("make", [lambda: Unreachable("blocked"), lambda: Rejected("bad field")])
async def test_who_cannot_be_reached_on_one_channel_is_reached_on_the_next(
    house: House, make: Callable[[], SendFailure]
) -> None:
    house.tell("zhou")
    house.telegram.failures = [make()]
    await house.pump()
    assert [message.account for message in house.slack.sent] == ["s-zhou"]


async def test_with_no_channel_left_the_head_or_manager_hears_what_could_not_be_delivered_to_whom(house: House) -> None:
    row = house.tell("wu")
    house.telegram.failures = [Unreachable("blocked")]
    await house.pump()
    assert house.row(row).status == "undeliverable"
    told = house.telegram.sent[0]
    assert told.receiver == "zhou"  # the head of production
    assert "吴刚" in told.text


async def test_when_nobody_is_left_it_is_on_record(house: House) -> None:
    house.tell("wu")
    house.telegram.failures = [Unreachable("blocked")] * 10
    house.slack.failures = [Unreachable("blocked")] * 10
    await house.pump()
    events = house.units.read(lambda book: [row.rule for row in book.session.exec(select(Outbox)).all()])
    assert events[-1] is not None
    assert events[-1].startswith("undeliverable:")
    assert all(
        row.status == "undeliverable" for row in house.units.read(lambda book: book.session.exec(select(Outbox)).all())
    )


async def test_a_platform_that_is_down_is_tried_with_growing_gaps_then_left_for_the_next_channel(house: House) -> None:
    house.tell("zhou")
    house.telegram.failures = [Unavailable("503")] * TRIES
    gaps = []
    for _ in range(TRIES):
        await house.pump()
        due = house.units.read(next_due)
        if due is None:
            break
        gaps.append(due - house.clock())
        house.clock.now = due
    await house.pump()
    assert gaps == sorted(gaps)
    assert [message.account for message in house.slack.sent] == ["s-zhou"]


async def test_patience_that_a_platform_asks_for_is_no_failed_try(house: House) -> None:
    row = house.tell("zhou")
    house.telegram.failures = [RetryAfter(30)] * (TRIES + 3)
    for _ in range(TRIES + 3):
        await house.pump()
        due = house.units.read(next_due)
        assert due is not None
        assert due - house.clock() == timedelta(seconds=30)
        house.clock.now = due
    await house.pump()
    assert house.row(row).status == "sent"
    assert house.slack.sent == []


async def test_an_edit_replaces_the_message_it_was_made_for(house: House) -> None:
    first = house.tell("zhou", letter("button.details", "done"))
    await house.pump()
    assert house.row(first).buttons_live
    house.tell("zhou", letter(), kind="edit", edits=first)
    await house.pump()
    assert [message.edits for message in house.telegram.sent] == [None, f"telegram-{first}"]
    assert not house.row(first).buttons_live


async def test_an_edit_whose_message_can_no_longer_be_edited_is_forgotten(house: House) -> None:
    first = house.tell("zhou", letter("button.details", "done"))
    await house.pump()
    edit = house.tell("zhou", letter(), kind="edit", edits=first)
    house.telegram.failures = [EditGone("too old")]
    await house.pump(hours=2)
    assert house.row(edit).status == "dropped"
    assert len(house.telegram.sent) == 1


@pytest.mark.parametrize(("besides", "told"), [
    ({}, 1), ({"kind": "answer"}, 0), ({"kind": "push"}, 0), ({"kind": "edit", "card": "step:1"}, 0),
    ({"kind": "edit", "card": "step:2"}, 1),
])  # fmt: skip
async def test_of_a_card_that_cannot_be_changed_one_hears_once_unless_one_knows(
    house: House, besides: dict[str, object], told: int
) -> None:
    def _change(book: Book) -> None:
        for _ in range(2):  # two copies
            book.tell("zhou", letter(), kind="edit", card="step:1").edits = first
        if besides:
            row = book.tell("zhou", letter("desk.thanks"), **besides)  # type: ignore[arg-type]
            row.edits, row.status = (first if row.kind == "edit" else None), "sent"

    first = house.tell("zhou", letter("button.details", "done"))
    await house.pump()
    house.clock.pass_by(seconds=60)
    house.units.write(_change)
    house.telegram.failures = [EditGone("too old"), EditGone("too old")]
    await house.pump()
    rows = house.units.read(lambda book: list(book.session.exec(select(Outbox))))
    assert sum((row.rule or "").startswith("card_closed:") for row in rows) == told
    assert house.row(first).buttons_live


async def test_a_claim_that_was_never_settled_is_taken_anew_when_its_lease_ends(house: House) -> None:
    row = house.tell("zhou")
    house.units.write(house.delivery._claim)  # the process dies here
    await house.pump()
    assert house.telegram.sent == []
    house.clock.now += LEASE
    await house.pump()
    assert house.row(row).status == "sent"


async def test_a_process_that_knows_it_is_alone_takes_unsettled_claims_at_once(house: House) -> None:
    house.tell("zhou")
    house.units.write(house.delivery._claim)
    house.units.write(release)
    await house.pump()
    assert len(house.telegram.sent) == 1


async def test_who_wakes_after_his_lease_cannot_settle_what_another_has_taken(house: House) -> None:
    row = house.tell("zhou")
    claimed = house.units.write(house.delivery._claim)
    house.clock.now += LEASE
    await house.pump()
    house.units.write(lambda book: house.delivery._settle(book, claimed.parcels[0], None, Unavailable("late")))
    assert house.row(row).status == "sent"


async def test_long_texts_come_in_parts_and_only_the_last_has_the_buttons(house: House) -> None:
    house.telegram.abilities = Platform("telegram", max_text=40).abilities
    house.tell("zhou", Letter(tuple(Phrase("delivery.undeliverable", {"person": f"{n}", "what": "x"}) for n in range(6)),
                              (Choice(Phrase("button.ack"), "ack:1"),)))  # fmt: skip
    await house.pump()
    sent = house.telegram.sent
    assert len(sent) > 1
    assert [bool(message.buttons) for message in sent] == [False] * (len(sent) - 1) + [True]


async def test_a_letter_that_cannot_be_drawn_holds_up_no_other(house: House) -> None:
    broken = house.tell("zhou", letter("no.such.phrase"))
    house.tell("chen")
    await house.pump()
    assert house.row(broken).status == "undeliverable"
    assert [message.receiver for message in house.telegram.sent] == ["chen"]


async def test_who_was_paused_beyond_his_lease_sends_nothing_late(house: House) -> None:
    seconds = 0.0
    paused = Delivery(house.units, {"telegram": house.telegram}, (), steady=lambda: seconds)
    row = house.tell("zhou")
    claimed = house.units.write(paused._claim)
    seconds += LEASE.total_seconds()
    house.clock.pass_by(seconds=LEASE.total_seconds())
    await paused._in_turn(claimed.parcels[:1])
    assert (house.telegram.sent, house.row(row).status) == ([], "claimed")
    await house.pump()
    assert (len(house.telegram.sent), house.row(row).status) == (1, "sent")


class Slow(Platform):
    """Takes its time; notes who is written to at the same time."""

    def __init__(self) -> None:
        super().__init__("telegram")
        self.open: list[str] = []
        self.doubled: list[str] = []
        self.most = 0

    async def send(self, message: Outgoing) -> str | None:
        self.doubled += [message.account] if message.account in self.open else []
        self.open.append(message.account)
        self.most = max(self.most, len(self.open))
        await asyncio.sleep(0.002)
        self.open.remove(message.account)
        return await super().send(message)


async def test_several_go_out_at_a_time_each_receiver_s_in_order_and_one_after_the_other(house: House) -> None:
    slow = Slow()
    rows = {person: [house.tell(person) for _ in range(9)] for person in ("zhou", "chen", "wu")}
    delivery = Delivery(house.units, {"telegram": slow}, (), at_once=8)
    while await delivery.pump():
        pass
    assert slow.doubled == []
    assert slow.most == 3
    for person, its in rows.items():
        assert [message.key for message in slow.sent if message.receiver == person] == [str(row) for row in its]


async def test_of_several_that_are_in_hand_those_behind_one_that_failed_wait_for_it(house: House) -> None:
    rows = [house.tell("zhou") for _ in range(4)]
    delivery = Delivery(house.units, {"telegram": house.telegram}, (), at_once=8)
    delivery._lane("telegram").pace = 1000.0  # several of one receiver at a time
    house.telegram.failures = [Unknown("timeout")]
    while await delivery.pump():
        pass
    assert house.telegram.sent == []
    assert [(house.row(row).status, house.row(row).attempts) for row in rows] == [("pending", 1)] + [("pending", 0)] * 3
    house.clock.pass_by(hours=1)
    while await delivery.pump():
        pass
    assert [message.key for message in house.telegram.sent] == [str(row) for row in rows]


async def test_the_day_s_budget_counts_what_is_in_hand_too(house: House) -> None:
    per_day = house.units.read(lambda book: book.company.pushes.per_day)
    delivery = Delivery(house.units, {"telegram": house.telegram}, (), at_once=8)
    for count in (3, per_day):
        for _ in range(count):
            house.tell("zhou")
        delivery._lane("telegram").pace = 1000.0
        while await delivery.pump():
            pass
    assert len(house.telegram.sent) == per_day


class Hanging(Platform):
    """Takes nothing until it is let go."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.free = asyncio.Event()

    async def send(self, message: Outgoing) -> str | None:
        await self.free.wait()
        return await super().send(message)


async def test_a_platform_that_hangs_holds_up_nobody_on_another(house: House) -> None:
    hanging = Hanging("slack")
    delivery = Delivery(house.units, {"telegram": house.telegram, "slack": hanging}, (), at_once=2)
    for number in range(12):
        house.answer("slack", f"s{number}")
    await delivery.pump()
    for number in range(30):
        house.answer("telegram", f"t{number}")
    async with asyncio.timeout(10):
        while len(house.telegram.sent) < 30:
            assert await delivery.pump(), "something is under way still"
    assert hanging.sent == []
    hanging.free.set()
    async with asyncio.timeout(10):
        while await delivery.pump():
            pass
    assert len(hanging.sent) == 12


async def test_what_goes_wrong_with_one_message_leaves_no_other_waiting() -> None:
    carried = []

    async def carry(thing: int) -> None:
        if thing < 3:
            raise ValueError(thing)
        carried.append(thing)

    lane = Lane(2, carry, lambda: 0.0)
    lane.hand_over(list(range(8)))
    while lane.workers:
        await asyncio.wait(lane.workers)
    assert carried == [3, 4, 5, 6, 7]
    assert lane.is_open
    assert isinstance(lane.fault, ValueError)
