"""`gendan audit`: is the chain of changes whole, and what was done to an order."""

from __future__ import annotations

import json
import sys

from bot.cli.opening import Database, Number, command_group, opened
from bot.cli.speaking import say, word
from bot.complaints import fail
from store.audit import verify as walk
from store.book import GENDAN
from store.reads.events import order_events, reads_of
from store.refusals import NotFound

app = command_group()


@app.command("verify", help=word("help.audit.verify"))
def verify(database: Database = None) -> None:
    """Walk the chain: any edit, deletion, insertion or cut is found and named."""
    with opened(database, loaded=False) as units:
        faults = units.read(lambda book: list(walk(book.session)))
    for fault in faults:
        say("audit.fault", entry=fault.entry, what=fault.what)
    if faults:
        fail("audit.broken", count=len(faults))
    say("audit.whole")


@app.command("show", help=word("help.audit.show"))
def show(number: Number, database: Database = None) -> None:
    """Every change of one order: who, what, when, through which channel."""
    with opened(database) as units:
        try:
            events = units.read(lambda book: order_events(book, book.order(number)))
        except NotFound:
            fail("no_order", 2, number=number)
    for event in events:
        via = f" ({event['via']})" if event["via"] else ""
        what = {name: event[name] for name in ("before", "after") if event[name] is not None}
        rest = json.dumps(what, ensure_ascii=False) if what else ""
        sys.stdout.write(f"{event['at']}  {event['who']}{via}  {event['what']}  {rest}\n")


@app.command("reads", help=word("help.audit.reads"))
def reads(number: Number, database: Database = None) -> None:
    """Which of the customer's people looked at an order, and when; views of its public page as well."""
    with opened(database) as units:
        entries = units.read(lambda book: reads_of(book, number))
    for entry in entries:
        who = entry.who if entry.who != GENDAN else word("audit.page")
        sys.stdout.write(f"{entry.at.isoformat()}  {who}{f' ({entry.via})' if entry.via else ''}\n")
