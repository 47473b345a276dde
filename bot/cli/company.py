"""`gendan company`: check, load and export a company file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.opening import Database, Language, checked, command_group, opened
from bot.cli.speaking import say, terminal_language, word
from store.book import Book
from store.company import apply_company, current_company, plan_company, write_company
from store.company.difference import difference
from store.operations.flow import refresh_all

app = command_group()
HERE = terminal_language()
CompanyPath = Annotated[Path, typer.Argument(metavar="FILE", help=word("option.company"))]


@app.command(help=word("help.company.check"))
def check(file: CompanyPath, language: Language = HERE) -> None:
    """Explain what is wrong with a company file, line by line."""
    company = checked(file, language)
    say("company.in_order", file=file, people=len(company.people), customers=len(company.customers),
        products=len(company.products), flows=len(company.flows))  # fmt: skip


@app.command(help=word("help.company.load"))
def load(
    file: CompanyPath,
    database: Database = None,
    language: Language = HERE,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=word("option.yes"))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=word("option.dry_run"))] = False,
) -> None:
    """Show what a company file would change, and load it."""
    company = checked(file, language)
    with opened(database, loaded=False) as units:
        before = units.read(lambda book: current_company(book.session))
        # what chat has changed since the last loading stays, unless this file says otherwise
        changes = difference(before, units.read(lambda book: plan_company(book.session, company)))
        for change in changes:
            sys.stdout.write(f"{change}\n")
        if not changes:
            say("company.no_difference")
            return
        if dry_run or not (yes or typer.confirm(word("company.ask", count=len(changes)))):
            say("company.unchanged")
            return

        def _load(book: Book) -> None:
            apply_company(book.session, company, now=book.now)
            book.record("company.loaded", subject="company", after=[str(change) for change in changes])
            book.forget_company()
            if before is not None:
                refresh_all(book)

        units.write(_load)
    say("company.loaded")


@app.command(help=word("help.company.export"))
def export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help=word("option.out"))] = None,
    database: Database = None,
) -> None:
    """Write the company as it stands now, what was changed in chat included."""
    with opened(database) as units:
        company = units.read(lambda book: current_company(book.session))
    assert company is not None, "opened() has seen to it"  # noqa: S101
    text = write_company(company)
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text, "utf-8")
