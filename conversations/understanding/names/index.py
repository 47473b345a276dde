"""The index of all names: exact forms in one table, characters in pairs for what is misspelt or only a part."""

import gc
from array import array
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Self

from . import fold
from .resolve import candidates
from .search import mentions
from .table import Table
from .values import Entry, Hit, How

_PART = 0.82
_GAP = "\0"  # begins a pair of characters that have another between them
_SHIFT = 6  # a posting is the form's number and the place in it, 0..63


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Without looking for garbage among thousands of small values that all stay, which doubles the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


_REACH = 16  # characters before a name in which a longer form may begin


def _postings() -> "array[int]":
    """Numbers of forms at four bytes each: there are hundreds of thousands."""
    return array("i")


class NameIndex:
    """Finds the names of a company's customers, products and people in what somebody writes."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries: list[Entry | None] = []
        self._texts: list[str] = []  # the forms that characters are looked up in, and whose they are
        self._owners = _postings()
        self.exact = Table()
        self._sounds = Table()
        self.heads: dict[str, int] = {}  # the first two characters of exact forms: the lengths there are, as bits
        self._pairs: defaultdict[str, array[int]] = defaultdict(_postings)
        self._surnames: dict[str, set[int]] = {}
        self._waiting: list[
            tuple[int, str, str, str]
        ] = []  # (entry, kind, short form, inner form): not yet in the near part
        self._filling = Lock()
        self.pieces: dict[str, list[tuple[int, int, dict[int, tuple[float, How, str]]]]] = {}  # see search
        self._numbers: dict[tuple[str, str], int] = {}
        with _no_garbage():
            for entry in entries:
                self.add(entry)

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
                short = inner = fold.compact(said)
                forms = [(whole, 0.0), (short, 0.96)]
                if fold.placed(spelt):
                    inner = fold.compact(fold.placeless(said))
                    later, plain = fold.compact(fold.placeless(spelt)), fold.compact(fold.place_plain(said))
                    forms = [(whole, 0.0), (later, 0.95), (short, 0.96), (inner, 0.94), (plain, 0.96)]
                if said[:1].isascii():
                    forms.append((_first_word(said), 0.84))
            else:
                forms = [(whole, 0.0)]
            for text, score in forms:
                if len(text) >= 2 and text not in seen:
                    seen.add(text)
                    how: How = "part" if score else "exact" if place == 0 else "alias"
                    self._add_exact(text, number, how, score or (1.0 if place == 0 else 0.98))
            if len(inner) >= 2:
                self._waiting.append((number, entry.kind, short, inner))

    @property
    def forms(self) -> tuple[Sequence[str], Sequence[int]]:
        """The forms that characters are looked up in: their texts, and the numbers of the entries they belong to."""
        near = self._near()
        return near._texts, near._owners  # noqa: SLF001

    @property
    def pairs(self) -> Mapping[str, Sequence[int]]:
        """Pairs of characters -> the forms that hold them, and where."""
        return self._near()._pairs  # noqa: SLF001

    @property
    def sounds(self) -> Table:
        """Pinyin and initials -> the forms that sound so."""
        return self._near()._sounds  # noqa: SLF001

    @property
    def surnames(self) -> dict[str, set[int]]:
        """Surnames -> who bears them."""
        return self._near()._surnames  # noqa: SLF001

    def _near(self) -> Self:
        """Itself, with the part for near names filled: three quarters of the work, done when a name first needs it."""
        if self._waiting:
            with self._filling, _no_garbage():
                for number, kind, short, inner in self._waiting:
                    self._add_inner(number, inner)
                    if not inner.isascii():
                        self._add_sound(number, kind, short, inner)
                self._waiting = []
        return self

    def remove(self, kind: str, key: str) -> None:
        """Forget an entry; an unknown one is no error."""
        self.pieces.clear()
        number = self._numbers.pop((kind, key), None)
        if number is not None:
            self.entries[number] = None

    def find(self, text: str, kinds: Collection[str] | None = None, common: Container[str] = ()) -> tuple[Hit, ...]:
        """All mentions in a running text, by place; several hits on one span when several entries come near.

        Args:
            text: normalised.
            kinds: of entries that count; all if None.
            common: Latin words that are taken for no name by themselves.
        """
        return mentions(self, text, kinds, common)

    def crossed(self, text: str, start: int, end: int) -> bool:
        """Whether a known form reaches over an edge of text[start:end]."""
        for at in range(max(0, start - _REACH), end):
            lengths = self.heads.get(text[at : at + 2], 0)
            while lengths:
                length = lengths.bit_length() - 1
                lengths ^= 1 << length
                stop = at + length
                over = stop > end if at >= start else stop > start
                if over and text[at:stop] in self.exact:
                    return True
        return False

    def names(self, kind: str, key: str) -> Sequence[str]:
        """Every spelling of that entry's name; none of an unknown one."""
        number = self._numbers.get((kind, key))
        entry = self.entries[number] if number is not None else None
        return entry.names if entry is not None else ()

    def resolve(self, name: str, kind: str, limit: int = 5) -> tuple[Hit, ...]:
        """Candidates for a name said alone, best first; none when nothing comes near."""
        return candidates(self, name, kind, limit)

    def alive(self, number: int, kinds: Collection[str] | None) -> Entry | None:
        """The entry of that number unless it was removed or is of another kind."""
        entry = self.entries[number]
        return entry if entry is not None and (kinds is None or entry.kind in kinds) else None

    def _add_exact(self, text: str, number: int, how: How, score: float) -> None:
        self.exact.add(text, number, how, score)
        head = text[:2]
        self.heads[head] = self.heads.get(head, 0) | 1 << min(len(text), 63)

    def _add_inner(self, number: int, inner: str) -> None:
        """Index the part of a name that tells it from others by its pairs of characters, next and next but one."""
        at = len(self._texts) << _SHIFT
        self._texts.append(inner)
        self._owners.append(number)
        pairs = self._pairs
        inner = inner[:60]
        for code, key in enumerate(map(str.__add__, inner, inner[1:]), at):
            pairs[key].append(code)
        for code, key in enumerate(map(_GAP.__add__, map(str.__add__, inner, inner[2:])), at):
            pairs[key].append(code)

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
                self._sounds.add(sound, number, "pinyin", score)
        initials = "".join([sound[0] for sound in sounds])
        if len(initials) >= 2 and initials.isascii():
            self._sounds.add(initials, number, "initials", 0.8)
        if kind in {"person", "contact"} and 2 <= len(inner) <= 4:
            self._surnames.setdefault(inner[0], set()).add(number)
            self._surnames.setdefault(sounds[0], set()).add(number)


def _first_word(name: str) -> str:
    """The first word of a Latin name, when it is long and rare enough to stand for it: Acme."""
    if not name[:1].isascii() or " " not in name:
        return ""
    first = fold.compact(name.split(maxsplit=1)[0])
    return first if len(first) >= 4 and first not in fold.generic() and first.isascii() else ""
