"""Whoever was asked and does not answer: asked again, then told further up, until he answers."""

from datetime import date

import pytest

from conversations.phrasebook import book_for
from reminders import Drop, gate
from store.messages import unpack_letter
from store.operations.changes import FieldChange, plan_change
from store.operations.changing import apply_change, decide_change
from store.operations.flow_changes import ask_flow_change, plan_flow_change
from store.operations.holds import cancel_order, hold_order, resume_order
from store.operations.questions import answer_question, pass_on
from store.tables import Change, Outbox
from tests.reminders.conftest import at
from tests.support.companies import PUMP

TWO_ADMINS = PUMP.replace(
    "  - {key: root, name: 管理员, roles: [admin]}\n",
    "  - {key: root, name: 管理员, roles: [admin]}\n  - {key: second, name: 副管理员, roles: [admin], manager: chen}\n",
)


@pytest.fixture
def asked(story):
    """A change of a reviewed order, which waits for its reviewer."""
    number = story.place()
    story.finish(number, "review")

    def _change(book):
        plan = plan_change(book, number, [FieldChange("promise_date", None, date(2026, 12, 11))])
        return apply_change(book, plan, "客户推迟").pending[0].id

    return number, story.as_("wangli", _change)


def about(story, change_id, rule="request"):
    return [row for row in story.pushes(rule=rule) if row.card == f"change:{change_id}"]


def row_of(story, change_id):
    return story.look(lambda book: book.session.get(Change, change_id))


def test_a_change_that_nobody_decides_is_asked_again_each_working_day_and_climbs(story, asked):
    number, change_id = asked
    reviewer = row_of(story, change_id).reviewer
    story.pass_until("2026-11-26 12:00")
    pushes = about(story, change_id)
    assert [row.person for row in pushes] == [reviewer] * 3
    assert [row.created_at for row in pushes] == [at(f"2026-11-{day} 18:00") for day in (23, 24, 25)]
    actions = [choice.action for choice in unpack_letter(pushes[0].body).choices]
    assert actions[:2] == [f"change.approve:{change_id}.1", f"change.return:{change_id}.1"]
    (head,) = story.pushes(rule="rung:head")
    assert (head.person, head.created_at) == ("liu" if reviewer != "liu" else "chen", at("2026-11-24 18:00"))
    assert story.order(number).number in head.orders


def test_a_change_that_is_decided_is_not_asked_again_and_what_waits_is_dropped(story, asked):
    _number, change_id = asked
    reviewer = row_of(story, change_id).reviewer
    story.pass_until("2026-11-23 18:00")
    (push,) = about(story, change_id)
    story.as_(reviewer, decide_change, change_id, None, True)
    assert story.units.write(lambda book: gate(book, book.session.get(Outbox, push.id))) == Drop()
    story.pass_until("2026-11-27 12:00")
    assert len(about(story, change_id)) == 1


def test_on_hold_nobody_is_asked_and_a_cancelled_order_ends_it(story, asked):
    number, change_id = asked
    story.as_("wangli", hold_order, number, "等")
    story.pass_until("2026-11-25 12:00")
    assert about(story, change_id) == []
    story.as_("wangli", resume_order, number)
    story.pass_until("2026-11-26 12:00")
    assert len(about(story, change_id)) == 1
    story.as_("chen", cancel_order, number, "不要了")
    story.pass_until("2026-11-30 12:00")
    assert len(about(story, change_id)) == 1


def test_a_customers_question_is_asked_again_after_hours_not_days(story):
    question = story.as_("li", pass_on, "能早点发货吗")
    story.pass_until("2026-11-24 11:00")
    first, second = story.pushes("wangli", "request")
    assert (first.created_at, second.created_at) == (at("2026-11-23 14:30"), at("2026-11-24 09:30"))
    letter = unpack_letter(first.body)
    assert [choice.action for choice in letter.choices] == [f"question.reply:{question.id}.1"]
    assert letter.says[1].facts["text"] == "能早点发货吗"
    story.as_("wangli", answer_question, question.id, "可以")
    story.pass_until("2026-11-25 18:00")
    assert len(story.pushes("wangli", "request")) == 2


def test_a_change_of_a_flow_is_asked_again_of_the_second_administrator(story):
    story.load(TWO_ADMINS)
    story.as_("root", lambda book: ask_flow_change(book, plan_flow_change(book, "quick", "pack", "within", "2d")))
    story.pass_until("2026-11-25 12:00")
    pushes = story.pushes("second", "request")
    assert len(pushes) == 2
    assert [one.action.partition(":")[0] for one in unpack_letter(pushes[0].body).choices] == [
        "flow.publish",
        "flow.drop",
    ]
    (further,) = story.pushes("chen", "rung:head")
    for language in ("zh", "en"):
        words = book_for(language, "Asia/Shanghai", story.clock())
        for row in (pushes[0], further):
            assert "{" not in words.letter(unpack_letter(row.body)).text
