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
    return Rule(intent, f"{intent}#{number}", weight, tuple(all_of), frozenset(none_of), first, only, masks, never)


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
    unknown = {"unknown"} if any(not word.concepts for word in words) else set()
    present = mask_of(frozenset(extra | unknown).union(*(word.concepts for word in words)) if words else extra)
    found = []
    for rule in rules():
        if rule.never & present:
            continue
        for mask in rule.masks:
            if not mask & present:
                break
        else:
            hit = _judge(rule, words)
            if hit is not None:
                found.append(hit)
    found.sort(key=lambda hit: -hit.score)
    return found


def _judge(rule: Rule, words: Sequence[Word]) -> Match | None:
    if rule.first and not _begins(rule.first, words):
        return None
    if rule.only and not _stands_alone(rule.only, words):
        return None
    wanted = frozenset().union(*rule.all_of)
    used = tuple(word for word in words if word.concepts & wanted)
    length = sum(word.end - word.start for word in words) or 1
    share = sum(word.end - word.start for word in used) / length
    return Match(rule, rule.weight + 0.03 * share + 0.004 * len(rule.all_of), used)


def _begins(first: frozenset[str], words: Sequence[Word]) -> bool:
    for word in words:
        if word.concepts & first:
            return True
        if not word.concepts & (NEUTRAL | {"customer", "number", "polite", "request", "person"}):
            return False
    return False


def _stands_alone(only: frozenset[str], words: Sequence[Word]) -> bool:
    beside = _COURTESY if only & _STRICT else _ALONE
    return all(word.concepts & only or word.concepts & beside for word in words)
