"""Names of a company in a text: exactly, by part or nearly, as one trie of spellings and rapidfuzz for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rapidfuzz import fuzz, process

from .intents import Hit, Named
from .lexicon import Lexicon, is_han, lexicon
from .patterns import Read
from .vocabulary import Name

_CLEAR = 82.0  # a score from which on a near name is taken, and shown as a guess
_NEAR = 62.0  # one from which on it is offered
_TIE = 6.0
_SIZE = re.compile(r"(?<!\d)[\s-]*\d+(?:\.\d+)?\s*(?:kw|mm|寸)?$")
_TITLES = ("工", "总", "师傅", "经理", "会计", "主任", "哥", "姐")
_ENGLISH = frozenset({"sun", "song", "long", "gang", "pan", "ping", "ding", "tong", "wang", "man"}) - {"wang"}


def said_as(name: Name) -> set[str]:
    """The spellings under which a name is looked for: people also by pinyin and form of address, things in the plural."""
    plain = name.spelling.lower()
    found = {plain} if len(plain) > 1 else set()
    if name.kind == "product" and (family := _SIZE.sub("", plain)) != plain and len(family) > 2:
        found |= said_as(Name(name.kind, name.key, family))
    if name.kind == "product" and plain.isascii() and plain[-1:].isalpha():
        found.add(plain + ("es" if plain.endswith(("s", "x", "ch", "sh")) else "s"))
    if name.kind in {"person", "contact"} and 2 <= len(plain) <= 3 and all(map(is_han, plain)):
        if plain[1:] not in _TITLES and plain[0] not in "小老阿":
            found |= _addresses(plain)
    return found


def _addresses(plain: str) -> set[str]:
    from pypinyin import Style, pinyin

    syllables = [options[0] for options in pinyin(plain, style=Style.NORMAL)]
    family, given = syllables[0], "".join(syllables[1:])
    found = {f"{family} {given}", family + given, f"{given} {family}"}
    found |= {f"小{plain[0]}", f"老{plain[0]}"} | {plain[0] + title for title in _TITLES}
    if len(family) > 2 and family not in lexicon().words and family not in _ENGLISH:
        found.add(family)
    return found


class Names:
    """Finds the names of a company; built once per company."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._things: dict[str, list[tuple[str, str]]] = {}
        for name in names:
            for spelling in said_as(name):
                things = self._things.setdefault(spelling, [])
                if (name.kind, name.key) not in things:
                    things.append((name.kind, name.key))
        self._trie = Lexicon({spelling: frozenset({"name"}) for spelling in self._things})
        self._by_kind: dict[str, list[str]] = {}
        for spelling, things in self._things.items():
            for kind in {kind for kind, _ in things}:
                self._by_kind.setdefault(kind, []).append(spelling)

    def find(self, text: str) -> Iterator[Read]:
        """Every exact name in a lower-case text, the longest at each place."""
        for start in range(len(text)):
            ends = [end for end, _ in self._trie.at(text, start)]
            if not ends:
                continue
            said = text[start : ends[-1]]
            for kind in dict.fromkeys(kind for kind, _ in self._things[said]):
                hits = tuple(Hit(kind, key) for of, key in self._things[said] if of == kind)
                yield Read(kind, start, ends[-1], Named(said, hits, len(hits) == 1), 60 + len(said), "name")

    def resolve(self, said: str, *kinds: str) -> Named:
        """What somebody may mean by a name that was not found as it stands; without hits: nothing near."""
        wanted = said.strip().lower()
        found: dict[tuple[str, str], float] = {}
        for kind in kinds:
            for spelling, score, _ in process.extract(
                wanted, self._by_kind.get(kind, ()), scorer=fuzz.WRatio, limit=5, score_cutoff=_NEAR
            ):
                if abs(len(spelling) - len(wanted)) > 3 * min(len(spelling), len(wanted)):
                    continue
                for of, key in self._things[spelling]:
                    if of == kind:
                        found[kind, key] = max(found.get((kind, key), 0.0), score)
        ranked = sorted(found.items(), key=lambda entry: -entry[1])[:5]
        hits = tuple(Hit(kind, key, score / 100) for (kind, key), score in ranked)
        clear = bool(ranked) and ranked[0][1] >= _CLEAR and (len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= _TIE)
        return Named(said, hits, clear)
