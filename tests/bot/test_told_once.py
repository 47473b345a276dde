"""Codes and sign-in links are told once: when their letter has gone out, or the code is used, the book holds them no more."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlmodel import select

from bot.delivery import Delivery
from conversations import Desk
from conversations.channels import Unknown, Unreachable
from conversations.customers import Links
from conversations.messages import Message
from store.operations.hiding import hide_lapsed
from store.operations.identities import person_of
from store.tables import Blob, Identity, Inbox, Outbox
from store.units import Units
from tests.support.clock import Clock
from tests.support.companies import load
from tests.support.platform import Platform

CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b")


class House:
    """The pump company; wangli has an account on Telegram, liu (a coordinator) is on the web."""

    def __init__(self, units: Units, clock: Clock) -> None:
        self.units, self.clock = units, clock
        load(units)
        self.telegram, self.web = Platform("telegram"), Platform("web")
        self.delivery = Delivery(units, {"telegram": self.telegram, "web": self.web}, ("web",))
        self.desk = Desk(links=Links(web="https://g.example", telegram="gendan_bot"))
        account = Identity(channel="telegram", account="t-wang", person="wangli", linked_at=clock())
        units.write(lambda book: book.session.add(account))
        self.count = 0

    def say(self, words: str, account: str = "t-wang", via: str = "telegram") -> None:
        self.count += 1
        person = account if via == "web" else None
        message = Message(channel=via, account=account, conversation=account, text=words, person=person)

        def _answer(book) -> None:  # type: ignore[no-untyped-def]
            row = Inbox(channel=via, account="", message_id=f"x{self.count}", conversation=account,
                        payload={"text": words, "entities": [{"user": "t-wang"}]}, received_at=book.now)  # fmt: skip
            book.session.add(row)
            book.session.flush()
            self.desk.answer(book, message, row)

        self.units.write(_answer)

    async def pump(self, hours: float = 0) -> None:
        self.clock.pass_by(hours=hours)
        while await self.delivery.pump():
            pass

    def everything(self) -> str:
        """Every value that stands in any table."""
        with self.units.engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            rows = [row for name in tables for row in connection.execute(text(f'SELECT * FROM "{name}"'))]
        return "\n".join(str(value) for row in rows for value in row)

    def holds(self, code: str) -> bool:
        """Whether the code, in whichever of its forms, or its picture stands anywhere."""
        pictures = self.units.read(lambda book: len(book.session.exec(select(Blob)).all()))
        kept = self.everything()
        return code in kept or code.replace("-", "") in kept or pictures > 0


@pytest.fixture
def house(units: Units, clock: Clock) -> House:
    return House(units, clock)


def code_of(platform: Platform) -> str:
    said = [found[0] for one in platform.sent if (found := CODE.search(one.text))]
    return said[-1]


async def test_a_code_is_gone_from_the_book_when_its_letter_has_gone_out(house: House) -> None:
    house.say("邀请华东的张工")
    await house.pump()
    code = code_of(house.telegram)
    assert f"?start={code.replace('-', '')}" in house.telegram.sent[0].text
    assert house.telegram.sent[0].files
    assert not house.holds(code)
    house.say(f"绑定 {code}", account="t-new")  # and it is as good as ever
    await house.pump()
    assert house.units.read(lambda book: person_of(book, "telegram", "t-new")) is not None
    assert not house.holds(code)


async def test_nothing_of_it_is_left_in_the_file(sqlite_url: str, clock: Clock) -> None:
    from store.units import open_engine

    units = Units(open_engine(sqlite_url), clock=clock)
    house = House(units, clock)
    house.say("邀请华东的张工")
    waiting = units.read(lambda book: book.session.exec(select(Outbox).where(Outbox.rule == "secret")).one())
    code = next(one for one in CODE.findall(str(waiting.body)))
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    assert any(code.encode() in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    await house.pump()
    with units.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in path.parent.glob(f"{path.name}*"):
        content = file.read_bytes()
        assert code.encode() not in content, file
        assert code.replace("-", "").encode() not in content, file
        assert b"\x89PNG" not in content, file
    units.close()


async def test_what_did_not_go_out_yet_is_sent_as_it_is(house: House) -> None:
    house.say("邀请华东的张工")
    house.telegram.failures = [Unknown("timeout"), Unknown("timeout")]
    await house.pump()
    assert house.telegram.sent == []
    await house.pump(hours=1)
    await house.pump(hours=1)
    code = code_of(house.telegram)
    assert house.telegram.sent[0].files
    assert not house.holds(code)


async def test_who_is_told_that_it_could_not_be_delivered_does_not_hear_the_code(house: House) -> None:
    house.say("邀请华东的张工")
    waiting = house.units.read(lambda book: book.session.exec(select(Outbox).where(Outbox.rule == "secret")).one())
    code = CODE.findall(str(waiting.body))[0]
    house.telegram.failures = [Unreachable("blocked")]
    house.delivery = Delivery(house.units, {"telegram": house.telegram}, ())
    await house.pump()
    assert not house.holds(code)


async def test_a_page_shows_it_until_it_is_used(house: House) -> None:
    house.say("邀请华东的张工", account="wangli", via="web")
    await house.pump()
    code = code_of(house.web)
    assert house.holds(code)
    house.say(code.lower().replace("-", " "), account="t-new")
    await house.pump()
    assert house.units.read(lambda book: person_of(book, "telegram", "t-new")) is not None
    assert not house.holds(code)


async def test_and_no_longer_than_it_is_good_for(house: House) -> None:
    house.say("邀请华东的张工", account="wangli", via="web")
    await house.pump()
    code = code_of(house.web)
    house.clock.now += timedelta(hours=23, minutes=59)
    assert house.units.write(hide_lapsed) == 0
    house.clock.now += timedelta(minutes=1)
    assert house.units.write(hide_lapsed) == 1
    assert not house.holds(code)
    assert house.units.write(hide_lapsed) == 0


async def test_a_sign_in_link_is_told_once_too(house: House) -> None:
    house.say("网页登录")
    await house.pump()
    (url,) = re.findall(r"https://g\.example/chat/enter/(\S+)", house.telegram.sent[0].text)
    assert url not in house.everything()
