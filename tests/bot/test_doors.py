"""Who blocks the bot on one platform is written to on his next one at once, not after a message that failed."""

import pytest

from bot.delivery import Delivery
from conversations import Desk
from conversations.messages import Letter, Message, Phrase
from conversations.phrasebook import book_for
from reminders.daily import unreached_phrase
from store.reads.workings import read_workings
from store.tables import AuditEntry, Identity, Inbox
from store.units import Units
from tests.support.clock import Clock
from tests.support.companies import load
from tests.support.platform import Platform


class House:
    """zhou is on Telegram and Slack; chen on Telegram alone."""

    def __init__(self, units: Units, clock: Clock) -> None:
        self.units, self.count = units, 0
        load(units)
        self.telegram, self.slack = Platform("telegram"), Platform("slack")
        self.delivery = Delivery(units, {"telegram": self.telegram, "slack": self.slack}, ())
        self.desk = Desk()
        for channel, account, person in (("telegram", "1", "zhou"), ("slack", "2", "zhou"), ("telegram", "3", "chen")):
            row = Identity(channel=channel, account=account, person=person, linked_at=clock())
            units.write(lambda book, row=row: book.session.add(row))

    def take(self, account: str, **what: str) -> None:
        """Something that came in over Telegram."""
        self.count += 1

        def _take(book) -> None:  # type: ignore[no-untyped-def]
            row = Inbox(channel="telegram", message_id=f"{self.count}", conversation=account, payload={},
                        received_at=book.now)  # fmt: skip
            book.session.add(row)
            book.session.flush()
            self.desk.answer(book, Message("telegram", account, account, **what), row)

        self.units.write(_take)

    async def push(self, person: str) -> tuple[int, int]:
        """How many messages Telegram and Slack take when somebody is told something."""
        before = len(self.telegram.sent), len(self.slack.sent)
        self.units.write(lambda book: book.tell(person, Letter((Phrase("button.details"),))))
        while await self.delivery.pump():
            pass
        return len(self.telegram.sent) - before[0], len(self.slack.sent) - before[1]

    def events(self) -> list[str]:
        from sqlmodel import select

        return self.units.read(lambda book: list(book.session.exec(select(AuditEntry.what).order_by(AuditEntry.id))))


@pytest.fixture
def house(units: Units, clock: Clock) -> House:
    return House(units, clock)


async def test_who_has_blocked_the_bot_hears_on_his_next_channel(house: House) -> None:
    assert await house.push("zhou") == (1, 0)
    house.take("1", door="shut")
    assert await house.push("zhou") == (0, 1)
    house.take("1", door="shut")
    assert house.events().count("identity.shut") == 1
    house.take("1", door="open")
    assert await house.push("zhou") == (1, 0)


async def test_whoever_writes_has_let_the_bot_in(house: House) -> None:
    house.take("1", door="shut")
    house.take("1", text="我是谁")
    while await house.delivery.pump():
        pass
    assert await house.push("zhou") == (1, 0)
    assert house.events()[-1] == "identity.opened"


async def test_who_has_no_other_channel_is_told_of_to_somebody_near_him(house: House) -> None:
    house.take("3", door="shut")
    sent = len(house.telegram.sent) + len(house.slack.sent)
    await house.push("chen")
    assert all(one.receiver != "chen" for one in house.telegram.sent[sent:])
    assert "delivery.undeliverable" in house.events()


async def test_when_nobody_at_all_is_reached_that_is_an_alarm_of_its_own(house: House) -> None:
    for account in ("1", "3"):
        house.take(account, door="shut")
    house.delivery = Delivery(house.units, {"telegram": house.telegram}, ())
    assert house.units.read(read_workings).nobody_reached == 0
    await house.push("chen")
    assert house.telegram.sent == []
    assert house.events()[-1] == "delivery.nobody_reached"
    assert house.units.read(read_workings).nobody_reached >= 1
    said = house.units.read(unreached_phrase)
    assert said is not None
    assert "Nobody was reached" in book_for("en", "Asia/Shanghai", house.units.clock()).say(said)


async def test_a_strangers_door_is_no_matter_of_ours(house: House) -> None:
    house.take("999", door="shut")
    while await house.delivery.pump():
        pass
    assert house.telegram.sent == []
