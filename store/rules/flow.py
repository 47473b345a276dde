"""The shape of a flow: what waits for what. Steps are named by key, in the order of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

FINISHED = frozenset({"done", "skipped"})
"""A step in one of these no longer holds up what hangs on it."""


def parents_of(steps: Sequence[tuple[str, Sequence[str] | None]]) -> dict[str, tuple[str, ...]]:
    """What each step waits for.

    Args:
        steps: key and `after` of every step, in file order; `after` None is the step above, empty starts at once.
    """
    above: tuple[str, ...] = ()
    table: dict[str, tuple[str, ...]] = {}
    for key, after in steps:
        table[key] = above if after is None else tuple(after)
        above = (key,)
    return table


def ready(parents: Mapping[str, Sequence[str]], status: Mapping[str, str]) -> list[str]:
    """Waiting steps with everything they wait for finished, in file order."""
    return [
        key
        for key, after in parents.items()
        if status.get(key) == "waiting" and all(status.get(one, "done") in FINISHED for one in after)
    ]


def downstream(parents: Mapping[str, Sequence[str]], key: str) -> list[str]:
    """Every step that waits for this one, directly or through others, in file order."""
    reached = {key}
    grown = True
    while grown:  # `after` may name a step further down in the file
        more = {one for one, after in parents.items() if one not in reached and reached.intersection(after)}
        reached |= more
        grown = bool(more)
    return [one for one in parents if one in reached and one != key]


def next_after(parents: Mapping[str, Sequence[str]], key: str) -> list[str]:
    """The steps that wait for this one directly, in file order."""
    return [one for one, after in parents.items() if key in after]
