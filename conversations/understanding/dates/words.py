"""The words of dates and times, loaded once from data/*.yaml and indexed for the tokeniser."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from store.datafiles import read_data

Lexeme = dict[str, Any]
"""What one word can be: category -> value."""

NUMERALS = "零〇一二两俩仨三四五六七八九十百千廿卅"
# Categories of words that never begin a date; a word of other categories too gets the mark "start".
_FOLLOWERS = frozenset(
    {"link", "lead", "to", "and", "approx", "measure", "clock", "clock_exact", "clock_quarter", "zh_day", "zh_month"}
    | {"zh_year", "more", "and_unit", "offset_post", "ago", "before_post", "after_post", "since_post", "between_post"}
    | {"within_post", "meridiem", "ordinal_suffix", "past_clock", "around_day", "before_strict", "every", "vague"}
    | {"by_days", "day_itself", "reach"}
)
_LISTS = ("context", "references", "measures", "not_day", "names", "doubtful")


def load(name: str) -> dict[str, Any]:
    """One data file as plain Python values."""
    loaded: dict[str, Any] = read_data(__file__, "data", f"{name}.yaml")
    return loaded


@dataclass(slots=True)
class Latin:
    """A Latin word: what it can be alone, and the phrases it begins, by their second word, longest first."""

    alone: Lexeme | None = None
    phrases: dict[str, list[tuple[tuple[str, ...], Lexeme]]] = field(default_factory=dict)


@dataclass(slots=True)
class Words:
    """The lexicon of some languages together.

    `han` maps a first character to its words, longest first; `latin` maps a first word to what it begins.
    """

    han: dict[str, list[tuple[str, Lexeme]]] = field(default_factory=dict)
    latin: dict[str, Latin] = field(default_factory=dict)
    signs: dict[str, Lexeme] = field(default_factory=dict)
    context: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()
    han_measures: tuple[str, ...] = ()
    not_day: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    doubtful: frozenset[str] = frozenset()
    scanner: re.Pattern[str] | None = None


@lru_cache(maxsize=1)
def frame() -> dict[str, Any]:
    """Parts of the day and sections of periods (data/frame.yaml)."""
    return load("frame")


@lru_cache(maxsize=1)
def festivals() -> Mapping[str, Mapping[str, Any]]:
    """Festivals by key (data/festivals.yaml)."""
    return load("festivals")


def _entries(data: Mapping[str, Any]) -> dict[str, Lexeme]:
    entries: dict[str, Lexeme] = {}
    for category, words in data.items():
        if category not in _LISTS:
            for word, value in words.items():
                entries.setdefault(word, {})[category] = value
    return entries


def _festival_entries() -> dict[str, Lexeme]:
    entries: dict[str, Lexeme] = {}
    for key, facts in festivals().items():
        for word in facts["words"]:
            entries.setdefault(word.replace("-", " "), {})["festival"] = key
        for word in facts.get("doubtful", ()):
            entries.setdefault(word, {})["festival_doubtful"] = key
    return entries


@lru_cache(maxsize=8)
def words(languages: tuple[str, ...]) -> Words:
    """The lexicon of those languages; a word common to several keeps what it is in each."""
    data = [load(language) for language in languages]
    entries: dict[str, Lexeme] = {}
    for source in [*map(_entries, data), _festival_entries()]:
        for word, lexeme in source.items():
            entries.setdefault(word, {}).update(lexeme)
    lexicon = Words(
        context=_gather(data, "context"), measures=_gather(data, "measures"), doubtful=_gather(data, "doubtful")
    )
    lexicon.references = tuple(word for source in data for word in source.get("references", ()))
    lexicon.han_measures = tuple(word for word in lexicon.measures if not word.isascii())
    lexicon.not_day = tuple(word for source in data for word in source.get("not_day", ()))
    lexicon.names = tuple(word for source in data for word in source.get("names", ()))
    for word, lexeme in entries.items():
        if not lexeme.keys() <= _FOLLOWERS:
            lexeme["start"] = True
        _index(lexicon, word, lexeme)
    for known in lexicon.latin.values():
        for phrases in known.phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase[0]))
    for hans in lexicon.han.values():
        hans.sort(key=lambda entry: -len(entry[0]))
    return lexicon


def _gather(data: Sequence[Mapping[str, Any]], name: str) -> frozenset[str]:
    return frozenset(word for source in data for word in source.get(name, ()))


def _index(lexicon: Words, word: str, lexeme: Lexeme) -> None:
    if word[0] >= "\u2e80" and word[0] not in "，（）～":
        lexicon.han.setdefault(word[0], []).append((word, lexeme))
    elif word[0].isalnum():
        parts = tuple(word.split())
        known = lexicon.latin.setdefault(parts[0], Latin())
        if len(parts) == 1:
            known.alone = lexeme
        else:
            known.phrases.setdefault(parts[1], []).append((parts, lexeme))
    else:
        lexicon.signs[word] = lexeme
