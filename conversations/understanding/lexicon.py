"""The words of all languages: which concepts each carries, and the cheapest way to cut a text into them.

A words file maps "concept concept ..." to comma-separated words. In a word, [a|b] may be left out, (a|b) is a choice.
Chinese words match anywhere; Latin ones whole words only, with any run of spaces between theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from store.datafiles import read_data, worked_out

_GROUP = re.compile(r"\[([^\[\]()]*)\]|\(([^\[\]()]*)\)")
_LONGER = 0.0002  # of cuts into as many words the one with a longer word is better


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of the text that the lexicon knows, or does not (`concepts` empty).

    `start` and `end` are positions in the text cut; `entity` is the index of what was read there, -1 for words.
    """

    start: int
    end: int
    concepts: frozenset[str]
    text: str
    entity: int = -1


def expand(template: str) -> Iterator[str]:
    """Every spelling of a template: 到哪[里|儿]了 is 到哪了, 到哪里了 and 到哪儿了."""
    group = _GROUP.search(template)
    if group is None:
        yield template
        return
    choices = ["", *group[1].split("|")] if group[1] is not None else group[2].split("|")
    for choice in choices:
        yield from expand(template[: group.start()] + choice + template[group.end() :])


def _typed(template: str) -> Iterator[str]:
    """Every spelling of a template, and those with an apostrophe also without: dont do anything on, whos got."""
    for word in expand(template.strip().lower()):
        yield word
        if "'" in word and (" " in word or word.endswith("n't")):  # alone, "we'll" is no "well"
            yield word.replace("'", "")


def load_yaml(name: str) -> Any:
    """One of the data files in words/."""
    return read_data(__file__, "words", name)


def is_han(char: str) -> bool:
    """Whether words of this character's script are written without spaces."""
    return "\u2e80" <= char <= "\u9fff"


Starts = dict[str, dict[str, tuple[int, ...]]]


class Lexicon:
    """Words to concepts. Built once per set of languages; a company's own words lie in a second one on top."""

    def __init__(self, words: Mapping[str, frozenset[str]], starts: Starts | None = None) -> None:
        """`starts`: what `_starts` makes of the words, where it has been made before."""
        self.words = words
        self._starts = _starts(words) if starts is None else starts

    def at(self, text: str, start: int) -> Iterator[tuple[int, frozenset[str]]]:
        """Ends and concepts of every word that begins at `start`, the shortest first; Latin words whole ones only."""
        first = text[start]
        starts = self._starts.get(first)
        if starts is None or (start and _wordy(first) and _wordy(text[start - 1])):
            return
        words, length, end = self.words, len(text), start + 1
        if "" in starts and self._ends(text, end):
            yield end, words[first]
        lengths = starts.get(text[end]) if end < length else None
        if lengths is None:
            return
        if "  " in text:
            yield from self._spaced(text, start, lengths[-1])
            return
        for more in lengths:
            end = start + more
            if end > length:
                return
            concepts = words.get(text[start:end])
            if concepts is not None and (end == length or not (_wordy(text[end - 1]) and _wordy(text[end]))):
                yield end, concepts

    def _spaced(self, text: str, start: int, longest: int) -> Iterator[tuple[int, frozenset[str]]]:
        """The same where several blanks may stand for one."""
        said = text[start]
        position = start + 1
        while position < len(text) and len(said) < longest:
            char = text[position]
            said += char
            position += 1
            while char == " " and position < len(text) and text[position] == " ":
                position += 1
            concepts = self.words.get(said)
            if concepts is not None and self._ends(text, position):
                yield position, concepts

    @staticmethod
    def _ends(text: str, end: int) -> bool:
        return end >= len(text) or not (_wordy(text[end - 1]) and _wordy(text[end]))


def _starts(words: Iterable[str]) -> Starts:
    """By first and second character ("" for none): how long the words are that begin so, ascending."""
    found: dict[str, dict[str, set[int]]] = {}
    for word in words:
        found.setdefault(word[0], {}).setdefault(word[1:2], set()).add(len(word))
    shared: dict[tuple[int, ...], tuple[int, ...]] = {}
    return {
        first: {second: shared.setdefault(each := tuple(sorted(lengths)), each) for second, lengths in more.items()}
        for first, more in found.items()
    }


