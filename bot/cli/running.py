"""Commands that run the assistant."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import Database, fail, settings
from bot.cli.company import checked

CompanyOption = Annotated[Path, typer.Option("--company", help="A company file (YAML).")]


def register(parent: typer.Typer) -> None:
    """Hang the commands in."""
    parent.command("rehearse")(rehearse)
    parent.command("chat")(chat)
    parent.command("demo")(demo)


def rehearse(
    company: CompanyOption,
    script: Annotated[
        list[Path] | None, typer.Argument(metavar="[SCRIPT]...", help="JSON lines; default: standard input.")
    ] = None,
    database: Database = None,
) -> None:
    """Run the real assistant on a script, with the clock in hand.

    Several scripts are played one after the other, each on a fresh book of its own unless --database is given.
    """
    checked(company, "en")
    paths: list[Path | None] = [*script] if script else [None]
    for path in paths:
        with tempfile.TemporaryDirectory(prefix="gendan-") as folder:
            _rehearse_one(company, path, database or f"sqlite:///{folder}/rehearsal.db")


def _rehearse_one(company: Path, path: Path | None, url: str) -> None:
    from bot.rehearsal import rehearse as play
    from bot.rehearsal.script import ScriptProblem

    try:
        lines = sys.stdin if path is None else path.open(encoding="utf-8")
    except OSError as problem:
        fail(f"{path}: {problem.strerror}", 2)
    folder = path.parent if path else Path()
    try:
        with lines:
            asyncio.run(play(lines, url=url, company=company, out=sys.stdout, folder=folder))
    except ScriptProblem as problem:
        fail(f"{path or 'standard input'}, {problem}", 2)


def chat(
    person: Annotated[str, typer.Option("--as", metavar="KEY", help="Who you are: a person's key.")],
    database: Database = None,
) -> None:
    """Talk with the assistant in this terminal; pushes appear as they come."""
    from bot.chatting import talk

    asyncio.run(talk(person, database or settings().database()))


def demo(
    address: Annotated[str, typer.Option("--http", help="HOST:PORT of the page.")] = "127.0.0.1:8000",
    weeks: Annotated[int, typer.Option("--weeks", min=0, max=8, help="How long the company has been at work.")] = 3,
) -> None:
    """Open the demonstration: several phones side by side, wired to the real assistant."""
    from rich.progress import BarColumn, Progress, TextColumn

    from bot.demo.showing import show

    with Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%")) as bar:
        task = bar.add_task("Making a few weeks of orders", total=None)

        def _progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)
            if done + 1 >= total:
                bar.stop()

        asyncio.run(show(address, weeks=weeks, progress=_progress))
