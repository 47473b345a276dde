"""The self-built app: takes what its callback is told, sends texts, cards and files to members, renews cards."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from adapters.steps import Step, Steps
from adapters.wecom import app_in, cards
from adapters.wecom.client import Api, Clock
from adapters.wecom.errors import MEDIA_GONE, ApiError, failure
from adapters.wecom.media import Uploads, check_sizes
from adapters.wecom.memory import Memory
from adapters.wecom.pacing import Pacer
from conversations.channels import EditGone, Receive, Rejected, RetryAfter, SendFailure, Unreachable
from conversations.messages import FileOut, Outgoing

log = logging.getLogger(__name__)

CODE_LIFE_S = 72 * 3600.0
_SAME_S = 1800  # for how long the platform looks for a second copy, at least
_SPREAD = 12_000
_MOST_REMEMBERED = 5000
_MOST_ECHOES = 50
_UNSEEN = "\u200c\u200b\u200d"  # signs without width
_CARD_FAULTS = frozenset({40035, 40058, 42045})


class AppLine:
    """Talks to members through the self-built app.

    Args:
        api: signed in with the app's secret.
        agent_id: the app's.
        memory: keeps the response codes of cards.
        clock: the moment, in Unix seconds.
    """

    def __init__(self, api: Api, agent_id: int, memory: Memory, clock: Clock) -> None:
        self._api = api
        self._uploads = Uploads(api, memory, clock)
        self._agent_id = agent_id
        self._memory = memory
        self._clock = clock
        self._pacer = Pacer()
        self._taken = Steps()
        self._echoes: OrderedDict[str, dict[str, int]] = OrderedDict()

    async def take(self, fields: Mapping[str, Any], receive: Receive) -> None:
        """Keep an update of the callback; a click's response code is kept as well, to renew the card with."""
        happened = app_in.event(fields)
        if happened in app_in.ALARMS:
            log.error("wecom is about to switch the app off", extra={"action": "wecom_inactive", "event": happened})
        update = app_in.raw_update(fields, str(self._agent_id))
        code, task = fields.get("ResponseCode"), fields.get("TaskId")
        if happened in app_in.CARD_EVENTS and isinstance(code, str) and isinstance(task, str) and code:
            await self._memory.put(f"code:{task}:click", code, self._clock() + CODE_LIFE_S)
        await receive(update)

    async def send(self, message: Outgoing) -> str | None:
        """Send or renew; the id is a card's task_id or a text's msgid. Raises SendFailure."""
        if not message.account or message.account.startswith("@") or "|" in message.account:
            raise Unreachable("no member's id")  # "@all" would be everybody
        if message.edits:
            return await self._renew(message)
        steps = self._steps(message)
        name = f"{message.key}\n{message.account}"
        wait = self._pacer.take(message.account.lower(), self._clock(), max(1, self._taken.left(name, steps)))
        if wait:
            raise RetryAfter(wait)
        ids = await self._taken.take(name, steps)
        return (cards.task_id(message) if message.buttons else ids[0]) or None

    async def fetch(self, ref: str) -> bytes:
        """The bytes behind a media_id. Raises SendFailure."""
        return await self._uploads.fetch(ref)

    def _steps(self, message: Outgoing) -> list[Step]:
        """What is to be posted, in order. The same message makes the same requests, byte for byte."""
        if len(message.text.encode("utf-8", "replace")) > cards.LARGEST_TEXT:
            raise Rejected("a text of more than 2048 bytes")
        check_sizes(message.files)
        steps: list[Step] = []
        if message.buttons:
            whole = cards.fits(message.text)
            if not whole:
                steps.append(lambda: self._text(message))
            steps.append(lambda: self._card(message, whole=whole))
        elif message.text.strip():
            steps.append(lambda: self._text(message))
        steps += [lambda file=file: self._file(message, file) for file in message.files]  # type: ignore[misc]
        if not steps:
            raise Rejected("an empty message")
        return steps

    async def _text(self, message: Outgoing) -> str:
        text = cards.plain(message.text) + self._echo(message)
        return str((await self._post(message, "text", {"content": text})).get("msgid") or "")

    async def _card(self, message: Outgoing, *, whole: bool) -> str:
        card = cards.card(message, whole=whole)
        task = str(card["task_id"])
        try:
            answer = await self._post(message, "template_card", card)
        except _Repeated:
            return task
        if answer.get("response_code"):
            await self._memory.put(f"code:{task}:send", str(answer["response_code"]), self._clock() + CODE_LIFE_S)
        return task

    async def _file(self, message: Outgoing, file: FileOut) -> str:
        kind, media_id = await self._uploads.upload(file)
        try:
            return str((await self._post(message, kind, {"media_id": media_id})).get("msgid") or "")
        except _MediaGone:
            await self._uploads.forget(file)
        kind, media_id = await self._uploads.upload(file)
        return str((await self._post(message, kind, {"media_id": media_id})).get("msgid") or "")

    async def _post(self, message: Outgoing, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        body = {
            "touser": message.account,
            "agentid": self._agent_id,
            "msgtype": kind,
            kind: content,
            "enable_duplicate_check": 1,
            # "The same request" is suppressed. Two messages that happen to say the same differ in this number.
            "duplicate_check_interval": _SAME_S + _number(message.key) % _SPREAD,
        }
        try:
            answer = await self._api.post("/cgi-bin/message/send", body)
        except ApiError as refusal:
            if refusal.code == MEDIA_GONE and kind in {"image", "file"}:
                raise _MediaGone from None
            if kind == "template_card" and "task_id" in refusal.hint and "exist" in refusal.hint:
                raise _Repeated from None  # an earlier try with an unclear end did arrive
            raise failure(refusal) from None
        for field in ("invaliduser", "unlicenseduser"):
            if message.account.lower() in str(answer.get(field) or "").lower().split("|"):
                raise Unreachable(field)
        return answer

    async def _renew(self, message: Outgoing) -> str | None:
        """Put a new card in the place of an old one, with the newest response code that still works.

        The code of its sending works once: it is kept for the moment when the card is to lose its buttons, for until
        then they do what they say.
        """
        task = message.edits or ""
        card = cards.renewed(message)
        for source in ("click",) if message.buttons else ("click", "send"):
            name = f"code:{task}:{source}"
            code = await self._memory.take(name, self._clock())
            if code is None:
                continue
            try:
                await self._update(message, code, card)
            except ApiError as refusal:
                problem = failure(refusal)
                if refusal.code in _CARD_FAULTS:
                    raise problem from None
                if isinstance(problem, Rejected):
                    continue  # used or lapsed, whatever code says so: the other one may do
                await self._memory.put(name, code, self._clock() + CODE_LIFE_S)
                raise problem from None
            except SendFailure:
                await self._memory.put(name, code, self._clock() + CODE_LIFE_S)
                raise
            return task
        raise EditGone(f"no response code for {task[:60]}")

    async def _update(self, message: Outgoing, code: str, card: Mapping[str, Any]) -> None:
        wait = self._pacer.take(message.account.lower(), self._clock())
        if wait:
            raise RetryAfter(wait)
        body = {"userids": [message.account], "agentid": self._agent_id, "response_code": code, "template_card": card}
        await self._api.post("/cgi-bin/message/update_template_card", body)

    def _echo(self, message: Outgoing) -> str:
        """Nothing; or, where another message lately said the same to the same member, marks that nobody sees.

        Should the platform compare contents rather than requests, the second answer to the same question is not lost.
        """
        name = f"{message.account.lower()}\n{message.text}"
        marks = self._echoes.setdefault(name, {})
        self._echoes.move_to_end(name)
        while len(self._echoes) > _MOST_REMEMBERED:
            self._echoes.popitem(last=False)
        if message.key not in marks:
            marks[message.key] = max(marks.values(), default=-1) + 1
            while len(marks) > _MOST_ECHOES:
                del marks[next(iter(marks))]
        return _unseen(marks[message.key])


class _Repeated(Exception):
    """The platform has this card already."""


class _MediaGone(Exception):
    """The uploaded file has lapsed before its time."""


def _unseen(count: int) -> str:
    """A number that nobody sees: its digits to the base 3 as signs without width; nothing for 0."""
    signs = ""
    while count:
        count, digit = divmod(count, 3)
        signs += _UNSEEN[digit]
    return signs


def _number(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4])
