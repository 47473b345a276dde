"""The adapter's own words; everything else comes from the phrase files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from conversations.datafiles import read_data


def word(name: str, language: str) -> str:
    """A word in a language; Chinese where there is none."""
    words = table("words")
    return str(words.get(language, words["zh"])[name])


@cache
def table(name: str) -> Mapping[str, Mapping[str, Any]]:
    """A part of words.yaml: by language, then by key."""
    loaded: Mapping[str, Mapping[str, Mapping[str, Any]]] = read_data(__file__, "words.yaml")
    return loaded[name]
