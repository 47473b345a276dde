"""A PostgreSQL of the benchmarks' own, with its settings as they come (fsync on), and the due queue's book in it.

The data folder is kept between runs; every run works on a copy of the book, made by the server from a template.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from due_book import build, mark
from workload import ROOT, folder

sys.path.insert(0, str(ROOT))

from tests.support.postgres import PostgresServer, _binaries, _unprivileged

_SETTINGS = {"listen_addresses": "", "max_connections": "60", "shared_buffers": "256MB", "max_wal_size": "4GB"}


class Server(PostgresServer):
    """The same server as the suite's, in a folder that stays."""

    def __init__(self) -> None:  # its own folder instead of a passing one
        self.folder = folder() / "pg"
        fresh = not (self.folder / "data" / "PG_VERSION").exists()
        self.folder.mkdir(exist_ok=True)
        self.user = _unprivileged()
        binaries = _binaries(self.folder)
        if self.user is not None:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        data = self.folder / "data"
        if fresh:
            self._run(
                str(binaries / "initdb"), "-D", str(data), "-U", "gendan", "-A", "trust", "-E", "UTF8", "--locale=C"
            )
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self.log = (self.folder / "log").open("ab")
        self._command = [str(binaries / "postgres"), "-D", str(data), "-k", str(self.folder), *options]
        self._names = count(1)
        self._start()

    def stop(self) -> None:
        """Stop it properly: the data stays."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=120)
        self.log.close()

    def has(self, name: str) -> bool:
        import psycopg

        with psycopg.connect(host=str(self.folder), user="gendan", dbname="postgres") as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


@contextmanager
def book_on_postgres(steps: int) -> Iterator[str]:
    """The address of a copy of the built book; it goes when the block ends."""
    server = Server()
    template, run = f"book{steps}_{mark()}", f"run{os.getpid()}_{int(time.time())}"
    try:
        if not server.has(template):
            half = f"half{os.getpid()}"
            server.run(f'CREATE DATABASE "{half}"')
            build(server.url(half), steps)
            server.run(f'ALTER DATABASE "{half}" RENAME TO "{template}"')
        server.run(f'CREATE DATABASE "{run}" TEMPLATE "{template}"')
        server.run("CHECKPOINT")
        yield server.url(run)
    finally:
        if server.has(run):
            server.drop(run)
        server.stop()
