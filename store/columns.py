"""Column types that keep promises the databases do not: aware moments, exact decimals, plain JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; naive values are refused, and SQLite's naive answers get their zone back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """SQLite keeps moments as text: written here, a quarter of what SQLAlchemy's own way there costs."""
        return _moment_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """As above, back."""
        return _moment_read if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database. Raises ValueError for a moment without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive moment may not enter the book: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database, always in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _moment_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes it. Raises ValueError for a moment without a zone."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError(f"a naive moment may not enter the book: {value!r}")
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:_NO_ZONE]


def _moment_read(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


_NO_ZONE = len("2026-11-24 02:00:00.000000")


class Exact(TypeDecorator[Decimal]):
    """A decimal as its own text: what was written is what is read, on either database."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """To the database, never in exponent form."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """From the database."""
        return None if value is None else Decimal(value)


type_json: Any = JSON(none_as_null=True)
"""A JSON column; values are replaced whole, never changed in place (changes inside are not noticed)."""


def dump_json(value: Any) -> str:
    """JSON as SQLite keeps it; most values are empty, and those are written in no time."""
    if not value and type(value) in _EMPTY:
        return _EMPTY[type(value)]
    return _encode(value)


def load_json(text: str) -> Any:
    """The value of what dump_json wrote."""
    if text == "{}":
        return {}
    return [] if text == "[]" else _decode(text)[0]


_decode = json.JSONDecoder().raw_decode
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_EMPTY: dict[type[Any], str] = {dict: "{}", list: "[]"}
