"""SQLite: rows that are written together get their ids from us, so that they go to the database as one statement.

Left to itself SQLAlchemy asks for each new id, a statement a row. A writing unit holds the only writer there is, so the
next ids are the ones after the greatest: just what SQLite would give. PostgreSQL numbers rows itself, many at a time.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Integer, event, inspect
from sqlalchemy.orm import Mapper
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import func, select

_FROM = 2  # rows of one table; a single row is as cheap either way


@event.listens_for(OrmSession, "before_flush")
def _number(session: OrmSession, _context: Any, _instances: Any) -> None:
    if session.get_bind().dialect.name != "sqlite":
        return
    waiting: defaultdict[Mapper[Any], list[Any]] = defaultdict(list)
    for row in session.new:
        waiting[inspect(type(row))].append(row)
    for mapper, rows in waiting.items():
        key = mapper.primary_key[0]
        if len(rows) < _FROM or len(mapper.primary_key) > 1 or not isinstance(key.type, Integer):
            continue
        name = mapper.get_property_by_column(key).key
        unnumbered = [row for row in rows if getattr(row, name) is None]
        last = session.connection().execute(select(func.max(key))).scalar() or 0 if unnumbered else 0
        for number, row in enumerate(unnumbered, start=last + 1):
            setattr(row, name, number)
