"""Names in a running sentence: exact forms first; in what is left parts, misspellings, sounds, initials, titles."""

import re
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from . import fold, score
from .addressing import addressed
from .resolve import shortlist
from .values import STRICT, Hit, How

if TYPE_CHECKING:
    from .index import NameIndex

_SKIPPED = re.compile(r"[ \t\-_./·'\"&()]+")
_RUN = re.compile(r"[\u4e00-\u9fffa-z0-9]*[\u4e00-\u9fff][\u4e00-\u9fffa-z0-9]*")
_WORD = re.compile(r"[a-z]+")
_FUZZY = 800  # characters of a text that are searched for misspelt names; exact ones are found everywhere
_PIECE, _PIECES = 40, 2_000  # characters and number of the pieces of text that are remembered
_COMMON = 200  # a pair of characters in more names than this tells nothing
_MANY = 12  # a part of more names than this names none
_SHIFT = 6


@dataclass(slots=True)
class Field:
    """A text while it is searched.

    Attributes:
        low: in small letters, of the text's length.
        text: without blanks and marks.
        at: where each character of `text` stands in `low`, and the end.
        taken: which characters of `text` belong to a name already.
    """

    low: str
    text: str
    at: list[int]
    taken: bytearray

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original text."""
        return self.at[start], self.at[end - 1] + 1

    def free(self, start: int, end: int) -> bool:
        """Whether nothing has been found there yet."""
        return not any(self.taken[start:end])

    def take(self, start: int, end: int) -> None:
        """Mark a place as named."""
        self.taken[start:end] = b"\1" * (end - start)


Reading = tuple[float, How, str]
Mention = tuple[int, int, dict[int, Reading]]


def mentions(
    index: "NameIndex", text: str, kinds: Collection[str] | None, common: Container[str] = ()
) -> tuple[Hit, ...]:
    """See NameIndex.find."""
    field = _field(text)
    found: list[tuple[tuple[int, int], dict[int, Reading]]] = []
    searches = (_exact(index, field, kinds), _latin(index, field, kinds, common), _by_pieces(index, field, kinds))
    for start, end, readings in chain(*searches, _titles(index, field, kinds)):
        found.append((field.span(start, end), readings))
    hits: list[Hit] = []
    for span, readings in sorted(found, key=lambda mention: mention[0]):
        best = max(reading[0] for reading in readings.values())
        ranked = sorted(readings.items(), key=lambda item: (-item[1][0], item[0]))
        for number, (value, how, matched) in ranked[:_MANY]:
            entry = index.entries[number]
            if entry is not None and value >= best - 0.15:
                hits.append(Hit(entry.kind, entry.key, span, round(value, 4), how, matched))
    return tuple(hits)


def _field(text: str) -> Field:
    low = text.lower()
    if len(low) != len(text):
        low = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    parts: list[str] = []
    at: list[int] = []
    done = 0
    for skipped in _SKIPPED.finditer(low):
        parts.append(low[done : skipped.start()])
        at += range(done, skipped.start())
        done = skipped.end()
    parts.append(low[done:])
    at += range(done, len(low))
    joined = "".join(parts)
    at.append(len(low))
    return Field(low, joined, at, bytearray(len(joined)))


def _exact(index: "NameIndex", field: Field, kinds: Collection[str] | None) -> Iterator[Mention]:
    text, heads = field.text, index.heads
    pos, last = 0, len(text) - 1
    while pos < last:
        lengths = heads.get(text[pos : pos + 2])
        if lengths:
            found = _longest(index, field, kinds, pos, lengths)
            if found:
                yield found
                field.take(found[0], found[1])
                pos = found[1]
                continue
        pos += 1


def _longest(index: "NameIndex", field: Field, kinds: Collection[str] | None, pos: int, lengths: int) -> Mention | None:
    """The longest exact form that starts there."""
    length = min(lengths.bit_length() - 1, len(field.text) - pos)
    while length >= 2:
        if lengths >> length & 1:
            said = field.text[pos : pos + length]
            forms = index.exact.get(said)
            if forms and _stands_alone(field, pos, pos + length):
                vague = said in fold.generic() or fold.is_place(said)
                readings: dict[int, Reading] = {}
                for form in forms:
                    if index.alive(form.entry, kinds) and not (vague and form.how == "part"):
                        readings[form.entry] = score.better(readings.get(form.entry), (form.score, form.how, said))
                if readings:
                    return pos, pos + length, readings
        length -= 1
    return None


def _stands_alone(field: Field, start: int, end: int) -> bool:
    """Whether a piece is no part of a longer Latin word or code, nor put together from many short words."""
    low, (first, after) = field.low, field.span(start, end)
    head, tail = low[first], low[after - 1]
    before, behind = low[first - 1 : first], low[after : after + 1]
    if head.isascii() and before.isascii() and before.isalnum() and (before.isalpha() or head.isdigit()):
        return False
    if (
        head.isascii()
        and before in {"-", "_"}
        and low[first - 2 : first - 1].isascii()
        and low[first - 2 : first - 1].isalnum()
    ):
        return False
    if tail.isascii() and _is_latin(behind) and (behind.isalpha() or tail.isdigit() or end - start < 4):
        return False
    if tail.isascii() and behind in {"-", "_"} and _is_latin(low[after + 1 : after + 2]):
        return False
    return " " not in low[first:after] or end - start >= 5 or not head.isascii()


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _latin(
    index: "NameIndex", field: Field, kinds: Collection[str] | None, common: Container[str]
) -> Iterator[Mention]:
    """Pinyin, initials and misspelt Latin names: words, also two to four written apart."""
    words = [(found.start(), found.end()) for found in _WORD.finditer(field.low[:_FUZZY])]
    inside = {place: number for number, place in enumerate(field.at)}
    skip = 0
    for first in range(len(words)):
        if first < skip:
            continue
        for count in (4, 3, 2, 1):
            last = first + count - 1
            if last >= len(words) or any(
                field.low[words[at][1] : words[at + 1][0]].strip(" -'") for at in range(first, last)
            ):
                continue
            start, end = inside[words[first][0]], inside[words[last][1] - 1] + 1
            said = field.text[start:end]
            if (
                (count == 1 and said in common)
                or len(said) < 3
                or not field.free(start, end)
                or not _stands_alone(field, start, end)
            ):
                continue
            readings = _latin_readings(index, kinds, said, count)
            if readings:
                yield start, end, readings
                field.take(start, end)
                skip = last + 1
                break


def _latin_readings(index: "NameIndex", kinds: Collection[str] | None, said: str, count: int) -> dict[int, Reading]:
    readings: dict[int, Reading] = {}
    if said in fold.generic():
        return readings
    for form in index.sounds.get(said):
        if (form.how != "initials" or count == 1) and index.alive(form.entry, kinds):
            readings[form.entry] = score.better(readings.get(form.entry), (form.score, form.how, form.text))
    if readings or len(said) < 5 or count > 3:
        return readings
    texts, owners = index.forms
    for number in shortlist(index, said):
        text, owner = texts[number], owners[number]
        entry = index.alive(owner, kinds)
        if entry and not fold.is_han(text) and entry.kind not in {"step", "flow", "exception", "department"}:
            near = score.misspelt(said, text, strict=False)
            if near and said[0] == text[0]:
                readings[owner] = score.better(readings.get(owner), (near, "misspelt", text))
    return readings


def _by_pieces(index: "NameIndex", field: Field, kinds: Collection[str] | None) -> Iterator[Mention]:
    """Near names in each free piece of Chinese; pieces recur from message to message, what they hold is remembered."""
    for run in _RUN.finditer(field.text[:_FUZZY]):
        start, end = run.span()
        while start < end:
            if field.taken[start]:
                start += 1
                continue
            stop = start + 1
            while stop < end and not field.taken[stop]:
                stop += 1
            for first, last, readings in _in_piece(index, field.text[start:stop], kinds):
                yield start + first, start + last, readings
                field.take(start + first, start + last)
            start = stop


def _in_piece(index: "NameIndex", text: str, kinds: Collection[str] | None) -> list[Mention]:
    if len(text) < 2:
        return []
    known = index.pieces.get(text) if kinds is None else None
    if known is None:
        piece = Field(text, text, list(range(len(text) + 1)), bytearray(len(text)))
        known = [mention for search in (_near, _alike) for mention in search(index, piece, kinds)]
        if kinds is None and len(text) <= _PIECE:
            if len(index.pieces) >= _PIECES:
                index.pieces.clear()
            index.pieces[text] = known
    return known


def _near(index: "NameIndex", field: Field, kinds: Collection[str] | None) -> Iterator[Mention]:
    """Chinese names of which a part stands in the text, or all with a wrong character."""
    for run in _RUN.finditer(field.text[:_FUZZY]):
        start, end = run.span()
        votes = _votes(index, field, start, end)
        options: list[tuple[float, int, int, int, Reading]] = []
        (texts, owners), text = index.forms, field.text
        for key, count in votes.items():
            number, offset = key >> 20, (key & 0xFFFFF) - 64 + start
            name = texts[number]
            if count < 2 and len(name) != 3 and (offset < start or text[offset : offset + 2] != name[:2]):
                continue  # one pair in common that is not the name's beginning
            entry = index.alive(owners[number], kinds)
            if entry is None:
                continue
            strict = entry.kind in STRICT
            option = _aligned(field, name, offset, start, end, count, strict=strict)
            if option:
                first, last, reading = option
                options.append((reading[0], first, last, owners[number], reading))
        yield from _chosen(field, options)


def _votes(index: "NameIndex", field: Field, start: int, end: int) -> dict[int, int]:
    """How many pairs of characters each name shares with the run, by where the name would begin."""
    text, pairs, taken = field.text, index.pairs, field.taken
    votes: dict[int, int] = {}
    for at in range(start, end - 1):
        if taken[at]:
            continue
        first, second, third = text[at], text[at + 1], text[at + 2 : at + 3]
        for pair in (first + second, f"\0{first}{third}") if third and at + 2 < end else (first + second,):
            postings = pairs.get(pair)
            if postings and len(postings) <= _COMMON:
                place = at - start + 64
                for code in postings:
                    key = (code >> _SHIFT) << 20 | (place - (code & 63))
                    votes[key] = votes.get(key, 0) + 1
    return votes


def _aligned(
    field: Field, name: str, offset: int, start: int, end: int, count: int, *, strict: bool
) -> tuple[int, int, Reading] | None:
    """A name laid over the text from an offset: misspelt as a whole, or its beginning."""
    text, length = field.text, len(name)
    if length >= 3 and (count >= 2 or length == 3):
        for extra in (0, 1, -1):
            first, last = max(start, offset), min(end, offset + length + extra)
            said = text[first:last]
            if last - first < 3 or not field.free(first, last) or not fold.is_han(said):
                continue
            near = score.misspelt(said, name, strict=strict)
            if near and said[0] == name[0] if extra else near:
                return first, last, (near, "misspelt", name)
    if strict or offset < start:
        return None
    same = 0
    while (
        same < length and offset + same < end and text[offset + same] == name[same] and not field.taken[offset + same]
    ):
        same += 1
    if same and name[same - 1].isdigit() and text[offset + same : min(end, offset + same + 1)].isdigit():
        same = len(name[:same].rstrip("0123456789"))  # 机封365 is no 机封3
    said = name[:same]
    if same < 2 or same == length or not fold.is_han(said) or score.part(said, name) < 0.5:
        return None
    return offset, offset + same, (score.part(said, name), "part", name)


def _chosen(field: Field, options: list[tuple[float, int, int, int, Reading]]) -> Iterator[Mention]:
    """The best options that do not overlap; those of one span together, unless they are too many to mean anything."""
    options.sort(key=lambda option: (-(option[2] - option[1]), -option[0], option[1]))
    while options:
        _, first, last, _, _ = options[0]
        readings: dict[int, Reading] = {}
        for _, one, other, number, reading in options:
            if (one, other) == (first, last):
                readings[number] = score.better(readings.get(number), reading)
        if len(readings) <= _MANY:
            yield first, last, readings
            field.take(first, last)
            options = [option for option in options if option[2] <= first or option[1] >= last]
        else:
            options = [option for option in options if (option[1], option[2]) != (first, last)]


def _alike(index: "NameIndex", field: Field, kinds: Collection[str] | None) -> Iterator[Mention]:
    """Chinese written with characters that sound like a name's: 华冬机械."""
    for run in _RUN.finditer(field.text[:_FUZZY]):
        start, end = run.span()
        sounds = fold.syllables(field.text[start:end])
        at = start
        while at < end - 2:
            stop = at + 1
            for last in range(min(end, at + 8), at + 2, -1):
                forms = index.sounds.get("".join(sounds[at - start : last - start]))
                if not forms or not field.free(at, last) or not fold.is_han(field.text[at:last]):
                    continue
                readings: dict[int, Reading] = {
                    form.entry: (form.score - 0.04, "misspelt", form.text)
                    for form in forms
                    if form.how == "pinyin" and form.score >= 0.9 and index.alive(form.entry, kinds)
                }
                if readings:
                    yield at, last, readings
                    field.take(at, last)
                    stop = last
                    break
            at = stop


def _titles(index: "NameIndex", field: Field, kinds: Collection[str] | None) -> Iterator[Mention]:
    """小王, 王总, Mr Li, when somebody has that surname."""
    if not index.surnames:
        return
    inside = {place: number for number, place in enumerate(field.at)}
    for first, last, surname in addressed(field.low[:_FUZZY]):
        start, end = inside[first], inside[last - 1] + 1
        if not field.free(start, end):
            continue
        readings: dict[int, Reading] = {
            number: (0.75, "part", surname) for number in index.surnames.get(surname, ()) if index.alive(number, kinds)
        }
        if readings:
            yield start, end, readings
            field.take(start, end)
