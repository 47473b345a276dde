"""The session of a unit of work: SQLAlchemy's, with new rows written past its own unit of work.

A plain INSERT costs a fifth of what a flush makes of it. Messages to be sent, and deadlines, wait until the session is
flushed (or asks the database anything); an order's lines and steps are written when they are given. After that they are
rows of the session like any other, and what is changed in them is noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, bindparam, event, select
from sqlalchemy.orm import Mapper, SessionTransaction, class_mapper
from sqlalchemy.orm.attributes import instance_state, set_committed_value
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session

from store.many import next_ids
from store.plain import table_of
from store.prepared import Prepared
from store.tables import Row

R = TypeVar("R", bound=Row)
Entity = TypeVar("Entity")


class Rows(Generic[R]):
    """A prepared question for whole rows of a table, which become rows of the session that asks.

    Args:
        table: which.
        where: conditions, with parameters; no "in" with a list.
        order: by what they are ordered.
        limit: at most so many, or the parameter that says how many.
        lock: for this unit; rows that the session has already say then what the database says now.
        skip_locked: leave out those that somebody else has locked.
    """

    def __init__(
        self,
        table: type[R],
        *where: Any,
        order: Sequence[Any] = (),
        limit: Any = None,
        lock: bool = False,
        skip_locked: bool = False,
    ) -> None:
        columns = table_of(table).columns
        query = select(*columns).where(*where).order_by(*order).limit(limit)
        self.table = table
        self.anew = lock
        self.names = tuple(column.key for column in columns)
        self.question = Prepared(query.with_for_update(skip_locked=skip_locked) if lock else query)
        self.keys = tuple(self.names.index(column.key) for column in table_of(table).primary_key)

    @cached_property
    def mapper(self) -> Mapper[R]:
        """SQLAlchemy's, ready for rows."""
        return class_mapper(self.table)


