"""Cancelling, holding, resuming."""

import pytest
from sqlmodel import select

from store.operations.holds import cancel_order, hold_order, resume_order
from store.refusals import Conflict, Invalid, NotAllowed, NotFound
from store.tables import ExceptionCase, Request, Step
from tests.support.orders import phrases_of


@pytest.fixture
def number(desk):
    """An order whose review is done: production is at work."""
    number = desk.place(quantity=100)
    desk.finish(number, "review")
    return number


@pytest.mark.parametrize("work", [cancel_order, hold_order])
@pytest.mark.parametrize("reason", [None, "", "  "])
def test_cancelling_and_holding_need_a_reason(desk, number, work, reason):
    with pytest.raises(Invalid) as refused:
        desk.as_("wangli", work, number, reason)
    assert refused.value.key == "refused.reason_needed"
    assert desk.order(number).status == "open"


@pytest.mark.parametrize("who", ["wangli", "liu", "chen"])
def test_salesperson_coordinator_and_manager_cancel(desk, number, who):
    desk.as_(who, cancel_order, number, "客户不要了")
    order = desk.order(number)
    assert (order.status, order.reason, order.version) == ("cancelled", "客户不要了", 2)


@pytest.mark.parametrize("work", [cancel_order, hold_order])
def test_a_step_owner_may_not_and_a_stranger_does_not_even_see_it(desk, number, work):
    owner = desk.step(number, "make").owner
    with pytest.raises(NotAllowed):
        desk.as_(owner, work, number, "x")
    for stranger in ("zhaolei", "bai", "sun-nobody"):
        with pytest.raises(NotFound):
            desk.as_(stranger, work, number, "x")


def test_cancelling_ends_all_work_and_tells_the_owner_of_the_active_step_why(desk, number):
    owner = desk.step(number, "make").owner
    desk.as_("wangli", cancel_order, number, "客户不要了")
    assert {desk.step(number, key).status for key in ("make", "ship", "aftersale")} == {"skipped"}
    (told,) = desk.pushes(owner, "order.moved")
    assert phrases_of(told)[0] == "cancel.told"
    assert told.body["says"][0]["$p"][1]["reason"] == "客户不要了"
    started = desk.pushes(owner, "step.started")
    assert [row.status for row in started] == ["dropped"]  # it had not gone out yet


def test_what_has_gone_out_loses_its_buttons_when_the_order_is_cancelled(desk, number):
    owner = desk.step(number, "make").owner

    def sent(book):
        from store.tables import Outbox

        row = book.session.exec(select(Outbox).where(Outbox.person == owner, Outbox.rule == "step.started")).one()
        row.status, row.buttons_live, row.platform_id = "sent", True, "p1"
        book.session.add(row)
        return row.id

    row = desk.as_("root", sent)
    desk.as_("wangli", cancel_order, number, "客户不要了")
    (edit,) = [one for one in desk.pushes(owner) if one.kind == "edit"]
    assert (edit.edits, edit.body["choices"], edit.status) == (row, [], "pending")


def test_of_two_who_end_an_order_the_second_is_told_who_was_first(desk, number, clock):
    desk.as_("wangli", cancel_order, number, "客户不要了")
    moment = clock.now
    clock.pass_by(minutes=1)
    with pytest.raises(Conflict) as refused:
        desk.as_("liu", hold_order, number, "等款")
    facts = refused.value.facts
    assert (facts["who"], facts["what"].key, facts["at"]) == ("王丽", "did.order.cancelled", moment)


def test_a_confirmation_of_something_changed_meanwhile_is_refused(desk, number):
    shown = desk.order(number).version
    desk.as_("liu", hold_order, number, "等款")
    with pytest.raises(Conflict) as refused:
        desk.as_("wangli", cancel_order, number, "不要了", shown)
    assert refused.value.facts["who"] == "刘敏"


def test_holding_keeps_the_steps_and_makes_their_old_buttons_stale(desk, number, clock):
    before = desk.step(number, "make").version
    desk.as_("wangli", hold_order, number, "等客户确认")
    order = desk.order(number)
    assert (order.status, order.held_since, order.reason) == (
        "on_hold",
        clock.now.astimezone(order.held_since.tzinfo),
        "等客户确认",
    )
    step = desk.step(number, "make")
    assert (step.status, step.version > before) == ("active", True)
    with pytest.raises(Conflict):
        desk.as_("wangli", hold_order, number, "again")


def test_resuming_moves_what_counts_within_by_the_working_time_held_and_leaves_the_promise(desk, clock):
    number = desk.place()  # review: 4h from Monday 09:00 is 14:30
    assert desk.step(number, "review").due.isoformat() == "2026-11-23T06:30:00+00:00"
    clock.at("2026-11-23T10:00:00+08:00")
    desk.as_("wangli", hold_order, number, "等款")
    make = desk.step(number, "make").due
    clock.at("2026-11-24T10:00:00+08:00")  # a working day later: 2h + 4.5h + 1h
    desk.as_("wangli", resume_order, number)
    order = desk.order(number)
    assert (order.status, order.held_since, order.reason) == ("open", None, None)
    assert desk.step(number, "review").due.isoformat() == "2026-11-24T06:30:00+00:00"
    assert desk.step(number, "make").due == make
    owner = desk.step(number, "review").owner
    assert phrases_of(desk.pushes(owner, "order.moved")[-1])[0] == "resume.told"


def test_only_what_is_on_hold_is_resumed(desk, number):
    with pytest.raises(Invalid) as refused:
        desk.as_("wangli", resume_order, number)
    assert refused.value.key == "refused.not_on_hold"


def test_what_was_asked_about_a_cancelled_order_is_no_longer_to_be_decided(desk, number):
    def ask(book):
        order = book.order(number)
        book.session.add(
            Request(kind="promise", order_id=order.id, asked_by="zhou", asked_of="chen", asked_at=book.now)
        )
        book.session.add(
            ExceptionCase(
                order_id=order.id, kind="shortage", name="缺货", handler="sun", opened_by="zhou", opened_at=book.now
            )
        )

    desk.as_("zhou", ask)
    desk.as_("wangli", cancel_order, number, "不要了")
    assert desk.look(lambda book: book.session.exec(select(Request.status)).all()) == ["withdrawn"]
    assert desk.look(lambda book: book.session.exec(select(ExceptionCase.status)).all()) == ["closed"]
    assert phrases_of(desk.pushes("sun", "order.moved")[0])[0] == "cancel.told"


def test_followers_hear_of_it_once(desk, number):
    from store.operations.following import follow

    desk.as_("zheng", follow, number)
    desk.as_("zhou", follow, number)
    desk.as_("wangli", hold_order, number, "等款")
    owner = desk.step(number, "make").owner
    heard = [row.person for row in desk.pushes() if "hold.told" in phrases_of(row)]
    assert sorted(heard) == sorted({"zheng", "zhou", owner})


def test_every_step_of_a_held_order_is_planned_anew(desk, number):
    seen = []

    class Planner:
        def replan(self, book, subject):
            seen.append((type(subject), subject.key if isinstance(subject, Step) else subject.id))

    desk.units.planner = Planner()
    desk.as_("wangli", hold_order, number, "等款")
    assert (Step, "make") in seen
    seen.clear()
    desk.as_("wangli", resume_order, number)
    assert (Step, "make") in seen
