"""What a platform's doctor finds: each thing that was tried, whether it works, and the key of the words that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from conversations.datafiles import read_data


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried.

    Attributes:
        well: whether it works.
        key: of its words.
        facts: what the words speak of.
    """

    well: bool
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)


def sentence(file: Path, finding: Finding, language: str) -> str:
    """A finding in words; they stand in a YAML file by language, then key."""
    return _words(file)[language][finding.key].format_map(finding.facts)


@cache
def _words(file: Path) -> Mapping[str, Mapping[str, str]]:
    loaded: Mapping[str, Mapping[str, str]] = read_data(str(file), file.name)
    return loaded
