"""One spelling for what can be typed in many, and the way back to the raw text; all readers work on the plain spelling.

Full width becomes half width (Unicode NFKC), traditional characters become simplified ones (zhconv's table), invisible
marks and emoji go, smart quotes and dashes become plain ones, a run of exclamation marks becomes one. Case, line breaks
and tabs are kept. What is replaced by what stands in normalise.yaml.
"""

import json
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from store.datafiles import read_data, worked_out

# Whatever is not plain already; a Latin letter with its own combining marks is one unit, and so is a CRLF.
_ODD = re.compile(
    r"(?P<mark>[A-Za-z][\u0300-\u036f]+)|(?P<line>\r\n?)|(?P<odd>[^\x20-\x5f\x61-\x7e\n\t\r\u4e00-\u9fff]+)"
)
_LIST_COMMA = re.compile(r"(?<=[0-9])，(?=[0-9])")  # 12，15 is a list; 1,200 one number
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_REMEMBERED = 5_000  # spellings kept; hostile text must not fill the memory
_DROPPED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me"})


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text as typed and as read.

    Attributes:
        raw: what was typed.
        text: what the readers see.
        shifts: where the two do not run in step, ascending: (text start, text end, raw start, raw end).
    """

    raw: str
    text: str
    shifts: tuple[tuple[int, int, int, int], ...] = field(default=(), repr=False)

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] stands in the raw text, what was dropped inside included; 0 <= start <= end."""
        at = bisect_right(self.shifts, start, key=lambda shift: shift[0]) - 1
        first = start
        if at >= 0:
            _, text_end, raw_start, raw_end = self.shifts[at]
            first = raw_start if start < text_end else raw_end + start - text_end
        if end <= start:
            return first, first
        at = bisect_left(self.shifts, end, key=lambda shift: shift[0]) - 1
        if at < 0:
            return first, end
        _, text_end, _, raw_end = self.shifts[at]
        return first, raw_end + max(0, end - text_end)


@dataclass(frozen=True, slots=True)
class _Tables:
    """normalise.yaml, compiled: what stays, what replaces what, and runs of which punctuation fold into one."""

    spelling: dict[str, str]
    runs: re.Pattern[str]


def normalise(raw: str) -> Normalised:
    """The text in its plain spelling; never raises, time linear in its length."""
    tables = _tables()
    source = _LIST_COMMA.sub("、", _simplified(raw))
    parts: list[str] = []
    shifts: list[tuple[int, int, int, int]] = []
    done = length = 0
    for found in _ODD.finditer(source):
        start, end = found.span()
        parts.append(source[done:start])
        length += start - done
        done = end
        if found.lastgroup == "odd":
            pieces = [_spelling(tables, char) for char in found.group()]
            text = "".join(pieces)
            if len(text) == end - start and all(len(piece) == 1 for piece in pieces):
                length += len(text)
            else:
                length = _shift(pieces, length, start, shifts)
        else:
            text = "\n" if found.lastgroup == "line" else unicodedata.normalize("NFC", found.group())[:1]
            shifts.append((length, length + 1, start, end))
            length += 1
        parts.append(text)
    parts.append(source[done:])
    return _folded(raw, "".join(parts), shifts, tables.runs)


def _shift(pieces: list[str], length: int, raw_at: int, shifts: list[tuple[int, int, int, int]]) -> int:
    """Note where pieces are longer or shorter than the characters they stand for; returns the text's new length."""
    for raw_start, piece in enumerate(pieces, raw_at):
        if len(piece) != 1:
            shifts.append((length, length + len(piece), raw_start, raw_start + 1))
        length += len(piece)
    return length


def _folded(raw: str, text: str, shifts: list[tuple[int, int, int, int]], runs: re.Pattern[str]) -> Normalised:
    """Fold runs of punctuation in a text whose way back is known."""
    plain = Normalised(raw, text, tuple(shifts))
    if runs.search(text) is None:
        return plain
    parts: list[str] = []
    folds: list[tuple[int, int, int, int]] = []
    done = length = 0
    for found in runs.finditer(text):
        start, end = found.span()
        parts += (text[done:start], found.group(1) or "…")
        length += start - done
        folds.append((length, length + 1, *plain.raw_span(start, end)))
        length += 1
        done = end
    parts.append(text[done:])
    return Normalised(raw, "".join(parts), _merged(plain.shifts, folds))


