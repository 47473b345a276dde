"""`gendan reminders`: why somebody was or was not reminded, and which reminders lead to nothing."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated

import typer

from bot.cli.opening import Database, Number, command_group, opened
from bot.cli.speaking import word
from bot.complaints import fail
from conversations.phrasebook import book_for
from reminders.auditing import account_of, fault_letter
from reminders.explaining import explain, explanation
from reminders.noise import noise_letter, noise_report
from reminders.world import today
from store.book import Book
from store.refusals import NotFound

app = command_group()
_ALL = 10_000


@app.command("explain", help=word("help.reminders.explain"))
def explain_reminders(number: Number, database: Database = None) -> None:
    """For each step of an order: what was pushed to whom by which rule, and what comes next."""

    def _told(book: Book) -> list[str]:
        phrases = book_for(book.company.language, book.company.zone, book.now)
        return [phrases.say(phrase) for one in explain(book, number) for phrase in explanation(book, one, number)]

    with opened(database) as units:
        try:
            lines = units.read(_told)
        except NotFound:
            fail("no_order", 2, number=number)
    sys.stdout.write("\n".join(lines) + "\n")


@app.command("noise", help=word("help.reminders.noise"))
def noise(
    days: Annotated[int, typer.Option("--days", min=1, help=word("option.days"))] = 14, database: Database = None
) -> None:
    """Which rule's pushes led to nothing, with a proposal."""

    def _told(book: Book) -> str:
        letter = noise_letter(noise_report(book, book.now - timedelta(days=days)))
        return book_for(book.company.language, book.company.zone, book.now).letter(letter).text

    with opened(database) as units:
        sys.stdout.write(units.read(_told) + "\n")


@app.command("account", help=word("help.reminders.account"))
def account(database: Database = None) -> None:
    """Yesterday by the auditor: what should have been sent, what was, what waits for the morning, and each gap."""

    def _told(book: Book) -> str:
        letter = fault_letter(book, account_of(book, today(book) - timedelta(days=1)), lines=_ALL)
        return book_for(book.company.language, book.company.zone, book.now).letter(letter).text

    with opened(database) as units:
        sys.stdout.write(units.read(_told) + "\n")
