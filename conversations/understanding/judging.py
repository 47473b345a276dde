"""A clause of a message, and which rule reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .lexicon import Word
from .rules import Match, match

REFERENCE = frozenset({"order", "number", "it"})
"""Concepts that name an order."""
UNSPLIT = frozenset({"order.change", "order.place"})
"""What several orders in one clause may belong to together."""


@dataclass(frozen=True, slots=True)
class Clause:
    """Some words of a message that say one thing (positions are the masked text's), and what reads them."""

    words: tuple[Word, ...]
    start: int
    end: int
    ask: bool = False
    best: Match | None = None
    others: tuple[Match, ...] = ()
    tail: int = -1  # where what was attached from further clauses begins; -1: nothing

    @property
    def intent(self) -> str:
        """The intent's name, empty when no rule holds."""
        return self.best.rule.intent if self.best else ""

    @property
    def concepts(self) -> frozenset[str]:
        """Every concept in it."""
        return frozenset().union(*(word.concepts for word in self.words)) if self.words else frozenset()


def judged(clause: Clause) -> Clause:
    """The clause with the rules that hold for its words."""
    extra = frozenset({"ask"}) if clause.ask else frozenset[str]()
    found = match(clause.words, extra)
    return replace(clause, best=found[0] if found else None, others=tuple(found[1:6]))
