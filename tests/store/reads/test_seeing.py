"""Who sees which order, and finding it by what people call it."""

import pytest

from store.operations.exceptions import open_exception
from store.reads.seeing import find_order, may_see, see
from store.refusals import NotFound


@pytest.fixture
def number(desk):
    number = desk.place(quantity=100)
    desk.finish(number, "review")
    return number


def sees(desk, person, number):
    return desk.look(lambda book: may_see(book, person, book.order(number)))


@pytest.mark.parametrize("who", ["wangli", "liu", "he", "chen", "zheng", "root", "li", "gendan"])
def test_salesperson_coordinators_managers_finance_admin_and_the_customers_own_people_see_it(desk, number, who):
    assert sees(desk, who, number)


@pytest.mark.parametrize("who", ["zhou", "qian"])
def test_owners_of_waiting_steps_and_heads_of_their_departments_see_it(desk, number, who):
    assert sees(desk, who, number)


def test_the_owner_of_a_step_sees_it_and_his_idle_colleague_does_not(desk, number):
    owner = desk.step(number, "make").owner
    assert owner == "wu"
    assert sees(desk, "wu", number)
    number = desk.place(quantity=7)  # its production waits: the head answers for it, not wu
    assert not sees(desk, "wu", number)
    assert sees(desk, "zhou", number)


@pytest.mark.parametrize("who", ["zhaolei", "bai", "nobody", "sun"])
def test_nobody_else_does(desk, who):
    number = desk.place(flow="quick")
    assert not sees(desk, who, number)


def test_who_placed_it_sees_it_and_so_does_the_customers_salesperson(desk):
    number = desk.place(by="liu", customer="bf")
    assert sees(desk, "zhaolei", number)
    assert not sees(desk, "wangli", number)


def test_the_handler_of_an_exception_sees_it(desk):
    number = desk.place(flow="quick")
    assert not sees(desk, "sun", number)
    number = desk.place(quantity=100)
    desk.as_("wangli", open_exception, number, "shortage", "密封圈断货")
    assert sees(desk, "sun", number)


def test_hidden_and_missing_orders_are_refused_alike(desk, number):
    for who, ref in (("bai", number), ("wangli", "SO-9999-0001")):
        with pytest.raises(NotFound) as refused:
            desk.as_(who, see, ref)
        assert refused.value.facts == {"what": ref}


def test_full_short_and_sloppy_numbers_find_it(desk, clock):
    for _ in range(12):
        number = desk.place(flow="quick")
    assert number == "SO-2611-0012"
    refs = (
        "SO-2611-0012",
        "so-2611-0012",
        " SO-2611-0012 ",
        "ＳＯ-2611-0012",
        "0012",
        "12",
        "#12",
        "2611-0012",
        "2611-12",
    )
    for ref in (*refs, "26110012", "SO-12", "SO12", "so0012"):
        assert [one.number for one in desk.look(lambda book, ref=ref: find_order(book, "wangli", ref))] == [number], ref
    for ref in ("", "  ", "SO", "13", "2612-0012", "PO-12", "2", "112", "华东", "SO-2611-00122"):
        found = desk.look(lambda book, ref=ref: find_order(book, "wangli", ref))
        assert number not in [one.number for one in found], ref


def test_of_several_with_the_same_short_number_the_open_ones_come_first(desk, clock):
    old = desk.place(flow="quick")
    desk.finish(old, "pack", "send")
    clock.at("2026-12-01T09:00:00+08:00")
    new = desk.place(flow="quick", promise=clock.now.date())
    clock.at("2027-01-04T09:00:00+08:00")
    other = desk.place(flow="quick", promise=clock.now.date())
    assert (old, new, other) == ("SO-2611-0001", "SO-2612-0001", "SO-2701-0001")
    found = desk.look(lambda book: find_order(book, "liu", "1"))
    assert [one.number for one in found] == [other, new, old]


def test_what_one_may_not_see_is_not_found_by_number_either(desk, number):
    assert desk.look(lambda book: find_order(book, "bai", number)) == []
    assert desk.look(lambda book: find_order(book, "zhaolei", "1")) == []
