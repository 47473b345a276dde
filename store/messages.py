"""What we say, as values: phrase keys and facts, never sentences or platform markup.

A Letter is what the outbox keeps; it is rendered in the receiver's language when it is sent. Facts may be text,
numbers, dates, moments, Money, Span of working time, {"zh": ..., "en": ...} names, further Phrases, or lists of these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

Fact = Any
"""None, str, int, bool, Decimal, date, aware datetime, Money, WorkTime, Phrase, {zh, en} map, or a list of these."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217 code)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class WorkTime:
    """Working time: `minutes` in all, with how many of them make a working day."""

    minutes: int
    day_minutes: int = 480


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something to say: a key of the phrase files and the facts that fill its blanks."""

    key: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Secret:
    """A fact that is told once and not kept afterwards (a binding code, a sign-in link); empty: it was told."""

    text: str = ""

    def __str__(self) -> str:
        return self.text or "••••"


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. `action` is "verb" or "verb:args", at most 60 bytes; it comes back as the press."""

    label: Phrase
    action: str


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file to send along: its bytes are the blob with this sha256."""

    name: str
    type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: phrases (a line or paragraph each), buttons, files."""

    says: tuple[Phrase, ...]
    choices: tuple[Choice, ...] = ()
    files: tuple[FileRef, ...] = ()


_PLAIN = frozenset({type(None), bool, str, int})
"""What is JSON as it is: most facts, so they are not looked at further."""


def pack(value: Fact) -> Any:
    """A fact as plain JSON; `unpack` gives it back. Raises TypeError for what is no fact."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is Phrase:  # what a letter is made of
        return {"$p": [value.key, _pack_all(value.facts)]}
    match value:
        case datetime():
            return {"$at": _with_zone(value).isoformat()}
        case date():
            return {"$on": value.isoformat()}
        case Decimal():
            return {"$d": format(value, "f")}
        case Money():
            return {"$m": [format(value.amount, "f"), value.currency]}
        case WorkTime():
            return {"$w": [value.minutes, value.day_minutes]}
        case Secret():
            return {"$s": value.text}
        case str() | int():
            return value
        case Mapping():
            return _pack_all(value)
        case Sequence():
            return [pack(item) for item in value]
    raise TypeError(f"no fact: {value!r}")


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise TypeError(f"a moment needs a zone: {moment!r}")
    return moment


def _pack_all(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {str(name): fact if type(fact) in _PLAIN else pack(fact) for name, fact in facts.items()} if facts else {}


def unpack(value: Any) -> Fact:
    """The fact that `pack` made this JSON of."""
    kind = type(value)
    if kind is dict:
        if len(value) == 1:
            ((mark, inner),) = value.items()
            read = _READ.get(mark)
            if read is not None:
                return read(inner)
        return _unpack_all(value)
    return tuple(unpack(item) for item in value) if kind is list else value


def _unpack_all(facts: Mapping[str, Any]) -> dict[str, Fact]:
    return {name: fact if type(fact) in _PLAIN else unpack(fact) for name, fact in facts.items()}


def _phrase(inner: Sequence[Any]) -> Phrase:
    key, facts = inner
    return Phrase(key, _unpack_all(facts)) if facts else _bare(key)


@lru_cache(maxsize=512)
def _bare(key: str) -> Phrase:
    """A phrase without facts: most labels of buttons are one of a few."""
    return Phrase(key)


_READ: dict[str, Callable[[Any], Fact]] = {
    "$p": _phrase,
    "$at": datetime.fromisoformat,
    "$on": date.fromisoformat,
    "$d": Decimal,
    "$m": lambda inner: Money(Decimal(inner[0]), inner[1]),
    "$w": lambda inner: WorkTime(*inner),
    "$s": Secret,
}


def pack_letter(letter: Letter) -> dict[str, Any]:
    """A letter as the JSON that the outbox keeps."""
    return {
        "says": [pack(phrase) for phrase in letter.says],
        "choices": [[pack(choice.label), choice.action] for choice in letter.choices],
        "files": [[file.name, file.type, file.sha256] for file in letter.files],
    }


def is_named(letter: Letter) -> bool:
    """Whether a button names something (Outbox.named)."""
    return any(choice.label.facts for choice in letter.choices)


def unpack_letter(body: Mapping[str, Any]) -> Letter:
    """The letter in an outbox row's body."""
    return Letter(
        says=tuple([_phrase(phrase["$p"]) for phrase in body["says"]]),
        choices=tuple([Choice(_phrase(label["$p"]), action) for label, action in body.get("choices", ())]),
        files=tuple([FileRef(*entry) for entry in body.get("files", ())]),
    )
