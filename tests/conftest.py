"""Fixtures for every suite: both databases, units of work on them, a clock in hand.

clock          stands at Monday 2026-11-23 09:00 in Shanghai until a test moves it
database_url   a fresh, migrated database: each test runs on SQLite and on PostgreSQL
units          units of work on it, without planner (deadlines are left alone)
sqlite_url, postgres_url   one of the two, for tests of what only that database does
"""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from store.migrations import upgrade
from store.units import Units, open_engine
from tests.support.clock import Clock
from tests.support.postgres import PostgresServer

# The same examples each time, so that a change is judged and not chance; the long runs look further.
settings.register_profile("steady", derandomize=True)
settings.register_profile("further")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.fromisoformat("2026-11-23T09:00:00+08:00"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    name = postgres_server.new_database()
    engine = open_engine(postgres_server.url(name))
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copyfile(sqlite_template, tmp_path / "book.db")
    return f"sqlite:///{tmp_path / 'book.db'}"


@pytest.fixture(scope="session")
def spare_databases() -> list[str]:
    """Databases that tests have left behind, emptied."""
    return []


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str, spare_databases: list[str]) -> Iterator[str]:
    name = spare_databases.pop() if spare_databases else postgres_server.new_database(postgres_template)
    yield postgres_server.url(name)
    if postgres_server.empty(name):
        spare_databases.append(name)
    else:
        postgres_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def units(database_url: str, clock: Clock) -> Iterator[Units]:
    units = Units(open_engine(database_url), clock=clock)
    yield units
    units.close()
