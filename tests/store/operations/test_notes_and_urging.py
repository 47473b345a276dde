"""Notes, files, followers, urging."""

import hashlib

import pytest
from sqlmodel import func, select

from store.operations.following import follow, unfollow
from store.operations.holds import cancel_order, hold_order
from store.operations.notes import NewFile, add_note
from store.operations.urging import urge
from store.reads.document import order_document
from store.refusals import Conflict, Invalid, NotAllowed, NotFound
from store.tables import Blob
from tests.support.companies import at
from tests.support.orders import phrases_of


@pytest.fixture
def number(desk):
    number = desk.place(quantity=100)
    desk.finish(number, "review")
    return number


def document(desk, number):
    return desk.look(lambda book: order_document(book, book.order(number)))


def test_a_note_keeps_sender_time_and_of_its_files_size_and_sha256(desk, number):
    photo = b"\xff\xd8photo"
    desk.as_("zhou", add_note, number, " 客户要木箱包装 ", [NewFile("po.jpg", "image/jpeg", photo)])
    assert document(desk, number)["notes"] == [
        {
            "text": "客户要木箱包装",
            "by": "zhou",
            "at": "2026-11-23T09:00:00+08:00",
            "files": [{"name": "po.jpg", "size": 7, "sha256": hashlib.sha256(photo).hexdigest()}],
        }
    ]
    assert desk.events(number)[-1] == "note.added"


def test_the_same_bytes_are_kept_once(desk, number):
    for name in ("a.jpg", "b.jpg"):
        desk.as_("wangli", add_note, number, "", [NewFile(name, "image/jpeg", b"same")])
    assert desk.look(lambda book: book.session.exec(select(func.count()).select_from(Blob)).one()) == 1
    assert [note["files"][0]["name"] for note in document(desk, number)["notes"]] == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize(
    ("text", "files", "key"),
    [
        (" ", [], "refused.note_empty"),
        ("x" * 4001, [], "refused.note_too_long"),
        ("", [NewFile("big.bin", "application/octet-stream", bytes(25_000_001))], "refused.file_too_large"),
    ],
)
def test_a_note_needs_something_of_a_sane_size(desk, number, text, files, key):
    with pytest.raises(Invalid) as refused:
        desk.as_("wangli", add_note, number, text, files)
    assert refused.value.key == key


def test_who_may_not_see_an_order_notes_and_follows_nothing(desk, number):
    for who in ("zhaolei", "bai"):
        for work in ((add_note, number, "x"), (follow, number), (urge, number)):
            with pytest.raises(NotFound):
                desk.as_(who, *work)


def test_a_contact_follows_but_keeps_no_notes(desk, number):
    assert desk.as_("li", follow, number) is True
    assert desk.as_("li", follow, number) is False
    with pytest.raises(NotAllowed) as refused:
        desk.as_("li", add_note, number, "x")
    assert refused.value.facts["who"] == ["王丽"]
    assert desk.as_("li", unfollow, number) is True
    assert desk.as_("li", unfollow, number) is False


def test_an_urge_tells_the_owner_who_how_often_and_why(desk, number):
    owner = desk.step(number, "make").owner
    urged = desk.as_("wangli", urge, number, "客户等着装机")
    assert (urged.count, urged.pushed, urged.owners) == (
        1,
        True,
        (desk.look(lambda b: b.company.people[owner].name.raw),),
    )
    (push,) = desk.pushes(owner, "urge")
    assert push.card == f"step:{desk.step(number, 'make').id}"
    facts = push.body["says"][0]["$p"][1]
    assert (facts["who"], facts["count"], facts["reason"]) == ("王丽", 1, "客户等着装机")


def test_within_the_cool_down_an_urge_is_counted_but_not_pushed(desk, number, clock):
    owner = desk.step(number, "make").owner
    first = desk.as_("wangli", urge, number)  # Monday 09:00, four hours of work end 14:30
    assert first.again_at == at("2026-11-23T14:30:00")
    clock.at("2026-11-23T14:29:00+08:00")
    again = desk.as_("wangli", urge, number)
    assert (again.count, again.pushed, again.again_at) == (2, False, first.again_at)
    assert len(desk.pushes(owner, "urge")) == 1
    clock.at("2026-11-23T14:30:00+08:00")
    third = desk.as_("wangli", urge, number)
    assert (third.count, third.pushed) == (3, True)
    assert desk.pushes(owner, "urge")[-1].body["says"][0]["$p"][1]["count"] == 3
    assert document(desk, number)["urges"] == {"count": 3, "askers": 1}


def test_the_cool_down_is_each_askers_own_and_each_orders_own(desk, number):
    desk.as_("wangli", urge, number)
    assert desk.as_("chen", urge, number).pushed is True
    other = desk.place(quantity=3)
    assert desk.as_("wangli", urge, other).pushed is True
    assert document(desk, number)["urges"] == {"count": 2, "askers": 2}


def test_a_customers_urge_tells_the_salesperson_too(desk, number):
    desk.as_("li", urge, number, "急用")
    (told,) = desk.pushes("wangli", "urge")
    assert phrases_of(told)[0] == "urge.customer"
    assert len(desk.pushes(desk.step(number, "make").owner, "urge")) == 1


def test_an_owner_does_not_urge_and_hears_who_may(desk, number):
    with pytest.raises(NotAllowed):
        desk.as_(desk.step(number, "make").owner, urge, number)


def test_what_rests_or_has_ended_is_not_urged(desk, number):
    desk.as_("wangli", hold_order, number, "等款")
    with pytest.raises(Invalid) as refused:
        desk.as_("wangli", urge, number)
    assert (refused.value.key, refused.value.facts["reason"]) == ("refused.urge_on_hold", "等款")
    with pytest.raises(Invalid) as refused:
        desk.as_("li", urge, number)
    assert refused.value.facts["reason"] is None  # why is nothing for customers
    desk.as_("wangli", cancel_order, number, "不要了")
    with pytest.raises(Conflict):
        desk.as_("wangli", urge, number)
