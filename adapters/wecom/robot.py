"""The smart robot: hears members and groups over its long connection, and writes where somebody has written before.

Answers go out as messages of their own, not as replies to a request: a request's id dies with its connection, and what
is said must not depend on that. Only a click is answered by its id, for that alone can renew a card, within 5 seconds.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

import httpx

from adapters.steps import Step, Steps
from adapters.wecom import cards, robot_in
from adapters.wecom.client import Clock, Sleep, fetch
from adapters.wecom.crypto import BadCallback, open_aes
from adapters.wecom.errors import ApiError, failure
from adapters.wecom.markdown import as_markdown
from adapters.wecom.pacing import Pacer
from adapters.wecom.socket import BotKeys, Frame, Pace, Socket
from conversations.channels import EditGone, Receive, Rejected, RetryAfter, SendFailure, Unavailable
from conversations.messages import FileOut, Outgoing

log = logging.getLogger(__name__)

CLICK_LIFE_S = 4.5  # the platform allows five
_TITLE, _UNDER = 26, 112
_CHUNK = 512 * 1024
_LARGEST_FILE, _LARGEST_IMAGE, _LARGEST_TEXT = 20_000_000, 10_000_000, 20_480  # bytes
_MOST_WAITING = 1000
_ELSEWHERE_S = 1.0
_TRIES_S = (0.5, 2.0, 10.0, 30.0)


class RobotLine:
    """Talks through the smart robot.

    Args:
        address: of the long connection.
        keys: the robot's.
        receive: keeps an update.
        http: fetches the files that people send.
        clock: the moment, in Unix seconds.
        pace: how long things take on the connection.
        sleep: waits.
        language: of the welcome.
    """

    def __init__(
        self,
        address: str,
        keys: BotKeys,
        receive: Receive,
        http: httpx.AsyncClient,
        clock: Clock,
        pace: Pace | None = None,
        sleep: Sleep = asyncio.sleep,
        language: str = "zh",
    ) -> None:
        self._language = language
        self.socket = Socket(address, keys, self._heard, pace, sleep)
        self._bot_id = keys.bot_id
        self._receive = receive
        self._http = http
        self._clock = clock
        self._sleep = sleep
        self._pacer = Pacer()
        self._taken = Steps()
        self._clicks: dict[str, tuple[str, float]] = {}  # task_id: the click's req_id, and when it came
        self._queue: asyncio.Queue[Frame] = asyncio.Queue(_MOST_WAITING)
        self._here = False  # whether it is this replica that holds the connection

    async def run(self) -> None:
        """Stay connected and keep what is heard, until cancelled."""
        self._here = True
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.socket.run())
                tasks.create_task(self._keep())
        finally:
            self._here = False

    async def send(self, message: Outgoing) -> str | None:
        """Send, or renew a card that was clicked a moment ago. Raises SendFailure.

        Only the replica that holds the connection can: another one sets the message back, until it comes by there.
        """
        if not self._here:
            raise RetryAfter(_ELSEWHERE_S)
        if message.edits:
            return await self._renew(message)
        target = _target(message)
        steps = self._steps(message, target)
        name = f"{message.key}\n{target['chatid']}"
        wait = self._pacer.take(str(target["chatid"]), self._clock(), max(1, self._taken.left(name, steps)))
        if wait:
            raise RetryAfter(wait)
        ids = await self._taken.take(name, steps)
        return next((one for one in ids if one), None)

    async def fetch(self, ref: str) -> bytes:
        """The bytes of a file that somebody sent; its address lives five minutes. Raises SendFailure."""
        about = json.loads(ref)
        sealed = await fetch(self._http, str(about["url"]))
        if not about.get("aeskey"):
            return sealed
        key = str(about["aeskey"])
        try:
            return open_aes(base64.b64decode(key + "=" * (-len(key) % 4)), sealed)
        except (BadCallback, ValueError):
            raise Unavailable("a file that cannot be opened") from None

    async def _heard(self, frame: Frame) -> None:
        """Called for each message and event, in order; quick, for acknowledgements come the same way."""
        body = frame.get("body")
        if not isinstance(body, dict):
            return
        headers = frame.get("headers")
        request = str(headers.get("req_id") or "") if isinstance(headers, dict) else ""
        happened = robot_in.event(body)
        if happened == "enter_chat":
            asyncio.get_running_loop().create_task(self._welcome(request)).add_done_callback(_look)
            return
        if happened == "template_card_event":
            self._note_click(robot_in.clicked(body)[1], request)
        await self._queue.put(body)

    async def _keep(self) -> None:
        """Keep what was heard. There is no second delivery, so this does not give up while the process lives."""
        while True:
            body = await self._queue.get()
            try:
                update = robot_in.raw_update(body, self._bot_id)
            except ValueError:
                log.info("robot update not understood", extra={"action": "wecom_robot_odd"})
                continue
            for attempt in range(1_000_000):
                try:
                    await self._receive(update)
                    break
                except Exception as problem:  # noqa: BLE001 - its text may quote what was said
                    kind = type(problem).__name__
                    log.error("update not kept: %s", kind, extra={"action": "wecom_not_kept"})  # noqa: TRY400
                    await self._sleep(_TRIES_S[min(attempt, len(_TRIES_S) - 1)])

    async def _welcome(self, request: str) -> None:
        body = {"msgtype": "text", "text": {"content": cards.word("robot_welcome", self._language)}}
        try:
            await self.socket.call("aibot_respond_welcome_msg", body, answers=request)
        except (ApiError, SendFailure) as problem:
            log.info("no welcome", extra={"action": "wecom_robot_welcome", "problem": str(problem)})

    def _note_click(self, task: str, request: str) -> None:
        now = self._clock()
        self._clicks = {name: click for name, click in self._clicks.items() if click[1] > now - CLICK_LIFE_S}
        self._clicks[task] = (request, now)

    async def _renew(self, message: Outgoing) -> str | None:
        request, at = self._clicks.pop(message.edits or "", ("", 0.0))
        if not request or self._clock() - at > CLICK_LIFE_S:
            raise EditGone("a robot's card can be renewed only within 5 seconds of its click")
        card = cards.renewed(message)
        card.pop("replace_text", None)  # unknown here: a button that does nothing stands in
        body = {"response_type": "update_template_card", "template_card": card | {"task_id": message.edits}}
        try:
            await self.socket.call("aibot_respond_update_msg", body, answers=request)
        except ApiError as refusal:
            raise EditGone(f"{refusal.code}") from None
        return message.edits

    def _steps(self, message: Outgoing, target: Mapping[str, Any]) -> list[Step]:
        text = as_markdown(message.text)
        if len(text.encode("utf-8", "replace")) > _LARGEST_TEXT:
            raise Rejected("a text of more than 20480 bytes")
        if any(not 0 < len(file.content) <= _LARGEST_FILE for file in message.files):
            raise Rejected("a file that is empty or larger than 20 MB")
        steps: list[Step] = []
        whole = bool(message.buttons) and cards.fits(message.text, _TITLE, _UNDER)
        if text.strip() and not whole:
            steps.append(lambda: self._post(target, "markdown", {"content": text}))
        if message.buttons:
            card = cards.card(message, whole=whole, title=_TITLE)
            card["task_id"] = robot_in.TASK + card["task_id"]
            steps.append(lambda: self._post(target, "template_card", card))
        steps += [lambda file=file: self._file(target, file) for file in message.files]  # type: ignore[misc]
        if not steps:
            raise Rejected("an empty message")
        return steps

    async def _post(self, target: Mapping[str, Any], kind: str, content: Mapping[str, Any]) -> str:
        try:
            await self.socket.call("aibot_send_msg", {**target, "msgtype": kind, kind: content})
        except ApiError as refusal:
            raise failure(refusal) from None
        return str(content.get("task_id") or "")

    async def _file(self, target: Mapping[str, Any], file: FileOut) -> str:
        image = file.type in {"image/png", "image/jpeg"} and len(file.content) <= _LARGEST_IMAGE
        kind = "image" if image else "file"
        try:
            media_id = await self._upload(kind, file)
        except ApiError as refusal:
            raise failure(refusal) from None
        return await self._post(target, kind, {"media_id": media_id})

    async def _upload(self, kind: str, file: FileOut) -> str:
        pieces = [file.content[begin : begin + _CHUNK] for begin in range(0, len(file.content), _CHUNK)]
        digest = hashlib.md5(file.content, usedforsecurity=False).hexdigest()
        about = {"type": kind, "filename": file.name, "total_size": len(file.content), "total_chunks": len(pieces)}
        begun = await self.socket.call("aibot_upload_media_init", about | {"md5": digest})
        upload = {"upload_id": begun["upload_id"]}
        for index, piece in enumerate(pieces):
            data = base64.b64encode(piece).decode()
            await self.socket.call("aibot_upload_media_chunk", upload | {"chunk_index": index, "base64_data": data})
        return str((await self.socket.call("aibot_upload_media_finish", upload))["media_id"])


def _target(message: Outgoing) -> dict[str, Any]:
    """Whom a message goes to: a group (also one that the company does not know), else the member himself."""
    via, _, chat = (message.conversation or "").partition(":")
    group = message.group or (chat if via == "robot" and chat != message.account else None)
    if group:
        return {"chatid": group, "chat_type": 2}
    return {"chatid": message.account, "chat_type": 1}


def _look(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("welcome failed", extra={"action": "wecom_robot_welcome"})
