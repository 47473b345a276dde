"""`gendan doctor`: tests what is set up, without writing to anybody, and says in words what to mend.

Each platform's own doctor signs in; the house adds what concerns all: the book, the clock, the public address. While
the service runs, what may stand only once is left alone: its lease says that it stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from adapters.findings import Finding
from bot.platforms import module_of, switched_on
from bot.platforms.platform import ROBOT, Clock, Told, Visit, say
from bot.settings import Settings
from store.book import Book
from store.company import current_company
from store.migrations import upgrade
from store.tables import Heartbeat
from store.units import Units, open_engine

if TYPE_CHECKING:
    import httpx

_LONGEST_S = 40.0
_SKEW_S = 60.0


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at: what it belongs to, whether it is well, and what there is to say."""

    part: str
    well: bool
    says: str


async def examine(
    settings: Settings,
    http: httpx.AsyncClient,
    clock: Clock,
    language: str,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Checked]:
    """Look at everything that is set up, one thing after the other."""
    book, leases = await asyncio.to_thread(_book, settings, clock)
    visit = Visit(settings, http, clock, language, leases, transport)
    for finding in book:
        yield _said(visit, "book", finding)
    on = switched_on(settings)
    for name in on:
        for checked in await _platform(visit, name):
            yield checked
    if not on:
        yield _said(visit, "platforms", Finding(True, "none"))
    for part, finding in [*await _clock(visit, on), *await _address(visit)]:
        yield _said(visit, part, finding)


async def _platform(visit: Visit, name: str) -> Iterable[Checked]:
    """What a platform's own doctor says; that it cannot be opened at all, or does not answer, is a finding too."""
    try:
        found: Told = await asyncio.wait_for(module_of(name).examine(visit), _LONGEST_S)
    except ValueError as fault:
        return [_said(visit, name, Finding(False, "setting", {"reason": fault}))]
    except TimeoutError:
        return [_said(visit, name, Finding(False, "silent"))]
    return [Checked(name, well, says) for well, says in found]


def _book(settings: Settings, clock: Clock) -> tuple[list[Finding], frozenset[str]]:
    """Whether the book opens and holds a company; and which connections a running service holds."""
    try:
        engine = open_engine(settings.database())
        upgrade(engine)
    except (SQLAlchemyError, OSError) as fault:
        reason = str(getattr(fault, "orig", fault)).splitlines()[0]
        return [Finding(False, "book", {"reason": reason})], frozenset()
    units = Units(engine, clock=clock)
    try:
        company = units.read(lambda book: current_company(book.session)) is not None
        leases = units.read(_held)
    finally:
        units.close()
    return [Finding(True, "book_ok") if company else Finding(False, "no_company")], leases


def _held(book: Book) -> frozenset[str]:
    row = book.session.get(Heartbeat, ROBOT)
    return frozenset({ROBOT} if row is not None and row.lease_until is not None and row.lease_until > book.now else ())


async def _clock(visit: Visit, on: Iterable[str]) -> list[tuple[str, Finding]]:
    """Whether the machine's clock agrees with a platform's: signatures of requests are refused where it does not."""
    import httpx

    for name in on:
        address = str(getattr(visit.settings, f"{name}_api"))
        try:
            answer = await visit.http.head(address, follow_redirects=False)
            there = parsedate_to_datetime(answer.headers["date"])
        except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError):
            continue
        off = (visit.clock() - there.astimezone(UTC)).total_seconds()
        good = abs(off) <= _SKEW_S
        return [("clock", Finding(good, "clock_ok" if good else "clock", {"seconds": round(abs(off)), "whose": name}))]
    return []


async def _address(visit: Visit) -> list[tuple[str, Finding]]:
    """Whether the public address leads to us, as far as can be seen from here."""
    import httpx

    url = visit.settings.public_url
    if not url:
        return [("public_url", Finding(False, "no_address"))] if _called(visit.settings) else []
    facts = {"url": url}
    try:
        answer = await visit.http.get(url.rstrip("/") + "/health/live")
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        return [("public_url", Finding(False, "address_closed", facts | {"reason": type(problem).__name__}))]
    if answer.status_code == 200 and '"ok"' in answer.text:
        return [("public_url", Finding(True, "address_ok", facts))]
    return [("public_url", Finding(False, "address_other", facts | {"status": str(answer.status_code)}))]


def _called(settings: Settings) -> bool:
    """Whether a platform is to call us."""
    slack = settings.slack_signing_secret and not settings.slack_app_token
    return bool(slack or settings.wecom_token or settings.wecom_kf_token or settings.telegram_webhook_secret)


def _said(visit: Visit, part: str, finding: Finding) -> Checked:
    return Checked(part, finding.well, say(visit.language, finding.key, **finding.facts))
