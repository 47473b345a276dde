"""The API's lists, and what chat looks for."""

from datetime import date

from store.operations.holds import hold_order
from store.operations.steps import acknowledge
from store.reads.events import order_events
from store.reads.lists import OrderFilter, StepFilter, list_orders, list_steps
from store.reads.search import Criteria, search
from tests.support.companies import at


def orders(desk, person, **wanted):
    return [one["number"] for one in desk.look(lambda book: list_orders(book, person, OrderFilter(**wanted)))]


def steps(desk, person, **wanted):
    items = desk.look(lambda book: list_steps(book, person, StepFilter(**wanted)))
    return [(one["order"], one["key"]) for one in items]


def found(desk, person, which, **wanted):
    hits = desk.look(lambda book: search(book, person, Criteria(which, **wanted))).hits
    return [(hit.number, hit.kind) for hit in hits]


def test_everybody_lists_what_he_may_see_newest_first(desk, three):
    made, other, late = three
    assert orders(desk, "chen") == [late, other, made]
    assert orders(desk, "wangli") == [late, made]
    assert orders(desk, "zhaolei") == [other]
    assert orders(desk, "li") == [late, made]


def test_filters_take_keys(desk, three):
    made, other, late = three
    assert orders(desk, "chen", customer="bf") == [other]
    assert orders(desk, "chen", salesperson="wangli") == [late, made]
    assert orders(desk, "chen", step="make") == [made]
    assert orders(desk, "chen", owner="qian") == [late]
    assert orders(desk, "chen", status="done") == []
    assert orders(desk, "chen", overdue=True) == [late, other]
    assert orders(desk, "wangli", overdue=True, customer="hdjx") == [late]


def test_an_order_in_a_list_has_no_notes_changes_or_exceptions(desk, three):
    item = desk.look(lambda book: list_orders(book, "chen"))[0]
    assert not {"notes", "changes", "exceptions"} & set(item)
    assert item["customer"] == {"key": "hdjx", "name": "华东机械有限公司"}
    assert item["urges"] == {"count": 0, "askers": 0}


def test_steps_are_the_active_ones_unless_asked_first_due_first(desk, three):
    made, other, late = three
    assert steps(desk, "chen") == [(other, "review"), (late, "pack"), (made, "make")]
    assert steps(desk, "zhaolei") == [(other, "review")]
    assert steps(desk, "chen", status="waiting", owner="zheng") == [(made, "reconcile"), (other, "reconcile")]
    item = desk.look(lambda book: list_steps(book, "chen", StepFilter(owner="qian")))[0]
    assert (item["order"], item["customer"], item["due"]) == (late, "hdjx", "2026-11-23T18:00:00+08:00")


def test_a_held_order_is_not_overdue(desk, three):
    _made, other, late = three
    desk.as_("wangli", hold_order, late, "等款")
    assert orders(desk, "chen", overdue=True) == [other]
    assert steps(desk, "chen", overdue=True) == [(other, "review")]


def test_past_due_begins_after_the_due_moment(desk, three, clock):
    _made, _other, late = three
    clock.now = at("2026-11-23T18:00:00")
    assert late not in orders(desk, "chen", overdue=True)


def test_events_come_oldest_first_with_who_and_through_what(desk, three):
    made, *_ = three
    events = desk.look(lambda book: order_events(book, book.order(made)))
    assert list(events[0]) == ["at", "who", "what", "via", "message", "before", "after"]
    assert (events[0]["who"], events[0]["what"], events[0]["via"]) == ("wangli", "order.placed", "console")
    assert (events[0]["at"], events[1]["who"]) == ("2026-11-23T09:00:00+08:00", "gendan")


def test_overdue_means_ones_own_a_salespersons_customers_and_for_coordinators_and_managers_all(desk, three):
    _made, other, late = three
    reviewer = desk.step(other, "review").owner
    assert found(desk, "chen", "overdue") == [(other, "step"), (late, "step")]  # the latest first
    assert found(desk, reviewer, "overdue") == [(other, "step"), (late, "step")]
    assert found(desk, "wangli", "overdue") == [(late, "step")]
    assert found(desk, "qian", "overdue") == [(late, "step")]
    assert found(desk, "zheng", "overdue") == []


def test_due_today_is_the_readers_day(desk, three, clock):
    _made, _other, late = three
    clock.at("2026-11-23T19:30:00+08:00")
    assert found(desk, "qian", "due_today") == [(late, "step")]
    clock.at("2026-11-24T00:30:00+08:00")
    assert found(desk, "qian", "due_today") == []


def test_stuck_at_a_step_and_orders_of_somebody_some_goods_some_time(desk, three):
    made, other, late = three
    assert found(desk, "chen", "stuck", step="make") == [(made, "step")]
    assert found(desk, "zhaolei", "stuck", step="make") == []
    assert found(desk, "chen", "orders", customer="hdjx") == [(late, "order"), (made, "order")]
    assert found(desk, "chen", "orders", product="VA-200", salesperson="zhaolei") == [(other, "order")]
    assert found(desk, "chen", "orders", period=(date(2026, 11, 1), date(2026, 11, 30))) == [
        (other, "order"),
        (late, "order"),
        (made, "order"),
    ]
    assert found(desk, "chen", "orders", period=(date(2026, 10, 1), date(2026, 11, 22))) == []
    assert found(desk, "chen", "overdue", owner="qian") == [(late, "step")]


def test_my_tasks_are_steps_and_whatever_else_waits_for_me(desk, three):
    from store.operations.exceptions import open_exception

    made, _, late = three
    owner = desk.step(made, "make").owner
    desk.as_(owner, open_exception, made, "shortage", "密封圈")
    assert found(desk, owner, "mine") == [(made, "step")]
    assert found(desk, "sun", "mine") == [(made, "exception")]
    assert found(desk, "qian", "mine") == [(late, "step")]


def test_pages_say_how_many_there_are_in_all(desk, three):
    page = desk.look(lambda book: search(book, "chen", Criteria("orders"), limit=2))
    assert (len(page.hits), page.total, page.more) == (2, 3, 1)
    page = desk.look(lambda book: search(book, "chen", Criteria("orders"), limit=2, offset=2))
    assert (len(page.hits), page.total, page.more) == (1, 3, 0)


def test_lateness_is_working_time_of_the_owner(desk, three):
    _made, other, late = three
    hits = desk.look(lambda book: search(book, "chen", Criteria("overdue"))).hits
    assert {hit.number: hit.late.minutes for hit in hits} == {other: 330, late: 120}


def test_a_contact_finds_his_own_companys_orders_and_no_step_of_them(desk, three):
    made, _other, late = three
    hits = desk.look(lambda book: search(book, "li", Criteria("overdue"))).hits
    assert {hit.number for hit in hits} == {made, late}
    assert {(hit.name, hit.owner, hit.due, hit.late) for hit in hits} == {(None, None, None, None)}


def test_an_acknowledged_step_is_still_listed(desk, three):
    _, _, late = three
    step = desk.step(late, "pack")
    desk.as_("qian", acknowledge, ("step", step.id))
    assert found(desk, "qian", "overdue") == [(late, "step")]
