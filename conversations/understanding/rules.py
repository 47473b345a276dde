"""Which intents the words of a clause may mean: words/rules.yaml compiled, and matched against the concepts present."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from .lexicon import Word, load_yaml

# What stands beside a cue without making it more, or less: names, numbers and courtesies.
NEUTRAL = frozenset({"filler", "polite", "order", "order_word", "it", "many", "thanks_too"})
_STRICT = frozenset({"leave", "yes", "no", "skip", "thanks", "greeting", "later"})
_COURTESY = frozenset({"filler", "polite", "thanks", "greeting", "yes", "small_talk"})
_ALONE = NEUTRAL | {"number", "customer", "person", "carrier", "mark", "date", "time"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `all_of` are groups of which one concept each must stand there, `none_of` must not.

    `first`: the clause begins with one of them. `only`: nothing else of weight stands there.
    """

    intent: str
    name: str
    weight: float
    all_of: tuple[frozenset[str], ...]
    none_of: frozenset[str]
    first: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    masks: tuple[int, ...] = ()
    never: int = 0
    wanted: int = 0


_KINDS = 5_000  # kinds of words that are remembered
_BITS: dict[str, int] = {}  # concept -> its bit; testing a rule is a few ands of integers


def mask_of(concepts: Iterable[str]) -> int:
    """Concepts as one number, for comparing many rules with them fast."""
    mask = 0
    for concept in concepts:
        bit = _BITS.get(concept)
        if bit is None:
            bit = _BITS[concept] = 1 << len(_BITS)
        mask |= bit
    return mask


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that holds for a clause: its score, and the words that it stands on."""

    rule: Rule
    score: float
    words: tuple[Word, ...]


def parse_rule(intent: str, number: int, weight: float, terms: str) -> Rule:
    """A rule as written in rules.yaml. Raises ValueError on an empty one."""
    all_of: list[frozenset[str]] = []
    none_of: set[str] = set()
    first: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    for raw in terms.split("&"):
        term = raw.strip()
        names = frozenset(name.strip() for name in term.lstrip("!^=").strip("() ").split("|"))
        if not all(names):
            raise ValueError(f"an empty term in a rule of {intent}: {terms!r}")
        if term.startswith("!"):
            none_of |= names
            continue
        all_of.append(names)
        if term.startswith("^"):
            first = names
        elif term.startswith("="):
            only = names
    masks, never = tuple(map(mask_of, all_of)), mask_of(none_of)
    wanted = mask_of(frozenset().union(*all_of))
    return Rule(
        intent, f"{intent}#{number}", weight, tuple(all_of), frozenset(none_of), first, only, masks, never, wanted
    )


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """All rules, heaviest first."""
    parsed = [
        parse_rule(intent, number, float(weight), terms)
        for intent, listed in load_yaml("rules.yaml").items()
        for number, entry in enumerate(listed, 1)
        for weight, terms in entry.items()
    ]
    return tuple(sorted(parsed, key=lambda rule: -rule.weight))


def match(words: Sequence[Word], extra: AbstractSet[str] = frozenset()) -> list[Match]:
    """Rules that hold for the words of a clause, best first.

    Args:
        words: the clause, cut.
        extra: concepts that stand for the clause as a whole, such as ask for a question mark.
    """
    masks = [_mask(word.concepts) for word in words]
    present = mask_of(extra)
    for mask in masks:
        present |= mask
    if 0 in masks:
        present |= mask_of(("unknown",))
    sizes = [word.end - word.start for word in words]
    found = []
    for rule in _candidates(present):
        if rule.never & present:
            continue
        for mask in rule.masks:
            if not mask & present:
                break
        else:
            hit = _judge(rule, words, masks, sizes)
            if hit is not None:
                found.append(hit)
    found.sort(key=lambda hit: -hit.score)
    return found


_masks: dict[frozenset[str], int] = {}


def _mask(concepts: frozenset[str]) -> int:
    """The concepts of a word as one number; there are some hundred kinds of words."""
    mask = _masks.get(concepts)
    if mask is None:
        if len(_masks) > _KINDS:
            _masks.clear()
        mask = _masks[concepts] = mask_of(concepts)
    return mask


@lru_cache(maxsize=1)
def _by_concept() -> dict[int, tuple[int, ...]]:
    """Bit of a concept -> places of the rules that ask for it in the narrowest of their groups."""
    found: dict[int, list[int]] = {}
    for place, rule in enumerate(rules()):
        mask = min(rule.masks, key=int.bit_count)
        while mask:
            bit = mask & -mask
            mask ^= bit
            found.setdefault(bit, []).append(place)
    return {bit: tuple(places) for bit, places in found.items()}


@lru_cache(maxsize=2_000)
def _candidates(present: int) -> tuple[Rule, ...]:
    """The rules of which the narrowest group is met, heaviest first."""
    known, places = _by_concept(), set[int]()
    while present:
        bit = present & -present
        present ^= bit
        places.update(known.get(bit, ()))
    return tuple(rules()[place] for place in sorted(places))


def _judge(rule: Rule, words: Sequence[Word], masks: Sequence[int], sizes: Sequence[int]) -> Match | None:
    if rule.first and not _begins(rule.first, words):
        return None
    if rule.only and not _stands_alone(rule.only, words):
        return None
    wanted = rule.wanted
    hits = [at for at, mask in enumerate(masks) if mask & wanted]
    share = sum([sizes[at] for at in hits]) / (sum(sizes) or 1)
    used = tuple([words[at] for at in hits])
    return Match(rule, rule.weight + 0.03 * share + 0.004 * len(rule.all_of), used)


def _begins(first: frozenset[str], words: Sequence[Word]) -> bool:
    for word in words:
        if word.concepts & first:
            return True
        if not word.concepts & (NEUTRAL | {"customer", "number", "polite", "request", "person"}):
            return False
    return False


def _stands_alone(only: frozenset[str], words: Sequence[Word]) -> bool:
    beside = (_COURTESY | ({"person"} if only & {"greeting", "thanks"} else frozenset())) if only & _STRICT else _ALONE
    return all(word.concepts & only or word.concepts & beside for word in words)
