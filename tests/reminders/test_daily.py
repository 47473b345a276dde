"""The morning of a serving process: briefs, and yesterday's account."""

from datetime import timedelta

import pytest
from sqlmodel import select

from conversations.phrasebook import book_for
from reminders import Drop, gate
from reminders.daily import account_phrase, arm_daily
from store.messages import unpack_letter
from store.tables import Deadline, Outbox
from tests.reminders.conftest import at
from tests.support.orders import phrases_of


@pytest.fixture
def serving(planned):
    planned.units.write(arm_daily)
    return planned


def deliver_everything(story):
    """Everything written goes out, as delivery would send it in working hours."""

    def _send(book):
        for row in book.session.exec(select(Outbox).where(Outbox.status == "pending")):
            row.status, row.sent_at = "sent", book.now
            book.session.add(row)

    story.units.write(_send)


def test_who_has_something_to_do_hears_of_it_once_in_the_morning_of_a_working_day(serving):
    number = serving.place(flow="quick")
    serving.pass_until("2026-11-24 08:59")
    assert serving.pushes(rule="brief") == []
    serving.pass_until("2026-11-24 18:00")
    (brief,) = serving.pushes("qian", "brief")
    assert brief.created_at == at("2026-11-24 09:00")
    assert number in book_for("zh", "Asia/Shanghai", serving.clock()).letter(unpack_letter(brief.body)).text
    assert serving.pushes("zheng", "brief") == [], "who has nothing to do hears nothing"
    serving.finish(number, "pack")
    before = len(serving.pushes(rule="brief"))
    serving.pass_until("2026-11-29 23:59")
    days = {row.created_at.astimezone(at("2026-11-24 00:00").tzinfo).weekday() for row in serving.pushes(rule="brief")}
    assert len(serving.pushes(rule="brief")) > before
    assert not days & {5, 6}


def test_a_rehearsal_that_was_not_armed_tells_no_briefs(planned):
    planned.place(flow="quick")
    planned.pass_until("2026-11-25 18:00")
    assert planned.pushes(rule="brief") == []


def test_with_several_late_things_the_digest_is_the_brief(serving):
    first, second = serving.place(flow="quick"), serving.place(flow="quick")
    serving.pass_until("2026-11-24 10:00")
    third = serving.place(flow="quick")
    serving.pass_until("2026-11-25 09:00")
    assert serving.pushes("qian", "brief") == []
    digest = serving.pushes("qian", "digest")[-1]
    assert digest.created_at == at("2026-11-25 09:00")
    says = phrases_of(digest)
    assert says[:3] == ["reminder.digest", "reminder.line", "reminder.line"]
    assert "reminder.brief" in says
    assert "reminder.today" in says
    serving.units.write(lambda book: gate(book, book.session.get(Outbox, digest.id)))
    assert phrases_of(serving.pushes("qian", "digest")[-1]) == says, "drawn anew it still is the brief"
    serving.finish(first, "pack")
    serving.finish(second, "pack")
    assert serving.units.write(lambda book: gate(book, book.session.get(Outbox, digest.id))) == Drop()
    assert third


def test_a_head_hears_of_his_department(serving):
    number = serving.place()
    serving.finish(number, "review", "purchase")
    step = serving.step(number, "make")
    serving.pass_until(step.due - timedelta(hours=5))
    briefs = serving.pushes("zhou", "brief")
    assert step.owner == "wu"
    assert briefs
    assert "reminder.brief_department" in phrases_of(briefs[-1])
    assert "reminder.brief_department" not in phrases_of(serving.pushes("wu", "brief")[-1])


def test_yesterdays_account_stands_in_the_administrators_brief(serving):
    number = serving.place()
    serving.pass_until("2026-11-23 17:59")
    deliver_everything(serving)
    serving.pass_until("2026-11-24 08:30")
    phrase = serving.look(account_phrase)
    assert dict(phrase.facts) == {"expected": 1, "sent": 1, "held": 0, "missing": 0}
    serving.pass_until("2026-11-24 09:30")
    (brief,) = serving.pushes("root", "brief")
    assert phrases_of(brief) == ["reminder.brief", "reminder.fault"]
    assert serving.order(number).status == "open"


def test_who_joins_the_company_gets_his_brief_from_the_next_day_on(serving):
    from tests.support.companies import PUMP

    more = PUMP.replace("  - {key: root,", "  - {key: newcomer, name: 新人, department: warehouse}\n  - {key: root,")
    serving.load(more)
    serving.pass_until("2026-11-24 01:00")
    keys = serving.look(
        lambda book: [row.subject_key for row in book.session.exec(select(Deadline)) if row.subject == "brief"]
    )
    assert "newcomer" in keys
    assert "li" not in keys
