"""What the sweep says on the book, to whom and when."""

from datetime import date, timedelta

from sqlmodel import select

from store.operations.changes import FieldChange, plan_change
from store.operations.changing import apply_change
from store.operations.exceptions import close_exception, open_exception
from store.operations.handovers import ask_handover
from store.operations.holds import cancel_order, hold_order, resume_order
from store.operations.people import come_back, set_away
from store.operations.postponing import postpone
from store.operations.reviews import return_review
from store.operations.steps import acknowledge, snooze
from store.tables import Deadline, Request
from tests.reminders.conftest import at
from tests.support.orders import phrases_of


def review_owner(story, number):
    return story.step(number, "review").owner


def test_a_review_is_nudged_due_repeated_and_climbs(planned):
    number = planned.place()
    planned.pass_until("2026-11-25 15:00")
    assert sorted(planned.told(number, "review")) == sorted(
        [
            "Mon 11-23 11:00 he nudge",
            "Mon 11-23 14:30 he due",
            "Tue 11-24 09:30 he repeat",
            "Tue 11-24 09:30 liu rung:backup",
            "Tue 11-24 14:30 liu rung:head",
            "Tue 11-24 15:00 he repeat",
            "Wed 11-25 10:00 he repeat",
            "Wed 11-25 14:30 chen rung:manager",
        ]
    )


def test_an_acknowledgement_rests_and_its_lapse_is_told(planned):
    number = planned.place()
    planned.pass_until("2026-11-23 13:45")
    step = planned.step(number, "review")
    planned.as_("he", acknowledge, ("step", step.id), at("2026-11-23 17:00"))
    planned.pass_until("2026-11-24 12:30")
    assert planned.told(number, "review") == [
        "Mon 11-23 11:00 he nudge",
        "Mon 11-23 17:00 he lapsed",
        "Tue 11-24 12:00 he repeat",
        "Tue 11-24 12:00 liu rung:backup",
    ]


def test_completing_ends_it_for_everybody(planned):
    number = planned.place()
    planned.pass_until("2026-11-24 10:00")
    before = planned.told(number, "review")
    planned.finish(number, "review")
    planned.pass_until("2026-12-01 10:00")
    assert planned.told(number, "review") == before


def test_cancelling_ends_everything(story):
    number = story.place()
    story.pass_until("2026-11-23 15:00")
    story.as_("wangli", cancel_order, number, "客户不要了")
    story.pass_until("2026-12-20 10:00")
    assert len(story.told(number)) == 2
    assert story.look(lambda book: book.session.exec(select(Deadline.next_at)).all().count(None)) >= 1


def test_a_hold_stops_the_clock_and_moves_the_date_with_it(story):
    number = story.place()
    story.pass_until("2026-11-23 10:00")
    story.as_("wangli", hold_order, number, "等客户")
    story.pass_until("2026-11-24 10:00")
    assert story.told() == []
    story.as_("wangli", resume_order, number)
    story.pass_until("2026-11-24 15:00")
    assert story.told(number, "review") == ["Tue 11-24 11:00 he nudge", "Tue 11-24 14:30 he due"]


def test_a_hold_does_not_count_for_the_ladder_of_a_step_dated_from_the_promise(story):
    number = story.place(promise=date(2026, 11, 26))
    story.finish(number, "review", "purchase")  # make is due on Monday the 23rd at closing
    story.pass_until("2026-11-23 18:00")
    assert story.told(number, "make") == ["Mon 11-23 16:00 wu nudge", "Mon 11-23 18:00 wu due"]
    story.as_("wangli", hold_order, number, "等客户")
    story.pass_until("2026-11-25 09:00")
    story.as_("wangli", resume_order, number)
    story.pass_until("2026-11-25 14:30")
    assert story.told(number, "make")[2:] == ["Wed 11-25 14:30 wu repeat", "Wed 11-25 14:30 zhou rung:backup"]


