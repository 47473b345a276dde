"""`gendan init`: start a real company."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.opening import Database, command_group, opened, settings
from bot.cli.speaking import LANGUAGES, say, word
from bot.complaints import fail
from bot.starting import first_company
from conversations.customers import Links
from store.book import Book
from store.company import CompanyFile, CompanyProblems, apply_company, current_company, describe, read_company
from store.operations.identities import make_token

app = command_group()


@app.command(help=word("help.init.long"))
def init(
    name: Annotated[str, typer.Option("--name", prompt=word("init.name"), help=word("init.name"))],
    admin: Annotated[str, typer.Option("--admin", prompt=word("init.admin"), help=word("init.admin"))],
    language: Annotated[
        str, typer.Option("--language", prompt=word("init.language"), help=word("init.language"))
    ] = "zh",
    timezone: Annotated[
        str, typer.Option("--timezone", prompt=word("init.timezone"), help=word("init.timezone"))
    ] = "Asia/Shanghai",
    currency: Annotated[
        str, typer.Option("--currency", prompt=word("init.currency"), help=word("init.currency"))
    ] = "CNY",
    country: Annotated[str, typer.Option("--country", help=word("init.country"))] = "",
    database: Database = None,
) -> None:
    """Write company.yaml, load it, and show how the administrator signs in."""
    if language not in LANGUAGES:
        fail("no_such_language", 2)
    path = settings().home / "company.yaml"
    if path.exists():
        fail("init.exists", 2, path=path)
    country = country or ("CN" if timezone == "Asia/Shanghai" else "")
    text = first_company(name=name, language=language, timezone=timezone, currency=currency, country=country or None,
                         admin=admin)  # fmt: skip
    try:
        company = read_company(text, str(path))
    except CompanyProblems as found:
        fail("reason", 2, reason=describe(found.problems[0], language))
    token = _start(company, path, text, database)
    say("init.done", path=path, admin=admin, link=Links(web=settings().web_address()).page(token))


def _start(company: CompanyFile, path: Path, text: str, database: str | None) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened(database, loaded=False) as units:
        if units.read(lambda book: current_company(book.session)) is not None:
            fail("init.loaded_already", 2)
        path.write_text(text, "utf-8")

        def _load(book: Book) -> str:
            apply_company(book.session, company, now=book.now)
            book.record("company.loaded", subject="company")
            book.forget_company()
            return make_token(book, "admin", "page")

        return units.write(_load)
