"""The demonstration: a fresh book, weeks of living orders, and the page with the phones."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from adapters.web.board_page import add_open_board
from adapters.web.channel import WebChannel
from adapters.web.demo_page import Phone, add_demo_page
from bot.clocks import wall_clock
from bot.demo.clockwork import DemoClockwork, RunningClock
from bot.demo.story import begin_at, opening_moment, tell_story
from bot.serving import Service
from bot.web import listen, serve_until_stopped, web_app
from bot.wiring import Assistant
from conversations.channels import Channel
from store.book import Book
from store.company import apply_company, company_snapshot, read_company
from store.datafiles import read_data
from store.migrations import upgrade
from store.tables import Person
from store.units import open_engine

_BEFORE = 3  # weeks: the company is founded before the story begins, however long the last holiday was
_ON_LEAVE = "luojun"  # shares the work of the workshop's phone: a visitor's order comes to that phone
_MANAGER = "chen"  # whose board a visitor is shown


async def show(address: str, *, weeks: int, progress: Callable[[int, int], None]) -> None:
    """Prepare the demonstration and serve it until stopped.

    Args:
        address: HOST:PORT.
        weeks: how long the company has been at work.
        progress: told how many days of the story are done, of how many.
    """
    with listen(address) as at, tempfile.TemporaryDirectory(prefix="gendan-demo-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'demo.db'}", synchronous="NORMAL")
        upgrade(engine)
        clock = RunningClock(wall_clock, begin_at(wall_clock(), weeks + _BEFORE))
        channels: dict[str, Channel] = {}
        assistant = Assistant(engine, clock, channels, ("web",), at_once=8)
        channel = channels["web"] = WebChannel(assistant.units)
        assistant.units.write(_load)
        today = opening_moment(wall_clock(), assistant.units.read(lambda book: book.company))
        clock.move(begin_at(today, weeks))
        story = await tell_story(assistant, channel, clock, today, progress)
        await story.open_to((one["person"] for one in _phones()), _ON_LEAVE)
        clock.release()
        service = Service(assistant)
        zone = assistant.units.read(lambda book: book.company.zone)

        def _cast(language: str) -> list[Phone]:
            return [Phone(one["person"], one["role"][language], tuple(one["hints"][language])) for one in _phones()]

        async def _speak(language: str) -> None:
            await assistant.units.run(lambda book: _speak_all(book, language))

        def _pages(_app: Any, _channel: Any, links: Any) -> None:
            works = DemoClockwork(assistant, service, clock, story.live_until, zone)
            add_open_board(assistant.units, _MANAGER)
            add_demo_page(assistant.units, channel, assistant.worker.receive, links, works, _cast, _speak, zone.key)

        app = web_app(assistant, service, channel, pages=_pages)
        await serve_until_stopped(app, at, lambda: _announce(address))
        assistant.close()


@cache
def _phones() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = read_data(__file__, "cast.yaml")
    return loaded


def _announce(address: str) -> None:
    sys.stdout.write(f"Gendan is ready: http://{address}\n")
    sys.stdout.flush()


def _load(book: Book) -> None:
    text = (files("bot.demo") / "company.yaml").read_text("utf-8")
    apply_company(book.session, read_company(text, "company.yaml"), now=book.now)
    book.record("company.loaded", subject="company")
    company_snapshot(book.session)


def _speak_all(book: Book, language: str) -> None:
    """Everybody on the page speaks the page's language from now on."""
    for one in _phones():
        person = book.session.get(Person, one["person"])
        if person is not None and person.language != language:
            person.language = language
            book.session.add(person)
