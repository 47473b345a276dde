"""Names of a company in a text: as they stand from one trie, near ones from the index of names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from .intents import Hit, Named
from .lexicon import is_han, lexicon, whole_word
from .names import Entry, NameIndex, fold, verdict
from .names import Hit as Mention
from .numbers.units import units
from .patterns import Read
from .vocabulary import Name

_SIZE = re.compile(r"(?<!\d)[\s-]*\d+(?:\.\d+)?\s*(?:kw|mm|寸)?$")
_MEASURED = re.compile(r"(?P<size>\d+(?:\.\d+)?)\s*(?P<unit>kw|mm)$")
_SAID_FOR = {"kw": ("千瓦", "kw", "个千瓦"), "mm": ("毫米", "mm")}  # how people write the unit of a size
_MOST_ADDED = 6  # characters that tell one product's name from another's that it begins with
_UNIT_APART = re.compile(r"(?<=\d) (?=[a-z]+$)")
_TITLES = ("工", "总", "师傅", "经理", "会计", "主任", "哥", "姐")
_TITLED = ("mr", "mrs", "ms", "miss", "dr")
_WORDS = frozenset(
    {"sun", "song", "long", "gang", "pan", "ping", "ding", "tong", "man", "fan", "bai", "hang"}
)  # no surnames alone
_DIGITS = re.compile(r"\d+")
_CONSONANTS = "bpmfdtnlgkhjqxzcsryw"
_LEAST = 3  # characters of a name that stands for whatever name of its length
_CODE = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)+", re.ASCII)
_LATIN = re.compile(r"[a-z]+")
_BEHIND = re.compile(r"(?:[ .,]{1,2}[a-z]+){1,5}")  # words behind a name that may belong to it
_NEAR = 0.74  # a mention in a sentence counts from this score on: one wrong character in a name of four


@cache
def _trades() -> frozenset[str]:
    return frozenset(fold.words()["latin_trade"])


def said_as(name: Name) -> set[str]:
    """The spellings taken as they stand: people also by form of address, products in the plural and by family."""
    plain = name.spelling.lower()
    found = {plain} if len(plain) > 1 else set()
    if name.kind == "customer":
        return found
    if name.kind == "product" and (family := _SIZE.sub("", plain)) != plain and len(family) > 2:
        found |= said_as(Name(name.kind, name.key, family))
        if family.isascii():
            found.add(f"{family}s{plain[len(family) :]}")  # submersible pumps 4 kw
        found |= {_UNIT_APART.sub("", said) for said in found if said[-1:].isalpha()}  # 4kw
        if is_han(family[0]) and (measured := _MEASURED.search(plain)) is not None:
            sizes = [measured["size"] + unit for unit in _SAID_FOR[measured["unit"]]]
            found |= {said for size in sizes for said in (f"{family}{size}", f"{size}{family}", f"{size}的{family}")}
    if name.kind == "product" and plain.isascii() and plain[-1:].isalpha():
        several = plain + ("es" if plain.endswith(("s", "x", "ch", "sh")) else "s")
        if several not in lexicon().words or plain in lexicon().words:  # CUSTOM is not held at customs
            found.add(several)
    if name.kind in {"person", "contact"} and plain.isascii():
        found |= _by_part(plain)
    if (
        name.kind in {"person", "contact"}
        and 2 <= len(plain) <= 3
        and all(map(is_han, plain))
        and plain[0] not in "小老阿"
    ):
        found |= _by_sound(plain)
        found |= {f"小{plain[0]}", f"老{plain[0]}"} | {plain[0] + title for title in _TITLES}
    return found


def _by_part(plain: str) -> set[str]:
    """A Latin name by its first word unless it is a word of ours, by its last with a title: Tom, Mr Hughes."""
    parts = plain.split()
    if len(parts) < 2 or parts[0].rstrip(".") in _TITLED:
        return set()
    first = {parts[0]} if len(parts[0]) > 2 and parts[0] not in lexicon().words else set()
    return first | {f"{title} {parts[-1]}" for title in _TITLED}


def _by_sound(plain: str) -> set[str]:
    """A person's name in pinyin, and the family name alone unless it is a word: Zhou, Zhou Qiang, Qiang Zhou."""
    family, *given = fold.syllables(plain)
    first = "".join(given)
    found = {f"{family} {first}", family + first, f"{first} {family}"}
    if len(family) > 2 and family not in lexicon().words and family not in _WORDS:
        found.add(family)
    return found


