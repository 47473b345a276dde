"""The word lists of this package and the patterns made of them."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from store.datafiles import read_data
from store.rules.carriers import carriers


@cache
def data(name: str) -> Mapping[str, Any]:
    """A word list of the data folder; the carriers are the store's own."""
    if name == "carriers":
        return carriers()
    found: Mapping[str, Any] = read_data(__file__, "data", f"{name}.yaml")
    return found


def either(words: Iterable[str]) -> str:
    """A pattern of any of the words in any case, longest first; Latin words stand alone."""
    return "(?:" + "|".join(_word(str(word)) for word in sorted(words, key=lambda word: -len(str(word)))) + ")"


def _word(word: str) -> str:
    head = r"(?<![a-z])" if word[0].isascii() and word[0].isalpha() else ""
    tail = r"(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else ""
    return head + r"\s+".join(map(re.escape, word.split())) + tail
