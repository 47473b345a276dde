"""What commands say: phrases in words/LANGUAGE.yaml, in the language that the terminal is set to."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache

from store.datafiles import read_data

LANGUAGES = ("en", "zh")
_SET_BY = ("GENDAN_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that says something wins, as gettext has it


@cache
def terminal_language() -> str:
    """Zh where the environment says so, else en."""
    said = next((value for name in _SET_BY if (value := os.environ.get(name))), "")
    return "zh" if said.lower().startswith("zh") else "en"


@cache
def words(language: str) -> Mapping[str, str]:
    """All phrases of a language: dotted key → text with {facts}."""
    table: dict[str, str] = read_data(__file__, "words", f"{language}.yaml")
    return table


def word(key: str, /, **facts: object) -> str:
    """A phrase in the terminal's language. Raises KeyError for an unknown one."""
    return words(terminal_language())[key].format(**facts)


def say(key: str, /, **facts: object) -> None:
    """Write a phrase as one line."""
    sys.stdout.write(word(key, **facts) + "\n")


def complain(key: str, /, **facts: object) -> None:
    """Write a phrase as one line on standard error."""
    sys.stderr.write(f"gendan: {word(key, **facts)}\n")