class BookSession(Session):
    """A session in which messages may be staged; `on_write` is told of each row that is written so."""

    on_write: Callable[[Any], None] | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        self._staged: list[Row] = []
        self._written: list[Row] = []
        self._connected: Connection | None = None
        self._marks: dict[SessionTransaction, int] = {}  # how many had been written when a transaction began
        super().__init__(*args, **options)

    def stage(self, row: Row) -> None:
        """Write this new row with the next flush."""
        self._staged.append(row)

    def connection(self, *how: Any, **options: Any) -> Connection:
        """The connection of this unit, which stays the same until a transaction or savepoint begins or ends."""
        if how or options:
            return super().connection(*how, **options)
        if self._connected is None:
            self._connected = super().connection()
        return self._connected

    def get(self, entity: type[Entity] | Mapper[Entity], ident: Any, **options: Any) -> Entity | None:
        """The row with this key, None if there is none; the database is asked only where the session has it not."""
        if options or not isinstance(ident, int | str) or isinstance(entity, Mapper):
            return super().get(entity, ident, **options)
        found: Any = self.identity_map.get((entity, (ident,), None))
        if found is None or instance_state(found).expired_attributes:
            asked = _by_key(entity)  # type: ignore[arg-type]  # a class is hashable
            found = next(iter(self._taken_in(asked, asked.question.rows(self.connection(), key=ident))), None)
        return cast("Entity | None", found)

    def find(self, asked: Rows[R], **values: Any) -> list[R]:
        """The rows that a prepared question finds, as rows of this session."""
        self.flush()
        return self._taken_in(asked, asked.question.rows(self.connection(), **values))

    def _taken_in(self, asked: Rows[R], found: Iterable[Sequence[Any]]) -> list[R]:
        """Rows as they were read: new ones become the session's, what it has already stays as the unit has made it."""
        rows, identities = [], self.identity_map
        for values in found:
            key = asked.mapper.identity_key_from_primary_key(tuple([values[place] for place in asked.keys]))
            row = identities.get(key)
            if row is None:
                row = asked.mapper.class_manager.new_instance()
                vars(row).update(zip(asked.names, values, strict=True))
                self._adopt(row, key)
            elif asked.anew or instance_state(row).expired_attributes:
                stale = asked.names if asked.anew else tuple(instance_state(row).expired_attributes)
                for name, value in zip(asked.names, values, strict=True):
                    if name in stale:
                        set_committed_value(row, name, value)
            rows.append(row)
        return rows

    def _adopt(self, row: Any, key: tuple[Any, ...]) -> None:
        """Let a row that says what the database says be one of the session's, as SQLAlchemy does with what it reads."""
        state = instance_state(row)
        state.key, state.session_id = key, self.hash_key
        self.identity_map.add(state)

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what was changed, and the messages that were staged."""
        if objects or self.new or self.deleted:
            super().flush(objects)
        elif self.identity_map.check_modified():
            with self.no_autoflush:  # who listens may read on
                self._write_changes()
        if not self._staged:
            return
        staged, self._staged = self._staged, []
        for table in dict.fromkeys(type(row) for row in staged):
            self.write([row for row in staged if type(row) is table])

    def _write_changes(self) -> None:
        """Write what was changed in rows that are there already: of each the columns that are not what they were.

        What Session.flush does of it, at a fifth of its price; whoever listens for a flush hears of it.
        """
        self.dispatch.before_flush(self, None, None)
        rows = sorted(self.dirty, key=lambda row: (type(row).__name__, *_identity(row)))
        if self.new or self.deleted or any(_key_changed(row) for row in rows):
            super().flush()
            return
        connection = self.connection()
        for row in rows:
            changed = _changed(row)
            table: Any = type(row)
            if changed and not _changing(table, tuple(changed)).count(connection, **changed, **_key_of(row)):
                raise StaleDataError(f"{row!r} is gone")
        self._register_persistent({instance_state(row) for row in rows})  # they are now what the database has

    def write(self, rows: Sequence[Any]) -> None:
        """Write new rows of one table now, by one statement: they have their ids then."""
        table: type[Row] = type(rows[0])
        columns = _columns(table)
        ids = insert_rows(self.connection(), table, [{name: vars(row)[name] for name in columns} for row in rows])
        for row, number in zip(rows, ids, strict=True):
            vars(row)["id"] = number
            self._adopt(row, (table, (number,), None))
            if self.on_write is not None:
                self.on_write(row)
        self._written += rows

    def has_changes(self) -> bool:
        """Whether something waits to be written."""
        return bool(self.new or self.dirty or self.deleted or self._staged)

    def changes(self) -> int:
        """How many rows this connection has written so far (SQLite)."""
        driver: Any = self.connection().connection.driver_connection
        return int(driver.total_changes)

    def has_begun(self, transaction: SessionTransaction) -> None:
        """A transaction or a savepoint begins, by flushing: what is staged and written from now on belongs to it."""
        self._connected = None
        self._marks[transaction] = len(self._written)

    def has_ended(self) -> None:
        """A transaction or a savepoint has ended."""
        self._connected = None

    def has_rolled_back(self, transaction: SessionTransaction) -> None:
        """What it has written is not there any more."""
        mark = self._marks.pop(transaction, 0)
        for row in self._written[mark:]:
            if row in self:
                self.expunge(row)
        self._staged = []
        del self._written[mark:]


def insert_rows(connection: Connection, table: type[Row], rows: list[dict[str, Any]]) -> Sequence[int]:
    """Write rows of a table, all with the same columns, by one statement; their ids, in order."""
    if len(rows) == 1:
        return _inserting(table).rows(connection, **rows[0])[0]
    ids = next_ids(connection, table_of(table), len(rows))
    _insert(table).each(connection, [{"id": number, **row} for number, row in zip(ids, rows, strict=True)])
    return ids


@cache
def _insert(table: type[Row]) -> Prepared:
    return Prepared(table_of(table).insert())


@cache
def _inserting(table: type[Row]) -> Prepared:
    return Prepared(table_of(table).insert().returning(table_of(table).c.id))


_KEY = "its_"


def _changed(row: Any) -> dict[str, Any]:
    """The columns that are not what was read or written last, with their new values."""
    now = vars(row)
    return {name: now[name] for name, old in instance_state(row).committed_state.items() if now[name] != old}


def _key_of(row: Any) -> dict[str, Any]:
    """The parameters that name a row."""
    keys = table_of(type(row)).primary_key
    return {f"{_KEY}{column.key}": value for column, value in zip(keys, _identity(row), strict=True)}


def _identity(row: Any) -> tuple[Any, ...]:
    key = instance_state(row).key
    return key[1] if key is not None else ()


def _key_changed(row: Any) -> bool:
    keys = table_of(type(row)).primary_key
    return any(column.key in instance_state(row).committed_state for column in keys)


@cache
def _changing(table: type[Row], names: tuple[str, ...]) -> Prepared:
    """An UPDATE of these columns of one row."""
    columns = table_of(table)
    its = [column == bindparam(f"{_KEY}{column.key}") for column in columns.primary_key]
    return Prepared(columns.update().where(*its).values({name: bindparam(name) for name in names}))


@cache
def _by_key(table: Any) -> Rows[Any]:
    (key,) = table_of(table).primary_key
    return Rows(table, key == bindparam("key"))


@cache
def _columns(table: type[Row]) -> tuple[str, ...]:
    return tuple(column.key for column in table_of(table).columns if column.key != "id")


@event.listens_for(BookSession, "after_transaction_create")
def _begun(session: BookSession, transaction: SessionTransaction) -> None:
    session.has_begun(transaction)


@event.listens_for(BookSession, "after_transaction_end")
def _ended(session: BookSession, _transaction: SessionTransaction) -> None:
    session.has_ended()


@event.listens_for(BookSession, "after_soft_rollback")
def _rolled_back(session: BookSession, transaction: SessionTransaction) -> None:
    session.has_rolled_back(transaction)
