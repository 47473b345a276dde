"""How near two names are, in one place for names said alone and names in a sentence."""

from functools import cache

from rapidfuzz.distance import OSA

from . import fold
from .values import How

MISSPELT = 0.9


@cache
def _contrast() -> frozenset[str]:
    return frozenset(fold.words()["contrast"])


def part(said: str, name: str) -> float:
    """How sure a part of a name means it: the beginning more than a piece inside, a long one more than a short one."""
    if said in fold.generic() or fold.is_place(said):
        return 0.4
    share = len(said) / len(name)
    return (0.8 if name.startswith(said) else 0.66) + 0.12 * share


def misspelt(said: str, name: str, *, strict: bool) -> float:
    """How sure a text with a wrong, missing, extra or transposed character means the name; 0 when it does not.

    One wrong character in a Chinese name of three or more or a Latin one of five or more, two in long ones. Digits are
    never wrong, nor are characters that make the difference between two names (东 and 南).

    Both are compact spellings; `strict` is for people's names, where only a character that sounds the same may stand
    for another.
    """
    han = fold.is_han(name)
    length = min(len(said), len(name))
    allowed = (
        (2 if length >= 8 else 1 if length >= 3 else 0) if han else (2 if length >= 9 else 1 if length >= 5 else 0)
    )
    if not allowed:
        return 0.0
    distance = OSA.distance(said, name, score_cutoff=allowed)
    if distance > allowed:
        return 0.0
    pairs = _differences(said, name)
    alike = bool(pairs) and all(_sounds_alike(one, other) for one, other in pairs)
    if not alike and (strict or any(_different(one, other, han=han) for one, other in pairs)):
        return 0.0
    if not han and len(said) != len(name) and any(char.isdigit() for char in said + name):
        return 0.0
    score = MISSPELT - 0.6 * distance / max(len(said), len(name))
    if alike:
        return min(0.9, score + 0.12)
    return score + (0.03 if said[:2] == name[:2] else 0.0)


def _differences(said: str, name: str) -> list[tuple[str, str]]:
    """The characters in which names of one length differ, transposed ones left out."""
    if len(said) != len(name):
        return [("", char) for char in (set(said) ^ set(name)) if char.isdigit() or char in _contrast()][:1]
    pairs = [(one, other) for one, other in zip(said, name, strict=True) if one != other]
    return [] if sorted(one for one, _ in pairs) == sorted(other for _, other in pairs) else pairs


def _different(one: str, other: str, *, han: bool) -> bool:
    """Whether one character in place of the other names something else."""
    if one.isdigit() or other.isdigit():
        return True
    if han and (one.isascii() or other.isascii()) and one:
        return True
    return other in _contrast() if not one else (one in _contrast() and other in _contrast())


def _sounds_alike(one: str, other: str) -> bool:
    return bool(one) and not one.isascii() and fold.syllables(one) == fold.syllables(other)


def better(first: tuple[float, How, str] | None, second: tuple[float, How, str]) -> tuple[float, How, str]:
    """The surer of two readings."""
    return second if first is None or second[0] > first[0] else first
