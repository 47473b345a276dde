"""Several at once: two replicas sweeping, and an acknowledgement that meets an escalation. On PostgreSQL, with threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlmodel import func, select

from reminders import Drop, Planner, gate, sweep
from store.book import Actor
from store.operations.handovers import NotDecidable, ask_handover, decide_request
from store.operations.people import set_away
from store.operations.steps import acknowledge, complete_step
from store.operations.taking_back import take_back
from store.tables import AuditEntry, Deadline, Outbox, Reminder, Step
from store.units import Units, open_engine
from tests.reminders.conftest import Story, at

pytestmark = pytest.mark.postgres


@pytest.fixture
def replicas(postgres_url, clock):
    units = [Units(open_engine(postgres_url), clock=clock, planner=Planner()) for _ in range(2)]
    story = Story(units[0], clock)
    from tests.support.companies import PUMP

    story.load(PUMP)
    yield story, units
    for each in units:
        each.close()


def sweep_dry(units):
    while units.write(lambda book: sweep(book, limit=20)).count:
        pass


def test_two_replicas_that_sweep_together_say_everything_once(replicas):
    story, units = replicas
    numbers = [story.place(flow="quick" if n % 2 else None) for n in range(30)]
    story.jump_to("2026-11-24 18:30")  # due pushes, rungs and digests, all late
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(sweep_dry, units[n % 2]) for n in range(4)]:
            future.result()
    sweep_dry(units[0])
    rows = story.look(lambda book: list(book.session.exec(select(Reminder))))
    dues = [row for row in rows if row.rule == "due"]
    assert len(dues) == len(numbers)
    told = [(row.subject, row.subject_key, row.rule, row.turn, row.person) for row in rows]
    assert len(told) == len(set(told))
    sent = story.look(
        lambda book: book.session.exec(select(func.count()).select_from(Outbox).where(Outbox.rule == "due")).one()
    )
    assert sent == len(numbers)
    assert story.look(lambda book: list(book.session.exec(select(Deadline).where(Deadline.next_at <= book.now)))) == []


def test_a_leave_that_begins_is_dealt_with_once_by_two_replicas(replicas):
    story, units = replicas
    number = story.place()
    owner = story.step(number, "review").owner
    story.as_(owner, set_away, date(2026, 11, 24), date(2026, 11, 24), "liu")
    story.jump_to("2026-11-24 09:00")
    start = threading.Barrier(2)

    def _sweep(which):
        start.wait()
        sweep_dry(units[which])

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(_sweep, which) for which in range(2)]:
            future.result()
    assert story.step(number, "review").owner == "liu"
    assert len([row for row in story.pushes("liu", "step.started") if row.card]) == 1


def test_no_escalation_is_claimed_after_the_acknowledgement(replicas):
    story, units = replicas
    numbers = [story.place() for _ in range(40)]
    steps = [story.step(number, "review") for number in numbers]
    story.pass_until("2026-11-24 09:00")
    story.jump_to("2026-11-24 09:30")  # all backups are due now
    start = threading.Barrier(3)

    def _acknowledge():
        start.wait()
        for step in steps:
            units[1].write(lambda book, step=step: acknowledge(book, ("step", step.id)), Actor(step.owner, "console"))

    def _sweep(which):
        start.wait()
        for _ in range(30):
            units[which].write(lambda book: sweep(book, limit=3))

    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(_acknowledge), pool.submit(_sweep, 0), pool.submit(_sweep, 1)]:
            future.result()
    sweep_dry(units[0])
    acknowledged = story.look(
        lambda book: book.session.exec(
            select(func.count()).select_from(AuditEntry).where(AuditEntry.what == "step.acknowledged")
        ).one()
    )
    assert acknowledged == len(steps)
    rungs = story.pushes(rule="rung:backup")
    verdicts = units[0].write(lambda book: [gate(book, book.session.get(Outbox, row.id)) for row in rungs])
    assert all(verdict == Drop() for verdict in verdicts), "whatever was written before it is dropped at sending"
    resting = story.look(lambda book: list(book.session.exec(select(Step).where(Step.acknowledged_until > book.now))))
    assert len(resting) == len(steps)
    nexts = story.look(
        lambda book: {
            row.subject_key: row.next_at
            for row in book.session.exec(select(Deadline).where(Deadline.subject == "step"))
        }
    )
    assert all(nexts[str(step.id)] == step.acknowledged_until for step in resting), "the next look is at the lapse"
    before = len(story.pushes(rule="rung:backup"))
    story.pass_until("2026-11-24 11:00")
    assert len(story.pushes(rule="rung:backup")) == before
    assert at("2026-11-24 11:00") == story.clock()


def test_of_two_who_say_yes_at_once_to_the_same_hand_over_one_is_told_who_was_faster(replicas):
    """The one who was asked and his cover press at the same moment."""
    story, units = replicas
    number = story.place()
    story.finish(number, "review", "purchase")
    step = story.step(number, "make")
    taker = "zhou" if step.owner == "wu" else "wu"
    story.as_(taker, set_away, date(2026, 11, 23), date(2026, 11, 24), "qian")
    request = story.as_(step.owner, ask_handover, step.id, taker)
    start = threading.Barrier(2)

    def _accept(which, person):
        start.wait()
        try:
            return units[which].write(lambda book: decide_request(book, request.id, None, True), Actor(person)).request
        except NotDecidable as late:
            return late

    with ThreadPoolExecutor(2) as pool:
        results = [one.result() for one in (pool.submit(_accept, 0, taker), pool.submit(_accept, 1, "qian"))]
    (late,) = [one for one in results if isinstance(one, NotDecidable)]
    (won,) = [one for one in results if not isinstance(one, NotDecidable)]
    assert late.facts["by"] == ({"zhou": "周强", "wu": "吴刚", "qian": "钱进"}[won.decided_by])
    assert story.step(number, "make").owner == won.decided_by
    assert story.events(number).count("step.handover_accepted") == 1


def test_a_step_taken_back_from_done_goes_on_being_reminded_of_where_it_stood(replicas):
    """Back to an earlier step: what was told is not told again, what is still to come comes."""
    story, _units = replicas
    number = story.place(flow="quick")
    story.pass_until("2026-11-23 17:00")
    step = story.step(number, "pack")
    story.as_("qian", complete_step, step.id)
    story.clock.pass_by(minutes=5)
    story.as_("qian", take_back)
    assert story.step(number, "pack").status == "active"
    story.pass_until("2026-11-24 08:00")
    assert story.told(number, "pack") == ["Mon 11-23 16:00 qian nudge", "Mon 11-23 18:00 qian due"]
    assert story.told(number, "send") == []
