"""Real replicas on one PostgreSQL: killed, its server restarted, one with a false clock; together they act as one."""

import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from store.migrations import upgrade
from store.units import open_engine
from tests.support.postgres import PostgresServer
from tests.support.serving import FarSide, Serving, Unclear, end_leases, false_clock, orders_of, prepare, pushed

pytestmark = pytest.mark.postgres
FIVE_MINUTES = 300
SETTLED_WITHIN_S = 240


@pytest.fixture
def own_server():
    """A PostgreSQL that may be restarted under everybody's feet, and forgets nothing then."""
    server = PostgresServer(synchronous_commit="on")
    yield server
    server.stop()


def fresh(server: PostgresServer) -> str:
    url = server.url(server.new_database())
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


class Story:
    """`count` steps that fall due one after the other, and replicas that push them."""

    def __init__(self, url, folder, *, count, over_s, replicas, ahead_s=6.0):
        self.url, self.folder = url, folder
        self.first = datetime.now(UTC) + timedelta(seconds=ahead_s)
        workers = max(10, count // 10)
        self.numbers = prepare(
            url, workers=workers, count=count, first_due=self.first, apart=timedelta(seconds=over_s / count)
        )
        self.far = FarSide(workers)
        clocks = [None, false_clock(folder, FIVE_MINUTES)]
        self.unclear = Unclear(url, self.far)
        self.replicas = [Serving(url, self.far, folder, clocks[which]) for which in range(replicas)]

    def start(self):
        for replica in self.replicas:
            replica.start(wait=False)
        for replica in self.replicas:
            while not replica.answers():
                assert replica.process.poll() is None, replica.said()
                time.sleep(0.1)

    def wait(self, within_s=SETTLED_WITHIN_S):
        """Until every due push has arrived; how long that took."""
        began = time.monotonic()
        while missing := set(self.numbers) - set(self.far.dues()):
            assert time.monotonic() - began < within_s, f"missing: {sorted(missing)}"
            time.sleep(0.2)
        return time.monotonic() - began

    def end(self):
        for replica in self.replicas:
            replica.kill()
        self.far.stop()

    def extra(self):
        found = self.far.dues()
        return sum(found[number] - 1 for number in self.numbers)

    def pushes(self):
        """Which order was pushed by which rule to whom, so long after the first of them; what was due, not when done."""
        numbers = {order.id: order.number for order in orders_of(self.url)}
        steps = dict(zip([str(key) for key in sorted(numbers)], [numbers[key] for key in sorted(numbers)], strict=True))
        return {
            (steps[key], rule, turn, person, moment - self.first)
            for subject, key, rule, turn, person, moment in pushed(self.url)
            if subject == "step"
        }


def kill_and_restart(story, server, *, kills, restarts, seed, upto_s):
    """Kill replicas at random moments, PostgreSQL in between; how many kills hit a live process."""
    chance, hits = random.Random(seed), 0
    at = {max(1, kills * (turn + 1) // (restarts + 1)) for turn in range(restarts)}
    while hits < kills:
        time.sleep(chance.uniform(0.2, upto_s))
        victim = chance.choice(story.replicas)
        hits += victim.process.poll() is None
        victim.kill()
        story.unclear.look()
        if hits in at:
            at.discard(hits)
            server.restart()
        victim.start(wait=False)
    return hits


def play(server, folder, *, count, over_s, kills, restarts, replicas, upto_s=2.5):
    """The whole story; the pushes, the extra copies beyond unclear answers, and the kills."""
    story = Story(fresh(server), folder, count=count, over_s=over_s, replicas=replicas)
    try:
        story.start()
        hits = kill_and_restart(story, server, kills=kills, restarts=restarts, seed=3, upto_s=upto_s) if kills else 0
        if kills:
            time.sleep(1)
            end_leases(story.url)
        story.wait()
        return story.pushes(), story.extra() - story.unclear.count, hits
    finally:
        story.end()


@pytest.mark.slow
def test_two_replicas_killed_and_robbed_of_their_database_push_everything(own_server, tmp_path):
    pushes, extra, kills = play(own_server, tmp_path, count=40, over_s=8, kills=1, restarts=1, replicas=2)
    assert Counter(rule for _, rule, *_ in pushes) == {"due": 40}
    assert extra <= kills + 1  # the restart leaves at most one answer that nobody could write down


@pytest.mark.long
def test_six_hundred_due_with_many_kills_and_two_restarts_are_the_pushes_of_one_quiet_server(
    own_server, tmp_path, record_property
):
    if false_clock(tmp_path, FIVE_MINUTES) is None:
        pytest.skip("no compiler: no process with a false clock")
    pushes, extra, kills = play(own_server, tmp_path, count=600, over_s=90, kills=14, restarts=2, replicas=2)
    record_property("extra", extra)
    record_property("kills", kills)
    assert len(pushes) == 600
    assert kills >= 13
    assert extra <= kills + 2
    alone, none_extra, _ = play(own_server, tmp_path, count=600, over_s=30, kills=0, restarts=0, replicas=1)
    assert none_extra <= 0
    assert {one[:4] for one in alone} == {one[:4] for one in pushes}


@pytest.mark.long
@pytest.mark.parametrize("outage", [timedelta(minutes=10), timedelta(days=3)])
def test_what_fell_due_while_both_replicas_were_down_is_out_within_a_minute_of_their_start(
    own_server, tmp_path, outage, record_property
):
    story = Story(fresh(own_server), tmp_path, count=300, over_s=30, replicas=2, ahead_s=-outage.total_seconds())
    try:
        story.start()
        took = story.wait(within_s=60)
        record_property("seconds", took)
        time.sleep(5)
        assert story.extra() == 0
        said = [message for message in story.far.api.sent if "Due now" in message.get("text", "")]
        people = Counter(message["chat"] for message in said)
        assert max(people.values()) <= 3, "what is late is merged per person"
    finally:
        story.end()
