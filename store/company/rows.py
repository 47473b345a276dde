"""The rows of the book as a company file again: what was loaded, with everything that was changed in chat since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from store.company.models import CompanyFile
from store.company.reading import company_from
from store.tables import Away, CompanySetting, Customer, Department, FlowVersion, Identity, Person, Product

SECTIONS = ("company", "calendar", "pushes", "codes", "groups", "answers")
"""Sections of the file that are kept whole, one row each."""

LOADED, FILES = "loaded", "files"
"""Settings that keep the file as it was last loaded, to tell what it says anew from what it said before, and the marks
of all files that ever were."""


def setting(session: Session, name: str) -> Any:
    """The document kept under a name, or None."""
    row = session.get(CompanySetting, name)
    return None if row is None else row.value


def current_company(session: Session) -> CompanyFile | None:
    """The company as it stands now; None when none was loaded. People and things that have left are not in it."""
    if setting(session, "company") is None:
        return None
    document = {name: setting(session, name) for name in SECTIONS}
    identities = _grouped(session.exec(select(Identity).order_by(col(Identity.id))).all())
    aways = _grouped(session.exec(select(Away).order_by(col(Away.from_on), col(Away.id))).all())
    people = session.exec(select(Person).where(col(Person.active).is_(True)).order_by(col(Person.position))).all()
    contacts: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for one in people:
        if one.kind == "contact":
            contacts[one.customer].append(_person(one, identities[one.key], ()))
    document |= {
        "departments": [row.document for row in _active(session, Department)],
        "people": [_person(one, identities[one.key], aways[one.key]) for one in people if one.kind == "staff"],
        "customers": [_customer(row, contacts[row.key]) for row in _active(session, Customer)],
        "products": [_product(row) for row in _active(session, Product)],
        "flows": [row.document for row in _active(session, FlowVersion)],
    }
    return company_from({key: value for key, value in document.items() if value})


def _active(session: Session, table: Any) -> Sequence[Any]:
    return session.exec(select(table).where(table.active.is_(True)).order_by(table.position)).all()


def _grouped(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.person].append(row)
    return found


def _person(row: Person, identities: Iterable[Identity], aways: Iterable[Away]) -> dict[str, Any]:
    accounts: dict[str, list[str]] = defaultdict(list)
    for one in identities:
        accounts[one.channel].append(one.account)
    away = [
        _without_empty({"from": _day(one.from_on), "to": _day(one.to_on), "covered_by": one.covered_by})
        for one in aways
    ]
    return _without_empty(
        {
            "key": row.key,
            "name": row.name,
            "aliases": row.aliases,
            "department": row.department,
            "roles": row.roles,
            "manager": row.manager,
            "backup": row.backup,
            "language": row.language,
            "timezone": row.timezone,
            "quiet": row.quiet,
            "prefers": row.prefers,
            "identities": dict(accounts),
            "away": away,
        }
    )


def _customer(row: Customer, contacts: list[dict[str, Any]]) -> dict[str, Any]:
    return _without_empty(
        {
            "key": row.key,
            "name": row.name,
            "aliases": row.aliases,
            "salesperson": row.salesperson,
            "language": row.language,
            "credit_limit": _number(row.credit_limit),
            "flow": row.flow,
            "contacts": contacts,
        }
    )


def _product(row: Product) -> dict[str, Any]:
    return _without_empty(
        {
            "sku": row.sku,
            "name": row.name,
            "aliases": row.aliases,
            "unit": row.unit,
            "price": _number(row.price),
            "stock": _number(row.stock),
            "reorder_at": _number(row.reorder_at),
            "lead_time": row.lead_time,
            "flow": row.flow,
        }
    )


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None and value not in ([], {})}


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()
