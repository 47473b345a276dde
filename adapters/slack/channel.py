"""SlackChannel: what delivery and the inbox see."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.pacing import Limit, Pacer
from adapters.slack import reading
from adapters.slack.api import Api
from adapters.slack.blocks import ABILITIES, blocks, fallback
from adapters.steps import Step, Steps
from conversations.channels import Abilities, Rejected, RetryAfter, SendFailure, Unknown, Unreachable
from conversations.messages import FileIn, FileOut, Message, Outgoing

log = logging.getLogger(__name__)

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

_PATIENCE = 3.0  # seconds to wait in place; for longer the outbox sets the message back
_MOST_REMEMBERED = 5000
_LARGEST_FILE = 50_000_000
_BEFORE_S = 5.0  # Slack's clock and ours may differ
_EVENT = "gendan_message"
# Slack's: one message a second into a channel (of a burst some may never be shown), some hundreds a minute in all;
# changes 50 a minute. A little more than a second, for what is sent in even steps does not arrive in even steps.
_OVERALL, _CHANNEL, _CHANGES = (Limit(5, 1), Limit(240, 60)), (Limit(1, 1.1),), (Limit(45, 60),)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: a channel, and in it a thread."""

    channel: str
    thread: str | None = None


class SlackChannel:
    """Slack as a platform.

    Args:
        api: signed in.
        clock: the moment, in Unix seconds.
        sleep: waits so many seconds.
    """

    name = reading.NAME
    abilities: Abilities = ABILITIES

    def __init__(self, api: Api, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._api = api
        self._clock = clock
        self._sleep = sleep
        self._pacer = Pacer()
        self._taken = Steps()
        self._opened: dict[str, str] = {}  # a user's id: the channel of our direct messages with him
        self._unclear: OrderedDict[str, float] = OrderedDict()  # messages that may have arrived, and since when

    def translate(self, payload: Any) -> Message | None:
        """The update as a Message; None for kinds that mean nothing to us. Raises ValueError for a broken one."""
        return reading.translate(payload)

    async def fetch(self, file: FileIn) -> bytes:
        """The bytes of a file somebody sent (at most 20 MB). Raises SendFailure."""
        found = (await self._api.call("files_info", file=file.ref or "")).get("file")
        address = found.get("url_private_download") or found.get("url_private") if isinstance(found, Mapping) else None
        if not isinstance(address, str):
            raise Rejected("no such file")
        return await self._api.download(address)

    async def send(self, message: Outgoing) -> str | None:
        """Send or edit one message; the id is "channel:ts", of the text where there are files too.

        Raises: SendFailure.
        """
        if ABILITIES.text_length(message.text) > ABILITIES.max_text:
            raise Rejected(f"a text of more than {ABILITIES.max_text} characters")
        if message.edits:
            return await self._edit(message)
        if not message.text.strip() and not message.files:
            raise Rejected("an empty message")
        for file in message.files:
            if not 0 < len(file.content) <= _LARGEST_FILE:
                raise Rejected("a file of more than 50 MB, or an empty one")
        place = await self._place(message)
        steps: list[Step] = [lambda: self._text(message, place)] if message.text.strip() else []
        steps += [lambda file=file: self._file(place, file) for file in message.files]  # type: ignore[misc]
        return (await self._taken.take(_mark(message), steps))[0] or None

    async def working(self, account: str, conversation: str | None) -> None:
        """Slack has no such sign for apps like ours."""

    async def _text(self, message: Outgoing, place: Place) -> str:
        mark = _mark(message)
        if mark in self._unclear:
            found = await self._look(place, mark, self._unclear[mark])
            if found is not None:
                return found
        said: dict[str, Any] = {
            "channel": place.channel,
            "thread_ts": place.thread,
            "text": fallback(message.text, ()),
            "blocks": blocks(message.text, message.buttons),
            "metadata": {"event_type": _EVENT, "event_payload": {"key": mark}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        await self._pace({"": _OVERALL, place.channel: _CHANNEL})
        began = self._clock()
        try:
            sent = await self._posted(said, message)
        except Unknown:
            self._unclear[mark] = began
            while len(self._unclear) > _MOST_REMEMBERED:
                self._unclear.popitem(last=False)
            raise
        self._unclear.pop(mark, None)
        return f"{sent.get('channel') or place.channel}:{sent['ts']}"

    async def _posted(self, said: dict[str, Any], message: Outgoing) -> Mapping[str, Any]:
        try:
            return await self._api.call("chat_postMessage", **said)
        except Rejected as refusal:
            if not refusal.args[0].startswith(("invalid_blocks", "msg_blocks_too_long")):
                raise
            log.error("blocks refused: sent as text", extra={"action": "slack_blocks_refused", "key": message.key})  # noqa: TRY400
        plain = {name: value for name, value in said.items() if name != "blocks"}
        return await self._api.call("chat_postMessage", **plain | {"text": fallback(message.text, message.buttons)})

    async def _look(self, place: Place, mark: str, began: float) -> str | None:
        """The id of a message that has arrived after all; None if it has not, or if nobody lets us look.

        Raises: SendFailure where it cannot be known now: nothing is sent then.
        """
        asked: dict[str, Any] = {"channel": place.channel, "oldest": f"{began - _BEFORE_S:.6f}", "limit": 100}
        asked |= {"include_all_metadata": True} | ({"ts": place.thread} if place.thread else {})
        try:
            told = await self._api.call("conversations_replies" if place.thread else "conversations_history", **asked)
        except SendFailure as problem:
            if "missing_scope" in str(problem):
                return None  # in channels we may not read: a second copy is better than none
            raise
        for one in told.get("messages") or ():
            about = one.get("metadata") if isinstance(one, Mapping) else None
            if isinstance(about, Mapping) and (about.get("event_payload") or {}).get("key") == mark:
                return f"{place.channel}:{one['ts']}"
        return None

    async def _file(self, place: Place, file: FileOut) -> str:
        await self._pace({"": _OVERALL, place.channel: _CHANNEL})
        await self._api.call(
            "files_upload_v2",
            channel=place.channel,
            thread_ts=place.thread,
            filename=file.name,
            title=file.name,
            content=file.content,
        )
        return ""

    async def _edit(self, message: Outgoing) -> str | None:
        channel, _, ts = (message.edits or "").partition(":")
        if not channel or not ts or not message.text.strip():
            raise Rejected("no message of ours to edit, or nothing to put there")
        await self._pace({"edit": _CHANGES})
        drawn = blocks(message.text, message.buttons)  # without blocks the old ones would stay, buttons and all
        await self._api.call(
            "chat_update", editing=True, channel=channel, ts=ts, text=fallback(message.text, ()), blocks=drawn
        )
        return message.edits

    async def _place(self, message: Outgoing) -> Place:
        """The channel and thread that a message goes to: the group's, the conversation's, else the direct messages."""
        channel, _, thread = (message.conversation or "").partition(":")
        if message.group:
            return Place(message.group, thread or None if channel == message.group else None)
        if channel:
            return Place(channel, thread or None)
        user = message.account.rpartition(".")[2]
        if not user:
            raise Unreachable("nobody's id")
        if user not in self._opened:
            opened = (await self._api.call("conversations_open", users=user)).get("channel")
            if not isinstance(opened, Mapping) or not opened.get("id"):
                raise Unreachable("no direct messages")
            self._opened[user] = str(opened["id"])
        return Place(self._opened[user])

    async def _pace(self, limits: Mapping[str, tuple[Limit, ...]]) -> None:
        while wait := self._pacer.take(limits, self._clock()):
            if wait > _PATIENCE:
                raise RetryAfter(wait)
            await self._sleep(wait)


def _mark(message: Outgoing) -> str:
    """What this message and no other is known by: keys alone begin anew with a new book."""
    said = repr((message.key, message.account, message.group, message.conversation, message.text))
    return f"{message.key}-{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"
