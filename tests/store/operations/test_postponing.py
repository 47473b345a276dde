"""A new time for a step, and the promise to the customer."""

from datetime import date, datetime

import pytest

from store.operations.handovers import decide_request
from store.operations.postponing import postpone
from store.operations.promises import drop_notice, send_notice
from store.reads.public import public_status_of
from store.refusals import NotAllowed
from store.tables import Request
from store.units import Units
from tests.support.clock import Clock
from tests.support.flows import Flows, actions, keys, letter, local, refusing


@pytest.fixture
def flows(units: Units, clock: Clock) -> Flows:
    return Flows(units)


def later(flows: Flows, order, key: str, until: str, by: str | None = None, reason: str | None = "parts"):
    step = flows.step(order, key)
    moment = datetime.fromisoformat(f"2026-{until}:00+08:00")
    return flows.act(by or step.owner, lambda b: postpone(b, ("step", step.id), moment, reason))


def making(flows: Flows):
    order = flows.place(promise="2026-12-11")
    flows.approve(order)
    return order


def consent(flows: Flows, request, accept: bool = True, by: str = "max", **more):
    return flows.act(by, lambda b: decide_request(b, request.id, None, accept, **more))


def seen(flows: Flows, order) -> date:
    return flows.units.read(lambda b: public_status_of(b, b.order(order.number)).promise_date)


def test_the_new_time_and_its_reason_are_kept_and_win_over_the_rule(flows: Flows) -> None:
    order = making(flows)
    later(flows, order, "make", "12-07T12:00")
    step = flows.step(order, "make")
    assert (local(step.due), step.postpone_reason) == ("12-07 12:00", "parts")
    from store.operations.flow import refresh_all

    flows.units.write(refresh_all)
    assert local(flows.step(order, "make").due) == "12-07 12:00"


def test_everyone_downstream_is_told_that_the_date_moved(flows: Flows) -> None:
    order = making(flows)
    before = flows.mark()
    result = later(flows, order, "make", "12-07T12:00")
    assert [one.step.key for one in result.moved] == ["ship", "settle", "care"]
    told = {row.person: keys(row) for row in flows.sent(None, before, "step.postponed")}
    assert told == {who: ["step.upstream_moved"] for who in ("dan", "fay", "ann")}


def test_a_time_that_keeps_the_promise_asks_nobody(flows: Flows) -> None:
    order = making(flows)
    result = later(flows, order, "make", "12-08T18:00")
    assert (result.breaks_promise, result.request) == (False, None)
    assert flows.order(order).promise_date == date(2026, 12, 11)


def test_when_the_promise_breaks_the_salesperson_is_told_and_his_manager_asked(flows: Flows) -> None:
    order = making(flows)
    before = flows.mark()
    result = later(flows, order, "make", "12-10T12:00")
    assert (result.breaks_promise, result.possible) == (True, date(2026, 12, 15))
    assert "promise.in_danger" in [keys(row)[0] for row in flows.sent("ann", before)]
    (asked,) = flows.sent("max", before)
    assert actions(asked)[:2] == ["request.accept", "request.decline"]
    assert flows.order(order).promise_date == date(2026, 12, 11)
    assert flows.sent("cho", before) == []


def test_only_the_manager_consents(flows: Flows) -> None:
    result = later(flows, making(flows), "make", "12-10T12:00")
    for other in ("ann", "kim", "mia"):
        with pytest.raises(NotAllowed):
            consent(flows, result.request, by=other)


def test_with_consent_the_promise_moves_to_the_possible_day_and_all_dues_with_it(flows: Flows) -> None:
    order = making(flows)
    result = later(flows, order, "make", "12-10T12:00")
    consent(flows, result.request)
    assert flows.order(order).promise_date == date(2026, 12, 15)
    assert local(flows.step(order, "ship").due) == "12-15 14:00"
    assert local(flows.step(order, "make").due) == "12-10 12:00"


