"""The house's own places: the web page, whose messages lie in the book, and the console."""

import io
import re

from rich.console import Console

from adapters.console.terminal import TerminalChannel
from adapters.web.channel import WebChannel
from tests.support.far.base import Far, Seen


class WebFar(Far):
    name = platform = "web"
    can = frozenset({"files_in", "quotes", "redelivers", "proves"})
    account = "wangli"

    def __init__(self, receive, clock, units=None):
        super().__init__(receive, clock)
        self.units = units

    async def open(self):
        self.channel = WebChannel(self.units)
        self.looks = 0

    def admit(self, key):
        return key

    async def deliver(self, account, payload):
        update = self.channel.update(account or self.account, payload)

        async def again():
            await self.receive(update)

        await again()
        return again

    async def says(self, text, *, account=None, group=None, named=True, file=None, answers=None):
        payload = {"text": text, "reply_to": answers}
        if file:
            payload["files"] = [await self.channel.keep_file(file[0], "application/octet-stream", file[1])]
        return await self.deliver(account, payload)

    async def presses(self, seen, action, account=None):
        return await self.deliver(account, {"press": action, "on": seen.raw})

    async def unknown(self):
        await self.deliver(None, {})

    @property
    def sent(self):
        return []


class ConsoleFar(Far):
    name = platform = "console"
    can = frozenset({"draws", "files_out", "files_in", "redelivers", "proves"})
    account = "wangli"

    async def open(self):
        self.out = io.StringIO()
        self.channel = TerminalChannel(self.account, Console(file=self.out, width=60_000, color_system=None))
        self.folder = None

    def admit(self, key):
        return key

    async def says(self, text, *, account=None, group=None, named=True, file=None, answers=None):
        if file:
            path = self.folder / file[0].replace(" ", "_")
            path.write_bytes(file[1])
            text = f"{text} @{path}"
        update = self.channel.update(text)

        async def again():
            await self.receive(update)

        await again()
        return again

    async def unknown(self):
        await self.says("")

    @property
    def sent(self):
        """Panels and lines, without their frames."""
        drawn = self.out.getvalue().splitlines()
        lines = [re.sub(r"^[│╭╰─╮╯ ]+|[│╭╰─╮╯ ]+$", "", line) for line in drawn]
        return [Seen(self.account, line) for line in lines if line]
