"""What commands share: opening the book, and errors of one line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from bot.settings import Settings
    from store.units import Units

Database = Annotated[str | None, typer.Option("--database", help="Database address; default: the settings'.")]


class Complaint(Exception):
    """Something a person can mend, in one line. `status` is the exit status."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


def fail(text: str, status: int = 1) -> NoReturn:
    """Stop the command with one line."""
    raise Complaint(text, status)


@contextmanager
def reporting() -> Iterator[None]:
    """Turn faults that a person can mend into one line on standard error and an exit status."""
    try:
        yield
    except Complaint as problem:
        sys.stderr.write(f"gendan: {problem}\n")
        sys.exit(problem.status)
    except BrokenPipeError:
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as problem:
        if _is_database_fault(problem):
            reason = str(getattr(problem, "orig", problem)).splitlines()[0]
            sys.stderr.write(f"gendan: the database cannot be used: {reason}\n")
            sys.exit(1)
        raise


def _is_database_fault(problem: Exception) -> bool:
    return type(problem).__module__.startswith("sqlalchemy") and type(problem).__name__ in {
        "OperationalError",
        "ArgumentError",
        "NoSuchModuleError",
    }


def settings() -> Settings:
    """The process's settings."""
    from bot.settings import read_settings

    try:
        return read_settings()
    except ValueError as problem:
        fail(str(problem), 2)


@contextmanager
def opened(database: str | None = None, *, loaded: bool = True) -> Iterator[Units]:
    """The book, migrated; closed at the end.

    Args:
        database: an address instead of the settings'.
        loaded: whether a company must have been loaded.
    """
    from bot.clocks import wall_clock
    from reminders import Planner
    from store.company import current_company
    from store.migrations import upgrade
    from store.units import Units, open_engine

    engine = open_engine(database or settings().database())
    upgrade(engine)
    units = Units(engine, clock=wall_clock, planner=Planner())
    try:
        if loaded and units.read(lambda book: current_company(book.session)) is None:
            fail("the book holds no company yet: gendan company load FILE", 2)
        yield units
    finally:
        units.close()


def read_text(path: Path) -> str:
    """A UTF-8 file's text."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as problem:
        fail(f"{path}: {problem.strerror}", 2)
    except UnicodeDecodeError:
        fail(f"{path}: not UTF-8 text", 2)
