"""Slips of the keyboard and Cantonese spellings, put right before anything is read; each place leads back to what was
typed.

An English word that nobody knows counts as the known word that is one slip away: letters swapped, doubled, left out
or hit beside; two slips in a long one. Nothing is put right that begins with a capital inside a sentence (a name),
that is part of a name of the company, or that is a word of its own (words/spelling.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from rapidfuzz.distance import OSA

from .dates.words import words as spoken
from .lexicon import lexicon, load_yaml
from .names.fold import sounds
from .normalise import Normalised, replaced
from .numbers.units import units

_WORD = re.compile(r"(?<![a-zA-Z0-9\-'@._/])[a-zA-Z]{4,16}(?![a-zA-Z0-9\-@_/]|\.[a-z])")
_BINDS = re.compile(r"绑|码|\b(?:link|bind|code)\b", re.IGNORECASE)
_ELSEWHERE = frozenset({"elsewhere"})  # talk of other things is no slip of ours: screaming is not streaming
_LATIN = re.compile(r"[a-z]+")
_LONG = 8  # letters from which on two slips are forgiven
_ENDINGS = {"s": "s", "es": "s", "d": "ed", "ed": "ed", "r": "er", "er": "er", "rs": "er", "ers": "er", "ing": "ing",
            "ion": "ion", "ly": "ly"}  # fmt: skip
_W = re.compile(r"(?:[^\d]\s|^)w [A-Za-z]")
_MOST = 60  # unknown words of one message that are looked at
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


class Speller:
    """Puts slips right.

    Args:
        names: spellings of the company's own names, whose words are never touched.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        words = frozenset(word for name in names for word in _LATIN.findall(name.lower()))
        self._names = frozenset(word for word in words if len(word) > 3)
        self._brief = words.intersection(_shorthand()[1])

    def right(self, plain: Normalised) -> Normalised:
        """The text with slips put right; the same value when there are none."""
        return replaced(plain, sorted([*_dialect(plain.text), *self._short(plain.text), *self._slips(plain.text)]))

    def _short(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Words typed short, written out: lmk, u, r, recd; names of the company stay what they are."""
        pattern, meant = _shorthand()
        for found in pattern.finditer(text):
            said = found.group()
            single = len(said) == 1
            if single and (not said.islower() or (said == "w" and not _W.match(text, max(0, found.start() - 2)))):
                continue  # 5 w is a measure
            if said.lower() not in self._brief:
                yield found.start(), found.end(), meant[said.lower()]

    def _slips(self, text: str) -> Iterator[tuple[int, int, str]]:
        seen = 0
        for found in _WORD.finditer(text):
            said = found.group()
            low = said.lower()
            if len(low) == 4 and _BINDS.search(text):
                continue  # half of a code
            if low in _known() or low in self._names or (said[0].isupper() and not _begins(text, found.start())):
                continue
            seen += 1
            if seen > _MOST:
                return
            meant = nearest(low)
            if meant is not None:
                yield found.start(), found.end(), meant


def _begins(text: str, at: int) -> bool:
    """Whether a word begins a sentence, or everything is written in capitals."""
    before = text[:at].rstrip()
    return not before or before[-1] in ".!?\n。:" or text.isupper()


@lru_cache(maxsize=2_000)
def nearest(said: str) -> str | None:
    """The known word that an unknown one is a slip of; None when there is none, or two as near."""
    best: list[tuple[float, str]] = []
    for length in range(len(said) - 2, len(said) + 3):
        for word in _sized().get((said[0], length), ()):
            price = _slip(said, word)
            if price is not None:
                best.append((price, word))
    best.sort()
    if not best or (len(best) > 1 and best[1][0] == best[0][0] and best[1][1][:4] != best[0][1][:4]):
        return None
    return best[0][1]


def _slip(said: str, word: str) -> float | None:
    """How great a slip makes `said` of `word`; None when it is none."""
    if _inflected(said, word):
        return None
    allowed = 2 if min(len(said), len(word)) >= _LONG else 1
    distance = OSA.distance(said, word, score_cutoff=allowed)
    if distance > allowed:
        return None
    if distance == 2:
        return 2.0 if said[:2] == word[:2] else None
    if len(said) == len(word):
        wrong = [(one, other) for one, other in zip(said, word, strict=True) if one != other]
        if len(wrong) == 2:
            return 1.0  # swapped
        one, other = wrong[0]
        return 1.5 if len(word) >= 6 or (len(word) == 5 and _beside(one, other)) else None
    longer, shorter = (said, word) if len(said) > len(word) else (word, said)
    at = next((at for at, char in enumerate(shorter) if char != longer[at]), len(shorter))
    doubled = at and longer[at] == longer[at - 1]
    if at >= len(shorter) and not doubled and not longer.startswith(shorter + "e"):
        return None  # an ending more or less is another word: ships, shipper
    return 1.1 if doubled else 1.3 if len(word) >= 5 else None


def _inflected(said: str, word: str) -> bool:
    """Whether two words are forms of one: completes is no slip of completed, nor is checker of checked."""
    shared = next((at for at, pair in enumerate(zip(said, word, strict=False)) if pair[0] != pair[1]), len(said))
    one, other = _ENDINGS.get(said[shared:]), _ENDINGS.get(word[shared:])
    return one is not None and other is not None and one != other


def _beside(one: str, other: str) -> bool:
    """Whether two letters lie next to each other on the keyboard."""
    places = [
        next(((y, row.find(char) + y / 2) for y, row in enumerate(_ROWS) if char in row), None) for char in (one, other)
    ]
    first, second = places
    return (
        first is not None and second is not None and abs(first[0] - second[0]) <= 1 and abs(first[1] - second[1]) <= 1
    )


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    table = load_yaml("spelling.yaml")
    return _words().union(table["right"].split(), table["short"], _read_elsewhere())


def _read_elsewhere() -> Iterator[str]:
    """Words of dates and units: they are no slips of others."""
    yield from spoken(("en",)).latin
    yield from sounds()  # Xu Ting is no thing
    yield from (word for name in units().keys for word in _LATIN.findall(name))


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    found = {word for said in lexicon().words if said.isascii() for word in _LATIN.findall(said)}
    return frozenset(found) | frozenset(load_yaml("spelling.yaml")["more"].split())


@lru_cache(maxsize=1)
def _sized() -> Mapping[tuple[str, int], tuple[str, ...]]:
    """Words that a slip may be made of, by first letter and length."""
    found: dict[tuple[str, int], list[str]] = {}
    known = lexicon().words
    for word in sorted(_words()):
        if len(word) >= 4 and known.get(word) != _ELSEWHERE:
            found.setdefault((word[0], len(word)), []).append(word)
    return {key: tuple(words) for key, words in found.items()}


@lru_cache(maxsize=1)
def _shorthand() -> tuple[re.Pattern[str], dict[str, str]]:
    said: dict[str, str] = load_yaml("spelling.yaml")["short"]
    pieces = "|".join(re.escape(old) for old in sorted(said, key=len, reverse=True))
    return re.compile(rf"(?<![\w\-'’@./#])(?:{pieces})(?![\w\-'’@/]|\.\w)", re.IGNORECASE), said


@lru_cache(maxsize=1)
def _dialects() -> tuple[re.Pattern[str], dict[str, str]]:
    table = load_yaml("spelling.yaml")
    said: dict[str, str] = {old: new for old, new in table["dialect"].items() if len(old) == len(new)}
    pieces = [re.escape(old) for old in sorted(said, key=len, reverse=True)]
    for old, rule in table["before"].items():
        if rule["chars"]:
            behind = f"(?<![{rule['not_behind']}])" if "not_behind" in rule else ""
            pieces.append(f"{behind}{old}(?=[{rule['chars']}])")
            said[old] = rule["to"]
    return re.compile("|".join(pieces), re.IGNORECASE), said


def _dialect(text: str) -> Iterator[tuple[int, int, str]]:
    pattern, said = _dialects()
    for found in pattern.finditer(text):
        yield found.start(), found.end(), said[found.group().lower()]
