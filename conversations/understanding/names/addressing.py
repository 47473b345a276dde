"""How people speak of each other: 小王, 老周, 王总, 李工, Mr Li."""

import re
from collections.abc import Iterator
from functools import cache

from . import fold


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    table = fold.words()
    before = "|".join(table["titles_before"])
    after = "|".join(sorted(table["titles_after"], key=len, reverse=True))
    latin = "|".join(re.escape(title) for title in sorted(table["latin_titles"], key=len, reverse=True))
    return (
        re.compile(rf"(?<![大小老])(?:{before})(?P<name>[\u4e00-\u9fff])(?!{after})"),
        re.compile(rf"(?P<name>[\u4e00-\u9fff])(?:{after})"),
        re.compile(rf"(?<![a-z])(?:{latin})\s*(?P<name>[a-z]{{2,12}})(?![a-z])"),
    )


def addressed(text: str) -> Iterator[tuple[int, int, str]]:
    """Every form of address in a text in small letters: (start, end, surname)."""
    for pattern in _patterns():
        for found in pattern.finditer(text):
            yield found.start(), found.end(), found["name"]
