"""Commands that look: the audit, reminders, understanding, settings, the inbox."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from bot.cli.common import Database, fail, opened, settings

audit_app = typer.Typer(help="The chain of changes: is it whole, and what was done to an order.", no_args_is_help=True)
inbox_app = typer.Typer(help="Updates that failed too often and were set aside.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="ORDER", help="An order number, in full.")]


def register(parent: typer.Typer) -> None:
    """Hang the commands in."""
    parent.add_typer(audit_app, name="audit")
    parent.add_typer(inbox_app, name="inbox")
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
