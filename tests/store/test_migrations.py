"""The schema: what the migrations build is what the tables say, on both databases."""

import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from store import migrations
from store.units import open_engine


def test_the_migrations_end_where_the_tables_are(database_url):
    engine = open_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == [], 'run: python -m store.migrations "what and why"'
    engine.dispose()


def test_a_migrated_database_stands_at_the_newest_revision(database_url):
    engine = open_engine(database_url)
    assert migrations.current(engine) == migrations.newest()
    engine.dispose()


def test_upgrading_again_changes_nothing(database_url):
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO counter (name, value) VALUES ('seq', 7)"))
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT value FROM counter")).scalar() == 7
    engine.dispose()


def test_every_migration_can_be_taken_back(database_url):
    engine = open_engine(database_url)
    with engine.execution_options(gendan_write=True).begin() as connection:
        command.downgrade(migrations.config_for(connection), "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migrations.upgrade(engine)
    engine.dispose()


def test_a_failing_migration_leaves_nothing_behind(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'half.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE step (x INTEGER)"))  # in the way of a later table of the same script
    with pytest.raises(OperationalError, match="step"):
        migrations.upgrade(engine)
    assert set(inspect(engine).get_table_names()) == {"step"}
    engine.dispose()


def test_every_test_finds_its_database_empty_on_either_side_of_one_that_wrote(postgres_server, postgres_template):
    name = postgres_server.new_database(postgres_template)
    engine = open_engine(postgres_server.url(name))
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO undo_record (who, at, what, rows, outbox) VALUES ('a', now(), 'x', '[]', '[]')")
        )
    assert postgres_server.empty(name)
    engine.dispose()
    with engine.begin() as connection:
        statement = (
            "INSERT INTO undo_record (who, at, what, rows, outbox) VALUES ('b', now(), 'x', '[]', '[]') RETURNING id"
        )
        assert connection.execute(text(statement)).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM undo_record")).scalar() == 1
    engine.dispose()
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    engine.dispose()
    assert not postgres_server.empty(name)
    postgres_server.drop(name)


def test_the_newest_revision_is_the_one_that_the_scripts_end_at():
    from alembic.script import ScriptDirectory

    assert migrations.newest() == ScriptDirectory.from_config(migrations.config_for()).get_current_head()


def test_a_database_that_stands_at_the_newest_is_opened_without_alembic(sqlite_url):
    look = (
        "import sys; from store.migrations import upgrade; from store.units import open_engine; "
        "upgrade(open_engine(sys.argv[1])); print('alembic' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", look, sqlite_url], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
