"""May this push go out now, and is it still true?"""

from datetime import date

from sqlmodel import select

from reminders import Drop, Go, Hold, Reroute, gate, merge
from store.messages import Choice, Letter, Phrase
from store.operations.people import set_away, set_quiet
from store.operations.steps import acknowledge
from store.tables import Outbox
from tests.reminders.conftest import at

HELLO = Letter((Phrase("reminder.brief"),))


def push(story, person, *, rule="news", urgent=False, card=None, send_at=None, kind="push"):
    def _tell(book):
        row = book.tell(person, HELLO, rule=rule, urgent=urgent, card=card, kind=kind, send_at=send_at)
        book.session.flush()
        return row.id

    return story.units.write(_tell)


def judge(story, row_id):
    return story.units.write(lambda book: gate(book, book.session.get(Outbox, row_id)))


def news(story, person, **how):
    return judge(story, push(story, person, **how))


def test_by_day_a_push_goes(story):
    assert news(story, "zhou") == Go()


def test_in_the_evening_before_quiet_hours_a_push_still_goes(story):
    story.jump_to("2026-11-23 20:59")
    assert news(story, "zhou") == Go()


def test_in_quiet_hours_it_waits_for_the_morning(story):
    story.jump_to("2026-11-23 21:00")
    assert news(story, "zhou") == Hold(at("2026-11-24 08:00"))
    story.jump_to("2026-11-24 07:59")
    assert news(story, "zhou") == Hold(at("2026-11-24 08:00"))
    story.jump_to("2026-11-24 08:00")
    assert news(story, "zhou") == Go()


def test_on_a_friday_night_it_waits_for_monday(story):
    story.jump_to("2026-11-27 22:00")
    assert news(story, "zhou") == Hold(at("2026-11-30 08:00"))


def test_on_a_holiday_it_waits_for_the_first_working_day(story):
    story.jump_to("2026-10-02 10:00")
    assert news(story, "zhou") == Hold(at("2026-10-08 08:00"))


def test_a_saturday_that_is_worked_is_no_day_off(story):
    story.jump_to("2026-10-10 10:00")
    assert news(story, "zhou") == Go()


def test_ones_own_quiet_hours_replace_the_companys(story):
    story.as_("zhou", set_quiet, "18:30-09:15")
    story.jump_to("2026-11-23 19:00")
    assert news(story, "zhou") == Hold(at("2026-11-24 09:15"))
    story.jump_to("2026-11-23 21:30")
    assert news(story, "wu") == Hold(at("2026-11-24 08:00"))


def test_urgent_ones_and_answers_always_go(story):
    story.jump_to("2026-11-28 23:00")
    assert news(story, "zhou", urgent=True) == Go()
    assert news(story, "zhou", kind="answer") == Go()


def test_a_customer_is_left_alone_at_night_too(story):
    story.jump_to("2026-11-23 23:00")
    assert news(story, "li") == Hold(at("2026-11-24 08:00"))


def test_who_is_away_is_covered(story):
    story.as_("he", set_away, date(2026, 11, 23), date(2026, 11, 25), "liu")
    assert news(story, "he") == Reroute("liu")
    assert news(story, "he", urgent=True) == Reroute("liu")
    story.jump_to("2026-11-26 10:00")
    assert news(story, "he") == Go()


def test_a_cover_who_is_away_too_is_covered_by_his_own(story):
    story.as_("he", set_away, date(2026, 11, 23), date(2026, 11, 25), "liu")
    story.as_("liu", set_away, date(2026, 11, 23), date(2026, 11, 25), "sun")
    assert news(story, "he") == Reroute("sun")


def test_beyond_the_days_budget_it_waits_for_the_next_digest_and_goes_then(story):
    def _sent(book):
        for _ in range(20):
            row = book.tell("zhou", HELLO, rule="news")
            row.status, row.sent_at = "sent", book.now

    story.units.write(_sent)
    row = push(story, "zhou")
    assert judge(story, row) == Hold(at("2026-11-24 09:00"))
    assert news(story, "zhou", urgent=True) == Go()
    assert news(story, "wu") == Go()
    story.jump_to("2026-11-24 09:00")
    assert judge(story, row) == Go(), "a new day"


