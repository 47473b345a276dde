"""`gendan chat`: one person at a terminal, talking with the assistant on the company's own book."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable

from rich.console import Console

from adapters.console import TerminalChannel
from bot.clocks import wall_clock
from bot.complaints import fail
from bot.wiring import Assistant
from conversations.customers import Links
from store.company import current_company
from store.migrations import upgrade
from store.tables import Person
from store.units import open_engine

_PAUSE_S = 0.5


async def talk(key: str, url: str, web: str | None = None) -> None:
    """Read lines until end of input or /quit; answers and pushes are drawn as they come.

    Args:
        key: the person's key in the loaded company.
        url: the database.
        web: the address of the pages, for links; None: there are none.
    """
    logging.disable(logging.WARNING)
    engine = open_engine(url)
    upgrade(engine)
    console = Console()
    channel = TerminalChannel(key, console)
    assistant = Assistant(engine, wall_clock, {channel.name: channel}, (channel.name,), only=key)
    assistant.desk.links = Links(web=web)
    try:
        await _greet(assistant, key, console)
        lines = _typed(console)
        closing = False
        while not closing:
            line = await _next_line(lines)
            if line is not None:
                closing = line == "" or line.strip() in {"/quit", "/exit"}
                if line.strip() and not closing:
                    await assistant.worker.receive(channel.update(line.rstrip("\n")))
            await assistant.settle()
    finally:
        assistant.close()


async def _greet(assistant: Assistant, key: str, console: Console) -> None:
    if await assistant.units.look(lambda book: current_company(book.session)) is None:
        fail("no_company", 2)
    person = await assistant.units.look(lambda book: book.session.get(Person, key))
    if person is None or not person.active:
        fail("nobody", 2, key=key)
    console.print("[dim]/quit[/dim]")


def _typed(console: Console) -> asyncio.Queue[str]:
    """Lines typed at the prompt; an empty string is the end of input."""
    queue: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    prompt = "› " if sys.stdin.isatty() else ""

    def _read() -> None:
        put: Callable[[str], object] = lambda line: loop.call_soon_threadsafe(queue.put_nowait, line)  # noqa: E731
        while True:
            if prompt:
                console.print(prompt, end="")
            line = sys.stdin.readline()
            put(line)
            if not line:
                return

    threading.Thread(target=_read, daemon=True).start()
    return queue


async def _next_line(lines: asyncio.Queue[str]) -> str | None:
    try:
        return await asyncio.wait_for(lines.get(), _PAUSE_S)
    except TimeoutError:
        return None
