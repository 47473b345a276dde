"""Which intents a text that no rule reads is nearest to: naive Bayes over character n-grams of the written examples.

It only orders what is offered as a button («did you mean»); nothing is ever done because of it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from .lexicon import load_yaml

_SIZES = (2, 3)
_MOST = 120  # characters looked at
_LEAST = 0.5  # how much likelier than the average intent one must be, per n-gram known


class Ranker:
    """Trained once, from example sentences per intent."""

    def __init__(self, examples: Mapping[str, Sequence[str]]) -> None:
        counts = {
            intent: Counter(gram for text in texts for gram in _grams(text)) for intent, texts in examples.items()
        }
        known = {gram for counted in counts.values() for gram in counted}
        self._weights: dict[str, dict[str, float]] = {gram: {} for gram in known}
        self._floor: dict[str, float] = {}
        for intent, counted in counts.items():
            total = sum(counted.values()) + 0.2 * len(known)
            self._floor[intent] = math.log(0.2 / total)
            for gram, count in counted.items():
                self._weights[gram][intent] = math.log((count + 0.2) / total)

    def rank(self, text: str, most: int = 3) -> tuple[tuple[str, float], ...]:
        """The nearest intents with scores above 0, best first; empty when nothing in the text was ever seen."""
        grams = [gram for gram in _grams(text) if gram in self._weights]
        if not grams:
            return ()
        scores = {
            intent: sum(self._weights[gram].get(intent, floor) for gram in grams) / len(grams)
            for intent, floor in self._floor.items()
        }
        average = sum(scores.values()) / len(scores)
        ranked = sorted(scores.items(), key=lambda entry: -entry[1])[:most]
        return tuple((intent, score - average) for intent, score in ranked if score - average > _LEAST)


def _grams(text: str) -> Iterator[str]:
    plain = f" {' '.join(text.lower().split())[:_MOST]} "
    for size in _SIZES:
        yield from (plain[at : at + size] for at in range(len(plain) - size + 1))


@lru_cache(maxsize=1)
def ranker() -> Ranker:
    """The ranker of the project's own examples (words/examples.yaml)."""
    return Ranker(load_yaml("examples.yaml"))
