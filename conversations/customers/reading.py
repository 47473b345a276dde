"""What a customer's words ask for, beyond status and urging: by patterns as data, clause by clause. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from conversations.understanding.normalise import normalise
from store.datafiles import read_data

MOST = 2000
_CUT = re.compile(r"(?<=[。!?！？;；\n])|(?<=[.])\s+|[,，](?!\d)")


_PROGRESS = re.compile(
    r"发|查|看看|看下|核实|到货|到哪|好了|做完|做好|进度|进展|出货|动静|消息|什么时候|多久|什么情况|啥情况|怎么样|咋样|呢[?？。!！]*$"
    r"|\b(?:shipp|dispatch|deliver|arriv|ready|eta|when|status|update|progress|sent|left|track|where|due|late|check|confirm|look)\w*"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a text asks for: `kind` as in words.yaml, the clause that says it, and what else the text says."""

    kind: str
    clause: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    says: re.Pattern[str]
    but: re.Pattern[str] | None
    proposal: bool
    whole: bool


def read_customer(text: str, *, proposal: bool) -> Said | None:
    """What a customer asks for; None when it is nothing of words.yaml.

    Args:
        text: as typed; beyond 2,000 characters it is cut.
        proposal: something he was told waits for his answer: words that may accept it count.
    """
    plain = normalise(text[:MOST]).text.lower().replace("’", "'")
    clauses = clauses_of(plain)
    for kind in _kinds():
        if kind.proposal and not proposal:
            continue
        if kind.whole:
            if kind.says.search(plain.strip()):
                return Said(kind.name, plain.strip())
            continue
        for place, clause in enumerate(clauses):
            # «can we have them earlier?» is one thing however it is cut: what denies may stand in the whole text
            if kind.says.search(clause) and not (kind.but and kind.but.search(_near(clauses, place))):
                return Said(kind.name, clause, " ".join(clauses[:place] + clauses[place + 1 :]))
    return None


def clauses_of(text: str) -> list[str]:
    """The parts of a message that each say something, as typed."""
    return [part.strip() for part in _CUT.split(text) if part.strip()]


def asks_progress(text: str) -> bool:
    """Whether words in which an order is named are about where it is."""
    return len(text) <= 120 and _PROGRESS.search(normalise(text[:MOST]).text.lower()) is not None


def _near(clauses: list[str], place: int) -> str:
    """A clause with the one behind it: «同意,但是要周五» is no consent."""
    return " ".join(clauses[place : place + 2])


@cache
def _kinds() -> tuple[_Kind, ...]:
    document: Mapping[str, Mapping[str, Any]] = read_data(__file__, "words.yaml")
    return tuple(
        _Kind(
            name,
            _either(entry["says"]) or re.compile("(?!)"),
            _either(entry.get("but", ())),
            entry.get("needs") == "proposal",
            bool(entry.get("whole")),
        )
        for name, entry in document.items()
    )


def _either(patterns: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{one})" for one in patterns)) if patterns else None