def _derived(
    things: Mapping[str, Sequence[tuple[str, str]]], entries: Mapping[tuple[str, str], Sequence[str]]
) -> list[tuple[str, tuple[str, str]]]:
    """Products whose name is another's with something added, by that one's other names: A阀加强, 加强A阀."""
    found = []
    for thing, names in entries.items():
        if thing[0] != "product":
            continue
        for name in map(str.lower, names):
            for cut in range(max(2, len(name) - _MOST_ADDED), len(name) - 1):
                added = name[cut:]
                for base in things.get(name[:cut], ()) if all(map(is_han, added)) else ():
                    if base != thing and base[0] == "product":
                        others = [other.lower() for other in entries[base] if other.lower() != name[:cut]]
                        found += [(said, thing) for other in others if not other.isascii()
                                  for said in (other + added, added + other)]  # fmt: skip
                        found.append((added + name[:cut], thing))
    return found


def _sounds_like(written: str, rest: str) -> bool:
    """Whether characters are those of a name but for some that sound alike, in their ends at least: 机戒, 机械."""
    same = sum(one == other for one, other in zip(written, rest, strict=True))
    if 2 * same < len(rest) or not all(map(is_han, written)):
        return False
    sounds = zip(fold.syllables(written), fold.syllables(rest), strict=True)
    return all(one.lstrip(_CONSONANTS) == other.lstrip(_CONSONANTS) for one, other in sounds)


def _numbered(entries: Mapping[tuple[str, str], Sequence[str]]) -> dict[str, frozenset[str] | None]:
    """Numbers that are parts of names, and the characters of those names.

    None where the number may stand for the name: of products (50 of 法兰50), and where it is half of a name.
    """
    found: dict[str, set[str] | None] = {}
    for kind, said in ((kind, one) for (kind, _), names in entries.items() for one in names):
        for number in _DIGITS.findall(said):
            others = found.setdefault(number, set())
            if kind == "product" or 2 * len(number) >= len(said) or others is None:
                found[number] = None
            else:
                others.update(char for char in said.lower() if not char.isdigit())
    return {number: None if chars is None else frozenset(chars) for number, chars in found.items()}


@lru_cache(maxsize=2)
def names_of(names: tuple[Name, ...]) -> Names:
    """The finder of these names; a company that changed in other ways keeps the one it had."""
    return Names(names)


