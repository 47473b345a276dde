"""Units of trade and measure by name, with a company's own beside them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from .lexicon import Phrases, data


@dataclass(frozen=True, slots=True)
class Units:
    """The units known here: their names, and each name's key and factor; never: what makes 个 no unit.

    `verbs`: units that are verbs before those characters, 15包好了.
    `counted`: units that may have 个 before them, 两个柜.
    """

    names: Phrases
    never: Phrases
    unless: Phrases
    verbs: Mapping[str, str]
    keys: dict[str, tuple[str, int]]
    spoken: frozenset[str]
    parts: dict[str, tuple[str, int]]
    counted: frozenset[str]

    def at(self, text: str, pos: int) -> tuple[int, str, str, int] | None:
        """The unit that starts there: (end, as written, key, how many of the key one is)."""
        name = self.names.at(text, pos)
        if name is None:
            return None
        end = pos + len(name)
        after = text[end : end + 1]
        if (
            (after.isdigit() and name[-1].isascii() and name[-1].isalpha())
            or (name in self.verbs and after and after in self.verbs[name])
            or (name == "个" and self.never.at(text, end) and not self.unless.at(text, end))
        ):
            return None
        return end, text[pos:end], *self.keys[name]


def units(own: Collection[str] = ()) -> Units:
    """The built-in units and a company's own."""
    return _units(tuple(sorted(own)))


@lru_cache(maxsize=8)
def _units(own: tuple[str, ...]) -> Units:
    keys: dict[str, tuple[str, int]] = {}
    spoken: set[str] = set()
    parts: dict[str, tuple[str, int]] = {}
    for key, entry in data("units").items():
        for name in entry["names"]:
            keys.setdefault(str(name).lower(), (entry.get("of", key), entry.get("times", 1)))
        if entry.get("spoken"):
            spoken.add(key)
        parts.update((key, pair) for pair in entry.get("parts", {}).items())
    for name in own:
        keys.setdefault(name.lower(), (name, 1))
    table = data("quantities")
    counted = frozenset(key for key, entry in data("units").items() if entry.get("counted"))
    never, unless = Phrases(table["never"]), Phrases(table["never_unless"])
    verbs: Mapping[str, str] = table["verbs"]
    return Units(Phrases(keys), never, unless, verbs, keys, frozenset(spoken), parts, counted)


def counted_alike(said: str, own: str) -> bool:
    """Whether two units count the same things: tins and tin, 张 and 个, a dozen read as twelve and 件."""
    one, other = said.lower(), own.lower()
    if one == other or one in {f"{other}s", f"{other}es"}:
        return True
    keys = units().keys
    return one in keys and other in keys and keys[one][0] == keys[other][0]
