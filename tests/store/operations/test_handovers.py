"""Passing a step on."""

from datetime import date

import pytest

from store.book import Actor
from store.operations.handovers import NotDecidable, ask_handover, decide_request, lapse_request, pending_requests
from store.operations.people import set_away
from store.refusals import NotAllowed, NotFound
from store.tables import Request
from store.units import Units, open_engine
from tests.support.clock import Clock
from tests.support.flows import Flows, actions, keys, local, refusing
from tests.support.racing import both_at_once


@pytest.fixture
def flows(units: Units, clock: Clock) -> Flows:
    return Flows(units)


def making(flows: Flows):
    order = flows.place()
    flows.approve(order)
    return order, flows.step(order, "make")


def ask(flows: Flows, step, to: str = "mel", by: str = "mia") -> Request:
    return flows.act(by, lambda b: ask_handover(b, step.id, to, "busy"))


def decide(flows: Flows, request, by: str, accept: bool, **more):
    return flows.act(by, lambda b: decide_request(b, request.id, more.pop("version", None), accept, **more))


def lapse(flows: Flows, request) -> None:
    flows.units.write(lambda b: lapse_request(b, b.session.get(Request, request.id)))


def test_the_giver_stays_owner_until_the_other_accepts(flows: Flows) -> None:
    order, step = making(flows)
    before = flows.mark()
    request = ask(flows, step)
    assert flows.step(order, "make").owner == "mia"
    (row,) = flows.sent("mel", before)
    assert actions(row)[:2] == ["request.accept", "request.decline"]
    decide(flows, request, "mel", True)
    assert flows.step(order, "make").owner == "mel"
    assert "handover.accepted" in [keys(row)[0] for row in flows.sent("mia", before)]
    assert actions(flows.sent("mel")[-1])[0] == "step.ack"


def test_nobody_is_asked_to_take_over_from_himself(flows: Flows) -> None:
    order, step = making(flows)
    flows.act("mel", lambda b: set_away(b, date(2026, 11, 23), None, "mia"))
    before = flows.mark()
    with refusing("handover_away"):
        ask(flows, step)
    assert flows.sent("mia", before) == []
    assert flows.step(order, "make").owner == "mia"


def test_accepting_makes_the_givers_card_old(flows: Flows) -> None:
    order, step = making(flows)
    flows.deliver()
    request = ask(flows, step)
    before = flows.mark()
    decide(flows, request, "mel", True)
    assert [(row.kind, actions(row)) for row in flows.sent("mia", before) if row.kind == "edit"] == [("edit", [])]
    assert flows.step(order, "make").version > step.version


def test_declined_it_stays_with_the_giver_who_is_told(flows: Flows) -> None:
    order, step = making(flows)
    request = ask(flows, step)
    before = flows.mark()
    decide(flows, request, "mel", False, reason="no time")
    assert flows.step(order, "make").owner == "mia"
    assert [keys(row)[0] for row in flows.sent("mia", before)] == ["handover.declined"]
    assert flows.sent("kim", before) == []


def test_it_lapses_after_the_working_time_of_the_flow(flows: Flows, clock: Clock) -> None:
    order, step = making(flows)
    request = ask(flows, step)
    assert local(request.lapses_at) == "11-23 14:00"
    before = flows.mark()
    lapse(flows, request)
    assert flows.step(order, "make").owner == "mia"
    assert [keys(row)[0] for row in flows.sent("mia", before)] == ["handover.lapsed"]
    with refusing("request_decided"):
        decide(flows, request, "mel", True)


def test_after_two_bounces_the_coordinators_are_told(flows: Flows) -> None:
    _, step = making(flows)
    decide(flows, ask(flows, step), "mel", False)
    before = flows.mark()
    lapse(flows, ask(flows, step, "moe"))
    assert "handover.bounced" in [keys(row)[0] for row in flows.sent("kim", before)]
    assert "handover.bounced" in [keys(row)[0] for row in flows.sent("kai", before)]


def test_only_who_was_asked_decides_and_once(flows: Flows) -> None:
    _, step = making(flows)
    request = ask(flows, step)
    with pytest.raises(NotAllowed):
        decide(flows, request, "mia", True)
    with pytest.raises(NotFound):
        decide(flows, request, "ben", True)
    decide(flows, request, "mel", True)
    with refusing("request_decided"):
        decide(flows, request, "mel", False)


def test_the_cover_of_who_was_asked_may_decide(flows: Flows) -> None:
    order, step = making(flows)
    request = ask(flows, step)
    flows.act("mel", lambda b: set_away(b, date(2026, 11, 23), None, "moe"))
    decide(flows, request, "moe", True)
    assert flows.step(order, "make").owner == "moe"