def test_the_manager_may_state_another_day_but_no_past_one(flows: Flows) -> None:
    order = making(flows)
    result = later(flows, order, "make", "12-10T12:00")
    with refusing("promise_past"):
        consent(flows, result.request, on=date(2026, 11, 22))
    consent(flows, result.request, on=date(2026, 12, 18))
    assert flows.order(order).promise_date == date(2026, 12, 18)


def test_without_consent_the_promise_stays_and_those_concerned_hear_it(flows: Flows) -> None:
    order = making(flows)
    result = later(flows, order, "make", "12-10T12:00")
    before = flows.mark()
    consent(flows, result.request, False, reason="customer waits")
    assert flows.order(order).promise_date == date(2026, 12, 11)
    told = {row.person for row in flows.sent(None, before) if keys(row)[0] == "promise.kept"}
    assert told == {"ann", "mia"}
    assert flows.sent("cho", before) == []


def test_the_salesperson_is_offered_a_notice_and_until_it_is_sent_the_customer_sees_the_old_date(flows: Flows) -> None:
    order = making(flows)
    result = later(flows, order, "make", "12-10T12:00")
    before = flows.mark()
    draft = consent(flows, result.request).draft
    (offer,) = flows.sent("ann", before)
    assert actions(offer)[:3] == ["notice.send", "notice.edit", "notice.drop"]
    assert (seen(flows, order), flows.sent("cho", before)) == (date(2026, 12, 11), [])
    flows.act("ann", lambda b: drop_notice(b, draft.id))
    assert seen(flows, order) == date(2026, 12, 11)
    assert flows.act("ann", lambda b: send_notice(b, draft.id)) == ("cho", "cid")
    assert seen(flows, order) == date(2026, 12, 15)
    assert keys(flows.sent("cho")[-1]) == ["customer.promise_moved"]
    with pytest.raises(Exception, match="conflict"):
        flows.act("ann", lambda b: send_notice(b, draft.id))


def test_the_notice_can_be_said_in_the_salespersons_own_words(flows: Flows) -> None:
    order = making(flows)
    draft = consent(flows, later(flows, order, "make", "12-10T12:00").request).draft
    flows.act("ann", lambda b: send_notice(b, draft.id, text="Sorry, Tuesday."))
    assert letter(flows.sent("cid")[-1]).says[0].facts["text"] == "Sorry, Tuesday."


def test_after_two_moves_the_customer_still_sees_the_first_date_until_told(flows: Flows) -> None:
    order = making(flows)
    consent(flows, later(flows, order, "make", "12-10T12:00").request)
    consent(flows, later(flows, order, "make", "12-14T12:00").request)
    assert flows.order(order).promise_date == date(2026, 12, 17)
    assert seen(flows, order) == date(2026, 12, 11)


def test_a_second_postponement_replaces_the_question_of_the_first(flows: Flows) -> None:
    order = making(flows)
    first = later(flows, order, "make", "12-10T12:00").request
    later(flows, order, "make", "12-14T12:00")
    assert flows.units.read(lambda b: b.session.get(Request, first.id)).status == "withdrawn"


def test_a_step_after_which_nothing_counts_from_the_promise_breaks_nothing(flows: Flows) -> None:
    order = making(flows)
    flows.done(order, "make")
    flows.done(order, "ship", {"carrier": "a", "tracking": "b"})
    assert not later(flows, order, "settle", "12-30T12:00").breaks_promise


def test_a_step_before_the_ones_that_count_breaks_the_promise_when_they_can_no_longer_start_in_time(
    flows: Flows,
) -> None:
    order = flows.place({"A1": 101}, promise="2026-12-11")
    flows.approve(order)
    assert not later(flows, order, "buy", "12-08T17:00").breaks_promise
    result = later(flows, order, "buy", "12-09T17:00")
    assert (result.breaks_promise, result.possible) == (True, date(2026, 12, 14))


def test_only_the_owner_postpones_and_only_into_the_future(flows: Flows) -> None:
    order = making(flows)
    with pytest.raises(NotAllowed):
        later(flows, order, "make", "12-07T12:00", by="kim")
    with refusing("time_past"):
        later(flows, order, "make", "11-23T09:00")
