"""Sections as plain documents: what was written, nothing more."""

from __future__ import annotations

from typing import Any

from store.company.models import Section

_EMPTY: tuple[Any, ...] = (None, [], {}, "")
_MEANT_EMPTY = frozenset({"after", "ladder", "closed", "open"})
"""Keys whose empty list says something: `after: []` starts at once, a department's `closed: []` hides the company's."""


def plain(section: Section) -> dict[str, Any]:
    """A section as JSON can hold it: texts, lists and maps; no key that the file does not have."""
    written = section.model_dump(mode="json", by_alias=True, exclude_unset=True)
    found: dict[str, Any] = tidy(written)
    return found


def tidy(value: Any) -> Any:
    """Without keys that say nothing, and with lists where there were tuples."""
    if isinstance(value, dict):
        tidied = {key: tidy(one) for key, one in value.items()}
        return {key: one for key, one in tidied.items() if one not in _EMPTY or (key in _MEANT_EMPTY and one == [])}
    if isinstance(value, list | tuple):
        return [tidy(one) for one in value]
    return value