def whole_word(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] cuts no Latin word in two."""
    before = start > 0 and _wordy(text[start - 1]) and _wordy(text[start])
    after = end < len(text) and _wordy(text[end]) and _wordy(text[end - 1])
    return not (before or after)


def _wordy(char: str) -> bool:
    return char.isalnum() and not is_han(char) and not "\ue000" <= char <= "\uf8ff"


def gather(tables: Iterable[Mapping[str, str]]) -> dict[str, frozenset[str]]:
    """Words files merged: a word common to several concepts or languages carries them all."""
    words: dict[str, frozenset[str]] = {}
    shared: dict[frozenset[str], frozenset[str]] = {}  # thousands of words carry a few hundred sets
    for table in tables:
        for key, listed in table.items():
            concepts = frozenset(key.split())
            for template in listed.split(","):
                for word in _typed(template):
                    if word:
                        found = words.get(word, frozenset()) | concepts
                        words[word] = shared.setdefault(found, found)
    return words


@lru_cache(maxsize=4)
def lexicon(languages: tuple[str, ...] = ("zh", "en")) -> Lexicon:
    """The product's own words."""
    here = Path(__file__)
    sources = [here.parent / "words" / f"{language}.yaml" for language in languages]

    def build() -> tuple[dict[str, frozenset[str]], Starts]:
        words = gather(load_yaml(one.name) for one in sources)
        return words, _starts(words)

    return Lexicon(*worked_out(here.with_name(f"lexicon.{'-'.join(languages)}"), [here, *sources], build))


def cut(
    text: str, lexicons: Iterable[Lexicon], entity_at: Mapping[int, int], kinds: list[frozenset[str]]
) -> list[Word]:
    """Cut a masked text into words so that least stays unknown, then in the fewest words, the longest first.

    Args:
        text: lower case, each entity replaced by one private-use character.
        lexicons: where words are looked up.
        entity_at: position of such a character -> index of the entity.
        kinds: concepts of each entity.
    Returns: words in order, spaces and punctuation left out, unknown runs as words without concepts.
    """
    length = len(text)
    best: list[tuple[float, int, frozenset[str]]] = [(0.0, 0, frozenset())] * (length + 1)
    cost = [1e9] * (length + 1)
    cost[0] = 0.0
    tries = tuple(lexicons)
    for start in range(length):
        here = cost[start]
        char = text[start]
        free = not (char.isalnum() or start in entity_at)
        step = here + (0.0 if free or start in entity_at else 1.6 if is_han(char) else 1.05)
        if step < cost[start + 1]:
            cost[start + 1] = step
            best[start + 1] = (step, start, kinds[entity_at[start]] if start in entity_at else frozenset())
        if free:
            continue
        for end, concepts in _all_at(tries, text, start):
            price = here + 1.0 - _LONGER * (end - start) ** 2
            if price < cost[end]:
                cost[end] = price
                best[end] = (price, start, concepts)
    return _walk(text, best, entity_at)


def _all_at(tries: tuple[Lexicon, ...], text: str, start: int) -> Iterable[tuple[int, frozenset[str]]]:
    found: dict[int, frozenset[str]] = {}
    for trie in tries:
        for end, concepts in trie.at(text, start):
            found[end] = found.get(end, frozenset()) | concepts
    return found.items()


def _walk(text: str, best: list[tuple[float, int, frozenset[str]]], entity_at: Mapping[int, int]) -> list[Word]:
    words: list[Word] = []
    end = len(text)
    while end > 0:
        _, start, concepts = best[end]
        piece = text[start:end]
        if start in entity_at:
            words.append(Word(start, end, concepts, piece, entity_at[start]))
        elif concepts:
            words.append(Word(start, end, concepts, piece))
        elif not piece.isspace() and piece.isalnum():
            last = words[-1] if words else None
            if last is not None and last.start == end and not last.concepts and last.entity < 0:
                words[-1] = Word(start, last.end, concepts, piece + last.text)
            else:
                words.append(Word(start, end, concepts, piece))
        end = start
    words.reverse()
    return words
