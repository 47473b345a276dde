"""Which intents a text that no rule reads is nearest to: character n-grams of the written examples, compared by
cosine with rare ones weighing more.

It only orders what is offered as a button («did you mean»); nothing is ever done because of it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from .lexicon import load_yaml

_SIZES = (2, 3)
_DIGIT = re.compile(r"\d")
_MOST = 120  # characters looked at
_LEAST = 0.1  # a cosine below it says nothing


class Ranker:
    """Trained once, from example sentences per intent."""

    def __init__(self, examples: Mapping[str, Sequence[str]]) -> None:
        said = [(intent, frozenset(_grams(text))) for intent, texts in examples.items() for text in texts]
        held = Counter(gram for _, grams in said for gram in grams)
        self._rarity = {gram: math.log(1 + len(said) / count) for gram, count in held.items()}
        self._intents = [intent for intent, _ in said]
        self._lengths = [math.sqrt(sum(self._rarity[gram] ** 2 for gram in grams)) for _, grams in said]
        self._holders: dict[str, list[int]] = {}
        for number, (_, grams) in enumerate(said):
            for gram in grams:
                self._holders.setdefault(gram, []).append(number)

    def rank(self, text: str, most: int = 3) -> tuple[tuple[str, float], ...]:
        """The nearest intents by their nearest examples' cosines, best first; empty when nothing comes near."""
        grams = set(_grams(text))
        length = math.sqrt(sum(self._rarity.get(gram, 4.0) ** 2 for gram in grams)) or 1.0
        shared: dict[int, float] = {}
        for gram in grams & self._holders.keys():
            for number in self._holders[gram]:
                shared[number] = shared.get(number, 0.0) + self._rarity[gram] ** 2
        best: dict[str, float] = {}
        for number, weight in shared.items():
            intent = self._intents[number]
            best[intent] = max(best.get(intent, 0.0), weight / (length * self._lengths[number]))
        ranked = sorted(best.items(), key=lambda entry: (-entry[1], entry[0]))[:most]
        return tuple((intent, score) for intent, score in ranked if score >= _LEAST)


def _grams(text: str) -> Iterator[str]:
    plain = f" {' '.join(_DIGIT.sub('', text.lower()).split())[:_MOST]} "  # which number it is tells nothing
    for size in _SIZES:
        yield from (plain[at : at + size] for at in range(len(plain) - size + 1))


@lru_cache(maxsize=1)
def ranker() -> Ranker:
    """The ranker of the project's own examples (words/examples.yaml)."""
    return Ranker(load_yaml("examples.yaml"))
