"""The version of the company in the book: a mark that changes whenever a row of the company does.

Pictures of the company (snapshot.py) are kept as long as the mark stands. It is set anew inside the same flush that
changes a row, so no operation has to remember it; a bulk UPDATE that bypasses the session calls `touch_company`.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Session

from store.plain import table_of
from store.prepared import Prepared
from store.tables import Away, CompanySetting, Customer, Department, FlowVersion, Identity, Person, Product

VERSION = "version"
TOUCHED = "company.touched"
"""In `session.info` once this unit has changed the company."""

_ROWS = (Away, CompanySetting, Customer, Department, FlowVersion, Identity, Person, Product)
_SETTING = table_of(CompanySetting).columns
_MARK = Prepared(select(_SETTING.value).where(_SETTING.name == VERSION))
_MOVING: dict[type[Any], frozenset[str]] = {Product: frozenset({"stock"})}
"""Columns that change all day long and are no part of the picture."""


def company_version(session: Session) -> str | None:
    """The mark of the company as it stands in this session's view; None when none was loaded."""
    if session.new or session.dirty or session.deleted:
        session.flush()  # what it changed of the company sets a new mark
    found = _MARK.first(session.connection())
    return None if found is None else str(found[0]["mark"])


def touch_company(session: OrmSession) -> None:
    """Set a new mark. Random, not counted: two transactions of which one is rolled back never share a mark."""
    session.info[TOUCHED] = True
    row = session.get(CompanySetting, VERSION)
    count = row.value["count"] + 1 if row is not None else 1
    value = {"count": count, "mark": uuid4().hex}
    if row is None:
        session.add(CompanySetting(name=VERSION, value=value))
    else:
        row.value = value


@event.listens_for(OrmSession, "before_flush")
def _watch(session: OrmSession, _context: Any, _instances: Any) -> None:
    if any(_matters(row, changed=False) for row in (*session.new, *session.deleted)) or any(
        _matters(row, changed=True) for row in session.dirty
    ):
        touch_company(session)


def _matters(row: object, *, changed: bool) -> bool:
    if not isinstance(row, _ROWS) or (isinstance(row, CompanySetting) and row.name == VERSION):
        return False
    if not changed:
        return True
    moving = _MOVING.get(type(row), frozenset())
    return any(attribute.history.has_changes() and attribute.key not in moving for attribute in inspect(row).attrs)