def shortened(plain: Normalised, most: int) -> Normalised:
    """A text of at most so many characters: one that is typed may stand for eighteen, ﷺ for a whole blessing."""
    if len(plain.text) <= most:
        return plain
    end = plain.raw_span(0, most)[1]
    shifts = tuple((one[0], min(one[1], most), one[2], one[3]) for one in plain.shifts if one[0] < most)
    return Normalised(plain.raw[:end], plain.text[:most], shifts)


def replaced(plain: Normalised, changes: Sequence[tuple[int, int, str]]) -> Normalised:
    """A text with pieces of it exchanged: (start, end, what stands there), ascending, without overlap, none empty."""
    if not changes:
        return plain
    parts: list[str] = []
    folds: list[tuple[int, int, int, int]] = []
    done = length = 0
    for start, end, said in changes:
        parts += (plain.text[done:start], said)
        length += start - done
        if len(said) != end - start:
            folds.append((length, length + len(said), *plain.raw_span(start, end)))
        length += len(said)
        done = end
    parts.append(plain.text[done:])
    return Normalised(plain.raw, "".join(parts), _merged(plain.shifts, folds))


def _merged(
    shifts: tuple[tuple[int, int, int, int], ...], folds: list[tuple[int, int, int, int]]
) -> tuple[tuple[int, int, int, int], ...]:
    """Both kinds of shifts in one row: by raw position, a shift inside a fold being part of it."""
    rows: list[tuple[int, int, int, int]] = []
    at = 0
    lost = 0  # how much shorter the folded text is up to here
    raw_to_text = 0
    for fold in folds:
        while at < len(shifts) and shifts[at][3] <= fold[2]:
            text_start, text_end, raw_start, raw_end = shifts[at]
            rows.append((text_start - lost, text_end - lost, raw_start, raw_end))
            raw_to_text = text_end - raw_end
            at += 1
        while at < len(shifts) and shifts[at][2] < fold[3]:
            raw_to_text = shifts[at][1] - shifts[at][3]
            at += 1
        rows.append(fold)
        lost = fold[3] + raw_to_text - fold[1]
    rows += [(a - lost, b - lost, c, d) for a, b, c, d in shifts[at:]]
    return tuple(rows)


def _spelling(tables: _Tables, char: str) -> str:
    known = tables.spelling.get(char)
    if known is None:
        known = _new_spelling(char)
        if len(tables.spelling) < _REMEMBERED:
            tables.spelling[char] = known
    return known


def _new_spelling(char: str) -> str:
    """How a character outside the tables is read: its compatible plain form, a space, or nothing."""
    category = unicodedata.category(char)
    if char in "\u2028\u2029\x85\x0b\x0c":
        return "\n"
    if category in _DROPPED:
        return ""
    if category in {"Zs", "Zl", "Zp"} or char in "\u3164\u115f\u1160\u2800":
        return " "
    if category in {"So", "Sk"} and not char.isalnum():
        plain = unicodedata.normalize("NFKC", char)
        return plain if plain != char and plain.strip() else " "
    plain = unicodedata.normalize("NFKC", char)
    return "".join(part for part in plain if unicodedata.category(part) not in _DROPPED)


@cache
def _tables() -> _Tables:
    data = read_data(__file__, "normalise.yaml")
    spelling = {char: char for char in data["keep"]} | data["replace"]
    marks = re.escape(data["fold"])
    return _Tables(spelling, re.compile(rf"([{marks}])\1+|\.\.+"))


def _simplified(text: str) -> str:
    """Traditional characters as simplified ones, one for one. Only a text that holds some costs the table."""
    try:
        "".join(_HAN.findall(text)).encode("gb2312")
    except UnicodeEncodeError:
        return text.translate(_simple_characters())
    return text


@cache
def _simple_characters() -> Mapping[int, str]:
    """Traditional to simplified, single characters.

    The table is read without importing zhconv, whose import costs more than all the rest of understanding together.
    """
    spec = find_spec("zhconv")
    if spec is None or spec.origin is None:
        return {}
    file = Path(spec.origin).with_name("zhcdict.json")
    here = Path(__file__)
    found: Mapping[int, str] = worked_out(here.with_name("simplified"), [file, here], lambda: _single_characters(file))
    return found


def _single_characters(file: Path) -> dict[int, str]:
    table = json.loads(file.read_text("utf-8"))["zh2Hans"]
    return {ord(old): new for old, new in table.items() if len(old) == len(new) == 1}
