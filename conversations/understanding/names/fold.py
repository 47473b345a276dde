"""Names in the forms they are compared in: without case, blanks, legal form and place; as pinyin and as initials."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from conversations.understanding.normalise import normalise
from store.datafiles import read_data, worked_out

_PLAIN = re.compile(r"[a-z0-9 \-_./,&\u4e00-\u9fff]*")
_MARKS = re.compile(r"[\s\-_./,·'\"&()*+#:\[\]]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿê", "aaaaeeeeiiiioooouuuuvvvvvnnnme")


@cache
def words() -> Mapping[str, Any]:
    """The word lists of this package."""
    found: Mapping[str, Any] = read_data(__file__, "data", "words.yaml")
    return found


@cache
def generic() -> frozenset[str]:
    """Parts that mean nothing by themselves."""
    table = words()
    return frozenset(table["generic"]) | frozenset(table["latin_generic"])


@cache
def _legal() -> re.Pattern[str]:
    forms = sorted(words()["legal"], key=len, reverse=True)
    latin = "|".join(re.escape(form) for form in forms if form.isascii())
    han = "|".join(re.escape(form) for form in forms if not form.isascii())
    return re.compile(rf"(?:[\s,(]*(?:(?<![a-z])(?:{latin})|{han})[\s)]*)+$")


@cache
def _place() -> re.Pattern[str]:
    table = words()
    names = "|".join(sorted(table["places"], key=len, reverse=True))
    latin = "|".join(sorted(table["latin_places"], key=len, reverse=True))
    kinds = "|".join(table["place_kinds"])
    return re.compile(rf"\(?(?:(?:{names})(?:{kinds})?)+\)?|(?:{latin})(?![a-z])[\s,]*")


def spelling(name: str) -> str:
    """A name in plain spelling and small letters."""
    low = name.lower()
    if _PLAIN.fullmatch(low):
        try:
            low.encode("gb2312")
        except UnicodeEncodeError:
            pass
        else:
            return low
    return normalise(name).text.lower().strip()


def is_han(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return _HAN.search(text) is not None


def compact(name: str) -> str:
    """Without blanks and marks: «VA-200» is va200."""
    return name if name.isalnum() else _MARKS.sub("", name)


def core(name: str) -> str:
    """Without the legal form, when at least two characters stay: 华东机械有限公司 is 华东机械."""
    if name[-1:] not in _legal_ends():
        return name
    found = _legal().search(name)
    rest = name[: found.start()].strip(" ,") if found else name
    return rest if len(rest) >= 2 else name


@cache
def _legal_ends() -> frozenset[str]:
    """The characters that names with a legal form end with."""
    return frozenset(form[-1] for form in words()["legal"]) | frozenset(" .,)）")


def placed(name: str) -> bool:
    """Whether a place stands in front."""
    return _place().match(name) is not None


def placeless(name: str) -> str:
    """Without the place in front, when at least two characters stay."""
    found = _place().match(name)
    rest = name[found.end() :].strip(" ,") if found else name
    return rest if len(rest) >= 2 else name


def place_plain(name: str) -> str:
    """With a plain place in front: 苏州市恒能 is 苏州恒能."""
    found = _place().match(name)
    if found is None or found.end() == len(name):
        return name
    return _kinds().sub("", found.group()) + name[found.end() :]


@cache
def _kinds() -> re.Pattern[str]:
    return re.compile("|".join(words()["place_kinds"]))


def is_place(text: str) -> bool:
    """Whether the text is a place and nothing else."""
    return _place().fullmatch(text) is not None


@cache
def _syllables() -> Mapping[str, str]:
    """Each character's first reading without tones, from pypinyin's table; importing pypinyin takes too long."""
    spec = find_spec("pypinyin")
    if spec is None or spec.origin is None:
        return {}
    file = Path(spec.origin).with_name("pinyin_dict.json")
    here = Path(__file__)
    sources = [file, here, here.parent / "data" / "pinyin.yaml"]
    found: Mapping[str, str] = worked_out(here.with_name("syllables"), sources, lambda: _readings_of(file))
    return found


def _readings_of(file: Path) -> dict[str, str]:
    table = json.loads(file.read_text("utf-8"))
    known: dict[str, str] = {}
    found: dict[str, str] = {}
    for code, readings in table.items():
        if 0x4E00 <= int(code) <= 0x9FA5:
            plain = readings.split(",", 1)[0].translate(_TONES)
            found[chr(int(code))] = known.setdefault(plain, plain)
    found |= {word: reading for word, reading in _readings().items() if len(word) == 1}
    return found


def sounds() -> frozenset[str]:
    """All syllables of Chinese, as pinyin without tones."""
    return frozenset(_syllables().values())


@cache
def _readings() -> Mapping[str, str]:
    found: Mapping[str, str] = read_data(__file__, "data", "pinyin.yaml")["words"]
    return found


@cache
def _special() -> re.Pattern[str]:
    return re.compile("|".join(sorted((word for word in _readings() if len(word) > 1), key=len, reverse=True)))


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(word[0] for word in _readings() if len(word) > 1)


def syllables(text: str) -> list[str]:
    """The readings of a text, one a character; Latin letters and digits are their own."""
    table = _syllables()
    found = [table.get(char, char) for char in text]
    if not _beginnings().isdisjoint(text):
        for special in _special().finditer(text):
            found[special.start() : special.end()] = _readings()[special.group()].split()
    return found
