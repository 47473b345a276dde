"""`gendan company`: check, load and export a company file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.common import Database, fail, opened, read_text

if TYPE_CHECKING:
    from store.company import CompanyFile

app = typer.Typer(
    help="The company file: people, customers, products, calendar, flows, reminders.", no_args_is_help=True
)
CompanyPath = Annotated[Path, typer.Argument(metavar="FILE", help="A company file (YAML).")]
Language = Annotated[str, typer.Option("--language", help="zh or en: the language of explanations.")]


def register(parent: typer.Typer) -> None:
    """Hang the commands in."""
    parent.add_typer(app, name="company")


def checked(path: Path, language: str) -> CompanyFile:
    """The company in a file; problems are printed one a line and end the command with status 2."""
    from store.company import check_company, describe

    found = check_company(read_text(path))
    for problem in found.problems:
        sys.stderr.write(f"{path}: {describe(problem, language)}\n")
    if found.company is None:
        fail(f"{path}: {len(found.errors)} problem(s), nothing was changed", 2)
    return found.company


@app.command()
def check(file: CompanyPath, language: Language = "en") -> None:
    """Explain what is wrong with a company file, line by line."""
    company = checked(file, language)
    sys.stdout.write(
        f"{file}: in order. {len(company.people)} people, {len(company.customers)} customers, "
        f"{len(company.products)} products, {len(company.flows)} flows.\n"
    )


@app.command()
def load(
    file: CompanyPath,
    database: Database = None,
    language: Language = "en",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Load without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference only.")] = False,
) -> None:
    """Show what a company file would change, and load it."""
    from store.company import apply_company, current_company, difference, plan_company
    from store.operations.flow import refresh_all

    company = checked(file, language)
    with opened(database, loaded=False) as units:
        before = units.read(lambda book: current_company(book.session))
        # what chat has changed since the last loading stays, unless this file says otherwise
        changes = difference(before, units.read(lambda book: plan_company(book.session, company)))
        for change in changes:
            sys.stdout.write(f"{change}\n")
        if not changes:
            sys.stdout.write("Nothing would change.\n")
            return
        if dry_run or not (yes or typer.confirm(f"Load these {len(changes)} change(s)?")):
            sys.stdout.write("Nothing was changed.\n")
            return

        def _load(book):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  # a unit of work
            apply_company(book.session, company, now=book.now)
            book.record("company.loaded", subject="company", after=[str(change) for change in changes])
            book.forget_company()
            if before is not None:
                refresh_all(book)

        units.write(_load)
    sys.stdout.write("Loaded.\n")


@app.command()
def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to write; default: standard output.")
    ] = None,
    database: Database = None,
) -> None:
    """Write the company as it stands now, what was changed in chat included."""
    from store.company import current_company, write_company

    with opened(database) as units:
        company = units.read(lambda book: current_company(book.session))
    assert company is not None, "opened() has seen to it"  # noqa: S101
    text = write_company(company)
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text, "utf-8")
