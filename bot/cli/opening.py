"""What commands share: the settings, the book, a company file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.speaking import LANGUAGES, word
from bot.clocks import HandClock, wall_clock, where_it_stood
from bot.complaints import fail
from bot.settings import Settings, read_settings
from reminders import Planner
from store.company import CompanyFile, check_company, current_company, describe
from store.migrations import upgrade
from store.units import Units, open_engine

Database = Annotated[str | None, typer.Option("--database", help=word("option.database"))]
CompanyOption = Annotated[Path, typer.Option("--company", help=word("option.company"))]
Language = Annotated[str, typer.Option("--language", help=word("option.language"))]
Number = Annotated[str, typer.Argument(metavar="ORDER", help=word("option.order"))]


def command_group() -> typer.Typer:
    """A command, or several under one name."""
    return typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


def settings() -> Settings:
    """The process's settings."""
    try:
        return read_settings()
    except ValueError as problem:
        fail("bad_setting", 2, reason=problem)


@contextmanager
def opened(database: str | None = None, *, loaded: bool = True) -> Iterator[Units]:
    """The book, migrated; closed at the end. In a rehearsal's book it is the moment to which the rehearsal has come.

    Args:
        database: an address instead of the settings'.
        loaded: whether a company must have been loaded.
    """
    engine = open_engine(database or settings().database())
    upgrade(engine)
    units = Units(engine, clock=wall_clock, planner=Planner())
    try:
        stood = units.read(where_it_stood)
        units.clock = units.clock if stood is None else HandClock(stood)
        if loaded and units.read(lambda book: current_company(book.session)) is None:
            fail("no_company", 2)
        yield units
    finally:
        units.close()


def read_text(path: Path) -> str:
    """A UTF-8 file's text."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as problem:
        fail("bad_file", 2, path=path, reason=problem.strerror)
    except UnicodeDecodeError:
        fail("not_utf8", 2, path=path)


def checked(path: Path, language: str) -> CompanyFile:
    """The company in a file; problems are printed one a line and end the command with status 2."""
    if language not in LANGUAGES:
        fail("no_such_language", 2)
    found = check_company(read_text(path))
    for problem in found.problems:
        sys.stderr.write(f"{path}: {describe(problem, language)}\n")
    if found.company is None:
        fail("company.problems", 2, path=path, count=len(found.errors))
    return found.company
