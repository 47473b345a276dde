"""Trouble on an order."""

import pytest

from store.operations.exceptions import close_exception, open_exception, tick
from store.operations.steps import acknowledge
from store.refusals import Conflict, NotAllowed, NotFound
from store.tables import ExceptionCase
from store.units import Units
from tests.support.clock import Clock
from tests.support.flows import Flows, actions, keys, local, refusing


@pytest.fixture
def flows(units: Units, clock: Clock) -> Flows:
    return Flows(units)


def opened(flows: Flows, kind: str = "shortage", note: str = "seals", by: str = "mia", order=None):
    if order is None:
        order = flows.place()
        flows.approve(order)
    return order, flows.act(by, lambda b: open_exception(b, order.number, kind, note))


def case_of(flows: Flows, result) -> ExceptionCase:
    return flows.units.read(lambda b: b.session.get(ExceptionCase, result.case.id))


def test_an_exception_has_the_handler_limit_urgency_and_step_of_its_kind(flows: Flows) -> None:
    _, result = opened(flows)
    case = case_of(flows, result)
    assert (case.handler, local(case.due), case.urgent, case.step_key) == ("pia", "11-23 14:00", True, "make")


def test_handler_owners_and_salesperson_are_told_but_not_who_reported_it(flows: Flows) -> None:
    order = flows.place()
    flows.approve(order)
    before = flows.mark()
    opened(flows, order=order)
    told = {row.person: row for row in flows.sent(None, before)}
    assert set(told) == {"pia", "foe", "ann"}
    assert actions(told["pia"])[:2] == ["exception.ack", "exception.close"]
    assert told["pia"].urgent
    assert actions(told["ann"]) == ["order.show"]


def test_the_same_trouble_reported_again_is_added_not_doubled(flows: Flows) -> None:
    order, first = opened(flows)
    _, second = opened(flows, note="now bolts too", order=order)
    assert not second.new
    assert second.case.id == first.case.id
    assert case_of(flows, first).note == "seals\nnow bolts too"


def test_an_unknown_kind_names_the_known_ones(flows: Flows) -> None:
    with refusing("no_such_problem"):
        opened(flows, kind="fire")


def test_strangers_to_the_order_report_nothing(flows: Flows) -> None:
    order = flows.place()
    with pytest.raises(NotFound):
        opened(flows, by="ben", order=order)
    with pytest.raises(NotAllowed):
        opened(flows, by="cho", order=order)


def test_closing_needs_a_word_on_how_it_was_solved(flows: Flows) -> None:
    _, result = opened(flows)
    for nothing in (None, "", "  "):
        with refusing("solution_needed"):
            flows.act("pia", lambda b, said=nothing: close_exception(b, result.case.id, said))
    before = flows.mark()
    flows.act("pia", lambda b: close_exception(b, result.case.id, "borrowed from stock"))
    case = case_of(flows, result)
    assert (case.status, case.solution, case.closed_by) == ("closed", "borrowed from stock", "pia")
    assert {row.person for row in flows.sent(None, before) if row.kind == "push"} == {"mia", "foe", "ann"}
    with pytest.raises(Conflict):
        flows.act("pia", lambda b: close_exception(b, result.case.id, "again"))


def test_who_neither_handles_nor_reported_it_does_not_close_it(flows: Flows) -> None:
    _, result = opened(flows)
    with pytest.raises(NotAllowed):
        flows.act("foe", lambda b: close_exception(b, result.case.id, "fine"))
    flows.act("mia", lambda b: close_exception(b, result.case.id, "found some"))


def test_the_handler_acknowledges_like_an_owner(flows: Flows) -> None:
    _, result = opened(flows)
    flows.act("pia", lambda b: acknowledge(b, ("exception", result.case.id)))
    assert local(case_of(flows, result).acknowledged_until) == "11-23 14:00"
    with pytest.raises(NotAllowed):
        flows.act("foe", lambda b: acknowledge(b, ("exception", result.case.id)))


# --- ticks ----------------------------------------------------------------------------------------------------------


def test_a_named_step_cannot_be_done_before_its_owner_ticks_the_request(flows: Flows) -> None:
    order, result = opened(flows, "special", "paint it red", by="ann")
    with refusing("tick_first"):
        flows.done(order, "make")
    with refusing("tick_first"):
        flows.done(order, "make", by="kim")
    flows.act("mia", lambda b: tick(b, result.case.id, "make"))
    flows.done(order, "make")
    with refusing("tick_first"):
        flows.done(order, "ship", {"carrier": "a", "tracking": "b"})
    flows.act(flows.step(order, "ship").owner, lambda b: tick(b, result.case.id, "ship"))
    flows.done(order, "ship", {"carrier": "a", "tracking": "b"})


def test_closing_a_request_early_does_not_spare_the_tick(flows: Flows) -> None:
    order, result = opened(flows, "special", "paint it red", by="ann")
    flows.act(result.case.handler, lambda b: close_exception(b, result.case.id, "told them"))
    with refusing("tick_first"):
        flows.done(order, "make")
    flows.act("mia", lambda b: tick(b, result.case.id, "make"))
    flows.done(order, "make")


def test_steps_not_named_are_not_held_up(flows: Flows) -> None:
    order, _ = opened(flows, "special", "paint it red", by="ann")
    flows.done(order, "label")


def test_only_the_owner_of_the_step_ticks_and_once(flows: Flows) -> None:
    _, result = opened(flows, "special", "paint it red", by="ann")
    with pytest.raises(NotAllowed):
        flows.act("kim", lambda b: tick(b, result.case.id, "make"))
    flows.act("mia", lambda b: tick(b, result.case.id, "make"))
    with pytest.raises(Conflict):
        flows.act("mia", lambda b: tick(b, result.case.id, "make"))


def test_owners_of_named_steps_get_the_tick_as_a_button_and_later_owners_on_their_card(flows: Flows) -> None:
    order = flows.place()
    flows.approve(order)
    before = flows.mark()
    opened(flows, "special", "paint it red", by="ann", order=order)
    (row,) = flows.sent("mia", before)
    assert actions(row)[0] == "exception.tick"
    flows.act("mia", lambda b: tick(b, _only(b).id, "make"))
    flows.done(order, "make")
    card = flows.sent(flows.step(order, "ship").owner)[-1]
    assert "card.to_tick" in keys(card)
    assert "exception.tick" in actions(card)


def _only(book):
    from sqlmodel import select

    return book.session.exec(select(ExceptionCase)).one()
