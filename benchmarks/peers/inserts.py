"""The floor of logging an order: one row into `orders` and one into `events`, one transaction, sqlite3 alone.

`inserts.py COUNT [full|normal] [sqlmodel]`: with the last word the same two rows through SQLModel, for scale.
"""

import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import measured, tell_cpu
from workload import folder

TABLES = """
CREATE TABLE orders(id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, customer TEXT NOT NULL, status TEXT NOT NULL,
  owner TEXT NOT NULL, due_at INTEGER NOT NULL);
CREATE INDEX orders_due ON orders(due_at);
CREATE TABLE events(id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,
  kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX events_order ON events(order_id, id);
"""
ORDER = "INSERT INTO orders(number, customer, status, owner, due_at) VALUES (?, ?, ?, ?, ?)"
EVENT = "INSERT INTO events(order_id, at, actor, kind, body) VALUES (?, ?, ?, ?, ?)"


def order_of(one: int) -> tuple:
    return f"SO-{one:07d}", f"Customer {one % 5000}", "confirmed", f"user{one % 50}", 1_800_000_000 + one * 7919 % 10**7


def event_of(one: int) -> tuple:
    return one, 1_800_000_000 + one, "li", "created", '{"qty": 12, "note": "urgent"}'


def plain(path: Path, synchronous: str):
    """One transaction by hand."""
    book = sqlite3.connect(path, isolation_level=None)
    book.execute("PRAGMA journal_mode=WAL")
    book.execute(f"PRAGMA synchronous={synchronous}")
    book.executescript(TABLES)

    def log(one: int) -> None:
        book.execute("BEGIN IMMEDIATE")
        book.execute(ORDER, order_of(one))
        book.execute(EVENT, event_of(one))
        book.execute("COMMIT")

    return log


def modelled(path: Path, synchronous: str):
    """The same through SQLModel."""
    from sqlalchemy import event
    from sqlmodel import Field, Session, SQLModel, create_engine

    class Placed(SQLModel, table=True):
        __tablename__ = "orders"
        id: int | None = Field(default=None, primary_key=True)
        number: str = Field(unique=True)
        customer: str
        status: str
        owner: str
        due_at: int = Field(index=True)

    class Happened(SQLModel, table=True):
        __tablename__ = "events"
        id: int | None = Field(default=None, primary_key=True)
        order_id: int = Field(index=True)
        at: int
        actor: str
        kind: str
        body: str

    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _set(connection, _record) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")

    SQLModel.metadata.create_all(engine)
    names = ("number", "customer", "status", "owner", "due_at")
    events = ("order_id", "at", "actor", "kind", "body")

    def log(one: int) -> None:
        with Session(engine) as session:
            session.add(Placed(**dict(zip(names, order_of(one), strict=True))))
            session.add(Happened(**dict(zip(events, event_of(one), strict=True))))
            session.commit()

    return log


def main() -> None:
    count, synchronous = int(sys.argv[1]), sys.argv[2].upper() if len(sys.argv) > 2 else "NORMAL"
    where = Path(tempfile.mkdtemp(dir=folder(), prefix="run-"))
    log = (modelled if "sqlmodel" in sys.argv else plain)(where / "w.db", synchronous)
    for one in range(1, 101):
        log(one)
    with measured() as stretch:
        for one in range(101, count + 101):
            log(one)
    book = sqlite3.connect(where / "w.db")
    stored = book.execute("SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM events)").fetchone()
    shutil.rmtree(where)
    tell_cpu(stretch, count, right=stored == (count + 100, count + 100), synchronous=synchronous)


if __name__ == "__main__":
    main()
