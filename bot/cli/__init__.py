"""The command `gendan`. Every command imports what it needs when it runs: `gendan --help` answers at once.

company.py    check, load, export a company file
running.py    serve, chat, demo, init, rehearse
looking.py    audit, reminders, understand, settings, doctor, inbox
people.py     tokens, personal data
common.py     opening the book, one-line errors
"""

from __future__ import annotations

import typer

from bot.cli import company, looking, people, running
from bot.cli.common import reporting

app = typer.Typer(
    name="gendan",
    help="Gendan (跟单) keeps sales orders moving: in chat, on time, with nothing lost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
for part in (running, company, looking, people):
    part.register(app)


def main() -> None:
    """The console script. A fault that a person can mend is one line and an exit status."""
    with reporting():
        app()
