"""A day's brief, and promises kept."""

from datetime import date

import pytest

from conversations.phrasebook import book_for
from reminders.briefs import brief_letter, brief_of, department_brief
from store.operations.steps import acknowledge
from store.reads.keeping import Promises, promises_of
from tests.reminders.conftest import at


def numbers(pairs):
    return [order.number for order, _ in pairs]


def test_a_brief_sorts_the_day(story):
    late = story.place(flow="quick")
    story.pass_until("2026-11-24 10:00")
    today = story.place(flow="quick")
    blocked = story.place(promise=date(2026, 11, 25))
    story.as_("qian", acknowledge, ("step", story.step(late, "pack").id), at("2026-11-24 12:00"))
    story.pass_until("2026-11-25 09:30")
    found = story.look(lambda book: brief_of(book, ["qian"]))
    assert numbers(found.late) == [late]
    assert numbers(found.due_today) == [today]
    assert numbers(found.promised) == [late]
    assert numbers(found.blocked) == [blocked]
    assert numbers(story.look(lambda book: department_brief(book, "warehouse")).late) == [late]
    for language in ("zh", "en"):
        assert late in book_for(language, "Asia/Shanghai", story.clock()).letter(brief_letter(found)).text


def test_nothing_to_do_is_said_plainly(story):
    found = story.look(lambda book: brief_of(book, ["zheng"]))
    assert found.empty
    assert brief_letter(found).says[0].key == "reminder.brief_empty"


@pytest.mark.parametrize(("done_at", "expected"), [
    ("2026-11-23 10:30", Promises(1, 0, 0)),
    ("2026-11-23 14:00", Promises(0, 1, 0)),
    (None, Promises(0, 0, 1)),
])  # fmt: skip
def test_an_acknowledgement_is_a_promise(story, done_at, expected):
    number = story.place()
    step = story.step(number, "review")
    story.as_(step.owner, acknowledge, ("step", step.id), at("2026-11-23 11:00"))
    story.as_(step.owner, acknowledge, ("step", step.id), at("2026-11-23 12:00"))
    if done_at:
        story.pass_until(done_at)
        story.finish(number, "review")
    assert story.look(lambda book: promises_of(book, step.owner, at("2026-11-23 00:00"))) == expected