class Names:
    """Finds the names of a company; built once per company."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._things: dict[str, tuple[tuple[str, str], ...]] = {}
        entries: dict[tuple[str, str], list[str]] = {}
        alone: dict[tuple[str, str], tuple[tuple[str, str]]] = {}  # most spellings mean one thing: it is held once
        for name in names:
            thing = name.kind, name.key
            entries.setdefault(thing, []).append(name.spelling)
            single = alone.setdefault(thing, (thing,))
            for spelling in said_as(name):
                things = self._things.get(spelling)
                self._things[spelling] = single if things is None else _with(things, thing)
        for said, thing in _derived(self._things, entries):
            self._things.setdefault(said, alone.setdefault(thing, (thing,)))
        self._lengths: dict[str, list[int]] = {}  # by the first two characters, longest first
        for spelling in self._things:
            lengths = self._lengths.setdefault(spelling[:2], [])
            if len(spelling) not in lengths:
                lengths.append(len(spelling))
        for lengths in self._lengths.values():
            lengths.sort(reverse=True)
        self._index = NameIndex(Entry(kind, key, tuple(said)) for (kind, key), said in entries.items())
        self._common = lexicon().words
        self.numbered = _numbered(entries)

    def codes(self, text: str) -> Iterator[Read]:
        """Products called by a code of several parts: no number of it belongs to a unit or month (200 G-10, Dec 11)."""
        for hit in _CODE.finditer(text):
            keys = dict.fromkeys(key for kind, key in self._things.get(hit[0], ()) if kind == "product")
            if keys and not hit[0].replace(".", "").isdigit():
                hits = tuple(Hit("product", key) for key in keys)
                yield Read("product", *hit.span(), Named(hit[0], hits, len(hits) == 1), 90, "name")

    def exact(self, text: str) -> list[Read]:
        """Names that stand in a lower-case text, the longest at each place."""
        found: list[Read] = []
        for start, pair in enumerate(map(str.__add__, text, text[1:])):
            lengths = self._lengths.get(pair)
            if lengths is not None:
                found += [self._whole(text, one) for one in self._longest(text, start, lengths)]
        return found

    def _whole(self, text: str, read: Read) -> Read:
        """A customer's name in Latin letters with the rest of it: huadong jixie, Huadong Machinery Co.

        The rest is what the customer's Chinese name sounds like, or words that only say what kind of company it is.
        """
        behind = _BEHIND.match(text, read.end) if read.kind == "customer" and text[read.end - 1].isascii() else None
        if behind is None or not isinstance(read.value, Named):
            return read
        end = read.end
        keys, sounds = read.value.keys, self._index.sounds
        for word in _LATIN.finditer(text, read.end, behind.end()):
            forms = sounds.get(text[read.start : word.end()].replace(" ", ""))
            owners = (self._index.entries[form.entry] for form in forms if form.how == "pinyin")
            if any(owner is not None and owner.key in keys for owner in owners):
                end = word.end()
        for word in _LATIN.finditer(text, end, behind.end()):
            begins = self._longest(text, word.start(), self._lengths.get(text[word.start() :][:2], ()))
            if word.group() not in _trades() or text[end : word.start()].strip() or any(begins):
                break  # Huadong, water pumps
            end = word.end()
        end = (
            end + 1 if text[end : end + 1] == "." and text[read.end : end].rstrip(".").endswith(("co", "ltd")) else end
        )
        return replace(read, end=end, rank=read.rank + end - read.end) if end > read.end else read

    def _longest(self, text: str, start: int, lengths: Sequence[int]) -> Iterator[Read]:
        for length in self._without_count(text, start, lengths):
            said = text[start : start + length]
            if len(said) == length and said in self._things and whole_word(text, start, start + length):
                for kind in dict.fromkeys(kind for kind, _ in self._things[said]):
                    hits = tuple(Hit(kind, key) for of, key in self._things[said] if of == kind)
                    end = start + length
                    if kind == "customer" and len(hits) == 1:
                        end = self._misspelt_to(text, end, said, hits[0].key)
                    yield Read(kind, start, end, Named(text[start:end], hits, len(hits) == 1), 60 + length, "name")
                return

    def _without_count(self, text: str, start: int, lengths: Sequence[int]) -> Sequence[int]:
        """The lengths to try: a number at a name's end counts where the name without it means the same: 叶轮80个."""
        longest = next((one for one in lengths if text[start : start + one] in self._things), 0)
        said = text[start : start + longest]
        short = said.rstrip("0123456789")
        if short == said or not is_han(said[0]) or self._things.get(short) != self._things.get(said):
            return lengths
        counted = units().at(text, start + longest) is not None
        return [one for one in lengths if one <= len(short)] if counted else lengths

    def _misspelt_to(self, text: str, end: int, said: str, key: str) -> int:
        """Where a customer's name ends whose rest is misspelt: of 华东机戒 the alias 华东 is the beginning."""
        if not text[end : end + 1] or not is_han(text[end]):
            return end
        for name in sorted(self._index.names("customer", key), key=len, reverse=True):
            rest = name[len(said) :]
            written = text[end : end + len(rest)]
            misspelt = len(rest) > 1 and written != rest and len(written) == len(rest)
            if misspelt and name.lower().startswith(said) and _sounds_like(written, rest):
                return end + len(rest)
        return end

    def standing(self, text: str, names: Sequence[Read]) -> list[Read]:
        """Of the names found in a text those in Han that no other name or form of a name touches."""
        return [one for one in names if one.end - one.start >= _LEAST and self._untouched(text, one, names)]

    def _untouched(self, text: str, name: Read, names: Sequence[Read]) -> bool:
        start, end = name.start, name.end
        if not all(map(is_han, text[start:end])):
            return False
        return not any(
            other is not name and other.start < end and start < other.end for other in names
        ) and not self._index.crossed(text, start, end)

    def near(self, text: str) -> Iterator[Read]:
        """Names that are near to what stands in a lower-case text."""
        places: dict[tuple[tuple[int, int], str], list[Mention]] = {}
        for mention in self._index.find(text, common=self._common):
            if mention.score >= _NEAR and text[slice(*mention.span)] not in self._common:
                places.setdefault((mention.span, mention.kind), []).append(mention)
        for (span, kind), mentions in places.items():
            said = text[slice(*span)]
            if said.isdigit() or (mentions[0].how == "initials" and len(said) < 3):
                continue
            named = _named(said, mentions)
            read = Read(kind, *span, named, 50, f"name: {mentions[0].how}", sure=mentions[0].score >= 0.95)
            yield self._whole(text, read)

    def resolve(self, said: str, *kinds: str) -> Named:
        """What somebody may mean by a name that was not found as it stands; without hits: nothing near."""
        mentions = [mention for kind in kinds for mention in self._index.resolve(said, kind)]
        return _named(said, sorted(mentions, key=lambda mention: -mention.score))


def _with(things: tuple[tuple[str, str], ...], thing: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return things if thing in things else (*things, thing)


def _named(said: str, mentions: list[Mention]) -> Named:
    hits = tuple(Hit(one.kind, one.key, one.score) for one in mentions if one.score >= mentions[0].score - 0.3)
    return Named(said, hits, verdict(mentions) == "clear")
