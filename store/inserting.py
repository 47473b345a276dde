"""Rows that several may write at once: what happens to whoever comes second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import Session, SQLModel

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert


def insert_into(session: Session, table: type[SQLModel]) -> Insert:
    """An INSERT that knows ON CONFLICT, in the form of the session's database."""
    return insert_for(session.get_bind().dialect.name, table)


def insert_for(dialect: str, table: type[SQLModel]) -> Insert:
    """The same for a kind of database ("sqlite", "postgresql"); another's drivers are not imported."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert

        return insert(table)  # type: ignore[return-value]  # the two have the same methods
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