def test_a_returned_review_stands_still_until_its_author_has_changed_the_order(story):
    number = story.place()
    reviewer = review_owner(story, number)
    story.as_(reviewer, return_review, story.step(number, "review").id, "单价不对")
    story.pass_until("2026-11-25 15:00")
    assert story.told(number, "review") == []

    def correct(book):
        return apply_change(
            book, plan_change(book, number, [FieldChange("promise_date", None, date(2026, 12, 18))]), None
        )

    story.as_("wangli", correct)
    story.pass_until("2026-11-27 18:00")
    assert story.told(number, "review")


def test_postponing_begins_a_new_ladder(story):
    number = story.place()
    story.pass_until("2026-11-24 14:45")
    step = story.step(number, "review")
    story.as_("he", postpone, ("step", step.id), at("2026-11-24 17:30"), "等图纸")
    story.pass_until("2026-11-25 14:00")
    assert story.told(number, "review")[4:] == [
        "Tue 11-24 14:30 liu rung:head",
        "Tue 11-24 15:30 he nudge",
        "Tue 11-24 17:30 he due",
        "Wed 11-25 14:00 he repeat",
        "Wed 11-25 14:00 liu rung:backup",
    ]


def test_a_waiting_step_is_in_danger_once_and_never_late(story):
    number = story.place(promise=date(2026, 11, 27))  # make is due on Tuesday at closing, ship on Friday
    story.pass_until("2026-12-02 12:00")
    told = story.told(number, "make")
    assert told == ["Tue 11-24 18:00 zhou danger"]
    assert story.told(number, "ship") == ["Fri 11-27 18:00 qian danger"]


def test_a_danger_is_told_again_only_when_the_date_really_moved(story):
    number = story.place(promise=date(2026, 11, 27))
    review = story.step(number, "review")
    story.as_("he", postpone, ("step", review.id), at("2026-11-25 12:00"), "等")
    heard = [row for row in story.pushes("zhou") if row.rule == "step.postponed"]
    assert len(heard) == 1
    story.pass_until("2026-11-25 17:00")
    assert story.told(number, "make") == []  # he has heard of it as a postponement
    story.as_("root", lambda book: _move(book, review.id, at("2026-11-26 12:00")))
    story.pass_until("2026-11-25 17:30")
    assert story.told(number, "make") == ["Wed 11-25 17:00 zhou danger"]
    story.as_("root", lambda book: _move(book, review.id, at("2026-11-26 15:00")))
    story.pass_until("2026-11-25 17:45")
    assert len(story.told(number, "make")) == 1


def _move(book, step_id, due):
    from store.tables import Step

    step = book.session.get(Step, step_id)
    step.due = step.postponed_to = due
    book.session.add(step)


def test_two_late_steps_of_a_person_come_together_at_the_digest_time(planned):
    first, second = planned.place(flow="quick"), planned.place(flow="quick")
    planned.pass_until("2026-11-25 12:00")
    told = [line for line in planned.told() if " qian " in line]
    assert told == [
        "Mon 11-23 16:00 qian nudge",
        "Mon 11-23 16:00 qian nudge",
        "Mon 11-23 18:00 qian due",
        "Mon 11-23 18:00 qian due",
        "Tue 11-24 09:00 qian digest",
        "Wed 11-25 09:00 qian digest",
    ]
    digest = planned.pushes("qian", "digest")[0]
    assert phrases_of(digest) == ["reminder.digest", "reminder.line", "reminder.line"]
    assert len(digest.body["choices"]) == 4
    planned.finish(first, "pack")
    pack = planned.step(second, "pack")
    planned.pass_until("2026-11-26 08:59")
    assert "Wed 11-25 15:00 qian repeat" in planned.told(second, "pack")
    planned.pass_until("2026-11-26 12:00")
    assert len(planned.pushes("qian", "digest")) == 2
    assert pack.status == "active"


