"""An order on its way through its flow."""

import pytest

from store.book import Book
from store.company.loading import apply_company
from store.company.reading import read_company
from store.operations.flow import refresh_all
from store.operations.holds import hold_order, resume_order
from store.operations.steps import complete_step
from store.units import Units
from tests.support.clock import Clock
from tests.support.flows import FLOWS, Flows, actions, keys, local, said


@pytest.fixture
def flows(units: Units, clock: Clock) -> Flows:
    return Flows(units)


def test_a_new_order_starts_what_waits_for_nothing(flows: Flows) -> None:
    order = flows.place()
    assert flows.states(order) == {
        "review": "active", "buy": "waiting", "make": "waiting", "paint": "waiting",
        "ship": "waiting", "settle": "waiting", "care": "waiting", "label": "active",
    }  # fmt: skip


def test_a_join_waits_for_all_of_its_steps_and_branches_run_side_by_side(flows: Flows) -> None:
    order = flows.place({"A1": 400}, fields={"ship_to": "Suzhou"})
    flows.approve(order)
    assert [key for key, status in flows.states(order).items() if status == "active"] == ["buy", "paint", "label"]
    flows.done(order, "buy")
    flows.done(order, "make")
    assert flows.states(order)["ship"] == "waiting"
    flows.done(order, "paint", {"colour": "RED"})
    assert flows.states(order)["ship"] == "active"


def test_a_step_whose_condition_does_not_hold_is_skipped_and_what_hangs_on_it_goes_on(flows: Flows) -> None:
    order = flows.place({"A1": 10})
    flows.approve(order)
    states = flows.states(order)
    assert (states["buy"], states["paint"], states["make"]) == ("skipped", "skipped", "active")


def test_all_keys_of_a_condition_must_hold(flows: Flows) -> None:
    rich = flows.place({"A1": 400})
    flows.approve(rich)
    assert flows.states(rich)["paint"] == "skipped"


def test_short_counts_what_other_open_orders_have_reserved(flows: Flows) -> None:
    first = flows.place({"A1": 60})
    second = flows.place({"A1": 41})
    flows.approve(second)
    assert flows.states(second)["buy"] == "active"
    flows.approve(first)  # the 41 of the second are reserved as well
    assert flows.states(first)["buy"] == "active"


def test_exactly_enough_stock_is_not_short(flows: Flows) -> None:
    flows.place({"A1": 60})
    second = flows.place({"A1": 40})
    flows.approve(second)
    assert flows.states(second)["buy"] == "skipped"


def test_an_order_is_done_when_every_step_is_done_or_skipped(flows: Flows) -> None:
    order = flows.place()
    flows.approve(order)
    flows.done(order, "label")
    flows.done(order, "make")
    flows.done(order, "ship", {"carrier": "SF", "tracking": "SF1"})
    flows.done(order, "settle", {"received": "100"})
    assert flows.order(order).status == "open"
    flows.done(order, "care")
    assert flows.order(order).status == "done"
    assert flows.order(order).closed_at is not None


def test_an_order_keeps_the_flow_it_was_placed_with(flows: Flows) -> None:
    order = flows.place()
    changed = FLOWS.replace("owner: making, after: [review, buy]", "owner: pia, after: [review, buy]")

    def reload(book: Book) -> None:
        apply_company(book.session, read_company(changed), now=book.now, by="ada")
        book.forget_company()
        refresh_all(book)

    flows.units.write(reload)
    flows.approve(order)
    assert flows.step(order, "make").owner in {"mia", "mel"}
    later = flows.place()
    flows.approve(later)
    assert flows.step(later, "make").owner == "pia"


def test_the_next_owner_is_told_at_once_with_a_card(flows: Flows) -> None:
    order = flows.place()
    before = flows.mark()
    result = flows.approve(order)
    (step,) = result.next
    (row,) = flows.sent(step.owner, before)
    assert keys(row)[:3] == ["step.started", "card.title", "card.task"]
    assert actions(row) == ["step.ack", "step.done", "step.postpone", "step.problem"]
    assert said(row, "card.due").facts["due"] == step.due
    assert row.card == f"step:{step.id}"


# --- due moments ----------------------------------------------------------------------------------------------------


def test_within_counts_working_time_from_when_the_step_became_active(flows: Flows, clock: Clock) -> None:
    clock.at("2026-11-27T17:00:00+08:00")
    order = flows.place(promise="2026-12-31")
    assert local(flows.step(order, "review").due) == "11-30 12:00"


def test_a_waiting_step_that_counts_from_the_promise_already_has_its_due(flows: Flows) -> None:
    order = flows.place(promise="2026-12-11")
    assert local(flows.step(order, "make").due) == "12-08 18:00"
    assert flows.step(order, "settle").due is None


def test_of_two_rules_the_earlier_one_holds(flows: Flows) -> None:
    order = flows.place()
    assert local(flows.step(order, "ship").due) == "12-11 14:00"  # closing time of the dock's own shift
    flows.approve(order)
    flows.done(order, "make")
    assert local(flows.step(order, "ship").due) == "11-25 09:00"


def test_a_company_file_with_another_calendar_moves_every_open_due_moment(flows: Flows) -> None:
    order = flows.place(promise="2026-12-11")

    def reload(book: Book) -> None:
        text = FLOWS.replace(
            'hours: ["09:00-12:00", "13:00-18:00"]}', 'hours: ["09:00-12:00", "13:00-18:00"], closed: [2026-12-11]}'
        )
        apply_company(book.session, read_company(text), now=book.now, by="ada")
        book.forget_company()
        refresh_all(book)

    flows.units.write(reload)
    assert local(flows.step(order, "make").due) == "12-07 18:00"


def test_on_resuming_what_counts_within_moves_by_the_working_time_held(flows: Flows, clock: Clock) -> None:
    order = flows.place()
    assert local(flows.step(order, "review").due) == "11-23 14:00"
    make = local(flows.step(order, "make").due)
    clock.at("2026-11-23T11:00:00+08:00")
    flows.act("ann", lambda book: hold_order(book, order.number, "wait"))
    assert local(flows.step(order, "review").due) == "11-23 14:00"
    clock.at("2026-11-23T15:00:00+08:00")
    flows.act("ann", lambda book: resume_order(book, order.number))
    assert local(flows.step(order, "review").due) == "11-23 17:00"
    assert local(flows.step(order, "make").due) == make


def test_nothing_can_be_done_on_an_order_on_hold(flows: Flows) -> None:
    order = flows.place()
    label = flows.step(order, "label")
    flows.act("ann", lambda book: hold_order(book, order.number, "wait"))
    from store.operations.steps import OnHold

    with pytest.raises(OnHold):
        flows.act("foe", lambda book: complete_step(book, label.id or 0, {}))
