"""`gendan understand`: what would be understood of a text, span by span."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.opening import Database, checked, command_group, opened
from bot.cli.speaking import terminal_language, word
from conversations.understanding.explaining import explain
from conversations.understanding.understander import Understander
from store.book import Book
from store.company import apply_company

app = command_group()


@app.command(help=word("help.understand"))
def understand(
    words: Annotated[list[str], typer.Argument(metavar="TEXT...", help=word("option.text"))],
    company: Annotated[Path | None, typer.Option("--company", help=word("option.company_or_loaded"))] = None,
    database: Database = None,
) -> None:
    """With rule names and alternatives."""

    def _read(book: Book) -> Table:
        picture = book.company
        understood = Understander.for_company(picture).understand(
            " ".join(words), now=book.now.astimezone(picture.zone), days=picture.calendar
        )
        table = Table("", *(word(f"understand.{column}") for column in ("name", "said", "value", "rule")))
        for line in explain(understood):
            mark = "  " * line.depth + line.what + ("" if line.sure else " ?")
            table.add_row(mark, line.name, line.said, line.value, line.rule)
        return table

    if company is None:
        with opened(database) as units:
            table = units.read(_read)
    else:
        loaded = checked(company, terminal_language())

        def _try(book: Book) -> Table:
            apply_company(book.session, loaded, now=book.now)
            return _read(book)

        with opened("sqlite://", loaded=False) as units:
            table = units.write(_try)
    Console().print(table)
