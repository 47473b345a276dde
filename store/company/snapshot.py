"""Building the picture of the company from its rows, and keeping it while the company's version mark stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Pool
from sqlmodel import Session, col, select

from store.calendars import QuietHours, build_calendar
from store.company import defaults
from store.company.models import (
    AnswerPart,
    CalendarPart,
    CodesPart,
    CompanyPart,
    DepartmentPart,
    FlowPart,
    GroupPart,
    PushesPart,
    Section,
)
from store.company.numbering import NumberTemplate
from store.company.rows import setting
from store.company.text import Text
from store.company.versions import company_version
from store.company.views import Absence, Client, Company, Division, Flow, Group, Human, Item
from store.refusals import Refusal
from store.rules.flow import parents_of
from store.tables import Away, Customer, Department, FlowVersion, Identity, Person, Product

S = TypeVar("S", bound=Section)

__all__ = ["Company", "NoCompany", "company_snapshot"]


class NoCompany(Refusal):
    """No company file was loaded yet."""

    key = "refused.no_company"


_KEPT: WeakKeyDictionary[Pool, Company] = WeakKeyDictionary()
_LOCK = Lock()


def company_snapshot(session: Session) -> Company:
    """The company as this session sees it. Raises NoCompany when none was loaded."""
    mark = company_version(session)
    if mark is None:
        raise NoCompany
    pool = session.get_bind().engine.pool  # an engine is copied for its options, its pool is the same for all copies
    with _LOCK:
        kept = _KEPT.get(pool)
    if kept is not None and kept.mark == mark:
        return kept
    company = _build(session, mark)
    with _LOCK:
        _KEPT[pool] = company
    return company


def _build(session: Session, mark: str) -> Company:
    if setting(session, "company") is None:
        raise NoCompany
    head = CompanyPart.model_validate(setting(session, "company"))
    calendar = _part(CalendarPart, setting(session, "calendar"))
    zone = ZoneInfo(head.timezone or defaults.TIMEZONE)
    language = head.language or defaults.LANGUAGE
    quiet = calendar.quiet if calendar and calendar.quiet else defaults.QUIET
    rows = session.exec(select(Person).order_by(col(Person.position))).all()
    divisions = _divisions(session, rows, zone, calendar, quiet)
    everybody = _people(session, rows, _Usual(language, zone, quiet, divisions))
    people = {key: one for key, one in everybody.items() if one.active}
    versions = _versions(session)
    return Company(
        mark=mark,
        name=head.name,
        language=language,
        zone=zone,
        currency=head.currency or defaults.CURRENCY,
        numbering=NumberTemplate.parse(head.order_number or defaults.ORDER_NUMBER),
        calendar=build_calendar(zone, calendar),
        quiet=quiet,
        pushes=defaults.fill_pushes(_part(PushesPart, setting(session, "pushes"))),
        codes=defaults.fill_codes(_part(CodesPart, setting(session, "codes"))),
        departments=divisions,
        people=people,
        former={key: one for key, one in everybody.items() if not one.active},
        customers=_customers(session, people, language),
        products=_products(session),
        flows={flow.key: flow for flow in versions.values() if flow.active},
        versions=versions,
        groups=_groups(setting(session, "groups") or ()),
        answers=tuple(AnswerPart.model_validate(one) for one in setting(session, "answers") or ()),
        accounts={account: one.key for one in people.values() for account in one.accounts},
    )


@dataclass(frozen=True, slots=True)
class _Usual:
    """What holds for somebody who states nothing."""

    language: str
    zone: ZoneInfo
    quiet: QuietHours
    divisions: Mapping[str, Division]

    def quiet_in(self, department: str | None) -> QuietHours:
        division = self.divisions.get(department or "")
        return division.quiet if division else self.quiet


def _part(kind: type[S], document: Any) -> S | None:
    return None if document is None else kind.model_validate(document)


def _divisions(
    session: Session, people: Sequence[Person], zone: ZoneInfo, calendar: CalendarPart | None, quiet: QuietHours
) -> dict[str, Division]:
    rows = session.exec(
        select(Department).where(col(Department.active).is_(True)).order_by(col(Department.position))
    ).all()
    found: dict[str, Division] = {}
    for row in rows:
        part = DepartmentPart.model_validate(row.document)
        found[row.key] = Division(
            key=row.key,
            name=part.name,
            head=part.head,
            assign=part.assign or defaults.ASSIGN,
            members=tuple(one.key for one in people if one.active and one.department == row.key),
            calendar=build_calendar(zone, calendar, part.calendar),
            quiet=part.calendar.quiet if part.calendar and part.calendar.quiet else quiet,
        )
    return found


def _people(session: Session, rows: Iterable[Person], usual: _Usual) -> dict[str, Human]:
    accounts: dict[str, list[tuple[str, str]]] = defaultdict(list)
    shut: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for identity in session.exec(select(Identity).order_by(col(Identity.id))):
        accounts[identity.person].append((identity.channel, identity.account))
        if identity.shut_at is not None:
            shut[identity.person].add((identity.channel, identity.account))
    away: dict[str, list[Absence]] = defaultdict(list)
    for one in session.exec(select(Away).order_by(col(Away.id))):
        away[one.person].append(Absence(one.from_on, one.to_on, one.covered_by))
    customers = {row.key: row.language for row in session.exec(select(Customer))}
    return {
        row.key: Human(
            key=row.key,
            name=Text.of(row.name),
            aliases=tuple(row.aliases),
            language=row.language or customers.get(row.customer or "") or usual.language,
            zone=ZoneInfo(row.timezone) if row.timezone else usual.zone,
            quiet=QuietHours.parse(row.quiet) if row.quiet else usual.quiet_in(row.department),
            prefers=tuple(row.prefers or ()),
            accounts=tuple(accounts[row.key]),
            roles=frozenset(row.roles),
            department=row.department,
            manager=row.manager,
            backup=row.backup,
            customer=row.customer,
            away=tuple(away[row.key]),
            active=row.active,
            shut=frozenset(shut[row.key]),
        )
        for row in rows
    }


def _customers(session: Session, people: Mapping[str, Human], language: str) -> dict[str, Client]:
    contacts: dict[str | None, list[str]] = defaultdict(list)
    for one in people.values():
        contacts[one.customer].append(one.key)
    return {
        row.key: Client(
            key=row.key,
            name=Text.of(row.name),
            aliases=tuple(row.aliases),
            salesperson=row.salesperson,
            language=row.language or language,
            credit_limit=row.credit_limit,
            flow=row.flow,
            contacts=tuple(contacts[row.key]),
            active=row.active,
        )
        for row in session.exec(select(Customer).order_by(col(Customer.position)))
    }


def _products(session: Session) -> dict[str, Item]:
    return {
        row.sku: Item(
            sku=row.sku,
            name=Text.of(row.name),
            aliases=tuple(row.aliases),
            unit=row.unit,
            price=row.price,
            watched=row.stock is not None,
            reorder_at=row.reorder_at,
            lead_time=row.lead_time,
            flow=row.flow,
            active=row.active,
        )
        for row in session.exec(select(Product).order_by(col(Product.position)))
    }


def _versions(session: Session) -> dict[tuple[str, int], Flow]:
    found: dict[tuple[str, int], Flow] = {}
    for row in session.exec(select(FlowVersion).order_by(col(FlowVersion.position), col(FlowVersion.version))):
        part = FlowPart.model_validate(row.document)
        parents = parents_of([(step.key, step.after) for step in part.steps])
        found[row.key, row.version] = Flow(row.key, row.version, part, parents, row.active)
    return found


def _groups(documents: Iterable[Any]) -> dict[str, Group]:
    parts = [GroupPart.model_validate(one) for one in documents]
    return {
        one.key: Group(
            key=one.key,
            name=one.name or Text(plain=one.key),
            customer=one.customer,
            accounts=tuple((channel, name) for channel, names in one.identities.items() for name in names),
        )
        for one in parts
    }