def test_an_exception_is_climbed_like_a_step(story):
    number = story.place()
    case = story.as_("wangli", open_exception, number, "shortage", "密封圈断货")
    story.pass_until("2026-11-24 09:45")
    lines = [line for line in story.told(number) if " sun " in line or "chen" in line]
    assert lines == [
        "Mon 11-23 11:00 sun nudge",
        "Mon 11-23 14:30 sun due",
        "Tue 11-24 09:30 sun repeat",
        "Tue 11-24 09:30 chen rung:backup",
    ]
    assert all(row.urgent for row in story.pushes("sun", "due"))
    exception = story.look(_case_id)
    story.as_("sun", close_exception, exception, "换了供应商")
    story.pass_until("2026-11-26 12:00")
    assert [line for line in story.told(number) if " sun " in line] == [line for line in lines if " sun " in line]
    assert case is not None


def _case_id(book):
    from store.tables import ExceptionCase

    return book.session.exec(select(ExceptionCase.id)).one()


def test_a_hand_over_that_nobody_answers_lapses_and_stays_with_the_giver(story):
    number = story.place()
    step = story.step(number, "review")
    story.as_("he", ask_handover, step.id, "liu")
    story.pass_until("2026-11-23 14:35")
    request = story.look(lambda book: book.session.exec(select(Request)).one())
    assert request.status == "lapsed"
    assert story.step(number, "review").owner == "he"


def test_after_an_outage_of_three_days_each_step_and_rung_speaks_once(planned):
    number = planned.place()
    planned.jump_to("2026-11-26 10:00")
    while planned.sweep():
        pass
    assert sorted(planned.told(number, "review")) == sorted(
        [
            "Mon 11-23 14:30 he due",
            "Tue 11-24 09:30 liu rung:backup",
            "Tue 11-24 14:30 liu rung:head",
            "Wed 11-25 14:30 chen rung:manager",
        ]
    )
    rows = [row for row in planned.pushes("liu") if (row.rule or "").startswith("rung")]
    assert all(row.send_at > row.created_at for row in rows), "marked to be merged"
    assert len({row.send_at for row in rows}) == 1
    assert max(row.send_at for row in planned.pushes()) <= at("2026-11-26 10:00") + timedelta(seconds=60)
    assert planned.sweep() == 0


def test_after_ten_minutes_of_outage_the_due_push_is_out_at_once(planned):
    number = planned.place()
    planned.pass_until("2026-11-23 12:00")
    planned.jump_to("2026-11-23 14:40")
    planned.sweep()
    assert planned.told(number, "review")[-1] == "Mon 11-23 14:30 he due"
    assert planned.sweep() == 0


def test_a_cover_takes_over_what_is_reminded(story):
    number = story.place()
    story.as_("he", set_away, date(2026, 11, 23), date(2026, 11, 24), "liu")
    story.pass_until("2026-11-23 15:00")
    assert story.told(number, "review") == ["Mon 11-23 11:00 liu nudge", "Mon 11-23 14:30 liu due"]
    story.as_("he", come_back)
    story.pass_until("2026-11-24 10:00")
    assert story.told(number, "review")[2:] == ["Tue 11-24 09:30 he repeat", "Tue 11-24 09:30 liu rung:backup"]


def test_a_clock_that_jumps_back_says_nothing_twice(story):
    number = story.place()
    story.pass_until("2026-11-23 14:30")
    before = story.told(number)
    story.jump_to("2026-11-23 14:00")
    assert story.sweep() == 0
    story.pass_until("2026-11-23 14:45")
    assert story.told(number) == before


def test_a_snooze_keeps_the_due_moment(story):
    number = story.place()
    step = story.step(number, "review")
    story.as_("he", snooze, ("step", step.id), at("2026-11-24 09:00"))
    story.pass_until("2026-11-24 10:00")
    assert story.told(number, "review") == ["Tue 11-24 09:00 he lapsed"]
    assert story.step(number, "review").due == step.due
