"""How much may still be written to a customer of WeChat customer service: 5 messages within 48 hours of his last word.

The customer's next message opens a new window. After a hand-over to a human the bot is mute until the session ends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from adapters.wecom.memory import Memory

WINDOW_S = 48 * 3600.0
MESSAGES = 5
_KEEP_S = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Window:
    """A customer's window.

    Attributes:
        opened_at: when he last wrote, in Unix seconds; 0: never.
        sent: how many messages have gone out since.
        human: a servicer has the conversation.
        last: the id of his last message.
    """

    opened_at: float = 0.0
    sent: int = 0
    human: bool = False
    last: str = ""

    def left(self, now: float) -> int:
        """How many messages may still go out now."""
        return max(0, MESSAGES - self.sent) if now < self.closes_at and not self.human else 0

    @property
    def closes_at(self) -> float:
        """When nothing may go out any more, in Unix seconds."""
        return self.opened_at + WINDOW_S

    def heard(self, at: float, msgid: str) -> Window:
        """The customer wrote at this moment; an older message, or the same once more, changes nothing.

        A session ends after 48 hours, whether or not we were told: a servicer's as well.
        """
        if at < self.opened_at or msgid == self.last:
            return self
        return Window(opened_at=at, human=self.human and at < self.closes_at, last=msgid)


class Windows:
    """The windows of all customers, kept over restarts."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def of(self, kfid: str, customer: str, now: float) -> Window:
        """A customer's window."""
        kept = await self._memory.get(_name(kfid, customer), now)
        return Window(**json.loads(kept)) if kept else Window()

    async def keep(self, kfid: str, customer: str, window: Window, now: float) -> None:
        """Keep a customer's window."""
        await self._memory.put(_name(kfid, customer), json.dumps(asdict(window)), now + _KEEP_S)

    async def note(self, kfid: str, customer: str, event: Mapping[str, Any], now: float) -> None:
        """An event that changes what may be sent: a servicer takes or leaves, or a message of ours was refused."""
        window = await self.of(kfid, customer, now)
        change, failed = event.get("change_type"), event.get("fail_type")
        if event.get("event_type") == "session_status_change" and change in {1, 2, 3}:
            window = replace(window, human=change != 3)
        elif event.get("event_type") == "msg_send_fail" and failed == 4:
            window = replace(window, opened_at=0.0)
        elif event.get("event_type") == "msg_send_fail" and failed == 6:
            window = replace(window, sent=MESSAGES)
        else:
            return
        await self.keep(kfid, customer, window, now)


def _name(kfid: str, customer: str) -> str:
    return f"window:{kfid}:{customer}"
