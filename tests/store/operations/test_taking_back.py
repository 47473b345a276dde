"""Taking back one's last change."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from store.operations.changes import FieldChange, plan_change
from store.operations.changing import apply_change
from store.operations.following import follow
from store.operations.holds import hold_order
from store.operations.identities import make_code
from store.operations.notes import NewFile, add_note
from store.operations.orders import place_orders
from store.operations.postponing import postpone
from store.operations.steps import acknowledge, complete_step, snooze
from store.operations.suggestions import open_suggestions, suggest
from store.operations.taking_back import last_undo, take_back
from store.operations.urging import urge
from store.reads.document import order_document
from store.refusals import Invalid
from store.tables import Change, Outbox, Product, Request
from tests.support.orders import draft, phrases_of


@pytest.fixture
def made(desk):
    """An order whose goods are made: the warehouse is at work."""
    number = desk.place(quantity=100)
    desk.finish(number, "review", "make")
    return number


def shipped(desk, number, by=None):
    step = desk.step(number, "ship")
    fields = {"carrier": "顺丰", "tracking": "SF1"}
    return desk.as_(by or step.owner, complete_step, step.id, fields)


def mark_sent(desk):
    def work(book):
        for row in book.session.exec(select(Outbox).where(Outbox.status == "pending")):
            row.status, row.buttons_live, row.platform_id = "sent", bool(row.body["choices"]), f"p{row.id}"
            book.session.add(row)

    desk.as_("root", work)


def change(book, number, field, value, reason=None):
    return apply_change(book, plan_change(book, number, [FieldChange(field, None, value)]), reason)


def test_a_placed_order_taken_back_is_cancelled_and_who_had_heard_is_told(desk):
    number = desk.place()
    reviewer = desk.step(number, "review").owner
    mark_sent(desk)
    back = desk.as_("wangli", take_back)
    assert (back.what, back.orders) == ("order.placed", (number,))
    order = desk.look(lambda book: order_document(book, book.order(number)))
    assert (order["status"], {step["status"] for step in order["steps"]}) == ("cancelled", {"skipped"})
    assert [phrases_of(row) for row in desk.pushes(reviewer, "undo")] == [["undo.told"]]
    (edit,) = [row for row in desk.pushes(reviewer) if row.kind == "edit"]
    assert (edit.body["choices"], edit.status) == ([], "pending")
    assert "undo" in desk.events(number)
    assert "order.placed" in desk.events(number)


def test_what_had_not_gone_out_yet_never_does(desk):
    number = desk.place()
    reviewer = desk.step(number, "review").owner
    desk.as_("wangli", take_back)
    assert [row.status for row in desk.pushes(reviewer)] == ["dropped"]


def test_all_orders_of_one_confirmation_are_taken_back_together(desk):
    orders = desk.as_("wangli", place_orders, [draft(), draft(quantity=5)])
    back = desk.as_("wangli", take_back)
    assert back.orders == tuple(order.number for order in orders)
    assert {desk.order(order.number).status for order in orders} == {"cancelled"}


def test_a_step_done_by_mistake_is_active_again_and_the_next_one_waits(desk, made):
    owner = desk.step(made, "ship").owner
    before = desk.look(lambda book: book.session.get(Product, "VA-200").stock)
    version = desk.step(made, "ship").version
    shipped(desk, made)
    mark_sent(desk)
    desk.as_(owner, take_back)
    ship, reconcile = desk.step(made, "ship"), desk.step(made, "reconcile")
    assert (ship.status, ship.done_at, ship.fields, reconcile.status) == ("active", None, {}, "waiting")
    assert ship.version > version + 1  # a card drawn before fits no more
    order = desk.look(lambda book: order_document(book, book.order(made)))
    assert order["lines"][0]["shipped"] == "0"
    assert desk.look(lambda book: book.session.get(Product, "VA-200").stock) == before
    heard = {row.person: phrases_of(row)[0] for row in desk.pushes(rule="undo")}
    assert heard == {"zheng": "undo.told", "li": "undo.told_customer"}  # the customer had been told that it shipped


def test_an_acknowledgement_of_the_next_owner_is_nothing_built_on(desk, made):
    owner = desk.step(made, "ship").owner
    shipped(desk, made)
    step = desk.step(made, "reconcile")
    desk.as_(step.owner, acknowledge, ("step", step.id))
    desk.as_(owner, take_back)
    assert desk.step(made, "reconcile").status == "waiting"


def test_it_is_refused_with_the_reason_once_somebody_has_built_on_it(desk, made, clock):
    owner = desk.step(made, "ship").owner
    shipped(desk, made)
    clock.pass_by(minutes=2)
    step = desk.step(made, "reconcile")
    desk.as_(step.owner, complete_step, step.id, {"received": "3500"})
    clock.pass_by(minutes=1)
    with pytest.raises(Invalid) as refused:
        desk.as_(owner, take_back)
    facts = refused.value.facts
    assert (refused.value.key, facts["number"], facts["who"]) == ("refused.undo_built_on", made, "郑会")
    assert (facts["what"].key, facts["at"]) == ("did.step.done", clock.now - timedelta(minutes=1))
    assert desk.step(made, "ship").status == "done"


@pytest.mark.parametrize(("minutes", "fits"), [(10, True), (11, False)])
def test_only_within_the_companys_limit(desk, made, clock, minutes, fits):
    owner = desk.step(made, "ship").owner
    shipped(desk, made)
    clock.pass_by(minutes=minutes)
    assert (desk.as_(owner, last_undo) is not None) is fits
    if fits:
        desk.as_(owner, take_back)
        return
    with pytest.raises(Invalid) as refused:
        desk.as_(owner, take_back)
    assert refused.value.key == "refused.undo_too_late"


def test_only_ones_own_and_only_once(desk):
    number = desk.place()
    record = desk.as_("wangli", last_undo)
    with pytest.raises(Invalid) as refused:
        desk.as_("liu", take_back, record.id)
    assert refused.value.key == "refused.undo_nothing"
    desk.as_("wangli", take_back, record.id)
    with pytest.raises(Invalid) as refused:
        desk.as_("wangli", take_back, record.id)
    assert refused.value.key == "refused.undo_already"
    assert desk.order(number).status == "cancelled"


def test_a_change_taken_back_gives_the_old_values(desk):
    number = desk.place(quantity=100)
    desk.as_("wangli", change, number, "quantity", 250)
    version = desk.order(number).version
    desk.as_("wangli", take_back)
    order = desk.order(number)
    assert (order.amount, order.version > version) == (Decimal("3500.00"), True)


def test_a_change_that_waited_for_the_reviewer_is_withdrawn(desk, made):
    (asked,) = desk.as_("wangli", change, made, "quantity", 250, "加量").pending
    desk.as_("wangli", take_back)
    assert desk.look(lambda book: book.session.get(Change, asked.id).status) == "refused"


def test_a_hold_taken_back_goes_on_as_if_nothing_had_been(desk, made):
    due = desk.step(made, "ship").due
    desk.as_("wangli", hold_order, made, "等款")
    desk.as_("wangli", take_back)
    order = desk.order(made)
    assert (order.status, order.held_since, order.reason) == ("open", None, None)
    assert desk.step(made, "ship").due == due


def test_notes_follows_and_urges_are_taken_back_too_newest_first(desk, made):
    desk.as_("wangli", add_note, made, "木箱", [NewFile("a.jpg", "image/jpeg", b"x")])
    desk.as_("wangli", follow, made)
    desk.as_("wangli", urge, made)
    assert [desk.as_("wangli", take_back).what for _ in range(3)] == ["urge", "follow.added", "note.added"]
    order = desk.look(lambda book: order_document(book, book.order(made)))
    assert (order["notes"], order["urges"]["count"]) == ([], 0)


def test_somebody_elses_change_of_another_order_is_no_hindrance(desk, made):
    other = desk.place(quantity=7)
    owner = desk.step(made, "ship").owner
    shipped(desk, made)
    desk.as_("liu", add_note, other, "x")
    desk.as_("liu", add_note, made, "a note is nothing built on a step")
    assert desk.as_(owner, take_back).orders == (made,)


def test_nothing_to_take_back(desk):
    with pytest.raises(Invalid) as refused:
        desk.as_("zhou", take_back)
    assert refused.value.key == "refused.undo_nothing"


def test_a_card_that_said_it_rests_says_so_no_more_when_that_is_taken_back(desk, made, clock):
    step = desk.step(made, "ship")
    mark_sent(desk)
    desk.as_(step.owner, snooze, ("step", step.id), clock() + timedelta(hours=3))
    mark_sent(desk)
    desk.as_(step.owner, take_back)
    edits = [row for row in desk.pushes(step.owner) if row.kind == "edit" and row.status == "pending"]
    assert {phrases_of(edit)[0] for edit in edits} == {"undo.told"}
    assert desk.step(made, "ship").snoozed_until is None


def test_a_card_that_said_it_was_put_off_says_the_old_moment_when_that_is_taken_back(desk, made):
    step = desk.step(made, "ship")
    mark_sent(desk)
    desk.as_(step.owner, postpone, ("step", step.id), step.due + timedelta(days=1), "no lorry")
    mark_sent(desk)
    desk.as_(step.owner, take_back)
    edits = [row for row in desk.pushes(step.owner) if row.kind == "edit" and row.status == "pending"]
    assert {phrases_of(edit)[0] for edit in edits} == {"undo.told"}
    assert desk.step(made, "ship").due == step.due


def test_what_cannot_be_taken_back_shields_what_was_done_before(desk, made):
    desk.as_("wangli", add_note, made, "in a wooden box")
    desk.as_("wangli", make_code, "li")
    with pytest.raises(Invalid) as caught:
        desk.as_("wangli", take_back)
    assert caught.value.key == "refused.undo_lasting"
    desk.as_("wangli", add_note, made, "urgent")
    assert desk.as_("wangli", take_back).what == "note.added"
    with pytest.raises(Invalid) as again:
        desk.as_("wangli", take_back)
    assert again.value.key == "refused.undo_lasting"


def test_a_suggestion_is_taken_back(desk, made):
    desk.as_("wangli", suggest, "inspect while packing")
    assert desk.as_("wangli", take_back).what == "suggestion.filed"
    assert desk.as_("root", open_suggestions) == []
    asked = desk.as_("root", lambda book: [one.status for one in book.session.exec(select(Request)).all()])
    assert asked == ["withdrawn"]
