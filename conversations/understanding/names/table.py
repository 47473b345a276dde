"""Texts to the forms equal to them, compact: of a hundred thousand forms each takes one number."""

from collections.abc import Sequence
from typing import NamedTuple

from .values import How

_NONE: tuple["Form", ...] = ()
_CODE = 4  # bits of how a text equal to a form is meant


class Form(NamedTuple):
    """One way to write one entry's name.

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


_READINGS: list[tuple[How, float]] = []  # what the codes mean; there are about ten
_CODES: dict[tuple[How, float], int] = {}


def _code(how: How, score: float) -> int:
    code = _CODES.get((how, score))
    if code is None:
        if len(_READINGS) >= 1 << _CODE:
            raise ValueError(f"no code is left for {how} {score}")
        code = _CODES[how, score] = len(_READINGS)
        _READINGS.append((how, score))
    return code


class Table:
    """Forms by their texts. A text with one form holds a number, one with several a tuple of them."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: dict[str, int | tuple[int, ...]] = {}

    def add(self, text: str, entry: int, how: How, score: float) -> None:
        """Take a form in."""
        number = entry << _CODE | _code(how, score)
        held = self._held.get(text)
        self._held[text] = number if held is None else (held, number) if isinstance(held, int) else (*held, number)

    def get(self, text: str) -> Sequence[Form]:
        """The forms of a text in the order in which they were taken in; none when there is none."""
        held = self._held.get(text)
        if held is None:
            return _NONE
        numbers = (held,) if isinstance(held, int) else held
        return [Form(text, number >> _CODE, *_READINGS[number & (1 << _CODE) - 1]) for number in numbers]

    def __contains__(self, text: str) -> bool:
        return text in self._held

    def __len__(self) -> int:
        return len(self._held)
