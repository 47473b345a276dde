"""Commands that run the assistant."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.common import Database, fail, settings
from bot.cli.company import checked

if TYPE_CHECKING:
    from store.book import Book

CompanyOption = Annotated[Path, typer.Option("--company", help="A company file (YAML).")]


def register(parent: typer.Typer) -> None:
    """Hang the commands in."""
    parent.command("rehearse")(rehearse)
    parent.command("chat")(chat)
    parent.command("demo")(demo)
    parent.command("serve")(serve)
    parent.command("init")(init)


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
    weeks: Annotated[int, typer.Option("--weeks", min=0, max=8, help="How long the company has been at work.")] = 2,
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


def serve(database: Database = None) -> None:
    """Run the assistant: every platform that is configured, the web server, reminders."""
    from bot.platforms import run_service

    asyncio.run(run_service(settings(), database))


def init(
    name: Annotated[str, typer.Option("--name", prompt="Company name / 公司名称", help="The company's name.")],
    admin: Annotated[
        str, typer.Option("--admin", prompt="Administrator / 管理员姓名", help="The administrator's name.")
    ],
    language: Annotated[str, typer.Option("--language", prompt="Language / 语言 (zh, en)", help="zh or en.")] = "zh",
    timezone: Annotated[str, typer.Option("--timezone", prompt="Time zone / 时区", help="IANA.")] = "Asia/Shanghai",
    currency: Annotated[str, typer.Option("--currency", prompt="Currency / 货币", help="ISO 4217 code.")] = "CNY",
    country: Annotated[str, typer.Option("--country", help="Two letters, for public holidays.")] = "",
    database: Database = None,
) -> None:
    """Start a real company: write company.yaml, load it, and show how the administrator signs in."""
    from bot.cli.common import opened
    from bot.starting import first_company
    from store.company import CompanyProblems, apply_company, current_company, describe, read_company
    from store.operations.identities import make_token

    if language not in {"zh", "en"}:
        fail("the language is zh or en", 2)
    home = settings().home
    path = home / "company.yaml"
    if path.exists():
        fail(f"{path} is there already; edit it and run: gendan company load {path}", 2)
    country = country or ("CN" if timezone == "Asia/Shanghai" else "")
    text = first_company(name=name, language=language, timezone=timezone, currency=currency, country=country or None,
                         admin=admin)  # fmt: skip
    try:
        company = read_company(text, str(path))
    except CompanyProblems as found:
        fail(describe(found.problems[0], language), 2)
    home.mkdir(parents=True, exist_ok=True)
    with opened(database, loaded=False) as units:
        if units.read(lambda book: current_company(book.session)) is not None:
            fail("the book holds a company already: gendan company export", 2)
        path.write_text(text, "utf-8")

        def _load(book: Book) -> str:
            apply_company(book.session, company, now=book.now)
            book.record("company.loaded", subject="company")
            book.forget_company()
            return make_token(book, "admin", "page")

        token = units.write(_load)
    base = settings().public_url or f"http://{settings().http}"
    sys.stdout.write(
        f"{path} was written and loaded. Edit it, then: gendan company load {path}\n"
        f"Start the assistant: gendan serve\nSign in as {admin}: {base}/chat/enter/{token}\n"
    )
