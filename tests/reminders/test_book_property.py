"""The whole book against a minute-by-minute telling: the same (recipient, step, rule, moment), whatever people do.

The slow telling sees only what steps and orders look like after each act (status, owner, due, rests, hold); who hears,
when, and whether repeats are left to the digest it works out by itself.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from reminders import Planner
from store.operations.flow import advance, refresh
from store.operations.holds import hold_order, resume_order
from store.operations.people import come_back, set_away
from store.operations.postponing import postpone
from store.operations.steps import acknowledge, snooze
from store.refusals import Refusal
from store.tables import Order, Reminder, Step
from store.units import Units, open_engine
from tests.reminders.conftest import SHANGHAI, Story
from tests.reminders.slow import MINUTE, Office, Said, Teller, World
from tests.support.clock import Clock
from tests.support.orders import draft

PEOPLE = ("o1", "o2", "b1", "b2")
ABOVE = {"o1": ("b1", "h", "m"), "o2": ("b2", "h", "m"), "b1": ("b2", "h", "m"), "b2": ("o2", "h", "m")}
START = datetime(2026, 11, 23, 9, tzinfo=SHANGHAI)
DAYS = 5


def company(hours, digest, before, repeat, ladder, within):
    people = "\n".join(
        f"  - {{key: {key}, name: {key}, department: team, manager: m, backup: {ABOVE[key][0]}}}" for key in PEOPLE
    )
    rungs = ", ".join(f"{{after: {after}m, to: {to}}}" for after, to in ladder)
    return f"""
company: {{name: X, language: en, timezone: Asia/Shanghai, currency: CNY}}
calendar: {{hours: {hours}, closed: [2026-11-25]}}
pushes: {{digest: {digest}}}
departments: [{{key: team, name: team, head: h}}, {{key: top, name: top, head: m}}]
people:
{people}
  - {{key: h, name: h, department: team}}
  - {{key: m, name: m, department: top, roles: [manager, coordinator, sales]}}
customers: [{{key: c, name: C, salesperson: m}}]
products: [{{sku: P, name: P, price: 1}}]
flows:
  - key: f
    name: f
    default: true
    steps:
      - {{key: a, name: a, owner: o1, within: {within}m, after: []}}
      - {{key: b, name: b, owner: o1, before_promise: 1d, after: []}}
      - {{key: c, name: c, owner: o2, before_promise: 0d, after: [a]}}
    reminders: {{before: {before}m, repeat: {repeat}m, ladder: [{rungs}]}}
