"""What slots are read from: a text, what was found in it, and the words of the company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .clauses import Masked
from .lexicon import Word
from .naming import Names
from .normalise import Normalised
from .patterns import Read
from .vocabulary import Vocabulary

STOPS = " \t\n,，。:：;；、-!！?？"
"""What stands about a free text and is none of it."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the slots are read from: the text, what was found in it, the company's words."""

    plain: Normalised
    text: str
    masked: Masked
    reads: Sequence[Read]
    vocabulary: Vocabulary
    names: Names
    now: datetime

    def raw(self, start: int, end: int) -> tuple[int, int]:
        """The raw span of a piece of the masked text."""
        if start >= end:
            return self.plain.raw_span(0, 0)
        return self.plain.raw_span(self.masked.starts[start], self.masked.ends[end - 1])

    def said(self, start: int, end: int) -> str:
        """The raw words of a piece of the masked text, without the punctuation around it."""
        first, last = self.raw(start, end)
        return self.plain.raw[first:last].strip(STOPS)

    def read(self, word: Word) -> Read:
        """What was read where an entity's word stands."""
        return self.reads[word.entity]
