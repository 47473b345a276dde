"""«Where is it» for staff and for customers; the story of an order, why it is late; stock and money."""

from decimal import Decimal

import pytest

from store.messages import Money, WorkTime
from store.operations.changes import FieldChange, plan_change
from store.operations.changing import apply_change
from store.operations.exceptions import open_exception
from store.operations.holds import cancel_order, hold_order, resume_order
from store.operations.notes import add_note
from store.operations.steps import complete_step
from store.reads.public import public_status_of
from store.reads.status import status_of
from store.reads.stock import money_of, stock_of
from store.reads.timeline import timeline, why_late
from store.refusals import NotAllowed, NotFound
from tests.support.companies import at


@pytest.fixture
def made(desk, clock):
    """Reviewed at 11:00 on Monday, in production since."""
    number = desk.place(quantity=100)
    clock.at("2026-11-23T11:00:00+08:00")
    desk.finish(number, "review")
    return number


def of(desk, work, number):
    return desk.look(lambda book: work(book, book.order(number)))


def finish(desk, number, key, fields=None, **more):
    step = desk.step(number, key)
    return desk.as_(step.owner, complete_step, step.id, fields or {}, **more)


def test_status_says_step_owner_since_due_what_comes_next_and_the_promise(desk, made):
    status = of(desk, status_of, made)
    (now,) = status.active
    assert (now.key, now.owner, now.since, now.due) == (
        "make",
        "吴刚",
        at("2026-11-23T11:00:00"),
        at("2026-12-01T18:00:00"),
    )
    assert [(one.key, one.owner, one.due) for one in status.next] == [("ship", "钱进", at("2026-12-04T18:00:00"))]
    assert (str(status.promise_date), status.amount, now.late) == ("2026-12-04", Money(Decimal("3500.00"), "CNY"), None)


def test_the_last_three_events_come_newest_first_and_who_last_confirmed(desk, made, clock):
    clock.at("2026-11-23T14:00:00+08:00")
    desk.as_("liu", add_note, made, "客户催了")
    clock.at("2026-11-23T15:00:00+08:00")
    status = of(desk, status_of, made)
    assert len(status.events) == 3
    facts = status.events[0].facts
    assert (facts["who"], facts["what"].key, facts["reason"]) == ("刘敏", "did.note.added", "客户催了")
    assert (status.confirmed_by, status.confirmed_at) == ("刘敏", at("2026-11-23T14:00:00"))


def test_a_late_step_says_by_how_much_working_time_unless_the_order_is_on_hold(desk, made, clock):
    clock.at("2026-12-02T10:00:00+08:00")
    assert of(desk, status_of, made).active[0].late == WorkTime(60, 450)
    desk.as_("wangli", hold_order, made, "等款")
    status = of(desk, status_of, made)
    assert (status.active[0].late, status.status, status.reason) == (None, "on_hold", "等款")


def test_open_trouble_and_pending_changes_are_part_of_it(desk, made):
    desk.as_("wu", open_exception, made, "shortage", "密封圈断货")
    plan = desk.as_("wangli", plan_change, made, [FieldChange("quantity", None, 150)])
    desk.as_("wangli", apply_change, plan, "加量")
    status = of(desk, status_of, made)
    assert [one.kind for one in status.exceptions] == ["shortage"]
    assert [(one.field, one.after) for one in status.pending] == [("quantity", "150")]


def test_a_customer_hears_the_public_stage_of_the_earliest_active_step(desk, made):
    fresh = desk.place(quantity=5)
    assert of(desk, public_status_of, fresh).stage == "已接单"
    assert of(desk, public_status_of, made).stage == "生产中"


def test_while_the_active_step_has_no_public_words_the_last_stage_reached_holds(desk):
    number = desk.place(quantity=500)  # more than there is: it has to be bought first
    desk.finish(number, "review")
    assert desk.step(number, "purchase").status == "active"
    assert of(desk, public_status_of, number).stage == "已接单"
    other = desk.place(flow="quick")
    desk.finish(other, "pack")
    assert of(desk, public_status_of, other).stage == {"zh": "打包中", "en": "packing"}


def test_before_any_stage_there_are_no_words(desk):
    number = desk.place(flow="sample", fields={})
    assert of(desk, public_status_of, number).stage is None
    desk.finish(number, "prepare")
    assert of(desk, public_status_of, number).stage == "寄样中"


def test_a_customer_sees_public_form_fields_only_and_what_has_shipped(desk, made):
    finish(desk, made, "make")
    fields = {"carrier": "顺丰", "tracking": "SF123", "freight": "80"}
    step = desk.step(made, "ship")
    desk.as_(step.owner, complete_step, step.id, fields, quantities=Decimal(40))
    status = of(desk, public_status_of, made)
    assert (status.shipped, status.lines[0].shipped, status.stage) == ("part", Decimal(40), "发货中")
    finish(desk, made, "ship", fields)
    status = of(desk, public_status_of, made)
    assert status.shipped == "all"
    assert status.fields == (("承运商", "顺丰"), ("运单号", "SF123"))  # not freight, not the address


