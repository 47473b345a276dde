"""Checks across sections of a company file: what refers to nothing, what is there twice, what can never work.

They run on the raw document beside the models, so that a wrong duration in one place hides no wrong name in another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from store.calendars import Hours, overlapping
from store.company.checks_flow import check_flows
from store.company.places import Place
from store.company.problems import Path, Problem
from store.company.report import RESERVED, Directory, Report


def check_references(data: Any, line: Callable[[Path], int | None]) -> list[Problem]:
    """Everything wrong or doubtful between the sections of a raw document; `line` finds the line of a path."""
    if not isinstance(data, dict):
        return []
    root, report = Place(data), Report(line)
    known = Directory(
        people=_names(root.each("people")),
        departments=_names(root.each("departments")),
        customers=_names(root.each("customers")),
        products=_names(root.each("products"), "sku"),
        flows=_names(root.each("flows")),
    )
    _keys(root, report)
    _departments(root, known, report)
    _people(root, known, report)
    _customers(root, known, report)
    _identities(root, report)
    for calendar in (root, *root.each("departments")):
        _calendar(calendar.inside("calendar"), report)
    check_flows(root, known, report)
    return report.problems


def _names(places: Iterable[Place], key: str = "key") -> dict[str, list[str]]:
    return {name: place.labels() for place in places if (name := place.text(key)) is not None}


def _keys(root: Place, report: Report) -> None:
    people = [(one.at("key"), one.text("key")) for one in root.each("people")]
    contacts = [(one.at("key"), one.text("key")) for shop in root.each("customers") for one in shop.each("contacts")]
    groups = [(one.at("key"), one.text("key")) for one in root.each("groups")]
    departments = [(one.at("key"), one.text("key")) for one in root.each("departments")]
    report.unique([*people, *contacts, *groups], "same_person")
    report.unique(departments)
    for path, key in (*people, *contacts, *groups, *departments):
        if key in RESERVED:
            report.error(path, "reserved_key", given=key)
    staff = {key for _, key in people}
    for path, key in departments:
        if key is not None and key in staff:
            report.error(path, "person_and_department", given=key)
    for section, name in (("customers", "key"), ("products", "sku"), ("flows", "key")):
        report.unique((one.at(name), one.text(name)) for one in root.each(section))


def _departments(root: Place, known: Directory, report: Report) -> None:
    peopled = {one.text("department") for one in root.each("people")}
    for one in root.each("departments"):
        report.refer(one.at("head"), one.text("head"), known.people, "unknown_person")
        if one.text("key") not in peopled:
            report.warn(one.at("key"), "no_members", given=one.text("key"))


def _people(root: Place, known: Directory, report: Report) -> None:
    admins = False
    for one in root.each("people"):
        key = one.text("key")
        report.refer(one.at("department"), one.text("department"), known.departments, "unknown_department")
        for role in ("manager", "backup"):
            _colleague(one, role, key, known, report)
        for away in one.each("away"):
            _colleague(away, "covered_by", key, known, report)
            first, last = away.text("from"), away.text("to")
            if first and last and last < first:
                report.error(away.at("to"), "away_backwards", given=last, first=first)
        admins = admins or any(role == "admin" for _, role in one.texts("roles"))
    if root.has("people") and not admins:
        report.warn(root.at("people"), "no_admin")


def _colleague(place: Place, role: str, key: str | None, known: Directory, report: Report) -> None:
    given = place.text(role)
    report.refer(place.at(role), given, known.people, "unknown_person")
    if given is not None and given == key:
        report.error(place.at(role), "himself", given=given, role=role)


def _customers(root: Place, known: Directory, report: Report) -> None:
    for one in root.each("customers"):
        report.refer(one.at("salesperson"), one.text("salesperson"), known.people, "unknown_person")
        report.refer(one.at("flow"), one.text("flow"), known.flows, "unknown_flow")
        if not one.has("salesperson"):
            report.warn(one.at("key"), "no_salesperson", given=one.text("key"))
    for one in root.each("products"):
        report.refer(one.at("flow"), one.text("flow"), known.flows, "unknown_flow")
        if one.has("reorder_at") and not one.has("stock"):
            report.warn(one.at("reorder_at"), "reorder_without_stock", given=one.text("sku"))
    for one in root.each("groups"):
        report.refer(one.at("customer"), one.text("customer"), known.customers, "unknown_customer")


def _identities(root: Place, report: Report) -> None:
    people = [*root.each("people"), *(one for shop in root.each("customers") for one in shop.each("contacts"))]
    for places in (people, list(root.each("groups"))):
        accounts = [
            (path, f"{channel}:{account}")
            for place in places
            for channel in place.inside("identities").data
            for path, account in place.inside("identities").texts(channel)
        ]
        report.unique(accounts, "same_account")


def _calendar(calendar: Place, report: Report) -> None:
    hours = []
    for _, text in calendar.texts("hours"):
        try:
            hours.append(Hours.parse(text))
        except ValueError:
            return
    clash = overlapping(tuple(hours))
    if clash is not None:
        report.error(calendar.at("hours"), "hours_overlap", given=str(clash[0]), other=str(clash[1]))
    closed = {text for _, text in calendar.texts("closed")}
    for path, day in calendar.texts("open"):
        if day in closed:
            report.error(path, "closed_and_open", given=day)
