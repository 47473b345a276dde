"""One person at one terminal."""

from __future__ import annotations

import mimetypes
import tempfile
import uuid
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from conversations.channels import Abilities, RawUpdate, Unavailable
from conversations.messages import FileIn, Message, Outgoing

NAME = "console"


class TerminalChannel:
    """Draws messages on a terminal and turns typed lines into updates.

    Args:
        person: the key of whoever sits there; the operating system has let him in.
        console: where to draw.
    """

    name = NAME
    abilities = Abilities(buttons=0, edits=False, files=True, max_text=20_000)

    def __init__(self, person: str, console: Console) -> None:
        self.person = person
        self._console = console

    def update(self, line: str) -> RawUpdate:
        """A typed line; words that are paths of files (with a leading @) are sent along as files."""
        words = line.split()
        paths = [Path(word[1:]).expanduser() for word in words if word.startswith("@") and Path(word[1:]).is_file()]
        text = line
        for path in paths:
            text = text.replace(f"@{path}", "").strip()
        return RawUpdate(
            channel=NAME,
            account=self.person,
            message_id=uuid.uuid4().hex,
            conversation=self.person,
            payload={"account": self.person, "text": text, "files": [str(path.resolve()) for path in paths]},
        )

    def translate(self, payload: Any) -> Message | None:
        """A kept line as a message."""
        files = tuple(
            FileIn(Path(name).name, mimetypes.guess_type(name)[0] or "application/octet-stream", ref=name)
            for name in payload.get("files", ())
        )
        account = payload["account"]
        return Message(NAME, account, conversation=account, text=payload["text"], person=account, files=files)

    async def fetch(self, file: FileIn) -> bytes:
        """Read a file of this machine."""
        try:
            return Path(file.ref or "").read_bytes()
        except OSError as problem:
            raise Unavailable(str(problem)) from problem

    async def send(self, message: Outgoing) -> str | None:
        """Draw a message; files are laid into a folder that is named."""
        if message.reply_to:
            self._console.print(escape(message.text))
        else:
            self._console.print(
                Panel(escape(message.text), border_style="red" if message.urgent else "cyan", expand=False)
            )
        for file in message.files:
            path = Path(tempfile.mkdtemp(prefix="gendan-")) / Path(file.name).name
            path.write_bytes(file.content)
            self._console.print(f"📎 {escape(str(path))}")
        return None

    async def working(self, account: str, conversation: str | None) -> None:
        """The prompt's own spinner shows the work."""
