"""Changing an order before and after its review."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from store.operations.changes import FieldChange, plan_change
from store.operations.changing import apply_change, decide_change, pending_changes
from store.operations.holds import cancel_order
from store.operations.orders import NewLine, NewOrder, place_orders
from store.reads.document import order_document
from store.refusals import Conflict, Invalid, NotAllowed, NotFound
from store.tables import Change, Outbox, Request
from tests.support.orders import phrases_of


def change(desk, number, *changes, by="wangli", reason=None):
    def work(book):
        return apply_change(book, plan_change(book, number, [FieldChange(*one) for one in changes]), reason)

    return desk.as_(by, work)


def changes_of(desk, number):
    rows = desk.look(lambda book: order_document(book, book.order(number))["changes"])
    return [(row["field"], row["before"], row["after"], row["status"], row["asked_by"], row["reason"]) for row in rows]


def pending(desk):
    return desk.look(lambda book: book.session.exec(select(Change).where(Change.status == "pending")).all())


@pytest.fixture
def fresh(desk):
    return desk.place(quantity=100)


@pytest.fixture
def reviewed(desk, fresh):
    desk.finish(fresh, "review")
    return fresh


def test_before_the_review_is_done_everything_is_applied_on_confirmation(desk, fresh):
    done = change(desk, fresh, ("quantity", None, "250"), ("promise_date", None, date(2026, 12, 11)))
    assert (len(done.applied), done.pending) == (2, ())
    order = desk.look(lambda book: order_document(book, book.order(fresh)))
    assert (order["lines"][0]["quantity"], order["amount"], order["promise_date"]) == ("250", "8750.00", "2026-12-11")
    assert changes_of(desk, fresh) == [
        ("quantity", "100", "250", "applied", "wangli", None),
        ("promise_date", "2026-12-04", "2026-12-11", "applied", "wangli", None),
    ]


def test_a_plan_shows_both_values_and_changes_nothing(desk, reviewed):
    changes = [FieldChange("quantity", 1, Decimal(250)), FieldChange("ship_to", None, "无锡")]
    plan = desk.as_("wangli", plan_change, reviewed, changes)
    assert [(item.field, item.before, item.after) for item in plan.items] == [
        ("quantity", "100", "250"),
        ("ship_to", "苏州园区", "无锡"),
    ]
    assert (plan.needs_reason, [item.field for item in plan.goes_to_review]) == (True, ["quantity"])
    assert desk.order(reviewed).amount == Decimal("3500.00")


def test_a_new_promise_date_moves_due_moments_at_once(desk, fresh):
    change(desk, fresh, ("promise_date", None, date(2026, 12, 11)))
    assert desk.step(fresh, "make").due.isoformat() == "2026-12-08T10:00:00+00:00"


def test_after_the_review_a_reason_is_needed(desk, reviewed):
    for reason in (None, " "):
        with pytest.raises(Invalid) as refused:
            change(desk, reviewed, ("ship_to", None, "无锡"), reason=reason)
        assert refused.value.key == "refused.change_reason"


def test_after_the_review_only_what_it_covers_waits_for_the_reviewer(desk, reviewed):
    reviewer = desk.step(reviewed, "review").done_by
    done = change(desk, reviewed, ("quantity", None, 250), ("ship_to", None, "无锡"), reason="客户加量")
    assert done.reviewers == (reviewer,)
    order = desk.order(reviewed)
    assert (order.fields["ship_to"], order.amount) == ("无锡", Decimal("3500.00"))
    assert changes_of(desk, reviewed) == [
        ("ship_to", "苏州园区", "无锡", "applied", "wangli", "客户加量"),
        ("quantity", "100", "250", "pending", "wangli", "客户加量"),
    ]
    (card,) = desk.pushes(reviewer, "change.asked")
    (row,) = pending(desk)
    assert [action for _, action in card.body["choices"]][:2] == [
        f"change.approve:{row.id}.1",
        f"change.return:{row.id}.1",
    ]
    assert desk.as_(reviewer, pending_changes, reviewer)[0].id == row.id


def test_a_price_is_covered_by_a_review_of_the_amount(desk, reviewed):
    assert change(desk, reviewed, ("price", None, "33"), reason="谈价").pending[0].after == "33.00"


def test_the_reviewers_yes_gives_the_field_its_value_and_the_author_hears_of_it(desk, reviewed):
    (asked,) = change(desk, reviewed, ("promise_date", None, date(2026, 12, 11)), reason="客户推迟").pending
    before = desk.step(reviewed, "make").due
    desk.as_(asked.reviewer, decide_change, asked.id, asked.version, True)
    order = desk.order(reviewed)
    assert (order.promise_date, order.changed_by) == (date(2026, 12, 11), "wangli")
    assert desk.step(reviewed, "make").due > before
    assert "change.approved" in phrases_of(desk.pushes("wangli", "change.decided")[0])
    assert changes_of(desk, reviewed)[0][3] == "applied"


def test_the_reviewers_no_needs_a_word_and_leaves_everything_as_it_was(desk, reviewed):
    (asked,) = change(desk, reviewed, ("quantity", None, 250), reason="加量").pending
    with pytest.raises(Invalid):
        desk.as_(asked.reviewer, decide_change, asked.id, asked.version, False)
    desk.as_(asked.reviewer, decide_change, asked.id, asked.version, False, "超信用额度")
    assert desk.order(reviewed).amount == Decimal("3500.00")
    (told,) = desk.pushes("wangli", "change.decided")
    assert told.body["says"][0]["$p"][1]["reason"] == "超信用额度"


def test_nobody_decides_on_his_own_change_nor_anybody_else_than_the_one_asked(desk, fresh):
    first = desk.step(fresh, "review").owner
    other = ({"liu", "he"} - {first}).pop()
    desk.finish(fresh, "review")
    (asked,) = change(desk, fresh, ("quantity", None, 250), by=first, reason="加量").pending
    assert asked.reviewer == other  # the one who reviewed it is now its author
    for who in (first, "wangli", "chen"):
        with pytest.raises(NotAllowed) as refused:
            desk.as_(who, decide_change, asked.id, None, True)
        assert refused.value.facts["who"] == [{"liu": "刘敏", "he": "何静"}[other]]
    with pytest.raises(NotFound):
        desk.as_("zhaolei", decide_change, asked.id, None, True)
    desk.as_(other, decide_change, asked.id, None, True)


def test_a_change_is_decided_once(desk, reviewed):
    (asked,) = change(desk, reviewed, ("quantity", None, 250), reason="加量").pending
    desk.as_(asked.reviewer, decide_change, asked.id, asked.version, True)
    with pytest.raises(Conflict):
        desk.as_(asked.reviewer, decide_change, asked.id, asked.version, False, "no")


def test_owners_of_affected_steps_get_one_notice_each_to_acknowledge(desk, reviewed):
    maker = desk.step(reviewed, "make").owner
    done = change(desk, reviewed, ("promise_date", None, date(2026, 12, 11)), ("quantity", None, 120), reason="推迟")
    assert set(done.told) == {maker, "qian"}  # shipping counts from the promise date
    requests = desk.look(lambda book: book.session.exec(select(Request).where(Request.kind == "change_notice")).all())
    assert sorted(one.asked_of for one in requests) == sorted([maker, "qian"])
    (told,) = desk.pushes(maker, "change.notice")
    assert told.card == f"request:{next(one.id for one in requests if one.asked_of == maker)}"


def test_of_two_conflicting_changes_the_second_is_refused_naming_who_what_and_when(desk, fresh, clock):
    plan = desk.as_("wangli", plan_change, fresh, [FieldChange("quantity", None, 250)])
    change(desk, fresh, ("quantity", None, 300), by="liu")
    first_at = clock.now
    clock.pass_by(minutes=3)
    with pytest.raises(Conflict) as refused:
        desk.as_("wangli", apply_change, plan)
    facts = refused.value.facts
    assert (facts["number"], facts["who"], facts["what"].key, facts["at"]) == (
        fresh,
        "刘敏",
        "did.order.changed",
        first_at,
    )
    assert desk.order(fresh).amount == Decimal("10500.00")


def test_a_plan_made_anew_still_knows_the_version_that_was_shown(desk, fresh):
    shown = desk.order(fresh).version
    change(desk, fresh, ("quantity", None, 300), by="liu")
    plan = desk.as_("wangli", plan_change, fresh, [FieldChange("quantity", None, 250)])
    with pytest.raises(Conflict):
        desk.as_("wangli", apply_change, replace(plan, order_version=shown))


def test_changes_of_different_fields_do_not_conflict(desk, fresh):
    plan = desk.as_("wangli", plan_change, fresh, [FieldChange("ship_to", None, "无锡")])
    change(desk, fresh, ("quantity", None, 300), by="liu")
    desk.as_("wangli", apply_change, plan)
    order = desk.order(fresh)
    assert (order.fields["ship_to"], order.amount) == ("无锡", Decimal("10500.00"))


def test_a_field_that_waits_for_the_reviewer_is_only_asked_for_anew_by_the_same_person(desk, reviewed):
    change(desk, reviewed, ("quantity", None, 250), reason="加量")
    with pytest.raises(Conflict) as refused:
        change(desk, reviewed, ("quantity", None, 300), by="he", reason="再加")
    assert refused.value.facts["who"] == "王丽"
    change(desk, reviewed, ("quantity", None, 260), reason="说错了")
    assert [row.after for row in pending(desk)] == ["260"]


def test_an_ended_order_is_not_changed(desk, fresh):
    desk.as_("wangli", cancel_order, fresh, "不要了")
    with pytest.raises(Conflict) as refused:
        change(desk, fresh, ("quantity", None, 250))
    assert refused.value.facts["what"].key == "did.order.cancelled"


@pytest.mark.parametrize("who", ["zhou", "zheng"])
def test_who_may_see_but_not_change_is_told_who_may(desk, fresh, who):
    with pytest.raises(NotAllowed) as refused:
        change(desk, fresh, ("quantity", None, 250), by=who)
    assert "王丽" in refused.value.facts["who"]


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("quantity", 0, "refused.order_quantity"),
        ("quantity", "很多", "refused.order_quantity"),
        ("price", -1, "refused.order_price"),
        ("promise_date", date(2026, 11, 1), "refused.promise_past"),
        ("promise_date", "someday", "refused.promise_unclear"),
        ("ship_to", "", "refused.missing_field"),
        ("packing", "铁箱", "refused.field_value"),
        ("colour", "红", "refused.no_such_field"),
        ("quantity", 100, "refused.change_nothing"),
    ],
)
def test_values_that_cannot_be_are_refused(desk, fresh, field, value, key):
    with pytest.raises(Invalid) as refused:
        change(desk, fresh, (field, None, value))
    assert refused.value.key == key


def test_with_several_lines_the_line_has_to_be_named(desk):
    lines = (NewLine("VA-200", Decimal(10)), NewLine("VB-300", Decimal(20)))
    order = NewOrder("hdjx", lines, date(2026, 12, 4), fields={"ship_to": "苏州"})
    number = desk.as_("wangli", place_orders, [order])[0].number
    with pytest.raises(Invalid) as refused:
        change(desk, number, ("quantity", None, 5))
    assert (refused.value.key, refused.value.facts["lines"]) == ("refused.change_which_line", ["A型阀", "B型阀"])
    change(desk, number, ("quantity", 2, 5))
    assert desk.order(number).amount == Decimal("750.00")


def test_another_product_brings_its_list_price_where_the_old_one_had_its_own(desk, fresh):
    change(desk, fresh, ("product", None, "VB-300"))
    assert desk.order(fresh).amount == Decimal("8000.00")


def test_an_amount_in_all_becomes_the_price_of_the_only_line(desk, fresh):
    change(desk, fresh, ("amount", None, "3000"))
    order = desk.look(lambda book: order_document(book, book.order(fresh)))
    assert (order["lines"][0]["price"], order["amount"]) == ("30.00", "3000.00")


def test_a_review_under_way_passes_to_another_when_its_owner_changes_the_order(desk, fresh):
    first = desk.step(fresh, "review").owner
    change(desk, fresh, ("quantity", None, 250), by=first)
    assert desk.step(fresh, "review").owner != first


def test_cards_of_work_under_way_are_edited_in_place(desk, reviewed):
    owner = desk.step(reviewed, "make").owner

    def sent(book):
        for row in book.session.exec(select(Outbox).where(Outbox.person == owner)):
            row.status, row.buttons_live, row.platform_id = "sent", True, f"p{row.id}"
            book.session.add(row)

    desk.as_("root", sent)
    change(desk, reviewed, ("ship_to", None, "无锡"), reason="搬家")
    (edit,) = [row for row in desk.pushes(owner) if row.kind == "edit"]
    assert (phrases_of(edit)[0], len(edit.body["choices"]) > 2) == ("change.card", True)