def test_owner_coordinator_and_manager_may_pass_it_on_and_others_not(flows: Flows) -> None:
    _, step = making(flows)
    for who in ("kim", "max", "mia"):
        ask(flows, step, by=who)
    with pytest.raises(NotAllowed):
        ask(flows, step, by="ann")


def test_nobody_gets_what_he_has_and_no_author_his_own_review(flows: Flows) -> None:
    _, step = making(flows)
    with refusing("handover_same"):
        ask(flows, step, "mia")
    with pytest.raises(NotFound):
        ask(flows, step, "cho")
    review = flows.step(flows.place(by="kim"), "review")
    with refusing("handover_author"):
        ask(flows, review, "kim", by="kai")


def test_asking_another_takes_back_what_was_asked_before(flows: Flows) -> None:
    _, step = making(flows)
    first = ask(flows, step)
    ask(flows, step, "moe")
    with refusing("request_decided"):
        decide(flows, first, "mel", True)


def test_a_step_that_is_done_is_no_longer_to_be_taken_over(flows: Flows) -> None:
    order, step = making(flows)
    request = ask(flows, step)
    flows.done(order, "make")
    with refusing("request_decided"):
        decide(flows, request, "mel", True)


def test_a_step_that_goes_from_hand_to_hand_is_told_to_the_coordinators(flows: Flows) -> None:
    _, step = making(flows)
    told: list[int] = []
    for giver, taker in [("mia", "mel"), ("mel", "mia")] * 3:
        decide(flows, ask(flows, step, to=taker, by=giver), taker, True)
        told.append(sum("handover.wanders" in keys(row) for row in flows.sent("kim")))
    assert told == [0, 0, 1, 1, 1, 2]


def offered(flows: Flows):
    """Mia's step, offered to the whole department."""
    order, step = making(flows)
    flows.deliver()
    request = ask(flows, step, to="making")
    flows.deliver()
    return order, step, request


def test_a_department_that_is_asked_has_several_cards_and_the_first_to_accept_has_it(flows: Flows) -> None:
    order, _step, request = offered(flows)
    asked = [row.person for row in flows.sent(rule="handover") if row.card == f"request:{request.id}"]
    assert sorted(asked) == ["mel", "moe"]
    assert flows.step(order, "make").owner == "mia"
    before = flows.mark()
    decide(flows, request, "moe", True)
    assert flows.step(order, "make").owner == "moe"
    edits = {row.person: keys(row) for row in flows.sent(since=before) if row.card == f"request:{request.id}"}
    assert edits == {"mel": ["handover.is_accepted"], "moe": ["handover.is_accepted"]}
    with pytest.raises(NotDecidable) as caught:
        decide(flows, request, "mel", True)
    assert caught.value.facts["by"] == "Moe"


def test_one_of_a_department_who_declines_leaves_it_to_the_others(flows: Flows) -> None:
    order, _step, request = offered(flows)
    before = flows.mark()
    decide(flows, request, "mel", False, reason="busy")
    assert [row.person for row in flows.sent(since=before) if row.kind == "edit"] == ["mel"]
    assert flows.units.read(lambda book: [one.id for one in pending_requests(book, "mel")]) == []
    assert flows.units.read(lambda book: [one.id for one in pending_requests(book, "moe")]) == [request.id]
    decide(flows, request, "moe", False)
    assert flows.step(order, "make").owner == "mia"
    assert "handover.declined" in [keys(row)[0] for row in flows.sent("mia", before)]


def test_a_department_of_which_nobody_can_have_it_is_not_asked(flows: Flows) -> None:
    order = flows.place(lines={"A1": 200})
    flows.approve(order)
    step = flows.step(order, "buy")
    assert step.owner == "pia"
    with refusing("handover_nobody"):
        flows.act("pia", lambda b: ask_handover(b, step.id, "buying"))


def test_of_two_members_who_take_what_was_offered_at_once_one_has_it(database_url: str, clock: Clock) -> None:
    several = [Units(open_engine(database_url, synchronous="OFF"), clock=clock) for _ in range(2)]
    flows = Flows(several[0])
    for _ in range(5):
        order, _step, request = offered(flows)
        found = both_at_once(
            lambda place, request=request: several[place].write(
                lambda book: decide_request(book, request.id, request.version, True), Actor(("mel", "moe")[place])
            )
        )
        losers = [one for one in found if isinstance(one, NotDecidable)]
        assert len(losers) == 1, found
        owner = flows.step(order, "make").owner
        assert owner == ("mel", "moe")[found.index(losers[0]) ^ 1]
        assert losers[0].facts["by"] == {"mel": "Mel", "moe": "Moe"}[owner]
    for units in several:
        units.close()
