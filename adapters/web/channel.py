"""WebChannel: the web page as a platform. What is sent lies in the book; open pages are told to look."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from conversations.channels import Abilities, RawUpdate, Unavailable
from conversations.messages import FileIn, Message, Outgoing
from store.book import Book
from store.tables import Blob
from store.units import Units

NAME = "web"
_SETTLED_S = 0.1  # a sent message is in the book shortly after `send` returns


class WebChannel:
    """Everybody of the company is known on the web by key; a page is open for some of them.

    Args:
        units: the book, in which files of both directions lie.
    """

    name = NAME
    abilities = Abilities(buttons=24, edits=True, files=True, max_text=20_000, label_length=40)

    def __init__(self, units: Units) -> None:
        self._units = units
        self._watchers: dict[str, list[Callable[[], None]]] = defaultdict(list)

    def watch(self, person: str, look: Callable[[], None]) -> Callable[[], None]:
        """Call `look` whenever something new lies there for the person; returns what ends it."""
        self._watchers[person].append(look)
        return lambda: self._watchers[person].remove(look) if look in self._watchers[person] else None

    def update(self, person: str, payload: dict[str, Any]) -> RawUpdate:
        """What somebody typed or pressed on a page, as a raw update."""
        return RawUpdate(NAME, uuid.uuid4().hex, person, {"person": person} | payload, account=person)

    async def keep_file(self, name: str, kind: str, content: bytes) -> dict[str, Any]:
        """Put an uploaded file into the book; returns what the payload says of it."""
        sha256 = hashlib.sha256(content).hexdigest()

        def _keep(book: Book) -> None:
            if book.session.get(Blob, sha256) is None:
                book.session.add(Blob(sha256=sha256, size=len(content), content=content))

        await self._units.run(_keep)
        return {"name": name, "type": kind, "sha256": sha256, "size": len(content)}

    def translate(self, payload: Any) -> Message | None:
        """A page's update as a message; the page has proved who it is."""
        person = payload["person"]
        return Message(
            channel=NAME,
            account=person,
            conversation=person,
            person=person,
            text=payload.get("text") or "",
            press=payload.get("press"),
            press_on=payload.get("on"),
            reply_to=payload.get("reply_to"),
            files=tuple(
                FileIn(file["name"], file["type"], ref=file["sha256"], size=file["size"])
                for file in payload.get("files", ())
            ),
        )

    async def fetch(self, file: FileIn) -> bytes:
        """An uploaded file's bytes."""
        blob = await self._units.look(lambda book: book.session.get(Blob, file.ref or ""))
        if blob is None:
            raise Unavailable(f"no such upload: {file.name}")
        return blob.content

    async def send(self, message: Outgoing) -> str | None:
        """The message stands in the outbox already: open pages are told to read it once it is settled."""
        loop = asyncio.get_running_loop()
        for look in list(self._watchers[message.account]):
            loop.call_later(_SETTLED_S, look)
        return f"w{message.key}"

    async def working(self, account: str, conversation: str | None) -> None:
        """Pages show by themselves that an answer is being made."""
