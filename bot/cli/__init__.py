"""The command `gendan`. A command's module is imported when it is called for: `gendan --help` answers at once.

company.py    check, load, export a company file      rehearse.py    a script, with the clock in hand
serve.py      every platform that is configured       chat.py        talk in this terminal
demo.py       several phones side by side             init.py        start a real company
audit.py      the chain of changes                    reminders.py   why, and how much of it is noise
inbox.py      updates that were set aside             understand.py  what would be understood
people.py     tokens, binding codes                   settings.py    every setting
doctor.py     whether what is set up works
person.py     what is kept of somebody, its erasing
opening.py    opening the book, reading files         speaking.py    phrases: words/LANGUAGE.yaml
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from bot import collecting
from bot.cli.speaking import complain, word
from bot.complaints import Complaint

# Command → the module that has it as `app`, or as the function of that name in `apps`. Its help: help.COMMAND in words.
COMMANDS: Mapping[str, str] = {
    "init": "init",
    "serve": "serve",
    "demo": "demo",
    "chat": "chat",
    "rehearse": "rehearse",
    "company": "company",
    "understand": "understand",
    "reminders": "reminders",
    "audit": "audit",
    "inbox": "inbox",
    "token": "people",
    "code": "people",
    "person": "person",
    "settings": "settings",
    "doctor": "doctor",
}


class Commands(TyperGroup):
    """The commands by name; a module is imported for the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # the signature is typer's
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # the signature is typer's
        """The command of this name, None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"bot.cli.{COMMANDS[cmd_name]}")
        app = module.apps[cmd_name] if hasattr(module, "apps") else module.app
        command = typer.main.get_command(app)
        command.name, command.help = cmd_name, command.help or word(f"help.{cmd_name}")
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # the signature is typer's
        """The list of commands, each with its line, and nothing imported for it."""
        with formatter.section(word("help.commands")):
            formatter.write_dl([(name, word(f"help.{name}")) for name in COMMANDS])


@contextmanager
def reporting() -> Iterator[None]:
    """Turn faults that a person can mend into one line on standard error and an exit status."""
    try:
        yield
    except Complaint as problem:
        complain(problem.key, **problem.facts)
        sys.exit(problem.status)
    except BrokenPipeError:
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as problem:
        if _is_database_fault(problem):
            complain("database_fault", reason=str(getattr(problem, "orig", problem)).splitlines()[0])
            sys.exit(1)
        raise


def _is_database_fault(problem: Exception) -> bool:
    return type(problem).__module__.startswith("sqlalchemy") and type(problem).__name__ in {
        "OperationalError",
        "ArgumentError",
        "NoSuchModuleError",
    }


def main() -> None:
    """The console script. A fault that a person can mend is one line and an exit status."""
    collecting.seldom()
    with reporting():
        Commands(name="gendan", help=word("help"), no_args_is_help=True, rich_markup_mode=None)()
