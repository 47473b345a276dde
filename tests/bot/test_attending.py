"""A colleague who takes over a WeChat customer gets the conversation on the platform, and gives it back."""

import pytest
from sqlmodel import select

from bot.attending import Attending, talks
from bot.memory import BookMemory
from conversations.channels import Unavailable
from store.book import Actor
from store.operations.attending import begin_talk, end_talk
from store.operations.identities import make_code, redeem
from store.tables import Outbox
from tests.support.companies import load


class Line:
    """Customer service as far as conversations change hands."""

    def __init__(self):
        self.done, self.refuses = [], False

    async def hand_over(self, customer, servicer):
        if self.refuses:
            raise Unavailable("95018")
        self.done.append(("given", customer, servicer))

    async def end_session(self, customer):
        self.done.append(("ended", customer))


@pytest.fixture
def house(units):
    load(units)
    for person, account, by in (("bai", "wm-bai", "zhaolei"), ("zhaolei", "zhaolei", "root")):
        code = units.write(lambda book, person=person: make_code(book, person), Actor(by))
        units.write(lambda book, account=account, code=code: redeem(book, "wecom", account, code), Actor("x"))
    line = Line()
    return units, line, Attending(units, line, BookMemory(units))


def begin(units):
    units.write(lambda book: begin_talk(book, "bai"), Actor("zhaolei"))


def delivered(units):
    def send(book):
        for row in book.session.exec(select(Outbox)).all():
            row.status = "sent"
            book.session.add(row)

    units.write(send)


async def test_the_conversation_is_given_once_what_the_bot_had_to_say_has_gone_and_taken_back_at_the_end(house):
    units, line, attending = house
    begin(units)
    await attending.step()
    assert line.done == []
    delivered(units)
    await attending.step()
    await attending.step()
    assert line.done == [("given", "wm-bai", "zhaolei")]
    units.write(lambda book: end_talk(book, "bai"), Actor("zhaolei"))
    await Attending(units, line, BookMemory(units)).step()  # after a restart as well
    await attending.step()
    assert line.done == [("given", "wm-bai", "zhaolei"), ("ended", "wm-bai")]


async def test_it_comes_back_after_the_silence(house, clock):
    units, line, attending = house
    begin(units)
    delivered(units)
    await attending.step()
    clock.pass_by(minutes=31)
    await attending.step()
    assert line.done[-1] == ("ended", "wm-bai")


async def test_every_word_on_the_platform_puts_the_end_off(house, clock):
    units, line, attending = house
    begin(units)
    delivered(units)
    await attending.step()
    for _ in range(3):
        clock.pass_by(minutes=20)
        await attending.spoke("wm-bai")
        await attending.spoke("wm-somebody")
        await attending.step()
    assert line.done == [("given", "wm-bai", "zhaolei")]
    clock.pass_by(minutes=31)
    await attending.step()
    assert line.done[-1] == ("ended", "wm-bai")


async def test_a_colleague_who_is_no_servicer_is_not_tried_again_and_again(house):
    units, line, attending = house
    begin(units)
    delivered(units)
    line.refuses = True
    await attending.step()
    line.refuses = False
    await attending.step()
    units.write(lambda book: end_talk(book, "bai"), Actor("zhaolei"))
    await attending.step()
    assert line.done == []


def test_whoever_is_not_on_the_platform_is_left_alone(house):
    units, *_ = house
    units.write(lambda book: begin_talk(book, "li"), Actor("wangli"))
    delivered(units)
    assert units.read(talks) == []
