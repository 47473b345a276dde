"""Plays a script: moves the clock, lets everything due on the way happen at its own moment, prints what was sent."""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from sqlmodel import select

from bot.claiming import release
from bot.clocks import HandClock, keep_clock, wall_clock, where_it_stood
from bot.rehearsal.script import CHANNELS, Played, ScriptProblem, read_line
from bot.rehearsal.stage import Stage, update_of
from bot.wiring import Assistant
from conversations.customers import Links
from store.book import Book
from store.company import apply_company, current_company, has_been_loaded, read_company
from store.migrations import upgrade
from store.operations.flow import refresh_all
from store.operations.identities import make_token
from store.tables import Identity, Person
from store.units import Units, open_engine

_ALWAYS = ("console",)
_WEB = "http://rehearsal"


class Rehearsal:
    """The assistant on a stage.

    Args:
        url: the database; it is migrated first, and goes on where it stands.
        company: text of a company file, loaded unless the book has had this very file before.
        out: where outputs go.
        folder: the script's folder, against which its files are found.
    """

    def __init__(self, url: str, company: str, source: str, out: TextIO, folder: Path) -> None:
        engine = open_engine(url)
        upgrade(engine)
        self._folder = folder
        self.clock = HandClock(datetime.fromtimestamp(0, ZoneInfo("UTC")))
        self._zone = ZoneInfo("UTC")
        self._stood = False
        self._tokens: dict[str, str | None] = {}
        self._api: Any = None
        self.stage = Stage(out, lambda: self.clock().astimezone(self._zone))
        self.assistant = Assistant(engine, self.clock, self.stage.channels(), _ALWAYS)
        self.assistant.desk.links = Links(web=_WEB)
        self._company = read_company(company, source)

    @property
    def units(self) -> Units:
        """The book."""
        return self.assistant.units

    async def begin(self, at: datetime | None) -> None:
        """Set the clock: where the database stands, else at the script's first moment, else now. Load the company."""
        stood = await self.units.look(where_it_stood)
        self.clock.move(stood or at or wall_clock())
        await self.units.run(self._load)
        await self.units.run(release)
        self._zone = ZoneInfo(await self.units.look(lambda book: book.company.timezone))
        self._stood = True

    def _load(self, book: Book) -> None:
        new = current_company(book.session) is None
        if not new and has_been_loaded(book.session, self._company):
            return  # what was changed in chat, or by a later file, stands
        apply_company(book.session, self._company, now=book.now)
        book.record("company.loaded", subject="company")
        book.forget_company()
        if not new:
            refresh_all(book)

    async def advance(self, to: datetime) -> None:
        """Move the clock; what is due on the way happens at its own moment, in order."""
        await self.assistant.advance(self._set_clock, to)

    async def _set_clock(self, moment: datetime) -> None:
        if moment > self.clock():
            self.clock.move(moment)
            await self.units.run(keep_clock)

    async def play(self, played: Played) -> None:
        """One line, and everything that follows from it now. Raises ScriptProblem."""
        line = played.line
        if not self._stood:
            await self.begin(line.at)
        if line.at is not None:
            await self.advance(line.at)
        if line.fail and line.to:
            self.stage.order_failure(line.fail, line.to, line.via, line.times)
        elif line.sender:
            await self._say(played)
        elif line.get:
            self.stage.write(await self._get(line.get, line.as_, played.number))
        await self.assistant.settle()
        self.stage.write({"done": played.number})

    async def _say(self, played: Played) -> None:
        line = played.line
        sender = line.sender or ""
        person: str | None = None
        channel, _, account = sender.partition(":")
        if account and channel in CHANNELS:
            account, via = sender, channel
        else:
            via = line.via or "console"
            account = await self.units.run(lambda book: _account(book, sender, via, played.number))
            person = sender
        files = [_file(self._folder / name, played.number) for name in line.files]
        played = Played(played.number, line.model_copy(update={"via": via}))
        update = update_of(played, account=account, person=person, files=files, unique=uuid.uuid4().hex)
        await self.assistant.worker.receive(update)

    async def _get(self, path: str, key: str | None, number: int) -> dict[str, Any]:
        import httpx

        if self._api is None:
            from adapters.web.api import create_api
            from adapters.web.tracking import tracking_routes

            self._api = create_api(self.units)
            self._api.include_router(tracking_routes(self.units))
        token = await self._token(key, number) if key else None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(app=self._api)
        async with httpx.AsyncClient(transport=transport, base_url="http://rehearsal") as client:
            answer = await client.get(path, headers=headers)
        body = answer.json() if "json" in answer.headers.get("content-type", "") else answer.text
        return {"get": path, "status": answer.status_code, "body": body}

    async def _token(self, key: str, number: int) -> str | None:
        """Somebody's token; a customer's contact has none."""
        if key not in self._tokens:

            def _make(book: Book) -> str | None:
                person = book.session.get(Person, key)
                if person is None:
                    raise ScriptProblem(number, f"nobody has the key {key!r}")
                return make_token(book, key, "api") if person.kind == "staff" else None

            self._tokens[key] = await self.units.run(_make)
        return self._tokens[key]

    def close(self) -> None:
        """Let go of the database."""
        self.assistant.close()


async def rehearse(lines: Iterable[str], *, url: str, company: Path, out: TextIO, folder: Path) -> None:
    """Play script lines in lock step: each line's outputs are flushed before the next line is read.

    Raises: ScriptProblem at the first line that is no line of a script; what came before it is kept.
    """
    rehearsal = Rehearsal(url, company.read_text("utf-8"), str(company), out, folder)
    try:
        for number, text in enumerate(lines, 1):
            played = read_line(number, text)
            if played is not None:
                await rehearsal.play(played)
    finally:
        rehearsal.close()


def _account(book: Book, key: str, channel: str, number: int) -> str:
    """The account from which a person of the company writes on a channel; his key where he has none.

    A contact without any account who writes in a rehearsal is linked from then on: his key is his proof.
    """
    person = book.session.get(Person, key)
    if person is None:
        raise ScriptProblem(number, f"nobody has the key {key!r}")
    linked = book.session.exec(select(Identity).where(Identity.person == key)).all()
    if not linked and person.kind == "contact" and person.active:
        book.session.add(Identity(channel="console", account=key, person=key, linked_at=book.now))
    return next((one.account for one in linked if one.channel == channel), key)


def _file(path: Path, number: int) -> dict[str, str]:
    if not path.is_file():
        raise ScriptProblem(number, f"no such file: {path}")
    return {"name": path.name, "type": mimetypes.guess_type(path.name)[0] or "application/octet-stream",
            "path": str(path.resolve())}  # fmt: skip
