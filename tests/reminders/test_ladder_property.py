"""The rules against the minute-by-minute telling: the same pushes at the same moments, whatever people do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from store.calendars import Hours, Span, WorkCalendar
from store.company.defaults import Reminders, Rung
from tests.reminders.driving import play
from tests.reminders.slow import Office, Said, World, tell_minute_by_minute

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
SHIFTS = [
    ((540, 720), (780, 1080)),
    ((480, 960),),
    ((1320, 1800),),  # 22:00-06:00
    ((540, 600), (660, 720), (900, 930)),
]
TURNS = [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC),
         datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 4, 3, tzinfo=UTC)]  # fmt: skip
DAYS = 7


@st.composite
def offices(draw):
    zone, hours = ZoneInfo(draw(st.sampled_from(ZONES))), draw(st.sampled_from(SHIFTS))
    start = draw(st.sampled_from(TURNS))
    near = st.integers(-2, DAYS).map(lambda n: (start + timedelta(days=n)).date())
    closed = draw(st.frozensets(near, max_size=2))
    opened = draw(st.frozensets(near, max_size=2))
    return start, Office(zone, hours, closed=closed, open=opened)


def calendar_of(office: Office) -> WorkCalendar:
    hours = tuple(Hours(start, end) for start, end in office.hours)
    return WorkCalendar(zone=office.zone, hours=hours, week=office.week, closed=office.closed, open=office.open)


@st.composite
def rules(draw):
    spans = st.integers(1, 16).map(lambda n: Span(n * 30, "m"))
    rungs = draw(
        st.lists(
            st.tuples(
                st.integers(1, 40).map(lambda n: Span(n * 15, "m")), st.sampled_from(["backup", "head", "manager"])
            ),
            max_size=3,
        )
    )
    return Reminders(before=draw(spans), repeat=draw(spans), ladder=tuple(Rung(after, to) for after, to in rungs))


def acknowledge(minutes):
    def _act(world, now):
        world.rests_until = now + timedelta(minutes=minutes)

    return _act


def withdraw(world, _now):
    world.rests_until = None


def move(minutes):
    def _act(world, now):
        world.due = now + timedelta(minutes=minutes)

    return _act


def hold(world, _now):
    world.held = True


def resume(world, _now):
    world.held = False


def finish(world, _now):
    world.done = True


acts = st.one_of(
    st.integers(1, 900).map(acknowledge),
    st.integers(1, 900).map(acknowledge),
    st.just(withdraw),
    st.integers(1, 2000).map(move),
    st.integers(-2000, -1).map(move),
    st.just(hold),
    st.just(resume),
)


@st.composite
def stories(draw):
    """Most of what is done is done around and after the due moment, where the rules have most to say."""
    start, office = draw(offices())
    begin = start + timedelta(minutes=draw(st.integers(0, 1440)))
    given_time = draw(st.integers(1, 2000))
    due = None if draw(st.integers(0, 19)) == 0 else begin + timedelta(minutes=given_time)
    script: dict = {}
    for minute, act in draw(st.lists(st.tuples(st.integers(-300, 3000), acts), min_size=1, max_size=6)):
        moment = max(begin, begin + timedelta(minutes=given_time + minute))
        script.setdefault(moment, []).append(act)
    end = begin + timedelta(minutes=draw(st.integers(1000, DAYS * 1440)))
    script.setdefault(end, []).append(finish)
    return office, draw(rules()), begin, due, {moment: tuple(each) for moment, each in script.items()}


def held_across_a_lapse_and_the_due_moment():
    """A rest lapses and the date passes while the order is held: one telling at the resuming, not two."""
    minute = [datetime(2026, 3, 27, 0, n, tzinfo=UTC) for n in range(4)]
    script = {
        minute[1]: (acknowledge(1), move(2), hold),
        minute[3]: (resume,),
        datetime(2026, 3, 27, 16, 40, tzinfo=UTC): (finish,),
    }
    office = Office(ZoneInfo("Asia/Shanghai"), ((540, 720), (780, 1080)))
    return office, Reminders(before=Span(30, "m"), repeat=Span(30, "m"), ladder=()), minute[0], None, script


@settings(max_examples=250, deadline=None)
@example(held_across_a_lapse_and_the_due_moment())
@given(stories())
def test_the_rules_say_what_the_slow_telling_says(story):
    office, said, begin, due, script = story
    calendar = calendar_of(office)
    until = begin + timedelta(days=DAYS)
    plain = Said(
        calendar.minutes(said.before),
        calendar.minutes(said.repeat),
        tuple((calendar.minutes(rung.after), rung.to) for rung in said.ladder),
    )
    expected = tell_minute_by_minute(office, plain, World(begin, due), script, until)
    played = play(calendar, said, World(begin, due), script, until)
    assert sorted(played.said) == sorted(expected)
    assert played.looks <= 4 * (len(played.said) + len(script)) + 8
