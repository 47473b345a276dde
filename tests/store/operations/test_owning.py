"""Who owns a step, in the book."""

from datetime import date

import pytest

from store.operations import frame
from store.operations.changes import FieldChange, plan_change
from store.operations.changing import apply_change
from store.operations.flow import refresh_all
from store.operations.people import come_back, leave_company, set_away
from store.refusals import Invalid, NotAllowed
from store.units import Units
from tests.support.clock import Clock
from tests.support.flows import Flows, actions, keys


@pytest.fixture
def flows(units: Units, clock: Clock) -> Flows:
    return Flows(units)


def making(flows: Flows) -> str:
    order = flows.place({"B1": 1})
    flows.approve(order)
    return flows.step(order, "make").owner


def test_before_it_is_active_the_head_answers_for_a_departments_step(flows: Flows) -> None:
    order = flows.place()
    assert flows.step(order, "make").owner == "moe"
    assert flows.step(order, "care").owner == "ann"


def test_the_least_loaded_member_but_not_the_head_gets_it_ties_in_file_order(flows: Flows) -> None:
    assert [making(flows) for _ in range(4)] == ["mia", "mel", "mia", "mel"]


def test_who_is_away_gets_nothing_new(flows: Flows) -> None:
    flows.act("ada", lambda book: set_away(book, date(2026, 11, 23), date(2026, 11, 25), person="mia"))
    assert [making(flows) for _ in range(2)] == ["mel", "mel"]


def test_with_no_member_there_the_head_gets_it(flows: Flows) -> None:
    order = flows.place({"A1": 101})
    flows.approve(order)
    assert flows.step(order, "buy").owner == "pia"


def test_taking_turns_goes_round_in_file_order(flows: Flows) -> None:
    owners = []
    for _ in range(3):
        order = flows.place({"B1": 1})
        flows.approve(order)
        flows.done(order, "make")
        owners.append(flows.step(order, "ship").owner)
    assert owners == ["dot", "dee", "dot"]


def test_a_department_with_the_rule_head_gives_everything_to_its_head(flows: Flows) -> None:
    order = flows.place()
    flows.approve(order)
    flows.done(order, "make")
    flows.done(order, "ship", {"carrier": "x", "tracking": "y"})
    assert flows.step(order, "settle").owner == "fay"


def test_a_review_passes_over_whoever_placed_the_order(flows: Flows) -> None:
    assert flows.step(flows.place(by="ann"), "review").owner == "kai"
    assert flows.step(flows.place(by="kai"), "review").owner == "kim"


def test_a_review_leaves_whoever_has_changed_the_order(flows: Flows) -> None:
    order = flows.place(by="ann")
    assert flows.step(order, "review").owner == "kai"

    def change(book):
        plan = plan_change(book, order.number, [FieldChange("quantity", None, "12")])
        return apply_change(book, plan, "more")

    flows.act("kai", change)
    assert flows.step(order, "review").owner == "kim"


# --- covers ---------------------------------------------------------------------------------------------------------


def test_work_goes_to_the_cover_both_days_included_and_comes_back(flows: Flows, clock: Clock) -> None:
    order = flows.place({"B1": 1})
    flows.approve(order)
    leave = flows.act("mia", lambda book: set_away(book, date(2026, 11, 24), date(2026, 11, 25), "moe"))
    assert leave.cover == "moe"
    refreshed = lambda: flows.units.write(refresh_all)  # noqa: E731
    owners = []
    for day in (23, 24, 25, 26):
        clock.at(f"2026-11-{day}T00:30:00+08:00")
        refreshed()
        step = flows.step(order, "make")
        owners.append((step.owner, step.assigned))
    assert owners == [("mia", None), ("moe", "mia"), ("moe", "mia"), ("mia", None)]


def test_present_work_moves_at_once_and_the_cover_is_told_with_both_names(flows: Flows) -> None:
    order = flows.place({"B1": 1})
    flows.approve(order)
    flows.deliver()
    before = flows.mark()
    leave = flows.act("mia", lambda book: set_away(book, date(2026, 11, 23), date(2026, 11, 24), "pia"))
    assert [step.key for step in leave.steps] == ["make"]
    (card,) = flows.sent("pia", before)
    assert keys(card)[0] == "step.came_to_you"
    step = flows.step(order, "make")
    named = flows.units.read(lambda book: frame.owner_name(book, step))
    assert (named.key, dict(named.facts)) == ("person.covering", {"cover": "Pia", "owner": "Mia"})
    (edit,) = flows.sent("mia", before)
    assert (edit.kind, actions(edit)) == ("edit", [])


def test_without_a_named_cover_the_backup_then_the_head(flows: Flows) -> None:
    assert flows.act("mia", lambda b: set_away(b, date(2026, 11, 23), None)).cover == "mel"
    assert flows.act("mel", lambda b: set_away(b, date(2026, 11, 23), None)).cover == "moe"


