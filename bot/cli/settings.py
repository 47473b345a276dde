"""`gendan settings`: every setting."""

from __future__ import annotations

import sys

from bot.cli.opening import command_group, settings
from bot.cli.speaking import word

app = command_group()


@app.command(help=word("help.settings"))
def list_settings() -> None:
    """With its value and meaning; secrets are masked."""
    for name, value, meaning in settings().listing():
        sys.stdout.write(f"{name:<34} {value or '-':<40} {meaning}\n")