"""


@dataclass
class Plan:
    """A random company and what people do in it."""

    hours: tuple[tuple[int, int], ...]
    digest: tuple[int, ...]
    before: int
    repeat: int
    ladder: tuple[tuple[int, str], ...]
    within: int
    acts: list[tuple[int, str, int, int]]  # minute, what, which step or order, how long

    @property
    def text(self) -> str:
        def _clock(minutes):
            return f"{minutes // 60:02}:{minutes % 60:02}"

        hours = [f"{_clock(start)}-{_clock(end)}" for start, end in self.hours]
        return company(hours, [_clock(one) for one in self.digest], self.before, self.repeat, self.ladder, self.within)


ACTS = (
    "done",
    "acknowledge",
    "acknowledge",
    "snooze",
    "postpone",
    "hold",
    "resume",
    "away",
    "back",
    "promise",
    "place",
)
plans = st.builds(
    Plan,
    hours=st.sampled_from([((540, 720), (780, 1080)), ((480, 960),), ((540, 600), (660, 900))]),
    digest=st.sampled_from([(540,), (525, 810)]),
    before=st.integers(1, 20).map(lambda n: n * 15),
    repeat=st.integers(2, 20).map(lambda n: n * 15),
    ladder=st.sets(st.sampled_from(["backup", "head", "manager"]), max_size=3).flatmap(
        lambda to: st.lists(st.integers(1, 60), min_size=len(to), max_size=len(to)).map(
            lambda after: tuple((n * 15, one) for n, one in zip(sorted(after), sorted(to), strict=True))
        )
    ),
    within=st.integers(1, 40).map(lambda n: n * 15),
    acts=st.lists(
        st.tuples(st.integers(1, DAYS * 1440 - 1), st.sampled_from(ACTS), st.integers(0, 7), st.integers(1, 1500)),
        min_size=2,
        max_size=9,
    ),
)


def act(story, what, which, minutes):
    """One thing that somebody does; what is refused changes nothing."""
    orders = story.look(lambda book: list(book.session.exec(select(Order).order_by(Order.id))))
    active = story.look(
        lambda book: list(book.session.exec(select(Step).where(Step.status == "active").order_by(Step.id)))
    )
    try:
        if what in ON_STEPS:
            if active:
                act_on_step(story, what, active[which % len(active)], story.clock() + timedelta(minutes=minutes))
        else:
            act_on_order(story, what, orders[which % len(orders)], which)
    except Refusal:
        pass


ON_STEPS = {"done", "acknowledge", "snooze", "postpone"}


def act_on_step(story, what, step, until):
    match what:
        case "done":
            story.as_("m", lambda book: _done(book, step.id))
        case "acknowledge":
            story.as_(step.owner, acknowledge, ("step", step.id), until)
        case "snooze":
            story.as_(step.owner, snooze, ("step", step.id), until)
        case "postpone":
            story.as_(step.owner, postpone, ("step", step.id), until, "x")


def act_on_order(story, what, order, which):
    match what:
        case "place":
            place(story, 1 + which % 4)
        case "hold":
            story.as_("m", hold_order, order.number, "x")
        case "resume":
            story.as_("m", resume_order, order.number)
        case "away":
            day = story.clock().astimezone(SHANGHAI).date()
            story.as_("o1", set_away, day, None, "b1")
        case "back":
            story.as_("o1", come_back)
        case "promise":
            story.as_("m", lambda book: _promise(book, order.number, which))


def place(story, days):
    from store.operations.orders import place_orders

    story.as_("m", place_orders, [draft("c", "P", 1, promise=date(2026, 11, 23) + timedelta(days=days), fields={})])


def _promise(book, number, days):
    order = book.order(number)
    order.promise_date = date(2026, 11, 23) + timedelta(days=days)
    order.version += 1
    book.session.add(order)
    refresh(book, order)


def _done(book, step_id):
    step = book.session.get(Step, step_id)
    order = book.session.get(Order, step.order_id)
    if order.status == "open":
        step.status, step.done_at = "done", book.now
        book.session.add(step)
        advance(book, order)


class SlowTeller:
    """Every step of every order, minute by minute."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.office = Office(ZoneInfo("Asia/Shanghai"), plan.hours, closed=frozenset({date(2026, 11, 25)}))
        self.rules = Said(plan.before, plan.repeat, plan.ladder)
        self.tellers: dict[int, Teller] = {}
        self.rows: dict[int, tuple[Step, Order]] = {}
        self.said: set[tuple[datetime, str, str, str]] = set()
        self.heard: dict[int, list[str]] = {}

    def look(self, rows: list[tuple[Step, Order]], now: datetime) -> None:
        """The book after an act."""
        self.rows = {step.id: (step, order) for step, order in rows}
        for key, (step, order) in self.rows.items():
            if step.status != "active":
                self.tellers.pop(key, None)
                continue
            if key not in self.tellers:
                self.tellers[key] = self._teller(key, step)
            world = self.tellers[key].world
            rests = [one for one in (step.acknowledged_until, step.snoozed_until) if one is not None]
            # What has lapsed is told already: only what lies ahead is a rest.
            world.rests_until = max(rests) if rests and max(rests) > now else None
            was_held, world.due, world.held = world.held, step.due, order.status != "open"
            if world.held and not was_held:
                self.tellers[key].late_when_held = step.due <= now
            self.tellers[key].changed(now, resumed=was_held and not world.held)
        self.speak(now)

    def _teller(self, key: int, step: Step) -> Teller:
        def _say(now, rule):
            owner = self.rows[key][0].owner
            to = rule.removeprefix("rung:")
            person = owner if to == rule else ABOVE[owner][("backup", "head", "manager").index(to)]
            self.said.add((now, person, f"step:{key}", rule))

        def _apart(now):
            return len(self.late_of(self.rows[key][0].owner, now)) < 2

        world = World(step.started_at, step.due)
        return Teller(self.office, self.rules, world, _say, _apart)

    def late_of(self, owner: str, now: datetime) -> list[int]:
        found = []
        for key, (step, order) in self.rows.items():
            rests = [one for one in (step.acknowledged_until, step.snoozed_until) if one is not None]
            if step.status == "active" and order.status == "open" and step.owner == owner and step.due <= now:
                found += [key] if not rests or max(rests) <= now else []
        return found

    def speak(self, now: datetime) -> None:
        for teller in list(self.tellers.values()):
            teller.speak(now)

    def minute(self, now: datetime) -> None:
        self.speak(now)
        local = now.astimezone(SHANGHAI)
        if local.hour * 60 + local.minute in self.plan.digest and self.office.day(local.date()):
            for person in PEOPLE:
                # What falls due in this very minute is told by its own push; a digest is for what was late before.
                if len(self.late_of(person, now)) >= 2 and self.late_of(person, now - MINUTE):
                    self.said.add((now, person, "person:" + person, "digest"))


@pytest.fixture(scope="module")
def template(sqlite_template):
    return sqlite_template


def rows_of(book):
    return list(book.session.exec(select(Step, Order).where(Step.order_id == Order.id)).all())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=plans)
def test_the_sweep_says_what_the_slow_telling_says(plan, template, tmp_path_factory):
    compare(plan, template, tmp_path_factory)


@pytest.mark.long
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=plans)
def test_in_three_hundred_companies_the_sweep_says_what_the_slow_telling_says(plan, template, tmp_path_factory):
    compare(plan, template, tmp_path_factory)


def compare(plan, template, tmp_path_factory):
    """Play one company both ways."""
    path = tmp_path_factory.mktemp("book") / "book.db"
    shutil.copyfile(template, path)
    clock = Clock(START)
    units = Units(open_engine(f"sqlite:///{path}", synchronous="OFF"), clock=clock, planner=Planner())
    story, slow = Story(units, clock), SlowTeller(plan)
    story.load(plan.text)
    place(story, 2)
    place(story, 3)
    now = START.astimezone(UTC)
    slow.look(story.look(rows_of), now)
    script = sorted(plan.acts, key=lambda one: one[0])
    for minute, what, which, minutes in [*script, (DAYS * 1440, "end", 0, 0)]:
        moment = START.astimezone(UTC) + timedelta(minutes=minute)
        story.pass_until(moment)
        while now < moment:
            for teller in slow.tellers.values():
                teller.pass_minute(now)
            now += MINUTE
            slow.minute(now)
        if what != "end":
            act(story, what, which, minutes)
            slow.look(story.look(rows_of), now)
    said = story.look(lambda book: list(book.session.exec(select(Reminder).where(Reminder.subject != "request"))))
    units.close()
    told = {
        (row.made_at, row.person, f"{row.subject}:{row.subject_key}", row.rule) for row in said if row.rule != "danger"
    }
    assert sorted(told) == sorted(slow.said)