def test_a_cover_who_is_away_too_is_covered_by_his_own(flows: Flows) -> None:
    order = flows.place({"B1": 1})
    flows.approve(order)
    flows.act("mia", lambda b: set_away(b, date(2026, 11, 23), None, "pia"))
    flows.act("pia", lambda b: set_away(b, date(2026, 11, 23), None, "fay"))
    step = flows.step(order, "make")
    assert (step.owner, step.assigned) == ("fay", "mia")
    flows.act("pia", come_back)
    assert flows.step(order, "make").owner == "pia"


def test_covers_in_a_ring_end_at_the_head(flows: Flows) -> None:
    order = flows.place({"B1": 1})
    flows.approve(order)
    flows.act("mia", lambda b: set_away(b, date(2026, 11, 23), None, "mel"))
    flows.act("mel", lambda b: set_away(b, date(2026, 11, 23), None, "mia"))
    assert flows.step(order, "make").owner == "moe"


def test_ownership_is_never_empty_even_when_everybody_is_away(flows: Flows) -> None:
    for who in ("ann", "ben", "max", "kim", "kai", "pia", "moe", "mia", "mel", "dan", "fay", "foe", "ada"):
        flows.act("ada", lambda b, who=who: set_away(b, date(2026, 11, 23), None, person=who))
    order = flows.place()
    assert all(step.owner for step in flows.steps(order))


def test_coming_back_early_brings_the_work_back(flows: Flows, clock: Clock) -> None:
    order = flows.place({"B1": 1})
    flows.approve(order)
    flows.act("mia", lambda b: set_away(b, date(2026, 11, 23), date(2026, 12, 31), "moe"))
    clock.at("2026-11-25T09:00:00+08:00")
    assert flows.step(order, "make").owner == "moe"
    back = flows.act("mia", come_back)
    assert (back.to_on, [step.key for step in back.steps]) == (date(2026, 11, 24), ["make"])
    assert (flows.step(order, "make").owner, flows.step(order, "make").assigned) == ("mia", None)


def test_a_salespersons_step_is_the_covers_while_he_is_away(flows: Flows) -> None:
    order = flows.place()
    flows.act("ann", lambda b: set_away(b, date(2026, 11, 23), date(2026, 11, 24)))
    step = flows.step(order, "care")
    assert (step.owner, step.assigned) == ("ben", "ann")


def test_a_covered_owner_has_acknowledged_nothing_for_his_cover(flows: Flows) -> None:
    from store.operations.steps import acknowledge

    order = flows.place({"B1": 1})
    flows.approve(order)
    step = flows.step(order, "make")
    flows.act("mia", lambda b: acknowledge(b, ("step", step.id)))
    flows.act("mia", lambda b: set_away(b, date(2026, 11, 23), None, "moe"))
    assert flows.step(order, "make").acknowledged_until is None


def test_a_leavers_work_becomes_the_covers_own_and_his_accounts_are_gone(flows: Flows) -> None:
    from store.operations.identities import make_token, token_person

    order = flows.place({"B1": 1})
    flows.approve(order)
    token = flows.act("ada", lambda b: make_token(b, "mia"))
    flows.act("ada", lambda b: leave_company(b, "mia"))
    step = flows.step(order, "make")
    assert (step.owner, step.assigned) == ("mel", None)
    assert flows.units.read(lambda b: token_person(b, token)) is None
    assert flows.step(flows.place({"B1": 1}), "paint").owner == "mel"


def test_leave_that_ends_before_it_begins_or_is_past_is_refused(flows: Flows) -> None:
    for first, last in ((25, 24), (1, 20)):
        with pytest.raises(Invalid):
            flows.act("mia", lambda b, f=first, t=last: set_away(b, date(2026, 11, f), date(2026, 11, t)))


def test_only_oneself_ones_manager_and_administrators_enter_leave(flows: Flows) -> None:
    with pytest.raises(NotAllowed):
        flows.act("mel", lambda b: set_away(b, date(2026, 11, 23), None, person="mia"))
    flows.act("max", lambda b: set_away(b, date(2026, 11, 23), None, person="mia"))


def test_a_new_leave_replaces_the_days_it_covers(flows: Flows, clock: Clock) -> None:
    flows.act("mia", lambda b: set_away(b, date(2026, 11, 23), date(2026, 11, 27), "pia"))
    flows.act("mia", lambda b: set_away(b, date(2026, 11, 25), date(2026, 11, 30), "moe"))
    human = flows.units.read(lambda b: b.company.people["mia"])
    covers = [one.covered_by if (one := human.absence(date(2026, 11, day))) else None for day in (22, 23, 24, 25, 30)]
    assert covers == [None, "pia", "pia", "moe", "moe"]
