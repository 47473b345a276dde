"""What changes between two company files, entry by entry, for people to read before they say yes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from store.company.models import CompanyFile
from store.company.plain import plain

_NAMES = ("key", "sku", "field", "kind")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `path` as people write it ("people.wangli.backup"); None: was or is not there."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.path}: {_shown(self.after)}"
        if self.after is None:
            return f"- {self.path}: {_shown(self.before)}"
        return f"~ {self.path}: {_shown(self.before)} → {_shown(self.after)}"


def difference(before: CompanyFile | None, after: CompanyFile) -> tuple[Change, ...]:
    """Every entry that is new, gone or different, in the order of the file; empty when both say the same."""
    old = plain(before) if before is not None else {}
    return tuple(_differ("", old, plain(after)))


def _differ(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*after, *(key for key in before if key not in after)]:
            yield from _differ(f"{path}.{key}" if path else str(key), before.get(key), after.get(key))
        return
    old, new = _by_name(before), _by_name(after)
    if old is None or new is None or not (old or new):
        yield Change(path, before, after)
        return
    for name in [*new, *(name for name in old if name not in new)]:
        yield from _differ(f"{path}.{name}", old.get(name), new.get(name))
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        yield Change(f"{path} (order)", kept, [name for name in new if name in old])


def _by_name(value: Any) -> dict[str, Any] | None:
    """A list of named entries by their names; None for any other value."""
    if value is None:
        return {}
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return None
    names = [next((str(one[name]) for name in _NAMES if name in one), None) for one in value]
    found = {name: one for name, one in zip(names, value, strict=True) if name is not None}
    return found if len(found) == len(value) else None


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        parts = [f"{key} {_shown(one)}" for key, one in value.items()]
        text = ", ".join(parts)
    elif isinstance(value, list):
        text = ", ".join(_shown(one) for one in value) or "[]"
    else:
        text = str(value)
    return text if len(text) <= 120 else text[:119] + "…"
