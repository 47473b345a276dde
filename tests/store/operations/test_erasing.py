"""A person is erased: nothing of him is left, the chain can still be walked, and a later edit is still found."""

import pytest
from sqlmodel import select

from store import audit
from store.book import Actor
from store.operations.erasing import erase_person
from store.operations.identities import make_code, redeem
from store.operations.isolation import asked_in_vain
from store.operations.notes import add_note
from store.operations.questions import pass_on
from store.operations.urging import urge
from store.reads.personal import personal_data
from store.refusals import NotFound
from store.tables import AuditEntry, Inbox, Person
from tests.support.companies import load
from tests.support.orders import Desk

WORDS = "我的心脏病药也在那箱里"


@pytest.fixture
def desk(units):
    load(units)
    return Desk(units)


@pytest.fixture
def told(desk):
    """A contact with an account, who has asked, urged and been answered."""
    number = desk.place()
    code = desk.as_("wangli", make_code, "li")
    desk.as_("wangli", lambda book: redeem(book, "wecom", "wm-canary-account", code))
    desk.as_("li", lambda book: urge(book, number, WORDS))
    desk.as_("li", lambda book: pass_on(book, WORDS, book.order(number)))
    desk.as_("li", lambda book: asked_in_vain(book, "li", 3))
    desk.as_("wangli", lambda book: add_note(book, number, "李工说周五在"))

    def said(book):
        payload = {"account": "9001", "person": None, "text": WORDS}
        book.session.add(
            Inbox(
                channel="telegram",
                message_id="x",
                conversation="9001",
                account="9001",
                payload=payload,
                received_at=book.now,
            )
        )

    desk.units.write(said)
    return number


def everything(desk) -> str:
    """The whole database as text."""
    from sqlmodel import SQLModel

    def dump(book):
        connection = book.session.connection()
        tables = [table for name, table in SQLModel.metadata.tables.items() if name != "flow_version"]
        return "\n".join(f"{table.name}: {row}" for table in tables for row in connection.execute(table.select()))

    return desk.look(dump)


def test_what_is_kept_of_somebody_can_be_handed_to_him(desk, told):
    found = desk.look(lambda book: personal_data(book, "li"))
    assert {one["account"] for one in found["accounts"]} == {"9001", "wm-canary-account"}
    assert found["questions"][0]["facts"]["text"] == WORDS
    assert found["questions"][0]["order"] == told
    assert any(entry["what"] == "urge" for entry in found["audit"])
    assert WORDS in str(found["said"])
    assert "hash" not in {name for codes in found["codes"] for name in codes if name.endswith("code_hash")}


def test_once_erased_nothing_of_him_is_left(desk, told):
    before = everything(desk)
    assert all(one in before for one in ("李工", WORDS, "wm-canary-account", "9001"))
    alias = desk.units.write(lambda book: erase_person(book, "li"))
    after = everything(desk)
    assert [one for one in ("李工", WORDS, "wm-canary-account", "'9001'", "'li'", ":li") if one in after] == []
    assert alias == "erased-1"
    assert desk.look(lambda book: book.session.get(Person, "li")) is None
    assert told in after


def test_the_chain_stays_whole_and_a_later_edit_is_still_found(desk, told):
    desk.units.write(lambda book: erase_person(book, "li"))
    assert desk.look(lambda book: list(audit.verify(book.session))) == []
    desk.place(quantity=3)
    assert desk.look(lambda book: list(audit.verify(book.session))) == []

    def edit(book):
        entry = book.session.exec(select(AuditEntry).where(AuditEntry.who == "erased-1")).first()
        entry.what = "order.placed"
        book.session.add(entry)
        return entry.id

    edited = desk.units.write(edit)
    assert [(one.entry, one.what) for one in desk.look(lambda book: list(audit.verify(book.session)))] == [
        (edited, "edited")
    ]


def test_the_order_and_what_others_did_stay(desk, told):
    desk.units.write(lambda book: erase_person(book, "li"))
    order = desk.order(told)
    assert (order.customer, order.salesperson) == ("hdjx", "wangli")
    assert "order.placed" in desk.events(told)


def test_two_are_erased_one_after_the_other(desk, told):
    desk.units.write(lambda book: erase_person(book, "li"))
    assert desk.units.write(lambda book: erase_person(book, "bai")) == "erased-2"
    assert desk.look(lambda book: list(audit.verify(book.session))) == []
    with pytest.raises(NotFound):
        desk.units.write(lambda book: erase_person(book, "li"), Actor("root"))
