"""Figures of a time: what counts, and what does not."""

from datetime import date

from sqlmodel import select

from store.operations.holds import hold_order
from store.reads.figures import Pile, figures_of
from store.tables import Step

WEEK = date(2026, 11, 23), date(2026, 11, 29)


def test_steps_done_in_the_time_are_counted_and_those_by_their_due_moment_are_good(desk, clock):
    made = desk.place(quantity=100)
    desk.finish(made, "review")
    late = desk.place(flow="quick")
    clock.at("2026-11-27T11:00:00+08:00")
    desk.finish(late, *[one.key for one in desk.look(lambda book: _active(book, late))])
    found = desk.look(lambda book: figures_of(book, *WEEK))
    assert (found.steps.good, found.steps.total) == (1, 2)
    assert found.steps.percent == 50
    assert desk.look(lambda book: figures_of(book, date(2026, 11, 27), date(2026, 11, 27))).steps.good == 0


def test_of_nothing_there_is_no_rate(desk):
    found = desk.look(lambda book: figures_of(book, *WEEK))
    assert (found.steps.percent, found.orders.percent, found.count, found.owners) == (None, None, 0, ())


def test_what_is_in_hand_is_piled_by_owner_and_by_step_and_what_is_held_is_not(desk, clock):
    first, second = desk.place(quantity=100), desk.place(flow="quick")
    third = desk.place(quantity=7)
    desk.as_("chen", hold_order, third, "等款")
    owner, quick = desk.step(first, "review").owner, desk.look(lambda book: _active(book, second))[0]
    clock.at("2026-11-24T11:00:00+08:00")
    found = desk.look(lambda book: figures_of(book, *WEEK))
    assert found.count == 2
    assert sum(pile.count for pile in found.step_kinds) == 2
    assert {pile.key for pile in found.owners} == {owner, quick.owner}
    assert Pile(f"quick/{quick.key}", 1, 1) in found.step_kinds
    assert found.late >= 1


def _active(book, number):
    order = book.order(number)
    return list(book.session.exec(select(Step).where(Step.order_id == order.id, Step.status == "active")))
