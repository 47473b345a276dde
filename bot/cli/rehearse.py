"""`gendan rehearse`: the real assistant on a script, with the clock in hand."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.opening import CompanyOption, Database, checked, command_group
from bot.cli.speaking import terminal_language, word
from bot.complaints import fail
from bot.rehearsal import rehearse as play
from bot.rehearsal.script import ScriptProblem

app = command_group()
Scripts = Annotated[list[Path] | None, typer.Argument(metavar="[SCRIPT]...", help=word("option.script"))]


@app.command(help=word("help.rehearse.long"))
def rehearse(company: CompanyOption, script: Scripts = None, database: Database = None) -> None:
    """Several scripts are played one after the other, each on a fresh book of its own unless --database is given."""
    checked(company, terminal_language())
    paths: list[Path | None] = [*script] if script else [None]
    for path in paths:
        with tempfile.TemporaryDirectory(prefix="gendan-") as folder:
            _rehearse_one(company, path, database or f"sqlite:///{folder}/rehearsal.db")


def _rehearse_one(company: Path, path: Path | None, url: str) -> None:
    try:
        lines = sys.stdin if path is None else path.open(encoding="utf-8")
    except OSError as problem:
        fail("bad_file", 2, path=path, reason=problem.strerror)
    folder = path.parent if path else Path()
    try:
        with lines:
            asyncio.run(play(lines, url=url, company=company, out=sys.stdout, folder=folder))
    except ScriptProblem as problem:
        fail("bad_script", 2, path=path or "-", problem=problem)
