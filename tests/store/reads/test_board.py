"""The board: lanes in the flow's order, the latest first, only what the reader may see."""

import pytest

from store.operations.holds import hold_order
from store.operations.steps import acknowledge
from store.operations.urging import urge
from store.reads.board import CARDS, Wanted, read_board, stages
from store.reads.workings import read_workings
from store.refusals import NotFound
from tests.support.companies import at


def board(desk, person="chen", **wanted):
    return desk.look(lambda book: read_board(book, person, Wanted(**wanted)))


def numbers(desk, person="chen", **wanted):
    return [card.number for lane in board(desk, person, **wanted).lanes for card in lane.cards]


def test_lanes_stand_in_the_order_of_the_flow_and_count_what_is_late(desk, three):
    *_, late = three
    seen = board(desk)
    assert [(lane.key, lane.count) for lane in seen.lanes] == [("review", 1), ("make", 1), ("pack", 1)]
    assert (seen.steps, seen.late, seen.held) == (3, 2, 0)
    pack = seen.lanes[-1]
    assert pack.cards[0].number == late
    assert pack.cards[0].late is not None


def test_everybody_sees_his_own_part(desk, three):
    made, other, late = three
    assert set(numbers(desk, "wangli")) == {made, late}
    assert numbers(desk, "zhaolei") == [other]
    assert numbers(desk, "qian", mine=True) == [late]
    with pytest.raises(NotFound):
        numbers(desk, "nobody")


def test_it_is_narrowed_by_lateness_number_and_customer(desk, three):
    made, other, late = three
    assert set(numbers(desk, late=True)) == {other, late}
    assert numbers(desk, words=made.lower()) == [made]
    assert set(numbers(desk, words="华东")) == {made, late}
    assert numbers(desk, words="%") == []


def test_what_is_on_hold_is_never_late_and_counted_apart(desk, three):
    *_, late = three
    desk.as_("wangli", hold_order, late, "客户等通知")
    seen = board(desk)
    assert (seen.late, seen.held) == (1, 1)
    (card,) = [card for lane in seen.lanes for card in lane.cards if card.number == late]
    assert card.held
    assert card.late is None


def test_a_card_tells_of_promises_and_urging(desk, three):
    made, *_ = three
    step = desk.step(made, "make")
    desk.as_(step.owner, acknowledge, ("step", step.id), until=at("2026-11-24T16:00:00+08:00"))
    desk.as_("wangli", urge, made)
    (card,) = [card for lane in board(desk).lanes for card in lane.cards if card.number == made]
    assert card.acknowledged_until == at("2026-11-24T16:00:00+08:00")
    assert card.urges == 1


def test_a_lane_shows_the_first_and_counts_the_rest(desk):
    for _ in range(CARDS + 2):
        desk.place()
    (lane,) = board(desk).lanes
    assert (lane.count, len(lane.cards)) == (CARDS + 2, CARDS)


def test_the_way_of_an_order_names_each_step_once(desk, three):
    made, *_ = three
    way = desk.look(lambda book: stages(book, book.order(made)))
    assert [one.status for one in way][:1] == ["done"]
    assert any(one.status == "active" for one in way)


def test_the_houses_own_figures_count_what_waits_and_what_is_late(desk, three):
    found = desk.look(read_workings)
    assert found.orders == {"open": 3, "on_hold": 0, "done": 0, "cancelled": 0}
    assert (found.steps_active, found.steps_late) == (3, 2)
    assert found.outbox["pending"] > 0
    assert found.sweep_age_s is None
