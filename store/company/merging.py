"""Loading a file over a living company: what people changed in chat stays unless the file says otherwise.

Three documents meet: the file last loaded, the company as it stands, and the new file. Where the new file says the
same as the last one, it has nothing to say about that point and the present stands; where it says something else, the
new file wins. This holds for what chat and work can change: a person's accounts, absences, quiet hours, language,
channels and zone, contacts that were invited, the stock of products, and flows changed from chat. Everything else is
simply as the new file has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from store.company.models import CompanyFile
from store.company.plain import plain
from store.company.reading import company_from

OWN_SETTINGS = ("language", "timezone", "quiet", "prefers")
Document = dict[str, Any]


def merge_company(new: CompanyFile, last: CompanyFile | None, current: CompanyFile | None) -> CompanyFile:
    """The company that stands after `new` has been loaded.

    Args:
        new: the file to load.
        last: the file that was loaded last; None: none ever was, and `new` is taken as it is.
        current: the company as it stands.
    """
    if last is None or current is None:
        return new
    said, before, now = plain(new), plain(last), plain(current)
    old_people, present = _by(before, "people"), _by(now, "people")
    claimed = _accounts(said)
    said["people"] = [
        _person(one, old_people.get(one["key"], {}), present.get(one["key"], {}), claimed) for one in said["people"]
    ]
    _contacts(said, before, now, claimed)
    old_stock, stock = _by(before, "products", "sku"), _by(now, "products", "sku")
    for product in said.get("products", ()):
        _keep(product, "stock", old_stock.get(product["sku"]), stock.get(product["sku"]))
    old_flows, flows = _by(before, "flows"), _by(now, "flows")
    said["flows"] = [
        flows[one["key"]] if one == old_flows.get(one["key"]) and one["key"] in flows else one for one in said["flows"]
    ]
    return company_from(said)


def _by(document: Document, section: str, key: str = "key") -> dict[str, Document]:
    return {one[key]: one for one in document.get(section, ())}


def _keep(said: Document, key: str, last: Document | None, current: Document | None) -> None:
    """Put the present value in the place of one that the file merely repeats."""
    if last is None or current is None or said.get(key) != last.get(key):
        return
    if current.get(key) is None:
        said.pop(key, None)
    else:
        said[key] = current[key]


def _person(said: Document, last: Document, current: Document, claimed: Mapping[str, str]) -> Document:
    if not last or not current:
        return said
    for key in OWN_SETTINGS:
        _keep(said, key, last, current)
    aways = [one for one in current.get("away", ()) if one not in last.get("away", ())]
    gone = [one for one in last.get("away", ()) if one not in current.get("away", ())]
    kept = [one for one in said.get("away", ()) if one not in gone]
    said["away"] = sorted([*kept, *(one for one in aways if one not in kept)], key=lambda one: str(one["from"]))
    said["identities"] = _identities(said, last, current, claimed)
    return {key: value for key, value in said.items() if value not in ([], {})}


def _identities(said: Document, last: Document, current: Document, claimed: Mapping[str, str]) -> Document:
    """Accounts of one person: those the file says, less those unlinked in chat, and those linked there."""
    stated, before, now = _pairs(said), _pairs(last), _pairs(current)
    kept = [pair for pair in stated if pair in now or pair not in before]
    linked = [
        pair
        for pair in now
        if pair not in kept and pair not in before and claimed.get(":".join(pair), said["key"]) == said["key"]
    ]
    found: dict[str, list[str]] = {}
    for channel, account in [*kept, *linked]:
        found.setdefault(channel, []).append(account)
    return {channel: accounts[0] if len(accounts) == 1 else accounts for channel, accounts in found.items()}


def _pairs(person: Document) -> list[tuple[str, str]]:
    return [
        (channel, account)
        for channel, accounts in person.get("identities", {}).items()
        for account in ([accounts] if isinstance(accounts, str) else accounts)
    ]


def _accounts(document: Document) -> dict[str, str]:
    """Whose each account is by this document."""
    everybody = [*document.get("people", ())]
    everybody += [one for customer in document.get("customers", ()) for one in customer.get("contacts", ())]
    return {":".join(pair): one["key"] for one in everybody for pair in _pairs(one)}


def _contacts(said: Document, before: Document, now: Document, claimed: Mapping[str, str]) -> None:
    old_customers, customers = _by(before, "customers"), _by(now, "customers")
    taken = {one["key"] for one in said["people"]}
    taken |= {one["key"] for customer in said.get("customers", ()) for one in customer.get("contacts", ())}
    for customer in said.get("customers", ()):
        last = _by(old_customers.get(customer["key"], {}), "contacts")
        present = _by(customers.get(customer["key"], {}), "contacts")
        contacts = [
            _person(one, last.get(one["key"], {}), present.get(one["key"], {}), claimed)
            for one in customer.get("contacts", ())
        ]
        contacts += [one for key, one in present.items() if key not in last and key not in taken]
        if contacts:
            customer["contacts"] = contacts
