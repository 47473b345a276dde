"""Write the next migration: `python -m store.migrations "what and why"` compares the tables with the newest schema."""

from __future__ import annotations

import sys
from tempfile import TemporaryDirectory

from alembic import command

from store.migrations import config_for, newest, upgrade
from store.units import open_engine


def main(message: str) -> None:
    """Draft the script that leads from the newest revision to the tables as they are in the code."""
    number = f"{int(newest() or 0) + 1:04}"
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/draft.db")
        if newest():
            upgrade(engine)
        with engine.begin() as connection:
            config = config_for(connection)
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            command.revision(config, message, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "what and why")
