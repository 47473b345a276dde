"""Messages of one shape: those that differ by the names of customers and by how many of something there are.

«登记订单华强永电子12箱螺丝» and «登记订单恒泰金机械57箱螺丝» hold the same but for a name and a count. What a message
held beside dates and such names is remembered under its shape and laid over the next one, with its own counts put in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .numbers import Quantity
from .patterns import Read

MASK, COUNT = "\ue0fe", "\ue0fd"  # stand for each character of a name, and of a count
_NO_NAME: frozenset[str] = frozenset()
_SHAPES, _SHAPE = 1_500, 120  # how many shapes are remembered, and of how many characters at most
# A count whose size changes nothing: alone before a unit in Han, no part of a date, a range, a price or a code.
_COUNTS = re.compile(
    r"(?<![0-9A-Za-z_.,:/\\#+*×@¥$€£%~&|<>=()（）\[\]、每第之一到至和与跟及共价按折-])(?:[2-9][0-9]{0,2}|1[0-9]{1,2})"
    r"(?=[\u4e00-\u9fff])(?![零〇一二两三四五六七八九十百千万亿半年月日号天时点分秒周星礼季旬岁刻度小工钟自财交折成倍和与跟及到至])"
    r"(?!个(?:[月星礼小钟工季半百]|点))"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A text with its names and counts taken out.

    Attributes:
        key: the text so.
        names: the readings of the names taken out.
        counts: the places of the counts.
    """

    key: str
    names: tuple[Read, ...]
    counts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What a shape holds.

    Attributes:
        fixed: readings as they are.
        counted: readings of a count, which count it is, and what one of them makes.
        dated: whether there were dates.
    """

    fixed: tuple[Read, ...]
    counted: tuple[tuple[Read, int, Decimal], ...]
    dated: bool


def shape(text: str, names: Sequence[Read], numbered: Mapping[str, frozenset[str] | None]) -> Shape:
    """The shape of a text; `names` stand for whatever name of that length.

    `numbered`: numbers in names, and the characters of the names that hold them; beside those a number is no count,
    and nowhere where it says None.
    """
    key = masked(text, names)
    counts = tuple(hit.span() for hit in _COUNTS.finditer(key) if not _of_a_name(key, hit, numbered))
    for start, end in counts:
        key = key[:start] + COUNT * (end - start) + key[end:]
    return Shape(key, tuple(names), counts)


def _of_a_name(text: str, hit: re.Match[str], numbered: Mapping[str, frozenset[str] | None]) -> bool:
    """Whether a number may be a part of a name: characters of one that holds it stand beside it."""
    known = numbered.get(hit.group(), _NO_NAME)
    return known is None or not known.isdisjoint(text[max(0, hit.start() - 4) : hit.end() + 1])


def masked(text: str, names: Iterable[Read]) -> str:
    """The text with each character of those names replaced."""
    for name in names:
        text = text[: name.start] + MASK * (name.end - name.start) + text[name.end :]
    return text


class Shapes:
    """The shapes of messages that were read lately."""

    def __init__(self) -> None:
        self._held: dict[str, Held | None] = {}

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._held)

    def find(self, shape: Shape, text: str) -> tuple[list[Read], bool] | None:
        """What a text of that shape holds (its names left out), and whether dates are to be sought; None: not known."""
        held = self._held.get(shape.key)
        if held is None:
            if shape.key not in self._held:
                return None
            held = self._held.get(masked(text, shape.names))
            if held is None:
                return None
        found = list(held.fixed)
        for read, at, one in held.counted:
            start, end = shape.counts[at]
            found.append(_counted(read, Decimal(text[start:end]) * one))
        return found, held.dated

    def keep(self, shape: Shape, text: str, reads: Sequence[Read], *, dated: bool) -> None:
        """Remember what a text of that shape held."""
        if len(text) > _SHAPE or any(_stronger(read, shape.names) for read in reads):
            return
        if len(self._held) >= _SHAPES:
            self._held.clear()
        kept = [read for read in reads if not _hidden(read, shape.names)]
        counted = _by_count(shape, text, kept)
        if counted is None:
            self._held[shape.key] = None  # how many has a say: it is remembered by the very counts
            self._held[masked(text, shape.names)] = Held(tuple(kept), (), dated)
        else:
            fixed = tuple(read for read in kept if not _within(read, shape.counts))
            self._held[shape.key] = Held(fixed, counted, dated)


def _by_count(shape: Shape, text: str, reads: Sequence[Read]) -> tuple[tuple[Read, int, Decimal], ...] | None:
    """The readings that hold a count; None where one of them is more than so many of something."""
    found: list[tuple[Read, int, Decimal]] = []
    for at, (start, end) in enumerate(shape.counts):
        number = Decimal(text[start:end])
        for read in reads:
            if read.start < end and start < read.end:
                one = _one(read, (start, end), number)
                if one is None:
                    return None
                found.append((read, at, one))
    return tuple(found)


def _one(read: Read, count: tuple[int, int], number: Decimal) -> Decimal | None:
    """What one makes in a reading of so many: 1, of dozens 12; None where it is no plain number and no quantity."""
    value = read.value
    if read.kind == "number" and value == number and (read.start, read.end) == count:
        return Decimal(1)
    plain = isinstance(value, Quantity) and value.rule == "unit" and read.start == count[0]
    return value.value / number if plain and isinstance(value, Quantity) and not value.value % number else None


def _counted(read: Read, value: Decimal) -> Read:
    """The reading with another count."""
    held: object = value
    if isinstance(read.value, Quantity):
        one = read.value
        held = Quantity(one.span, value, one.unit, one.unit_key, one.rule, one.sure)
    return Read(read.kind, read.start, read.end, held, read.rank, read.rule, read.sure)


def _within(read: Read, counts: Sequence[tuple[int, int]]) -> bool:
    return any(read.start < end and start < read.end for start, end in counts)


def _hidden(read: Read, names: Sequence[Read]) -> bool:
    """Whether a name that was taken out stands over a reading."""
    return any(read.start < name.end and name.start < read.end for name in names)


def _stronger(read: Read, names: Sequence[Read]) -> bool:
    """Whether a reading would stand over a name that was taken out."""
    weight = read.rank + 2 * (read.end - read.start)
    return any(
        read.start < name.end and name.start < read.end and weight > name.rank + 2 * (name.end - name.start)
        for name in names
    )
