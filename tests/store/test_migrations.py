"""The schema: what the migrations build is what the tables say, on both databases."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
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
    try:
        migrations.upgrade(engine)
    except Exception as problem:  # noqa: BLE001  whatever the driver calls it
        assert "step" in str(problem)
    else:
        raise AssertionError("the table in the way went unnoticed")
    assert set(inspect(engine).get_table_names()) == {"step"}
    engine.dispose()
