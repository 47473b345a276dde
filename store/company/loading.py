"""Putting a company file into the book.

Whoever is no longer in the file is not deleted but marked as having left (orders and the audit name him), and loses
his accounts at once. A flow gets a new version only when what it says has changed; open orders keep theirs.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from store.company.difference import Change, difference
from store.company.merging import merge_company
from store.company.models import CompanyFile, ContactPart, PersonPart
from store.company.plain import plain
from store.company.reading import company_from
from store.company.rows import FILES, LOADED, SECTIONS, current_company, setting
from store.company.versions import VERSION as VERSION  # noqa: PLC0414  importing it is what sets the mark
from store.tables import Away, CompanySetting, Customer, Department, FlowVersion, Identity, Person, Product


def plan_company(session: Session, company: CompanyFile) -> CompanyFile:
    """The company as it would stand after loading this file: see merging.py for what chat has changed meanwhile."""
    last = setting(session, LOADED)
    return merge_company(company, company_from(last) if last is not None else None, current_company(session))


def has_been_loaded(session: Session, company: CompanyFile) -> bool:
    """Whether this very file was loaded into the book before, as the last one or long ago."""
    return plain(company) == setting(session, LOADED) or _mark(company) in (setting(session, FILES) or ())


def _mark(company: CompanyFile) -> str:
    return hashlib.sha256(json.dumps(plain(company), sort_keys=True, default=str).encode()).hexdigest()


def apply_company(
    session: Session, company: CompanyFile, *, now: datetime, by: str | None = None
) -> tuple[Change, ...]:
    """Load a company file into the book; the caller records it, recomputes due moments and commits.

    Args:
        session: of the unit of work.
        company: the file, checked.
        now: the moment of loading (aware): when new flow versions are published and accounts linked.
        by: who loads it.

    Returns: what has changed; nothing at all is written when that is nothing and the file is the same as before.
    """
    before = current_company(session)
    planned = plan_company(session, company)
    changes = difference(before, planned)
    if changes or setting(session, LOADED) != plain(company):
        _sections(session, planned)
        _set(session, LOADED, plain(company))
        _set(session, FILES, sorted({*(setting(session, FILES) or ()), _mark(company)}))
        _departments(session, planned)
        _people(session, planned, now)
        _customers(session, planned)
        _products(session, planned)
        _flows(session, planned, now, by)
        session.flush()
    return changes


def _set(session: Session, name: str, value: Any) -> None:
    row = session.get(CompanySetting, name)
    if row is None:
        session.add(CompanySetting(name=name, value=value))
    elif row.value != value:
        row.value = value


def _sections(session: Session, company: CompanyFile) -> None:
    document = plain(company)
    for name in SECTIONS:
        _set(session, name, document.get(name))


def _update(row: Any, **values: Any) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _put(session: Session, table: Any, key: str, **values: Any) -> None:
    row = session.get(table, key)
    if row is None:
        (name,) = (column.name for column in table.__table__.primary_key)
        session.add(table(**{name: key}, **values))
    else:
        _update(row, **values)


def _retire(session: Session, table: Any, name: str, kept: set[str]) -> None:
    for row in session.exec(select(table).where(table.active.is_(True))).all():
        if getattr(row, name) not in kept:
            row.active = False


def _departments(session: Session, company: CompanyFile) -> None:
    for position, one in enumerate(company.departments):
        _put(session, Department, one.key, position=position, active=True, document=plain(one))
    _retire(session, Department, "key", {one.key for one in company.departments})


def _people(session: Session, company: CompanyFile, now: datetime) -> None:
    staff = [(one, "staff", None) for one in company.people]
    contacts = [(one, "contact", customer.key) for customer in company.customers for one in customer.contacts]
    everybody: list[tuple[PersonPart | ContactPart, str, str | None]] = [*staff, *contacts]
    for position, (one, kind, customer) in enumerate(everybody):
        colleague = one if isinstance(one, PersonPart) else None
        _put(
            session,
            Person,
            one.key,
            kind=kind,
            position=position,
            active=True,
            name=one.name.raw,
            aliases=list(one.aliases),
            department=colleague.department if colleague else None,
            roles=list(colleague.roles) if colleague else [],
            manager=colleague.manager if colleague else None,
            backup=colleague.backup if colleague else None,
            customer=customer,
            language=one.language,
            timezone=one.timezone,
            quiet=None if one.quiet is None else str(one.quiet),
            prefers=None if one.prefers is None else list(one.prefers),
        )
    _retire(session, Person, "key", {one.key for one, _, _ in everybody})
    _accounts(session, [one for one, _, _ in everybody], now)
    _aways(session, company)


def _accounts(session: Session, people: list[PersonPart | ContactPart], now: datetime) -> None:
    wanted: dict[tuple[str, str], str] = {
        (channel, account): one.key
        for one in people
        for channel, accounts in one.identities.items()
        for account in accounts
    }
    for row in session.exec(select(Identity).order_by(col(Identity.id))).all():
        if wanted.get((row.channel, row.account)) == row.person:
            del wanted[row.channel, row.account]
        else:
            session.delete(row)
    session.flush()  # an account that moves from one person to another is gone before it comes back
    for (channel, account), person in wanted.items():
        session.add(Identity(channel=channel, account=account, person=person, linked_at=now))


def _aways(session: Session, company: CompanyFile) -> None:
    wanted: list[tuple[str, date, date | None, str | None]] = [
        (one.key, away.from_on, away.to_on, away.covered_by) for one in company.people for away in one.away
    ]
    for row in session.exec(select(Away)).all():
        stands = (row.person, row.from_on, row.to_on, row.covered_by)
        if stands in wanted:
            wanted.remove(stands)
        else:
            session.delete(row)
    for person, first, last, cover in wanted:
        session.add(Away(person=person, from_on=first, to_on=last, covered_by=cover))


def _customers(session: Session, company: CompanyFile) -> None:
    for position, one in enumerate(company.customers):
        _put(
            session,
            Customer,
            one.key,
            position=position,
            active=True,
            name=one.name.raw,
            aliases=list(one.aliases),
            salesperson=one.salesperson,
            language=one.language,
            credit_limit=one.credit_limit,
            flow=one.flow,
        )
    _retire(session, Customer, "key", {one.key for one in company.customers})


def _products(session: Session, company: CompanyFile) -> None:
    for position, one in enumerate(company.products):
        _put(
            session,
            Product,
            one.sku,
            position=position,
            active=True,
            name=one.name.raw,
            aliases=list(one.aliases),
            unit=one.unit,
            price=one.price,
            stock=one.stock,
            reorder_at=one.reorder_at,
            lead_time=None if one.lead_time is None else str(one.lead_time),
            flow=one.flow,
        )
    _retire(session, Product, "sku", {one.sku for one in company.products})


def _flows(session: Session, company: CompanyFile, now: datetime, by: str | None) -> None:
    rows = session.exec(select(FlowVersion).order_by(col(FlowVersion.version))).all()
    newest = {row.key: row for row in rows}  # the last of each key stays
    chosen: set[tuple[str, int]] = set()
    for position, one in enumerate(company.flows):
        document, row = plain(one), newest.get(one.key)
        if row is None or row.document != document:
            version = 1 if row is None else row.version + 1
            row = FlowVersion(
                key=one.key,
                version=version,
                position=position,
                document=document,
                published_at=now,
                published_by=by,
            )
            session.add(row)
        _update(row, position=position, active=True)
        chosen.add((row.key, row.version))
    for row in rows:
        if (row.key, row.version) not in chosen and row.active:
            row.active = False
