"""The house's own places: the web page, whose messages lie in the book, and the console."""

import io
import re
from dataclasses import replace

from rich.console import Console
from sqlmodel import select

from adapters.console.terminal import TerminalChannel
from adapters.web.bubbles import read_thread
from adapters.web.channel import WebChannel
from conversations.phrasebook import book_for
from store.messages import Choice, Letter, Phrase, pack_letter, unpack_letter
from store.operations.notes import NewFile, keep_file
from store.tables import Blob, Outbox
from tests.support.companies import load
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
        return self._drawn(edits=False)

    @property
    def edited(self):
        return self._drawn(edits=True)

    def _drawn(self, *, edits):
        """What pages show, read from the book as they read it."""

        def look(book):
            rows = book.session.exec(select(Outbox).where(Outbox.sent_via == "web", Outbox.status == "sent")).all()
            words = book_for(book.company.language, book.company.zone, book.now)
            found = []
            for row in sorted(rows, key=lambda one: one.id):
                drawn = words.letter(unpack_letter(row.body))
                buttons = tuple((one.label, one.action) for one in drawn.buttons)
                if (row.edits is not None) == edits:
                    found.append(Seen(row.account, drawn.text, buttons, raw=row.platform_id))
            return found

        return self.units.read(look)


class Laid(WebChannel):
    """The web channel with what delivery does beside it: what is sent stands in the book, from which pages read it."""

    async def send(self, message):
        def lay(book):
            choices = tuple(
                Choice(Phrase("desk.option.named", {"name": one.label}), one.action) for one in message.buttons
            )
            files = tuple(keep_file(book, NewFile(one.name, one.type, one.content)) for one in message.files)
            letter = Letter((Phrase("customer.said", {"text": message.text}),), choices, files)
            row = Outbox(kind="push", person=message.account, account=message.account, channel="web", sent_via="web",
                         body=pack_letter(letter), edits=int(message.edits[1:]) if message.edits else None, status="sent",
                         created_at=book.now, send_at=book.now, sent_at=book.now)  # fmt: skip
            book.session.add(row)
            book.session.flush()
            return str(row.id)

        key = await self._units.run(lay)
        made = await super().send(replace(message, key=key))
        return message.edits or made


class PageFar(WebFar):
    """The web page as the contract suite sees it: drawn from the book by the page's own reading."""

    can = WebFar.can | {"draws", "buttons", "edits", "files_out"}

    async def open(self):
        await super().open()
        self.channel = Laid(self.units)
        load(self.units)

    def _drawn(self, *, edits):
        def look(book):
            found = []
            for one in read_thread(book, self.account).bubbles:
                files = tuple((file.name, book.session.get(Blob, file.sha256).content) for file in one.files)
                buttons = tuple((button.label, button.action) for button in one.buttons)
                if not one.mine and (one.edited or not edits):
                    found.append(Seen(self.account, one.text, buttons, files, raw=one.id))
            return found

        return self.units.read(look)


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
