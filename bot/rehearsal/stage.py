"""The stand-in for every platform: what is sent comes out as JSON lines; failures come on demand."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from bot.rehearsal.script import CHANNELS, Played
from conversations.channels import Abilities, RawUpdate, RetryAfter, SendFailure, Unavailable, Unknown, Unreachable
from conversations.messages import FileIn, Message, Outgoing

_FAILURES: dict[str, Callable[[], SendFailure]] = {
    "timeout": lambda: Unknown("timeout"),
    "rate_limited": lambda: RetryAfter(5),
    "unreachable": lambda: Unreachable("blocked"),
    "server_error": lambda: Unavailable("500"),
}
_LABEL = re.compile(r"^(line:\d+)@.*", re.DOTALL)
_GREETED = re.compile(r"@gendan\b[,:,:]?\s*", re.IGNORECASE)


@dataclass
class Failing:
    """A failure that the script has ordered: for whom, on which channel, how often still (None: until ended)."""

    kind: str
    receiver: str
    via: str | None
    left: int | None


@dataclass
class Stage:
    """Where all channels of a rehearsal meet.

    Args:
        out: where the JSON lines go.
        clock: the rehearsal's clock, in the zone in which moments are written.
    """

    out: TextIO
    clock: Callable[[], datetime]
    failing: list[Failing] = field(default_factory=list)

    def channels(self) -> dict[str, StageChannel]:
        """A channel for each platform's name."""
        return {name: StageChannel(name, self) for name in CHANNELS}

    def write(self, document: dict[str, Any]) -> None:
        """One output line, flushed at once."""
        self.out.write(json.dumps(document, ensure_ascii=False) + "\n")
        self.out.flush()

    def order_failure(self, kind: str, receiver: str, via: str | None, times: int | None) -> None:
        """From now on deliveries to that receiver fail; kind "none" ends it."""
        self.failing = [entry for entry in self.failing if entry.receiver != receiver or (via and entry.via != via)]
        if kind != "none":
            self.failing.append(Failing(kind, receiver, via, times))

    def fail_if_ordered(self, receiver: str, via: str) -> None:
        """Raise the failure that stands for this delivery, if one does."""
        for entry in self.failing:
            if entry.receiver == receiver and entry.via in {None, via} and (entry.left is None or entry.left > 0):
                if entry.left is not None:
                    entry.left -= 1
                make_failure = _FAILURES[entry.kind]
                raise make_failure()

    @cached_property
    def _sent_files(self) -> Path:
        """Where files that are sent come to lie; it stays, for whoever reads the output afterwards."""
        return Path(tempfile.mkdtemp(prefix="gendan-"))

    def keep_file(self, name: str, content: bytes) -> str:
        """Write a sent file where a reader of the output finds it."""
        path = self._sent_files / hashlib.sha256(content).hexdigest()[:12] / Path(name).name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path)


class StageChannel:
    """One platform of the stage, met by the same inbox worker and delivery as the real ones."""

    abilities = Abilities(buttons=100, edits=True, files=True, max_text=4000)

    def __init__(self, name: str, stage: Stage) -> None:
        self.name = name
        self._stage = stage

    def translate(self, payload: Any) -> Message | None:
        """A script line, as `update_of` kept it, as a message."""
        text = str(payload.get("text") or "")
        group = payload.get("group")
        mentioned = group is None or bool(_GREETED.search(text)) or bool(payload.get("reply_to"))
        return Message(
            channel=self.name,
            account=payload["account"],
            conversation=group or payload["account"],
            text=_GREETED.sub("", text) if group else text,
            person=payload.get("person"),
            press=payload.get("press"),
            press_on=payload.get("on"),
            reply_to=payload.get("reply_to"),
            group=group,
            mentioned=mentioned,
            files=tuple(FileIn(entry["name"], entry["type"], ref=entry["path"]) for entry in payload.get("files", ())),
        )

    async def fetch(self, file: FileIn) -> bytes:
        """A file of the script's folder."""
        try:
            return Path(file.ref or "").read_bytes()
        except OSError as problem:
            raise Unavailable(str(problem)) from problem

    async def send(self, message: Outgoing) -> str | None:
        """Print the message, or fail as the script ordered."""
        self._stage.fail_if_ordered(message.receiver, self.name)
        name = f"m{message.key}"
        self._stage.write(
            {
                "at": self._stage.clock().isoformat(),
                "to": message.receiver,
                "via": self.name,
                "id": name,
                "text": message.text,
                "buttons": [{"label": button.label, "action": button.action} for button in message.buttons],
                "files": [
                    {"name": file.name, "type": file.type, "path": self._stage.keep_file(file.name, file.content)}
                    for file in message.files
                ],
                "reply_to": _LABEL.sub(r"\1", message.reply_to) if message.reply_to else None,
                "edits": message.edits,
                "urgent": message.urgent,
            }
        )
        return name

    async def working(self, account: str, conversation: str | None) -> None:
        """The stage shows no signs of work."""


def update_of(
    played: Played, *, account: str, person: str | None, files: list[dict[str, str]], unique: str
) -> RawUpdate:
    """A script line as the raw update of its platform.

    Args:
        played: the line.
        account: the sender's account there.
        person: the sender's key where the script names a person rather than an account.
        files: name, type and path of each.
        unique: makes the update's id unique when the line has none of its own.
    """
    line = played.line
    return RawUpdate(
        channel=line.via or ("console" if person else account.partition(":")[0]),
        account=line.sender or "",
        message_id=line.id or f"{played.label}@{unique}",
        conversation=f"{line.group}/{account}" if line.group else account,
        payload={
            "account": account if person else account.partition(":")[2],
            "person": person,
            "text": line.text,
            "press": line.press,
            "on": line.on,
            "reply_to": line.reply_to,
            "group": line.group,
            "files": files,
        },
    )
