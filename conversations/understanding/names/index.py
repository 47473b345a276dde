"""The index of all names: exact forms in one table, characters in pairs for what is misspelt or only a part."""

import gc
from collections.abc import Collection, Iterable
from typing import NamedTuple

from . import fold
from .resolve import candidates
from .search import mentions
from .values import Entry, Hit, How

_PART = 0.82
_SHIFT = 6  # a posting is the form's number and the place in it, 0..63


class Form(NamedTuple):
    """One way to write one entry's name, compact.

    Attributes:
        text: as compared.
        entry: the entry's number.
        how: what a text equal to it is.
        score: how sure a text equal to it is.
    """

    text: str
    entry: int
    how: How
    score: float


class NameIndex:
    """Finds the names of a company's customers, products and people in what somebody writes."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries: list[Entry | None] = []
        self.forms: list[Form] = []  # the forms that characters are looked up in
        self.exact: dict[str, list[Form]] = {}
        self.sounds: dict[str, list[Form]] = {}
        self.heads: dict[str, int] = {}  # the first two characters of exact forms: the lengths there are, as bits
        self.pairs: dict[str, list[int]] = {}
        self.surnames: dict[str, set[int]] = {}
        self.pieces: dict[str, list[tuple[int, int, dict[int, tuple[float, How, str]]]]] = {}  # see search
        self._numbers: dict[tuple[str, str], int] = {}
        collecting = gc.isenabled()
        gc.disable()  # thousands of small values that all stay: looking for garbage among them doubles the time
        try:
            for entry in entries:
                self.add(entry)
        finally:
            if collecting:
                gc.enable()

    def add(self, entry: Entry) -> None:
        """Take an entry in; one of the same kind and key is replaced."""
        self.remove(entry.kind, entry.key)
        self.pieces.clear()
        number = len(self.entries)
        self.entries.append(entry)
        self._numbers[entry.kind, entry.key] = number
        seen: set[str] = set()
        for place, name in enumerate(entry.names):
            spelt = fold.spelling(name)
            whole = short = inner = fold.compact(spelt)
            if entry.kind == "customer":
                said = fold.core(spelt)
                short, inner = fold.compact(said), fold.compact(fold.placeless(said))
                later = fold.compact(fold.placeless(spelt))
                forms = [
                    (whole, 0.0),
                    (later, 0.95),
                    (short, 0.96),
                    (inner, 0.94),
                    (fold.compact(fold.place_plain(said)), 0.96),
                    (_first_word(said), 0.84),
                ]
            else:
                forms = [(whole, 0.0)]
            for text, score in forms:
                if len(text) >= 2 and text not in seen:
                    seen.add(text)
                    how: How = "part" if score else "exact" if place == 0 else "alias"
                    self._add_exact(Form(text, number, how, score or (1.0 if place == 0 else 0.98)))
            if len(inner) >= 2:
                self._add_inner(number, inner)
                if not inner.isascii():
                    self._add_sound(number, entry.kind, short, inner)

    def remove(self, kind: str, key: str) -> None:
        """Forget an entry; an unknown one is no error."""
        self.pieces.clear()
        number = self._numbers.pop((kind, key), None)
        if number is not None:
            self.entries[number] = None

    def find(self, text: str, kinds: Collection[str] | None = None) -> tuple[Hit, ...]:
        """All mentions in a running text, by place; several hits on one span when several entries come near."""
        return mentions(self, text, kinds)

    def resolve(self, name: str, kind: str, limit: int = 5) -> tuple[Hit, ...]:
        """Candidates for a name said alone, best first; none when nothing comes near."""
        return candidates(self, name, kind, limit)

    def alive(self, number: int, kinds: Collection[str] | None) -> Entry | None:
        """The entry of that number unless it was removed or is of another kind."""
        entry = self.entries[number]
        return entry if entry is not None and (kinds is None or entry.kind in kinds) else None

    def _add_exact(self, form: Form) -> None:
        self.exact.setdefault(form.text, []).append(form)
        head = form.text[:2]
        self.heads[head] = self.heads.get(head, 0) | 1 << min(len(form.text), 63)

    def _add_inner(self, number: int, inner: str) -> None:
        """Index the part of a name that tells it from others by its pairs of characters, next and next but one."""
        at = len(self.forms) << _SHIFT
        self.forms.append(Form(inner, number, "misspelt", 0.9))
        pairs = self.pairs
        inner = inner[:60]
        keys = [
            *map(str.__add__, inner, inner[1:]),
            *(f"{one}\0{other}" for one, other in zip(inner, inner[2:], strict=False)),
        ]
        last = len(inner) - 1
        for index, key in enumerate(keys):
            code = at | (index if index < last else index - last)
            known = pairs.get(key)
            if known is None:
                pairs[key] = [code]
            else:
                known.append(code)

    def _add_sound(self, number: int, kind: str, short: str, inner: str) -> None:
        """Index a Chinese name by its pinyin, its customers' first two characters, its initials, a person's surname."""
        sounds = fold.syllables(inner)
        spoken = {"".join(sounds): 0.9}
        if kind == "customer":
            if len(inner) > 3:
                spoken.setdefault("".join(sounds[:2]), _PART - 0.04)
            if short != inner:
                spoken.setdefault("".join(fold.syllables(short)), 0.9)
        for sound, score in spoken.items():
            if len(sound) >= 4:
                self.sounds.setdefault(sound, []).append(Form(sound, number, "pinyin", score))
        initials = "".join([sound[0] for sound in sounds])
        if len(initials) >= 2 and initials.isascii():
            self.sounds.setdefault(initials, []).append(Form(initials, number, "initials", 0.8))
        if kind in {"person", "contact"} and 2 <= len(inner) <= 4:
            self.surnames.setdefault(inner[0], set()).add(number)
            self.surnames.setdefault(sounds[0], set()).add(number)


def _first_word(name: str) -> str:
    """The first word of a Latin name, when it is long and rare enough to stand for it: Acme."""
    if not name[:1].isascii() or " " not in name:
        return ""
    first = fold.compact(name.split(maxsplit=1)[0])
    return first if len(first) >= 4 and first not in fold.generic() and first.isascii() else ""
