"""Commands that look: the audit, reminders, understanding, settings, the inbox."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import Database, fail, opened, settings

audit_app = typer.Typer(help="The chain of changes: is it whole, and what was done to an order.", no_args_is_help=True)
inbox_app = typer.Typer(help="Updates that failed too often and were set aside.", no_args_is_help=True)
reminders_app = typer.Typer(help="Why somebody was or was not reminded.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="ORDER", help="An order number, in full.")]


def register(parent: typer.Typer) -> None:
    """Hang the commands in."""
    parent.add_typer(audit_app, name="audit")
    parent.add_typer(inbox_app, name="inbox")
    parent.add_typer(reminders_app, name="reminders")
    parent.command("understand")(understand)
    parent.command("settings")(list_settings)


@audit_app.command("verify")
def verify(database: Database = None) -> None:
    """Walk the chain: any edit, deletion, insertion or cut is found and named."""
    from store.audit import verify as walk

    with opened(database, loaded=False) as units:
        faults = units.read(lambda book: list(walk(book.session)))
    for fault in faults:
        sys.stdout.write(f"entry {fault.entry}: {fault.what}\n")
    if faults:
        fail(f"the audit chain is broken in {len(faults)} place(s)")
    sys.stdout.write("The audit chain is whole.\n")


@audit_app.command("show")
def show(number: Number, database: Database = None) -> None:
    """Every change of one order: who, what, when, through which channel."""
    from store.reads.events import order_events
    from store.refusals import NotFound

    with opened(database) as units:
        try:
            events = units.read(lambda book: order_events(book, book.order(number)))
        except NotFound:
            fail(f"no order {number}", 2)
    for event in events:
        via = f" ({event['via']})" if event["via"] else ""
        what = {name: event[name] for name in ("before", "after") if event[name] is not None}
        rest = json.dumps(what, ensure_ascii=False) if what else ""
        sys.stdout.write(f"{event['at']}  {event['who']}{via}  {event['what']}  {rest}\n")


@inbox_app.command("parked")
def list_parked(database: Database = None) -> None:
    """Updates that failed five times, with the reason."""
    from bot.inbox import parked

    with opened(database) as units:
        rows = units.read(parked)
    for row in rows:
        sys.stdout.write(f"{row.id}  {row.received_at.isoformat()}  {row.channel}  {row.error}\n")
    if not rows:
        sys.stdout.write("Nothing was set aside.\n")


@inbox_app.command("replay")
def replay_parked(
    row: Annotated[int, typer.Argument(help="The number that `parked` shows.")], database: Database = None
) -> None:
    """Let an update that was set aside be tried again."""
    from bot.inbox import replay

    with opened(database) as units:
        if not units.write(lambda book: replay(book, row)):
            fail(f"number {row} was not set aside", 2)
    sys.stdout.write("It will be tried again.\n")


def list_settings() -> None:
    """List every setting with its value and meaning; secrets are masked."""
    for name, value, meaning in settings().listing():
        sys.stdout.write(f"{name:<34} {value or '-':<40} {meaning}\n")


@reminders_app.command("explain")
def explain_reminders(number: Number, database: Database = None) -> None:
    """For each step of an order: what was pushed to whom by which rule, and what comes next."""
    from conversations.phrasebook import Phrasebook, book_for
    from reminders.explaining import explain, explanation
    from store.book import Book
    from store.refusals import NotFound

    def _told(book: Book) -> list[str]:
        words: Phrasebook = book_for(book.company.language, book.company.zone, book.now)
        return [words.say(phrase) for one in explain(book, number) for phrase in explanation(book, one, number)]

    with opened(database) as units:
        try:
            lines = units.read(_told)
        except NotFound:
            fail(f"no order {number}", 2)
    sys.stdout.write("\n".join(lines) + "\n")


@reminders_app.command("noise")
def noise(
    days: Annotated[int, typer.Option("--days", min=1, help="How far back to look.")] = 14, database: Database = None
) -> None:
    """Which rule's pushes led to nothing, with a proposal."""
    from conversations.phrasebook import book_for
    from reminders.noise import noise_letter, noise_report
    from store.book import Book

    def _told(book: Book) -> str:
        letter = noise_letter(noise_report(book, book.now - timedelta(days=days)))
        return book_for(book.company.language, book.company.zone, book.now).letter(letter).text

    with opened(database) as units:
        sys.stdout.write(units.read(_told) + "\n")


def understand(
    words: Annotated[list[str], typer.Argument(metavar="TEXT...", help="What somebody might type.")],
    company: Annotated[Path | None, typer.Option("--company", help="A company file; default: the loaded one.")] = None,
    database: Database = None,
) -> None:
    """Print what would be understood, span by span, with rule names and alternatives."""
    from rich.console import Console
    from rich.table import Table

    from conversations.understanding.explaining import explain
    from conversations.understanding.understander import Understander
    from store.book import Book

    def _read(book: Book) -> Table:
        picture = book.company
        understood = Understander.for_company(picture).understand(
            " ".join(words), now=book.now.astimezone(picture.zone), days=picture.calendar
        )
        table = Table("", "name", "said", "value", "rule")
        for line in explain(understood):
            mark = "  " * line.depth + line.what + ("" if line.sure else " ?")
            table.add_row(mark, line.name, line.said, line.value, line.rule)
        return table

    if company is None:
        with opened(database) as units:
            table = units.read(_read)
    else:
        from bot.cli.company import checked
        from store.company import apply_company

        loaded = checked(company, "en")

        def _try(book: Book) -> Table:
            apply_company(book.session, loaded, now=book.now)
            return _read(book)

        with opened("sqlite://", loaded=False) as units:
            table = units.write(_try)
    Console().print(table)
