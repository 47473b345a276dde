"""WeComChannel: one platform to the house, three lines beneath: the self-built app, the smart robot, customer service.

Which line a message takes follows from the conversation it answers, else from whom it is for: customers are known by
their external id and are reached through customer service alone; members through the app, else the robot; groups
through the robot, or through a webhook of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from adapters.wecom import app_in, cards, kf_in, robot_in
from conversations.channels import EditGone, SendFailure, Unreachable
from conversations.messages import FileIn, Message, Outgoing

NAME = app_in.NAME
_EXTERNAL_ID = re.compile(r"w[mo][0-9A-Za-z_-]{20,}\Z")  # 32 characters in practice; no member's id looks like it
_TRANSLATE = {"app": app_in.translate, "robot": robot_in.translate, "kf": kf_in.translate}


class Line(Protocol):
    """One way to reach somebody."""

    async def send(self, message: Outgoing) -> str | None:
        """Send or renew. Raises SendFailure."""
        ...

    async def fetch(self, ref: str) -> bytes:
        """The bytes of a file that came in on this line. Raises SendFailure."""
        ...


class WeComChannel:
    """WeCom as a platform.

    Args:
        lines: those that are configured, of app, robot, kf and webhook.
    """

    name = NAME
    abilities = cards.ABILITIES

    def __init__(self, lines: Mapping[str, Line]) -> None:
        self._lines = dict(lines)

    def translate(self, payload: Any) -> Message | None:
        """An update of any line as a message; None for what means nothing to us. Raises ValueError if it is broken."""
        via = payload.get("via") if isinstance(payload, dict) else None
        body = payload.get("fields") if via else None
        if via not in _TRANSLATE or not isinstance(body, dict):
            raise ValueError("an update of no line of ours")
        return _TRANSLATE[via](body)

    async def fetch(self, file: FileIn) -> bytes:
        """The bytes of a file somebody sent. Raises SendFailure."""
        kind, _, ref = (file.ref or "").partition(":")
        for name in {"media": ("app", "kf"), "robot": ("robot",)}.get(kind, ()):
            if name in self._lines:
                return await self._lines[name].fetch(ref)
        raise Unreachable("no line to fetch this file over")

    async def send(self, message: Outgoing) -> str | None:
        """Send over the line that answers, else over the next that may reach the receiver. Raises SendFailure."""
        problem: SendFailure = Unreachable("no line to this receiver is set up")
        if message.edits:
            problem = EditGone("the line that sent it is not set up any more")
        for name in lines_to(message):
            if name not in self._lines:
                continue
            try:
                return await self._lines[name].send(message)
            except Unreachable as refusal:
                problem = refusal
        raise problem

    async def working(self, account: str, conversation: str | None) -> None:
        """WeCom has no such sign outside of a stream."""


def lines_to(message: Outgoing) -> tuple[str, ...]:
    """The lines that may carry a message, best first."""
    via = (message.conversation or "").partition(":")[0]
    if message.edits and message.edits.startswith(robot_in.TASK):
        return ("robot",)
    if message.edits:
        return ("kf",) if message.edits.startswith(kf_in.SENT) else ("app",)
    if message.group is not None:
        return ("webhook",) if message.group.startswith("webhook:") else ("robot",)
    if via == "kf" or _EXTERNAL_ID.match(message.account):
        return ("kf",)
    return ("robot", "app") if via == "robot" else ("app", "robot")
