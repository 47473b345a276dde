"""What the checks of a company file report with: problems with their lines, and the keys that may be referred to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from store.company.problems import Path, Problem, nearest

SALESPERSON = "salesperson"
RESERVED = frozenset({SALESPERSON, "gendan"})
Names = Mapping[str, list[str]]
"""Keys that may be referred to, each with what else it is called."""


@dataclass
class Report:
    """Collects problems; knows the lines."""

    line: Callable[[Path], int | None]
    problems: list[Problem] = field(default_factory=list)

    def error(self, path: Path, key: str, **facts: Any) -> None:
        """Something that keeps the file from being loaded."""
        self.problems.append(Problem(self.line(path), path, key, facts))

    def warn(self, path: Path, key: str, **facts: Any) -> None:
        """Something doubtful."""
        self.problems.append(Problem(self.line(path), path, key, facts, warning=True))

    def refer(self, path: Path, given: str | None, valid: Names, key: str) -> None:
        """`given`, if anything, must be one of the keys; else the nearest one is named."""
        if given is not None and given not in valid:
            self.error(path, key, given=given, nearest=_nearest_key(given, valid), valid=list(valid))

    def unique(self, found: Iterable[tuple[Path, str | None]], key: str = "same_key") -> None:
        """Each key once."""
        seen: dict[str, Path] = {}
        for path, given in found:
            if given is None:
                continue
            if given in seen:
                self.error(path, key, given=given, first=self.line(seen[given]))
            seen.setdefault(given, path)


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything in the file that something else may refer to."""

    people: Names
    departments: Names
    customers: Names
    products: Names
    flows: Names

    @property
    def owners(self) -> Names:
        """Whoever may own a step or handle an exception."""
        return {SALESPERSON: [], **self.departments, **self.people}


def _nearest_key(given: str, valid: Names) -> str | None:
    for key, labels in valid.items():
        if given in labels or given.lower() == key.lower():
            return key
    return nearest(given, valid)
