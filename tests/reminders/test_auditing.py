"""The auditor's account, the explanation of a step, the noise report, the clock's pulse."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete
from sqlmodel import select

from conversations.phrasebook import book_for
from reminders.auditing import (
    account_of,
    beat,
    expected_between,
    fault_letter,
    stalled_since,
    tell_account,
    tell_stalled,
)
from reminders.explaining import explain, explanation
from reminders.noise import noise_letter, noise_report
from store.operations.exceptions import open_exception
from store.operations.holds import hold_order, resume_order
from store.operations.postponing import postpone
from store.operations.reviews import return_review
from store.operations.steps import acknowledge
from store.refusals import NotFound
from store.tables import Outbox, Reminder
from tests.reminders.conftest import at

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def all_sent(story):
    def _send(book):
        for row in book.session.exec(select(Outbox).where(Outbox.status == "pending", Outbox.send_at <= book.now)):
            row.status, row.sent_at = "sent", row.send_at
            book.session.add(row)

    story.units.write(_send)


def account(story, day):
    return story.look(lambda book: account_of(book, day))


def busy_days(story):
    """A few orders on which all kinds of things are done."""
    numbers = [story.place(), story.place(flow="quick"), story.place(promise=date(2026, 11, 27))]
    story.as_("wangli", open_exception, numbers[0], "shortage", "断货")
    story.pass_until("2026-11-23 14:00")
    owners = [story.step(numbers[n], "review").owner for n in (0, 2)]
    story.as_(owners[0], acknowledge, ("step", story.step(numbers[0], "review").id), at("2026-11-23 16:00"))
    story.pass_until("2026-11-23 17:00")
    story.as_("wangli", hold_order, numbers[1], "等")
    story.as_(owners[1], postpone, ("step", story.step(numbers[2], "review").id), at("2026-11-24 10:00"), "忙")
    story.pass_until("2026-11-24 11:00")
    story.as_("wangli", resume_order, numbers[1])
    story.pass_until("2026-11-25 12:00")
    return numbers


def test_what_the_log_asks_for_is_what_was_written(planned):
    busy_days(planned)
    all_sent(planned)
    for day in (MONDAY, TUESDAY):
        found = account(planned, day)
        assert found.faults == ()
        assert found.due == found.sent >= 2


def test_what_people_were_asked_is_audited_as_well(story):
    number = story.place()
    reviewer = story.step(number, "review").owner
    story.as_(reviewer, return_review, story.step(number, "review").id, "价格不对")
    story.pass_until("2026-11-26 12:00")
    all_sent(story)
    assert len(story.pushes(rule="request")) >= 2
    days = [account(story, day) for day in (TUESDAY, date(2026, 11, 25))]
    assert [found.faults for found in days] == [(), ()]
    assert all("request" in {one.rule for one in due(story, day)} for day in (TUESDAY, date(2026, 11, 25)))
    (last,) = [one for one in story.look(lambda book: explain(book, number)) if one.status == "pending"]
    assert (last.owner, last.next_rule, last.silent) == ("wangli", "request", None)
    assert [one.rule for one in last.said].count("request") == len(story.pushes(rule="request"))
    story.units.write(lambda book: book.session.exec(delete(Reminder).where(Reminder.rule == "request")))
    (fault,) = account(story, MONDAY).faults
    assert (fault.what, fault.expected.rule, fault.expected.owner) == ("missing", "request", "wangli")


def due(story, day):
    first = at(f"{day} 00:00")
    return story.look(lambda book: list(expected_between(book, first, first + timedelta(days=1))))


def test_a_push_that_was_never_written_is_a_fault(story):
    busy_days(story)
    all_sent(story)
    story.units.write(lambda book: book.session.exec(delete(Reminder).where(Reminder.rule == "rung:backup")))
    faults = account(story, TUESDAY).faults
    assert faults
    assert {(fault.what, fault.expected.rule) for fault in faults} == {("missing", "rung:backup")}


def test_what_waits_for_the_morning_is_held_and_what_is_stuck_is_a_fault(story):
    story.place()
    story.pass_until("2026-11-23 15:00")
    assert account(story, MONDAY).faults[0].what == "stuck"

    def _hold(book):
        for row in book.session.exec(select(Outbox).where(Outbox.status == "pending")):
            row.send_at = at("2026-11-24 08:00")
            book.session.add(row)

    story.units.write(_hold)
    found = account(story, MONDAY)
    assert (found.due, found.sent, found.held, found.faults) == (1, 0, 1, ())


def test_faults_are_told_to_the_administrator_once(story):
    story.place()
    story.pass_until("2026-11-24 08:30")
    told = story.units.write(lambda book: tell_account(book, MONDAY))
    assert told.faults
    assert story.units.write(lambda book: tell_account(book, MONDAY)) is None
    rows = story.pushes("root", "fault")
    assert len(rows) == 1
    from store.messages import unpack_letter

    text = book_for("en", "Asia/Shanghai", story.clock()).letter(unpack_letter(rows[0].body)).text
    assert "1 missing" in text
    assert "Not out yet" in text


def test_each_kind_of_gap_is_named_and_what_is_not_listed_is_counted(story):
    for _ in range(12):
        story.place()
    story.pass_until("2026-11-23 15:00")
    rows = story.look(lambda book: list(book.session.exec(select(Outbox).where(Outbox.rule == "due"))))

    def _lose(book):
        book.session.get(Outbox, rows[0].id).status = "undeliverable"
        book.session.exec(delete(Reminder).where(Reminder.outbox_id == rows[1].id, Reminder.rule == "due"))

    story.units.write(_lose)
    found = account(story, MONDAY)
    assert {fault.what for fault in found.faults} == {"missing", "stuck", "undeliverable"}
    text = story.look(
        lambda book: book_for("en", "Asia/Shanghai", book.now).letter(fault_letter(book, found, lines=2)).text
    )
    assert f"and {len(found.faults) - 2} more" in text


def test_an_explanation_names_what_was_said_and_what_comes_next(story):
    number = story.place()
    story.pass_until("2026-11-23 12:00")
    review, purchase, make, *_ = story.look(lambda book: explain(book, number))
    assert [(one.rule, one.person) for one in review.said] == [("nudge", review.owner)]
    assert (review.next_at, review.next_rule) == (at("2026-11-23 14:30"), "due")
    assert purchase.silent == "no_due"
    assert make.next_rule == "danger"
    step = story.step(number, "review")
    story.as_(review.owner, acknowledge, ("step", step.id), at("2026-11-23 17:00"))
    review = story.look(lambda book: explain(book, number))[0]
    assert (review.next_at, review.next_rule, review.rests_until) == (
        at("2026-11-23 17:00"),
        "lapsed",
        at("2026-11-23 17:00"),
    )
    story.as_("wangli", hold_order, number, "等")
    assert {one.silent for one in story.look(lambda book: explain(book, number))} == {"on_hold"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_explanation_can_be_said(story, language):
    number = busy_days(story)[0]
    words = book_for(language, "Asia/Shanghai", story.clock())
    lines = story.look(
        lambda book: [words.say(p) for one in explain(book, number) for p in explanation(book, one, number)]
    )
    assert len(lines) > 8


def test_nobodys_order_has_no_explanation(story):
    with pytest.raises(NotFound):
        story.look(lambda book: explain(book, "SO-0000"))


def test_rules_that_nobody_acts_upon_are_noise(story):
    for _ in range(11):
        story.place()
    story.pass_until("2026-11-26 12:00")
    report = story.look(lambda book: noise_report(book, at("2026-11-23 00:00")))
    rungs = [one for one in report if one.rule.startswith("rung:")]
    assert rungs
    assert all(one.acted == 0 for one in report)
    noisy = [one for one in report if one.pushes >= 10]
    assert noisy
    assert all(one.proposal for one in noisy if one.rule != "due")
    words = book_for("zh", "Asia/Shanghai", story.clock())
    assert words.letter(noise_letter(report)).text


def test_a_repeat_that_is_noise_comes_with_a_limit(story):
    rows = [
        Reminder(subject="step", subject_key="1", episode=1, rule="repeat", turn=n, person="qian", moment=story.clock(),
                 made_at=story.clock())
        for n in range(100, 112)
    ]  # fmt: skip
    story.units.write(lambda book: book.session.add_all(rows))
    (repeat,) = [
        one for one in story.look(lambda book: noise_report(book, at("2026-11-23 00:00"))) if one.rule == "repeat"
    ]
    assert (repeat.proposal, repeat.limit.minutes) == ("widen", 480)
    text = book_for("zh", "Asia/Shanghai", story.clock()).letter(noise_letter([repeat])).text
    assert "repeat: 1天" in text


def test_a_push_that_is_acted_upon_is_no_noise(story):
    number = story.place()
    story.pass_until("2026-11-23 12:00")
    step = story.step(number, "review")
    story.as_(step.owner, acknowledge, ("step", step.id))
    report = story.look(lambda book: noise_report(book, at("2026-11-23 00:00")))
    assert [(one.rule, one.share) for one in report if one.rule == "nudge"] == [("nudge", 100)]


def test_a_clock_that_stops_is_noticed_and_told_once(story):
    story.units.write(beat)
    story.clock.pass_by(minutes=4)
    assert story.look(stalled_since) is None
    assert not story.units.write(tell_stalled)
    story.clock.pass_by(minutes=2)
    assert story.look(stalled_since) == story.clock() - timedelta(minutes=6)
    assert story.units.write(tell_stalled)
    assert not story.units.write(tell_stalled)
    assert len(story.pushes("root", "fault")) == 1
