"""What all tables share: rows that are made and changed at SQLAlchemy's own price.

SQLModel makes and changes a row field by field through pydantic as well, which checks nothing in a table and costs ten
times the rest: a message to be sent took 150 µs to make, and takes 12.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic_core import PydanticUndefined
from sqlalchemy.orm.attributes import set_attribute
from sqlmodel import SQLModel


class Row(SQLModel):
    """A row of a table."""

    def __init__(self, **values: Any) -> None:
        """A new row; what is not given has its default. Raises TypeError for what the table has not."""
        plain, made, known = _defaults(type(self))
        if not known.issuperset(values):
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(values.keys() - known))}")
        kept = vars(self)  # a new row has no history: its values may stand where SQLAlchemy reads them
        kept.update(plain)
        for name, make in made:
            if name not in values:
                kept[name] = make()
        kept.update(values)

    def __setattr__(self, name: str, value: Any) -> None:
        state = vars(self).get("_sa_instance_state")
        if state is None or state.key is None:
            vars(self)[name] = value  # a row that is not in the database yet has no history
        else:
            set_attribute(self, name, value)


@cache
def _defaults(table: type[Row]) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...], frozenset[str]]:
    """Of a table: its plain defaults, those made anew for each row, and the names of its columns."""
    fields = table.model_fields
    plain = {name: one.default for name, one in fields.items() if one.default is not PydanticUndefined}
    made: list[tuple[str, Any]] = [
        (name, one.default_factory) for name, one in fields.items() if one.default_factory is not None
    ]
    return plain, tuple(made), frozenset(fields)
