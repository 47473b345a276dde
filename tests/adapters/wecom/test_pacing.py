"""Counting what one receiver is sent."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.wecom.pacing import Limit, Pacer


def test_the_thirty_first_message_within_a_minute_waits_until_the_first_is_a_minute_old():
    pacer = Pacer()
    assert [pacer.take("a", now) for now in range(30)] == [0] * 30
    assert pacer.take("a", 30) == 30
    assert pacer.take("b", 30) == 0
    assert pacer.take("a", 60) == 0
    assert pacer.take("a", 60.5) == 0.5


def test_a_thousand_an_hour_is_the_end():
    pacer = Pacer()
    assert sum(pacer.take("a", second * 2.5) == 0 for second in range(1000)) == 1000
    assert pacer.take("a", 2500) == 1100


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 3)), max_size=80))
def test_no_window_ever_holds_more_than_its_limit(asked):
    pacer = Pacer((Limit(5, 10), Limit(9, 40)))
    now, out = 0.0, []
    for gap, count in asked:
        now += gap
        if pacer.take("a", now, count) == 0:
            out += [now] * count
    for moment in out:
        assert sum(moment - 10 < other <= moment for other in out) <= 5
        assert sum(moment - 40 < other <= moment for other in out) <= 9


def test_several_at_once_wait_until_all_of_them_may_go():
    pacer = Pacer()
    for second in range(30):
        pacer.take("a", second)
    assert pacer.take("a", 30, 3) == 32
    assert pacer.take("a", 62, 3) == 0


def test_waiting_as_long_as_told_is_enough():
    pacer = Pacer()
    now = 0.0
    for _ in range(2000):
        wait = pacer.take("a", now)
        now += wait
        if wait:
            assert pacer.take("a", now) == 0
