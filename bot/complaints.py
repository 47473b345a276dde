"""What stops a command: something a person can mend, said in one line."""

from __future__ import annotations

from typing import NoReturn


class Complaint(Exception):
    """A phrase of bot/cli/words with its facts, and the exit status.

    Args:
        key: which phrase.
        status: the exit status: 1 something is wrong with the book, 2 with what was asked.
        facts: what the phrase speaks of.
    """

    def __init__(self, key: str, status: int = 1, /, **facts: object) -> None:
        super().__init__(key)
        self.key, self.status, self.facts = key, status, facts


def fail(key: str, status: int = 1, /, **facts: object) -> NoReturn:
    """Stop the command with one line."""
    raise Complaint(key, status, **facts)
