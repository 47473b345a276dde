"""How much may still be written over WeChat customer service, as the book tells it."""

from datetime import timedelta

import pytest

from store.book import Actor
from store.messages import Letter, Phrase
from store.operations.identities import make_code, redeem
from store.reads.windows import window_of
from store.tables import Inbox
from tests.support.companies import load


@pytest.fixture
def book_of(units):
    load(units)
    code = units.write(lambda book: make_code(book, "bai"), Actor("zhaolei"))
    units.write(lambda book: redeem(book, "wecom", "wm-bai", code), Actor("x"))
    return units


def heard(units, name="1"):
    def keep(book):
        row = Inbox(channel="wecom", message_id=name, conversation="kf:wk1:wm-bai", payload={}, received_at=book.now)
        book.session.add(row)

    units.write(keep)


def told(units):
    def send(book):
        row = book.tell("bai", Letter((Phrase("desk.thanks"),)))
        row.status, row.sent_via, row.sent_at = "sent", "wecom", book.now

    units.write(send)


def left(units):
    found = units.read(lambda book: window_of(book, "bai"))
    return None if found is None else found.left


def test_five_messages_within_48_hours_of_his_last_word(book_of, clock):
    assert left(book_of) is None  # he has never written over that line
    heard(book_of)
    assert left(book_of) == 5
    told(book_of)
    told(book_of)
    assert left(book_of) == 3
    clock.now += timedelta(hours=48)
    assert left(book_of) == 0
    heard(book_of, "2")
    assert left(book_of) == 5


def test_whoever_can_be_reached_otherwise_has_no_window(book_of):
    heard(book_of)
    code = book_of.write(lambda book: make_code(book, "bai"), Actor("zhaolei"))
    book_of.write(lambda book: redeem(book, "telegram", "777", code), Actor("x"))
    assert left(book_of) is None
    assert book_of.read(lambda book: window_of(book, "li")) is None
