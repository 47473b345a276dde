"""The pieces of a text in which dates may stand, and what was read in such pieces on the same day.

A date holds characters of a known few only, and no rule looks further than a few characters beyond them. So a text
falls into pieces that can be read apart, and «下周五» with what stands around it means on one day what it meant in the
message before: it is remembered, unless the time of day or more of the text had a say in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, tzinfo

from .tokens import SIGNS
from .values import DateReading, WorkingDays
from .words import NUMERALS, Words

_JOINERS = "或者还是、&和与跟"  # between days of which the second is understood by the first: 下周二或周四
BEFORE = 1  # characters before a piece that rules look at
_LONGEST, _MOST, _DAYS = 48, 2_000, 16


@dataclass(frozen=True, slots=True)
class Shape:
    """What a piece consists of, what it must hold, and how far behind one rules look."""

    run: re.Pattern[str]
    start: re.Pattern[str]
    ahead: int


def shape_of(words: Words) -> Shape:
    """The shape of pieces in the languages of a lexicon."""
    han = {char for entries in words.han.values() for word, _ in entries for char in word} | {*NUMERALS, *_JOINERS}
    starts = {word[0] for entries in words.han.values() for word, lexeme in entries if "start" in lexeme}
    ahead = max(
        (len(word) for word in (*words.measures, *words.not_day, *words.names) if not word.isascii()), default=0
    )
    chars, firsts = re.escape("".join(sorted(han))), re.escape("".join(sorted(starts | set(NUMERALS))))
    return Shape(
        re.compile(rf"[0-9A-Za-z_ \t\u3000\xa0><=|{SIGNS}{chars}-]+"), re.compile(rf"[0-9A-Za-z{firsts}]"), ahead + 1
    )


def pieces(text: str, shape: Shape) -> Iterator[tuple[int, int, int]]:
    """(begin, end, end of what rules look at behind it) of each piece of a text in which a date may begin."""
    for run in shape.run.finditer(text):
        start, end = run.span()
        if shape.start.search(text, start, end):
            yield max(0, start - BEFORE), end, end + shape.ahead


@dataclass(slots=True)
class Memory:
    """What was read on one day, by one calendar: pieces to readings with places counted from the piece's begin."""

    days: WorkingDays
    shape: Shape
    words: Words
    known: dict[tuple[str, int, bool], tuple[DateReading, ...]] = field(default_factory=dict)

    def keep(self, piece: tuple[str, int, bool], readings: tuple[DateReading, ...]) -> None:
        """Remember a piece; when there are too many all are forgotten."""
        if len(piece[0]) <= _LONGEST:
            if len(self.known) >= _MOST:
                self.known.clear()
            self.known[piece] = readings


_memories: dict[tuple[int, date, tzinfo, tuple[str, ...]], Memory] = {}
_shapes: dict[tuple[str, ...], Shape] = {}


def memory(days: WorkingDays, today: date, zone: tzinfo, languages: tuple[str, ...], words: Words) -> Memory:
    """What has been read on that day by that calendar."""
    key = id(days), today, zone, languages
    found = _memories.get(key)
    if found is None or found.days is not days:
        shape = _shapes.setdefault(languages, _shapes.get(languages) or shape_of(words))
        if len(_memories) >= _DAYS:
            _memories.clear()
        found = _memories[key] = Memory(days, shape, words)
    return found
