"""Who answers for a piece of work, as plain values."""

from hypothesis import given
from hypothesis import strategies as st

from store.rules.owners import Answering, Colleague, Roster, Team, answering, give, stand_in

KEYS = ("head", "a", "b", "c", "boss")


def roster(*away: str, assign: str = "least_loaded", **covers: str) -> Roster:
    people = {
        key: Colleague(key, "team" if key != "boss" else None, "boss", None, key in away, covers.get(key))
        for key in KEYS
    }
    return Roster(people, {"team": Team("head", ("head", "a", "b", "c"), assign)}, ("boss",))


def test_the_fewest_steps_first_ties_in_file_order_and_never_the_head() -> None:
    assert give(roster(), "team", {"a": 1, "b": 1}) == "c"
    assert give(roster(), "team", {}) == "a"
    assert give(roster(), "team", {"head": 0, "a": 5, "b": 5, "c": 5}) == "a"


def test_somebody_away_gets_no_new_work_even_with_the_fewest_steps() -> None:
    assert give(roster("a"), "team", {"b": 9, "c": 8}) == "c"


def test_somebody_who_may_not_have_it_is_passed_over() -> None:
    assert give(roster(), "team", {"b": 9, "c": 8}, passing=frozenset({"a"})) == "c"


def test_with_nobody_left_the_head() -> None:
    assert give(roster("a", "b", "c"), "team", {}) == "head"
    assert give(roster("a"), "team", {}, passing=frozenset({"b", "c"})) == "head"


def test_turns_go_on_after_the_last_one_and_skip_who_is_away() -> None:
    one = roster(assign="round_robin")
    assert [give(one, "team", {}, last) for last in (None, "a", "b", "c", "head", "gone")] == [
        "a",
        "b",
        "c",
        "a",
        "a",
        "a",
    ]
    assert give(roster("b", assign="round_robin"), "team", {}, "a") == "c"


def test_a_cover_is_named_beside_whom_he_covers() -> None:
    assert answering(roster("a", a="b"), "a") == Answering("b", "a")
    assert answering(roster(), "a") == Answering("a")


def test_a_named_cover_counts_only_while_away() -> None:
    assert stand_in(roster(a="b"), "a") == "a"


def test_without_cover_and_backup_the_head_and_for_the_head_his_manager() -> None:
    assert stand_in(roster("a"), "a") == "head"
    assert stand_in(roster("head"), "head") == "boss"


def test_a_ring_of_covers_ends_at_the_head() -> None:
    assert stand_in(roster("a", "b", a="b", b="a"), "a") == "head"


def test_somebody_passed_over_is_not_covered_for() -> None:
    found = answering(roster(), "a", frozenset({"a"}))
    assert (found.owner, found.assigned) == ("head", None)


@given(
    st.frozensets(st.sampled_from(KEYS)),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(KEYS)),
    st.frozensets(st.sampled_from(KEYS), max_size=3),
    st.sampled_from(KEYS),
)
def test_work_is_never_nobodys_nor_an_absent_ones_while_somebody_is_there(away, covers, passing, key) -> None:
    people = roster(*away, **covers)
    owner = stand_in(people, key, passing)
    assert owner in KEYS
    fit = [one for one in KEYS if one not in away and one not in passing]
    assert owner in fit or not fit
