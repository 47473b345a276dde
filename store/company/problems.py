"""What is wrong with a company file: a place, a key of problems.yaml, and facts; and the words for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from store.datafiles import read_data

Path = tuple[str | int, ...]

_SHORT = 12
"""So many valid words are listed beside the nearest one."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong (or, a warning, doubtful) in a company file.

    Attributes:
        line: from 1, None when it concerns the file as a whole.
        path: keys and list positions that lead there.
        key: which sentence of problems.yaml says it.
        facts: what fills the sentence; `given` what stands there, `nearest` the nearest valid one if there is one.
        warning: doubtful, but it can be loaded.
    """

    line: int | None
    path: Path
    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    warning: bool = False

    @property
    def place(self) -> str:
        """The path as people write it: people.wangli.manager is people[0].manager."""
        return place_of(self.path)


class CompanyProblems(Exception):
    """A company file cannot be used; `problems` are all of its errors, in the order of the file."""

    def __init__(self, problems: Iterable[Problem], source: str = "") -> None:
        self.problems = tuple(problems)
        self.source = source
        super().__init__("\n".join(describe(problem, "en") for problem in self.problems))


def place_of(path: Path) -> str:
    """A path in text: flows[0].steps[2].owner."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def nearest(given: str, valid: Iterable[str]) -> str | None:
    """The valid word most like the given one; None only when nothing is valid."""
    from rapidfuzz import fuzz

    def likeness(word: str) -> float:
        # whole words first: «sale» is «sales» misspelt, although «salesperson» contains it
        one, other = given.lower(), word.lower()
        return max(fuzz.ratio(one, other), 0.8 * fuzz.WRatio(one, other))

    return max(dict.fromkeys(valid), key=likeness, default=None)


def describe(problem: Problem, language: str) -> str:
    """The problem in words, with its line and place."""
    words = _words()[language if language in _words() else "en"]
    facts = {name: _said(value) for name, value in problem.facts.items()}
    said = words[problem.key].format_map(_Blank(facts))
    if problem.facts.get("nearest"):
        said += words["nearest"].format_map(_Blank(facts))
    if 0 < len(problem.facts.get("valid", ())) <= _SHORT:
        said += words["valid"].format_map(_Blank(facts))
    kind = words["warning" if problem.warning else "error"]
    where = words["no_line" if problem.line is None else "place" if problem.path else "line"]
    head = where.format_map(_Blank({"line": str(problem.line), "place": problem.place}))
    return f"{head}{kind}{said}".strip()


def problem_keys() -> frozenset[str]:
    """Every sentence there is, for the test that both languages have all."""
    return frozenset(_words()["en"])


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        shown = [str(one) for one in value[:12]]
        return ", ".join(shown) + (" …" if len(value) > len(shown) else "")
    return str(value)


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = read_data(__file__, "problems.yaml")
    return loaded
