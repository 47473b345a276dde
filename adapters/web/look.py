"""Colours, shapes and the pages' own words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from zlib import crc32

from nicegui import ui

from conversations.datafiles import read_data

_FACES = ("#0f766e", "#b45309", "#4338ca", "#be185d", "#0369a1", "#4d7c0f", "#7c3aed", "#b42318")


@cache
def style() -> str:
    """The style sheet of all pages."""
    return (files("adapters.web") / "style.css").read_text("utf-8")


@cache
def words(language: str) -> Mapping[str, Any]:
    """What the pages say in a language."""
    table = read_data(__file__, "words.yaml")
    chosen: Mapping[str, Any] = table.get(language) or table["en"]
    return chosen


def dress(title: str) -> None:
    """Give the page being built the house's look; light or dark as the reader's device is set."""
    ui.page_title(title)
    ui.add_css(style())
    ui.dark_mode(value=None)


def face_colour(key: str) -> str:
    """A person's colour, the same on every page."""
    return _FACES[crc32(key.encode()) % len(_FACES)]
