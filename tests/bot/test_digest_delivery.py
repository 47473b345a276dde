"""What the day's budget held back goes out inside the digest, whichever of the two delivery sees first."""

import pytest

from bot.delivery import Delivery
from conversations.channels import Unknown
from conversations.messages import Letter, Phrase
from reminders import Planner
from store.operations.steps import complete_step
from store.tables import Identity
from store.units import Units, open_engine
from tests.reminders.conftest import Story, at
from tests.support.companies import PUMP
from tests.support.platform import Platform

COMPANY = PUMP + "\npushes: {digest: ['08:45', '13:30'], per_day: 2}\n"
NEWS = "neuigkeit"


class House(Story):
    """qian has two late steps (打包) and has had two pushes today; what else is told him waits for 13:30."""

    def __init__(self, units: Units, clock) -> None:  # type: ignore[no-untyped-def]
        super().__init__(units, clock)
        self.load(COMPANY)
        self.platform = Platform("telegram")
        self.delivery = Delivery(units, {"telegram": self.platform}, ())
        account = Identity(channel="telegram", account="t-qian", person="qian", linked_at=clock())
        units.write(lambda book: book.session.add(account))

    def tell(self, *words: str) -> None:
        def _tell(book) -> None:  # type: ignore[no-untyped-def]
            for word in words:
                says = (Phrase("reminder.merged_item", {"place": 0, "says": word}),)
                book.tell("qian", Letter(says), rule="news")

        self.units.write(_tell)

    async def hold(self) -> None:
        """Something that the budget holds back."""
        self.tell(NEWS, "more of it")
        assert await self.pump() == []

    async def pump(self) -> list[str]:
        before = len(self.platform.sent)
        while await self.delivery.pump():
            pass
        return [one.text for one in self.platform.sent[before:]]


@pytest.fixture
async def house(database_url: str, clock):  # type: ignore[no-untyped-def]
    units = Units(open_engine(database_url, synchronous="OFF"), clock=clock, planner=Planner())
    house = House(units, clock)
    numbers = [house.place(flow="quick") for _ in range(2)]
    assert {house.step(number, "pack").owner for number in numbers} == {"qian"}
    house.pass_until("2026-11-24 10:00")  # both are late since nine
    await house.pump()
    house.tell("one", "two")
    await house.pump()
    yield house
    units.close()


async def test_the_digest_holds_what_the_budget_held_back(house: House) -> None:
    await house.hold()
    house.pass_until("2026-11-24 13:30")
    (text,) = await house.pump()
    assert "逾期汇总" in text
    assert NEWS in text
    assert "more of it" in text
    assert text.index("逾期汇总") < text.index(NEWS)


async def test_and_so_it_does_when_delivery_looks_before_the_sweep(house: House) -> None:
    await house.hold()
    house.jump_to("2026-11-24 13:30")
    assert await house.pump() == []  # the digest is due this moment and not written yet
    house.sweep()
    house.clock.pass_by(seconds=2)
    (text,) = await house.pump()
    assert "逾期汇总" in text
    assert NEWS in text


async def test_a_sweep_that_does_not_come_holds_nothing_back(house: House) -> None:
    await house.hold()
    house.jump_to("2026-11-24 13:30")
    said = []
    for _ in range(20):
        said += await house.pump()
        house.clock.pass_by(seconds=2)
    (text,) = said
    assert NEWS in text


async def test_what_went_along_is_not_lost_when_its_carrier_is_over_before_the_second_try(house: House) -> None:
    one, other = (row.orders[0] for row in house.pushes("qian", "step.started"))
    house.as_("qian", complete_step, house.step(one, "pack").id)  # no digest for a single late thing
    late = house.step(other, "pack")
    says = (Phrase("reminder.merged_item", {"place": 0, "says": "due"}),)
    house.units.write(lambda book: book.tell("qian", Letter(says), rule="due", card=f"step:{late.id}"))
    await house.pump()
    await house.hold()
    house.jump_to("2026-11-24 13:30")
    house.sweep()
    house.platform.failures = [Unknown("timeout")]
    house.clock.pass_by(seconds=40)
    assert await house.pump() == []
    house.as_("qian", complete_step, late.id)
    house.clock.now = at("2026-11-24 13:40")
    said = await house.pump()
    assert any(NEWS in text for text in said), said