def test_what_a_customer_sees_holds_no_inside_word(desk, made):
    desk.as_("wangli", add_note, made, "利润很薄")
    desk.as_("wu", open_exception, made, "shortage", "密封圈断货")
    said = repr(of(desk, public_status_of, made))
    for inside in ("利润", "密封圈", "吴刚", "王丽", "采购", "复核", "3500", "35.00", "苏州"):
        assert inside not in said


def test_the_story_tells_who_what_where_and_the_working_time_waited(desk, made, clock):
    clock.at("2026-11-24T09:30:00+08:00")
    desk.as_("wu", add_note, made, "模具好了")
    story = of(desk, timeline, made)
    assert (story[0].who, story[0].via, story[0].what.facts["what"].key) == ("wangli", "console", "did.order.placed")
    assert (story[-1].who, story[-1].waited) == ("wu", WorkTime(60 + 270 + 30, 450))


def test_why_late_is_the_chain_of_overruns_in_working_time(desk, clock):
    number = desk.place(quantity=100)
    clock.at("2026-11-25T11:00:00+08:00")  # the review was due on Monday at 14:30
    desk.finish(number, "review")
    clock.at("2026-12-03T12:00:00+08:00")  # production on Tuesday the 1st at 18:00
    finish(desk, number, "make")
    clock.at("2026-12-07T11:00:00+08:00")  # shipping on Friday the 4th at 18:00
    why = of(desk, why_late, number)
    assert [(one.step, one.late.minutes, one.finished is None) for one in why.overruns] == [
        ("订单复核", 210 + 450 + 120, False),
        ("生产", 450 + 180, False),
        ("发货", 120, True),
    ]
    assert (why.late, str(why.promise_date), why.held) == (True, "2026-12-04", None)


def test_why_late_names_trouble_and_time_on_hold(desk, made, clock):
    desk.as_("wu", open_exception, made, "shortage", "密封圈断货")
    desk.as_("wangli", hold_order, made, "等款")
    clock.at("2026-11-24T11:00:00+08:00")
    desk.as_("wangli", resume_order, made)
    clock.at("2026-12-02T10:00:00+08:00")
    why = of(desk, why_late, made)
    (overrun,) = why.overruns
    assert (overrun.step, why.held) == ("生产", WorkTime(450, 450))
    assert [(one.key, one.facts["kind"]) for one in overrun.causes] == [("why.trouble", "缺货")]


def test_an_order_in_time_has_no_overruns(desk, made):
    why = of(desk, why_late, made)
    assert (why.late, why.overruns) == (False, ())


def test_free_is_what_open_orders_have_not_reserved_and_incoming_what_is_being_bought(desk):
    for quantity in (100, 15):
        desk.place(quantity=quantity)
    stock = desk.as_("wangli", stock_of, "VA-200")
    assert (stock.stock, stock.reserved, stock.free, stock.incoming) == (120, 115, 5, 0)
    short = desk.place(quantity=50)
    desk.finish(short, "review")
    assert desk.step(short, "purchase").status == "active"
    assert desk.as_("wangli", stock_of, "VA-200").incoming == 50
    desk.as_("wangli", cancel_order, short, "x")
    assert desk.as_("sun", stock_of, "VA-200").free == 5


def test_what_has_shipped_is_gone_from_stock_and_no_longer_reserved(desk, made):
    finish(desk, made, "make")
    finish(desk, made, "ship", {"carrier": "顺丰", "tracking": "SF1"})
    stock = desk.as_("wangli", stock_of, "VA-200")
    assert (stock.stock, stock.reserved, stock.free) == (20, 0, 20)


def test_a_product_whose_stock_is_not_watched_has_none(desk):
    assert desk.as_("wangli", stock_of, "VB-300").free is None


def test_a_contact_asks_for_stock_and_money_in_vain(desk):
    for work, key in ((stock_of, "VA-200"), (money_of, "hdjx")):
        with pytest.raises(NotAllowed):
            desk.as_("li", work, key)
    with pytest.raises(NotFound):
        desk.as_("wangli", stock_of, "ZZ")


def test_a_customer_owes_what_has_not_been_received_order_by_order(desk, made):
    other = desk.place(quantity=10)
    debt = desk.as_("wangli", money_of, "hdjx")
    assert [(one.number, one.open.amount) for one in debt.orders] == [
        (made, Decimal("3500.00")),
        (other, Decimal("350.00")),
    ]
    assert (debt.total, debt.limit) == (Money(Decimal("3850.00"), "CNY"), None)
    assert desk.as_("zhaolei", money_of, "hdjx").orders == ()
