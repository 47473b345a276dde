"""A transcript of tests/scenarios played by people on real platforms (their far sides) instead of on the rehearsal's stage."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import select

from bot.preparing import House
from bot.rehearsal.driving import Rehearsal
from bot.rehearsal.script import Played, read_line
from store.book import Book
from store.tables import Identity
from tests.support.far.base import Far
from tests.support.scenarios import HERE, Playing

_PATIENCE = timedelta(seconds=40)  # what was too fast, or tried again, has gone out by then


class FarClock:
    """A rehearsal's clock, in seconds; who sleeps moves it."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal

    def __call__(self) -> float:
        return self._rehearsal.clock().timestamp()

    async def sleep(self, seconds: float) -> None:
        moment = self._rehearsal.clock() + timedelta(seconds=seconds, milliseconds=1)  # its grain is a microsecond
        self._rehearsal.clock.move(moment)
        await asyncio.sleep(0)


class OnPlatforms(Rehearsal):
    """The assistant with real adapters; `homes` says who uses which platform."""

    fars: Mapping[str, Far]
    homes: Mapping[str, str]
    counts: dict[tuple[str, bool], int]
    who: dict[tuple[str, str], str]

    async def move_in(self, kinds: Mapping[str, type[Far]], homes: Mapping[str, str]) -> None:
        """Open the far sides and let everybody link himself on his own."""
        clock: Any = FarClock(self)
        self.homes, self.counts, self.who = homes, {}, {}
        receive = self.assistant.worker.receive
        self.fars = {name: _made(kind, receive, clock, self) for name, kind in kinds.items()}
        for far in self.fars.values():
            await far.open()
        channels: Any = self.assistant.delivery._house.channels
        channels.clear()
        channels |= {far.platform: far.channel for far in self.fars.values()}
        self.assistant.delivery._house = House(channels, tuple({"web"} & channels.keys()))

    async def move_out(self) -> None:
        """Close them."""
        for far in self.fars.values():
            await far.close()

    async def link(self) -> None:
        """Everybody's accounts are those of his home alone."""
        accounts = {}
        for person, home in self.homes.items():
            far = self.fars[home]
            accounts[person] = (far.platform, far.admit(person))
            self.who[home, accounts[person][1]] = person

        def _link(book: Book) -> None:
            for row in book.session.exec(select(Identity)):
                book.session.delete(row)
            book.session.flush()
            for person, (channel, account) in accounts.items():
                if channel != "web":
                    book.session.add(Identity(channel=channel, account=account, person=person, linked_at=book.now))
            book.forget_company()

        await self.units.run(_link)

    async def play(self, played: Played) -> None:
        """One line: said or pressed where its person is at home."""
        line = played.line
        if not line.sender:
            await super().play(played)
            return
        if not self._stood:
            await self.begin(line.at)
            await self.link()
        if line.at is not None:
            await self.advance(line.at)
        home = self.homes[line.sender]
        far = self.fars[home]
        account = next(account for (name, account), person in self.who.items() if (name, person) == (home, line.sender))
        if line.press:
            card, action = _button(far, account, line.press)
            await far.presses(card, action, account)
        else:
            await far.says(line.text or "", account=account)
        await self.assistant.settle()
        await self.advance(self.clock() + _PATIENCE)
        self._tell()
        self.stage.write({"done": played.number})

    def _tell(self) -> None:
        """Write what has reached people since, as the stage would have."""
        for home, far in self.fars.items():
            for edits in (False, True):
                seen = far.edited if edits else far.sent
                for one in seen[self.counts.get((home, edits), 0) :]:
                    self.stage.write({
                        "to": self.who.get((home, one.to), one.to), "via": far.platform, "text": one.text or "(…)", "edits": edits,
                        "buttons": [{"label": label, "action": action} for label, action in one.buttons],
                        "files": [{"name": name} for name, _ in one.files], "urgent": None, "at": "",
                    })  # fmt: skip
                self.counts[home, edits] = len(seen)


class PlayingOnPlatforms(Playing):
    """As Playing, on platforms.

    Args:
        kinds: far sides by name.
        homes: which of them each person uses.
    """

    def __init__(
        self, script: list[str], expected: dict[Any, Any], kinds: Mapping[str, type[Far]], homes: Mapping[str, str]
    ) -> None:
        super().__init__(script, expected)
        self.kinds, self.homes = kinds, homes

    def play(self, url: str) -> None:
        """Play it all."""
        try:
            asyncio.run(self._play(url))
        finally:
            self._read(len(self._script))

    async def _play(self, url: str) -> None:
        rehearsal = OnPlatforms(url, self.company.read_text("utf-8"), str(self.company), self._out, HERE)
        await rehearsal.move_in(self.kinds, self.homes)
        try:
            for number, text in enumerate(self._lines(), 1):
                played = read_line(number, text)
                if played is not None:
                    await rehearsal.play(played)
        finally:
            await rehearsal.move_out()
            rehearsal.close()


def _made(kind: type[Far], receive: Any, clock: Any, rehearsal: Rehearsal) -> Far:
    far = kind(receive, clock)
    if kind.name == "web":
        far.units = rehearsal.units  # type: ignore[attr-defined]
    return far


def _button(far: Far, account: str, label: str) -> tuple[Any, str]:
    """The newest message to somebody that shows a button with this label, and what the button sends back."""
    for one in reversed(far.sent):
        for shown, action in one.buttons:
            if one.to == account and shown.removesuffix("…") and label.startswith(shown.removesuffix("…")[:9]):
                return one, action
    raise AssertionError(f"no button {label!r} reached {account}")
