"""The word lists of this package, read once and compiled into patterns."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from store.datafiles import read_data


@cache
def data(name: str) -> Mapping[str, Any]:
    """A word list of this package's data folder."""
    found: Mapping[str, Any] = read_data(__file__, "data", f"{name}.yaml")
    return found


def either(words: Iterable[str]) -> str:
    """A pattern of any of the words, the longest first; a space in a word is any run of blanks.

    Latin words end where no further letter follows.
    """
    ordered = sorted({str(word) for word in words}, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(map(_word, ordered)) + ")"


def _word(word: str) -> str:
    pattern = r"\s+".join(map(re.escape, word.split()))
    head = r"(?<![A-Za-z])" if word[:1].isascii() and word[:1].isalpha() else ""
    tail = r"(?![A-Za-z])" if word[-1:].isascii() and word[-1:].isalpha() else ""
    return head + pattern + tail


class Phrases:
    """Words found at a place of a text by their first or last character; the longest wins, case does not matter.

    A pattern of hundreds of words would be tried word by word; this looks at the few that begin alike.
    """

    def __init__(self, words: Iterable[str]) -> None:
        known = sorted({str(word).lower() for word in words}, key=lambda word: (-len(word), word))
        self.longest = max(map(len, known), default=0)
        self._first: dict[str, list[str]] = {}
        self._last: dict[str, list[str]] = {}
        for word in known:
            self._first.setdefault(word[0], []).append(word)
            self._last.setdefault(word[-1], []).append(word)

    def at(self, text: str, pos: int) -> str | None:
        """The longest word that starts at pos, in lower case; Latin ones end where no further letter follows."""
        words = self._first.get(text[pos : pos + 1].lower())
        if words:
            head = text[pos : pos + self.longest + 1].lower()
            for word in words:
                if head.startswith(word) and not (_latin(word[-1]) and _latin(head[len(word) : len(word) + 1])):
                    return word
        return None

    def before(self, text: str, end: int) -> str | None:
        """The longest word that ends at end, in lower case; Latin ones start where no letter stands before."""
        words = self._last.get(text[end - 1 : end].lower()) if end > 0 else None
        if words:
            tail = text[max(0, end - self.longest - 1) : end].lower()
            for word in words:
                if tail.endswith(word) and not (_latin(word[0]) and _latin(tail[-len(word) - 1 : -len(word)])):
                    return word
        return None


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


@dataclass(frozen=True, slots=True)
class Chinese:
    """Chinese numerals: values per character, and patterns around them."""

    digits: Mapping[str, int]
    tens: Mapping[str, int]
    small: Mapping[str, int]
    big: Mapping[str, int]
    about: re.Pattern[str]
    idioms: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class English:
    """English number words: values per word, and letters behind digits."""

    values: Mapping[str, tuple[str, Decimal]]
    letters: Mapping[str, Decimal]


@cache
def chinese() -> Chinese:
    """The Chinese numerals."""
    table = data("zh")
    numerals = "".join((*table["digits"], *table["small"], *table["big"]))
    return Chinese(
        table["digits"],
        table["tens"],
        table["small"],
        table["big"],
        re.compile(f"(?:{'|'.join(table['about'])})(?=[{''.join(table['big'])}])"),
        re.compile(f"(?:(?<![{numerals}\\d])|(?<=[周期拜][{numerals}]))(?:{'|'.join(table['idioms'])})"),
    )


@cache
def english() -> English:
    """The English number words: word to its part of speech and value."""
    table = data("en")
    values: dict[str, tuple[str, Decimal]] = {}
    for kind in ("parts", "units", "tens", "hundred", "scales", "dozens", "some"):
        values |= {word: (kind, Decimal(value)) for word, value in table[kind].items() if word not in values}
    for kind in ("articles", "and", "point", "minus"):
        values |= {word: (kind, Decimal(1)) for word in table[kind]}
    return English(values, {letter: Decimal(value) for letter, value in table["letters"].items()})
