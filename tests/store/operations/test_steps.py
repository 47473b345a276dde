"""Doing steps."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from store.operations.following import follow
from store.operations.steps import StepNotActive, acknowledge, snooze
from store.operations.surveys import record_score
from store.refusals import Conflict, Invalid, NotAllowed, NotFound
from store.tables import AuditEntry, ExceptionCase, OrderLine, Product
from store.units import Units
from tests.support.clock import Clock
from tests.support.flows import Flows, actions, keys, letter, local, refusing

SENT = {"carrier": "SF", "tracking": "SF123"}


@pytest.fixture
def flows(units: Units, clock: Clock) -> Flows:
    return Flows(units)


def at_shipping(flows: Flows, **more):
    order = flows.place(**more)
    flows.approve(order)
    flows.done(order, "make")
    return order


def test_a_step_without_a_required_field_is_not_done_and_the_field_is_named(flows: Flows) -> None:
    order = at_shipping(flows)
    with pytest.raises(Invalid) as refused:
        flows.done(order, "ship", {"carrier": "SF"})
    assert (refused.value.key, refused.value.facts["field"], refused.value.facts["label"]) == (
        "refused.missing_field", "tracking", "Tracking",
    )  # fmt: skip
    assert flows.step(order, "ship").status == "active"


@pytest.mark.parametrize("empty", ["", "   ", None])
def test_an_empty_value_is_no_value(flows: Flows, empty) -> None:
    order = at_shipping(flows)
    with refusing("missing_field"):
        flows.done(order, "ship", {"carrier": "SF", "tracking": empty})


def test_a_value_of_the_wrong_type_is_refused(flows: Flows) -> None:
    order = at_shipping(flows)
    with refusing("field_value"):
        flows.done(order, "ship", {**SENT, "freight": "a lot"})
    with refusing("no_such_field"):
        flows.done(order, "ship", {**SENT, "colour": "red"})


def test_who_finishes_it_and_with_what_is_kept_and_audited(flows: Flows) -> None:
    order = at_shipping(flows)
    flows.done(order, "ship", {**SENT, "freight": "¥1,200"})
    step = flows.step(order, "ship")
    assert (step.status, step.done_by, step.fields) == ("done", step.owner, {**SENT, "freight": "1200.00"})
    entries = flows.units.read(lambda b: b.session.exec(select(AuditEntry).where(AuditEntry.what == "step.done")).all())
    assert entries[-1].after["fields"]["tracking"] == "SF123"
    assert entries[-1].subject == "step:ship"


def test_the_owner_and_coordinators_finish_a_step_and_nobody_else(flows: Flows) -> None:
    order = flows.place()
    flows.approve(order)
    for stranger in ("moe", "max", "ann"):  # the head, the manager and the salesperson see it, but may not
        with pytest.raises(NotAllowed) as refused:
            flows.done(order, "make", by=stranger)
        assert refused.value.facts["who"][0] == "Mia"
        assert refused.value.facts["right"].key == "right.step.complete"
    with pytest.raises(NotFound):
        flows.done(order, "make", by="pia" if flows.step(order, "buy").owner != "pia" else "ben")
    flows.done(order, "make", by="kim")
    assert flows.step(order, "make").done_by == "kim"


def test_a_contact_does_not_finish_steps_and_hears_only_of_his_salesperson(flows: Flows) -> None:
    order = flows.place()
    with pytest.raises(NotAllowed) as refused:
        flows.done(order, "label", by="cho")
    assert refused.value.facts["who"] == ["Ann"]
    with pytest.raises(NotFound):
        flows.done(order, "label", by="bob")


def test_a_step_that_is_done_or_not_up_yet_cannot_be_done(flows: Flows) -> None:
    order = flows.place()
    with pytest.raises(StepNotActive) as refused:
        flows.done(order, "ship", SENT, by="kim")
    assert refused.value.facts["state"].key == "state.waiting"
    flows.done(order, "label")
    with pytest.raises(StepNotActive) as refused:
        flows.done(order, "label", by="kim")
    assert (refused.value.facts["state"].key, refused.value.facts["by"]) == ("state.done", "Foe")


def test_a_button_of_an_old_card_is_refused_and_says_who_changed_what(flows: Flows) -> None:
    order = flows.place()
    step = flows.step(order, "label")
    with pytest.raises(Conflict) as refused:
        flows.done(order, "label", version=step.version - 1)
    assert refused.value.facts["what"].key == "did.step.started"


def test_acknowledging_does_not_make_the_done_button_old(flows: Flows) -> None:
    order = flows.place()
    step = flows.step(order, "label")
    flows.act("foe", lambda b: acknowledge(b, ("step", step.id)))
    flows.done(order, "label", version=step.version)


def test_a_review_is_not_just_done(flows: Flows) -> None:
    order = flows.place()
    with refusing("review_needs_approval"):
        flows.done(order, "review")


def test_finishing_takes_the_buttons_off_every_card_of_the_step(flows: Flows) -> None:
    order = flows.place()
    flows.deliver()
    before = flows.mark()
    flows.done(order, "label")
    (edit,) = [row for row in flows.sent("foe", before) if row.kind == "edit"]
    (card,) = [row for row in flows.sent("foe") if row.card == edit.card and row.kind == "push"]
    assert (edit.edits, actions(edit), keys(edit)) == (card.id, [], ["step.is_done"])
    assert not card.buttons_live


def test_a_card_not_sent_yet_is_dropped_when_its_step_is_done(flows: Flows) -> None:
    order = flows.place()
    flows.done(order, "label")
    assert [row.status for row in flows.sent("foe")] == ["dropped"]


# --- shipping -------------------------------------------------------------------------------------------------------


def test_shipping_sets_quantities_lessens_stock_and_tells_all_linked_contacts_public_fields_only(flows: Flows) -> None:
    order = at_shipping(flows, lines={"A1": 30})
    before = flows.mark()
    result = flows.done(order, "ship", {**SENT, "freight": "88"})
    assert result.told == ("cho", "cid")
    for contact in ("cho", "cid"):
        (row,) = flows.sent(contact, before)
        fields = [p.facts["field"] for p in letter(row).says if p.key == "card.field"]
        assert fields == ["Carrier", "Tracking"]
    assert flows.sent("cat", before) == []
    assert flows.sent("bob", before) == []
    line = flows.units.read(lambda b: b.session.exec(select(OrderLine)).one())
    assert line.shipped == Decimal(30)
    assert flows.units.read(lambda b: b.session.get(Product, "A1")).stock == Decimal(70)


def test_a_part_shipped_leaves_the_step_active_until_the_rest_goes(flows: Flows) -> None:
    order = at_shipping(flows, lines={"A1": 30, "B1": 2})
    before = flows.mark()
    result = flows.done(order, "ship", SENT, quantities={"A1": Decimal(20)})
    assert (result.partial, result.next) == (True, ())
    assert flows.step(order, "ship").status == "active"
    assert [keys(one)[0] for one in flows.sent("cho", before)] == ["customer.part_shipped"]
    flows.done(order, "ship", {**SENT, "tracking": "SF2"})
    lines = flows.units.read(lambda b: b.session.exec(select(OrderLine)).all())
    assert {line.sku: line.shipped for line in lines} == {"A1": Decimal(30), "B1": Decimal(2)}
    assert flows.step(order, "settle").status == "active"


def test_the_next_parcel_needs_a_tracking_number_of_its_own(flows: Flows) -> None:
    order = at_shipping(flows, lines={"A1": 30})
    flows.done(order, "ship", SENT, quantities=Decimal(20))
    with refusing("missing_field"):
        flows.done(order, "ship", {}, quantities=Decimal(5))


@pytest.mark.parametrize(
    ("quantities", "key"),
    [
        ({"A1": Decimal(31)}, "ship_too_many"), ({"A1": Decimal(0)}, "ship_nothing"),
        ({"XX": Decimal(1)}, "ship_unknown"), (Decimal(5), "ship_which"),
    ],
)  # fmt: skip
def test_quantities_that_cannot_be_are_refused(flows: Flows, quantities, key) -> None:
    order = at_shipping(flows, lines={"A1": 30, "B1": 2})
    with refusing(key):
        flows.done(order, "ship", SENT, quantities=quantities)


# --- survey ---------------------------------------------------------------------------------------------------------


def surveyed(flows: Flows, writer: str | None = None):
    order = at_shipping(flows)
    flows.done(order, "ship", SENT)
    if writer:
        flows.act(writer, lambda b: follow(b, order.number))
    flows.done(order, "settle", {"received": "100"})
    return order


def test_the_first_linked_contact_is_asked_for_a_score(flows: Flows) -> None:
    surveyed(flows)
    assert [row.person for row in flows.sent(rule="survey")] == ["cho"]


def test_the_contact_who_last_wrote_about_the_order_is_asked_for_a_score(flows: Flows) -> None:
    surveyed(flows, writer="cid")
    (row,) = flows.sent(rule="survey")
    assert row.person == "cid"
    assert actions(row) == ["score"] * 5


def test_a_bad_score_opens_a_complaint_for_the_salesperson_and_tells_his_manager(flows: Flows) -> None:
    order = surveyed(flows)
    before = flows.mark()
    flows.act("cho", lambda b: record_score(b, order.id, 2, "late"))
    case = flows.units.read(lambda b: b.session.exec(select(ExceptionCase)).one())
    assert (case.kind, case.handler, case.note) == ("complaint", "ann", "2/5 late")
    assert "survey.bad" in keys(flows.sent("max", before)[-1])


def test_a_good_score_opens_nothing_and_strangers_cannot_score(flows: Flows) -> None:
    order = surveyed(flows)
    with pytest.raises(NotFound):
        flows.act("bob", lambda b: record_score(b, order.id, 1))
    flows.act("cho", lambda b: record_score(b, order.id, 3))
    assert flows.units.read(lambda b: b.session.exec(select(ExceptionCase)).all()) == []


# --- rest -----------------------------------------------------------------------------------------------------------


def test_an_acknowledgement_without_a_time_rests_for_the_flows_working_time(flows: Flows, clock: Clock) -> None:
    clock.at("2026-11-23T16:00:00+08:00")
    order = flows.place()
    step = flows.step(order, "label")
    result = flows.act("foe", lambda b: acknowledge(b, ("step", step.id)))
    assert local(result.until) == "11-24 11:00"
    assert flows.step(order, "label").due == step.due


def test_snoozing_leaves_the_due_moment_and_the_version(flows: Flows, clock: Clock) -> None:
    order = flows.place()
    step = flows.step(order, "label")
    flows.act("foe", lambda b: snooze(b, ("step", step.id), b.now + timedelta(hours=2)))
    after = flows.step(order, "label")
    assert (after.due, after.version) == (step.due, step.version)
    assert local(after.snoozed_until) == "11-23 11:00"


def test_only_the_owner_acknowledges_and_only_for_the_future(flows: Flows) -> None:
    order = flows.place()
    step = flows.step(order, "label")
    with pytest.raises(NotAllowed):
        flows.act("kim", lambda b: acknowledge(b, ("step", step.id)))
    with refusing("time_past"):
        flows.act("foe", lambda b: acknowledge(b, ("step", step.id), b.now))


def test_after_an_acknowledgement_the_card_offers_to_be_reminded_later(flows: Flows) -> None:
    order = flows.place()
    flows.deliver()
    before = flows.mark()
    step = flows.step(order, "label")
    flows.act("foe", lambda b: acknowledge(b, ("step", step.id)))
    (edit,) = flows.sent("foe", before)
    assert (edit.kind, actions(edit)) == ("edit", ["step.done", "step.postpone", "step.problem", "step.snooze"])


def test_followers_hear_of_every_step_and_contacts_of_public_stages_only(flows: Flows) -> None:
    order = flows.place()
    flows.act("max", lambda b: follow(b, order.number))
    flows.act("cho", lambda b: follow(b, order.number))
    before = flows.mark()
    flows.done(order, "label")
    flows.approve(order)
    assert [keys(row)[0] for row in flows.sent("max", before)] == ["follow.done", "follow.done"]
    assert [keys(row)[0] for row in flows.sent("cho", before)] == ["follow.public"]
