r"""Turns letters into text in the receiver's language: phrases are data, one folder of YAML files per language.

A phrase is text with blanks: `{name}` puts a fact in, `{due:day}` with a form. A part in square brackets is left out
when a fact in it is missing, None or empty: `[ 原因:{reason}]`; `\[` is a plain bracket. A list of phrases as a fact
is said one a line; a list of anything else is joined with the language's comma. Forms: `day` (date with weekday),
`time` (clock time alone), `at` (date, weekday, time: the default of moments), `short` (no weekday), `money`, `plain`;
`s` and `ies` are the ending that a count wants: `{count} order{count:s}`, `{left} tr{left:ies}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from conversations.messages import Button, Letter
from store.datafiles import read_data
from store.messages import Fact, Money, Phrase, WorkTime

LANGUAGES = ("zh", "en")
_PART = re.compile(r"\\\[|\\\]|\[|\]|\{(\w+)(?::(\w+))?\}|[^\[\]{\\]+|.", re.DOTALL)
_ENDINGS = {"s": "", "ies": "y"}
"""The endings of several, and what one has instead."""
_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter as one receiver reads it."""

    text: str
    buttons: tuple[Button, ...]


@cache
def phrases(language: str) -> Mapping[str, str]:
    """All phrases of a language, from every YAML file of its folder. Raises ValueError for a key given twice."""
    table: dict[str, str] = {}
    folder = Path(__file__).parent / "phrases" / language
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yaml"):
            continue
        for key, text in (read_data(__file__, "phrases", language, file.name) or {}).items():
            if key in table:
                raise ValueError(f"phrase {key!r} stands twice in {language}, again in {file.name}")
            table[key] = str(text)
    return table


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Says things in one language and one zone. `today` decides whether a year is named."""

    language: str
    zone: tzinfo
    today: date

    def say(self, phrase: Phrase) -> str:
        """The phrase as text. Raises KeyError for an unknown key: a test walks all of them."""
        pieces = _pieces(phrases(self.language)[phrase.key])
        if len(pieces) == 1 and type(pieces[0]) is str:
            return pieces[0]  # a button's label, say
        return _say(self, pieces, phrase.facts)[0]

    def letter(self, letter: Letter) -> Rendered:
        """A letter's text, a line or paragraph per phrase, and its buttons."""
        text = "\n".join(part for part in (self.say(phrase) for phrase in letter.says) if part)
        return Rendered(text, tuple(Button(self.say(choice.label), choice.action) for choice in letter.choices))

    def fact(self, value: Fact, form: str | None = None) -> str:
        """One fact as text; missing ones are empty."""
        match value:
            case None:
                return ""
            case bool():
                return self.say(Phrase("button.yes" if value else "button.no"))
            case Phrase():
                return self.say(value)
            case datetime():
                return self._moment(value, form)
            case date():
                return self._day(value, weekday=form != "short")
            case Money():
                return f"{_SIGNS.get(value.currency, value.currency + ' ')}{value.amount:,.2f}"
            case WorkTime():
                return self._work_time(value)
            case Decimal() | int():
                return _number(value, form)
            case Mapping():
                return str(value.get(self.language) or next(iter(value.values()), ""))
            case str():
                return value
            case Iterable():
                return self._list(tuple(value), form)
        return str(value)

    def _list(self, items: tuple[Fact, ...], form: str | None) -> str:
        lines = any(isinstance(item, Phrase) for item in items) and form != "plain"
        between = "\n" if lines else ("、" if self.language == "zh" else ", ")
        return between.join(self.fact(item, form) for item in items)

    def _moment(self, value: datetime, form: str | None) -> str:
        local = _local(value, self.zone)
        clock = f"{local.hour:02}:{local.minute:02}"
        if form == "time":
            return clock
        if form == "day":
            return self._day(local.date(), weekday=True)
        return f"{self._day(local.date(), weekday=form != 'short')} {clock}"

    def _day(self, day: date, *, weekday: bool) -> str:
        return _day_text(self.language, day, weekday, day.year == self.today.year)

    def _work_time(self, value: WorkTime) -> str:
        days, rest = divmod(value.minutes, value.day_minutes)
        hours, minutes = divmod(rest, 60)
        table = phrases(self.language)
        counts = (("work.days", days), ("work.hours", hours), ("work.minutes", minutes))
        parts = [table[key].format(n=count, s="" if count == 1 else "s") for key, count in counts if count]
        return (" " if self.language == "en" else "").join(parts) or table["work.minutes"].format(n=0, s="s")


@lru_cache(maxsize=1024)
def _local(moment: datetime, zone: tzinfo) -> datetime:
    """Remembered: steps fall due at the same few moments of a day."""
    return moment.astimezone(zone)


def _number(value: Decimal | int, form: str | None) -> str:
    if form in _ENDINGS:
        return _ENDINGS[form] if value == 1 else form
    return plain_number(value) if isinstance(value, Decimal) else str(value)


def plain_number(value: Decimal) -> str:
    """A decimal without needless zeros, thousands separated: 1200.50 is "1,200.5"."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def book_for(language: str, zone: str | tzinfo, now: datetime) -> Phrasebook:
    """The phrasebook of somebody who reads this language in this zone."""
    where = ZoneInfo(zone) if isinstance(zone, str) else zone
    return Phrasebook(language if language in LANGUAGES else LANGUAGES[0], where, now.astimezone(where).date())


@dataclass(frozen=True, slots=True)
class _Blank:
    """A fact's place in a phrase, and the form it takes there."""

    name: str
    form: str | None


_Pieces = tuple[Any, ...]
"""A phrase taken apart: text, blanks, and bracketed parts that are pieces themselves."""


@cache
def _pieces(template: str) -> _Pieces:
    """Take a phrase apart, once: reading it anew each time it is said cost more than saying it. Brackets nest."""
    stack: list[list[Any]] = [[]]
    for part in _PART.finditer(template):
        piece = part.group(0)
        if piece == "[":
            stack.append([])
        elif piece == "]" and len(stack) > 1:
            inner = tuple(stack.pop())
            stack[-1].append(inner)
        elif part.group(1):
            stack[-1].append(_Blank(part.group(1), part.group(2)))
        else:
            stack[-1].append(piece[1:] if piece in {"\\[", "\\]"} else piece)
    return tuple(piece for level in stack for piece in level)


def _say(words: Phrasebook, pieces: _Pieces, facts: Mapping[str, Fact]) -> tuple[str, bool]:
    """Fill the blanks, leaving out bracketed parts whose facts are missing; the text, and whether no fact was."""
    said: list[str] = []
    whole = True
    for piece in pieces:
        if type(piece) is str:
            said.append(piece)
        elif type(piece) is _Blank:
            fact = facts.get(piece.name)
            text = fact if type(fact) is str else words.fact(fact, piece.form)
            whole = whole and bool(text)
            said.append(text)
        else:
            text, keep = _say(words, piece, facts)
            if keep:
                said.append(text)
    return "".join(said), whole


@lru_cache(maxsize=4096)
def _day_text(language: str, day: date, weekday: bool, this_year: bool) -> str:
    table = phrases(language)
    names = table["date.weekdays"].split()
    months = table["date.months"].split()
    key = "date.day" if this_year else "date.day_year"
    text = table[key].format(y=day.year, m=day.month, d=day.day, month=months[day.month - 1])
    return table["date.with_weekday"].format(day=text, weekday=names[day.weekday()]) if weekday else text
