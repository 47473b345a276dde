"""What has gone out, noted at once in a small file beside the book, before the book itself is told.

Between a platform's answer and the commit that notes it a process may be killed; with one writer that may be a while.
What stands in the file then is noted in the book by the next process, and does not go out a second time. A power cut
may take the last lines with it: then those messages come twice, which is all that is promised.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

with suppress(ImportError):  # where there is none, nobody ever knows that he is alone
    import fcntl

LARGEST = 256_000
ALONE = "alone:"
"""Begins the name of whoever holds a book's notes: found in the book by their next holder, it is a dead one's."""


@dataclass(frozen=True, slots=True)
class Went:
    """A message that has gone out: its row, the claim it was sent under, the platform's id, whether it has buttons.

    `secret`: it told something that is not kept.
    """

    row: int
    claim: str
    platform_id: str | None
    buttons: bool
    secret: bool = False


class SentLog:
    """One process's notes. Not for several processes at once.

    Args:
        path: the file; made when it is held, or the first note is taken.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._open = 0  # noted here, and not in the book yet
        self.held = False

    def hold(self) -> bool:
        """Take the notes for this process alone, until it ends, in whatever way; False while another one has them."""
        try:
            fcntl.flock(self._opened(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.held = True
        except (OSError, NameError):  # taken; or the file's place, or the machine, knows no locks
            self.close()
        return self.held

    def left(self) -> list[Went]:
        """What an earlier process noted; a line that was cut in two is passed over."""
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        found = []
        for line in lines:
            try:
                found.append(Went(*json.loads(line)))
            except (ValueError, TypeError):
                continue
        return found

    def note(self, went: Went) -> None:
        """It has gone out; in the file when this returns."""
        line = json.dumps([went.row, went.claim, went.platform_id, went.buttons, went.secret]) + "\n"
        os.write(self._opened(), line.encode())
        self._open += 1

    def settled(self, count: int = 1) -> None:
        """So many of the notes stand in the book; with none open, a file that has grown is emptied."""
        self._open -= count
        if self._open == 0 and self._file is not None and os.fstat(self._file).st_size > LARGEST:
            os.ftruncate(self._file, 0)

    def forget(self) -> None:
        """All that was left stands in the book."""
        if self._path.exists():
            os.truncate(self._path, 0)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file, self.held = None, False

    def _opened(self) -> int:
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return self._file


def beside(engine: Engine) -> SentLog | None:
    """The notes that lie beside a SQLite file, by whatever way it is reached; None for other books."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    return SentLog(Path(f"{os.path.realpath(name)}-sent"))