def test_what_waited_for_a_digest_goes_with_it_though_the_budget_is_used_up(story):
    story.load(story_company())

    def _sent(book):
        for _ in range(2):
            row = book.tell("zhou", HELLO, rule="news")
            row.status, row.sent_at = "sent", book.now

    story.units.write(_sent)
    assert news(story, "zhou") == Hold(at("2026-11-23 13:30"))
    row = push(story, "zhou", send_at=at("2026-11-23 13:30"))
    story.jump_to("2026-11-23 13:30")
    assert judge(story, row) == Go()


def story_company():
    from tests.support.companies import PUMP

    return PUMP + "\npushes: {digest: ['08:45', '13:30'], per_day: 2}\n"


def test_a_push_about_a_finished_step_is_dropped(story):
    number = story.place()
    story.pass_until("2026-11-23 14:30")
    due = story.pushes("he", "due")[0]
    assert judge(story, due.id) == Go()
    story.finish(number, "review")
    assert judge(story, due.id) == Drop()


def test_a_push_is_dropped_when_its_step_was_acknowledged_meanwhile(story):
    number = story.place()
    story.pass_until("2026-11-24 09:30")
    rows = [*story.pushes("he", "repeat"), *story.pushes("liu", "rung:backup")]
    assert [judge(story, row.id) for row in rows] == [Go(), Go()]
    step = story.step(number, "review")
    story.as_("he", acknowledge, ("step", step.id))
    assert [judge(story, row.id) for row in rows] == [Drop(), Drop()]


def test_news_without_a_card_stays_true(story):
    number = story.place()
    story.finish(number, "review")
    assert news(story, "zhou", rule="order.moved", card=f"order:{number}") == Go()


def test_held_pushes_become_one_letter_with_buttons_of_each(story):
    first, second = story.place(flow="quick"), story.place(flow="quick")
    rows = story.look(lambda book: list(book.session.exec(select(Outbox).where(Outbox.rule == "step.started"))))
    letter = story.look(lambda book: merge(book, rows))
    assert [phrase.key for phrase in letter.says] == ["reminder.merged", "reminder.merged_item", "reminder.merged_item"]
    assert all(choice.label.facts["number"] in {first, second} for choice in letter.choices)
    assert {choice.action for choice in letter.choices} >= {f"order.show:{first}"} or len(letter.choices) >= 8


def test_several_pushes_of_one_card_are_told_in_the_words_of_the_last(story):
    story.place()
    story.pass_until("2026-11-24 09:30")
    rows = [row for row in story.pushes("he") if row.card]
    assert len(rows) > 2
    letter = story.look(lambda book: merge(book, rows))
    assert letter.says[0].key == "reminder.repeat"


def test_merging_loses_no_button_twice_and_no_news(story):
    rows = [
        Outbox(
            id=n,
            person="zhou",
            kind="push",
            rule="news",
            card="order:1",
            orders=["SO-1"],
            created_at=at("2026-11-23 09:00"),
            send_at=at("2026-11-23 10:00"),
            body={"says": [{"$p": ["reminder.brief", {}]}], "choices": [[{"$p": ["button.help", {}]}, "help"]]},
        )
        for n in (1, 2)
    ]
    letter = story.look(lambda book: merge(book, rows))
    assert letter.says[0].facts["n"] == 2
    assert letter.choices == (
        Choice(Phrase("reminder.button_on", {"label": Phrase("button.help"), "number": "SO-1"}), "help"),
    )


def test_what_was_held_is_told_by_what_its_lateness_costs(story):
    small, large = story.place(flow="quick", quantity=1), story.place(flow="quick", quantity=500)
    story.pass_until("2026-11-24 19:00")
    rows = [row for row in story.pushes("qian") if row.card and row.rule in {"due", "step.started"}]
    assert [row.orders for row in rows if row.rule == "due"] == [[small], [large]]
    letter = story.look(lambda book: merge(book, rows))
    items = [phrase.facts["says"][0].facts["number"] for phrase in letter.says[1:]]
    assert items == [large, small]
    assert len({choice.action for choice in letter.choices}) == len(letter.choices)
