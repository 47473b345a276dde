"""WeChat customer service: pulls what customers say, greets who comes in, writes within their window, hands over."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from adapters.steps import Step, Steps
from adapters.wecom import cards, kf_in
from adapters.wecom.client import Api, Clock
from adapters.wecom.errors import SESSION_FORBIDS, ApiError, failure
from adapters.wecom.kf_window import Window, Windows
from adapters.wecom.media import Uploads, check_sizes
from adapters.wecom.memory import Memory
from conversations.channels import EditGone, Receive, Rejected, SendFailure, Unreachable
from conversations.messages import FileOut, Outgoing

log = logging.getLogger(__name__)

WELCOME_S = 20.0  # how long a welcome code lives
_ANSWER_WITHIN_S = 10.0  # how long the desk may take before a general welcome goes out instead
_HEAD, _TEXT = 1024, 2048  # bytes
_MENU = 10
_OLDEST_S = 600.0  # what is older, and comes with no cursor, was answered long ago
_PAGE = 1000
_KEEP_S = 400 * 86_400.0
_POLL_S = 600.0  # without a token the platform lets us pull only now and then
HUMAN, ENDED = 3, 4


class KfLine:
    """Talks to customers.

    Args:
        api: signed in as the app that may call customer service.
        kfid: the account of ours (open_kfid).
        memory: keeps cursors and windows.
        receive: keeps what customers say.
        clock: the moment, in Unix seconds.
        welcome_after: seconds that the desk may take before a general welcome goes out instead of its answer.
        language: of the general welcome.
    """

    def __init__(
        self,
        api: Api,
        kfid: str,
        memory: Memory,
        receive: Receive,
        clock: Clock,
        welcome_after: float = _ANSWER_WITHIN_S,
        language: str = "zh",
    ) -> None:
        self._api = api
        self._uploads = Uploads(api, memory, clock)
        self._kfid = kfid
        self._memory = memory
        self._receive = receive
        self._clock = clock
        self._welcome_after = welcome_after
        self._language = language
        self._windows = Windows(memory)
        self._taken = Steps()
        self._pulling = asyncio.Lock()
        self._wanted: dict[str, str] = {}
        self._woken = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._here = False  # whether it is this replica that pulls now and then
        self.human_spoke: Callable[[str], Awaitable[None]] | None = None  # told of each word of a talk with a servicer

    async def take(self, fields: Mapping[str, Any]) -> None:
        """The callback says that there is something; the pull comes after the answer, never within it."""
        kfid, token = fields.get("OpenKfId"), fields.get("Token")
        if isinstance(kfid, str) and kfid:
            self._wanted[kfid] = token if isinstance(token, str) else ""
            self._woken.set()
            if not self._here:  # another replica would hear of it much too late: whoever comes in waits for his welcome
                self._soon(self._pull_wanted())

    async def run(self) -> None:
        """Pull whenever there is something, and now and then in any case; until cancelled."""
        self._wanted.setdefault(self._kfid, "")
        self._here = True
        try:
            while True:
                self._woken.clear()
                await self._pull_wanted()
                try:
                    await asyncio.wait_for(self._woken.wait(), _POLL_S)
                except TimeoutError:
                    self._wanted.setdefault(self._kfid, "")
        finally:
            self._here = False

    async def _pull_wanted(self) -> None:
        for kfid in list(self._wanted):
            token = self._wanted.pop(kfid)
            try:
                await self.pull(kfid, token)
            except (ApiError, SendFailure) as problem:
                log.warning("pull failed", extra={"action": "wecom_kf_pull", "problem": str(problem)})
            except Exception:
                log.exception("pull failed", extra={"action": "wecom_kf_pull"})

    async def pull(self, kfid: str, token: str = "") -> int:
        """Take everything since the cursor; how many items there were. Raises ApiError, SendFailure."""
        async with self._pulling:
            count = 0
            while True:
                cursor = await self._memory.get(f"cursor:{kfid}", self._clock())
                body = {"cursor": cursor or "", "limit": _PAGE, "voice_format": 0, "open_kfid": kfid}
                page = await self._api.post("/cgi-bin/kf/sync_msg", body | ({"token": token} if token else {}))
                for item in page.get("msg_list") or ():
                    await self._item(item, first_time=cursor is None)
                    count += 1
                after = str(page.get("next_cursor") or "")
                if after and after != cursor:  # only now: what was pulled before is pulled again, and known
                    await self._memory.put(f"cursor:{kfid}", after, self._clock() + _KEEP_S)
                if page.get("has_more") != 1 or not after or after == cursor:
                    return count

    async def send(self, message: Outgoing) -> str | None:
        """Write to a customer within the window. Raises SendFailure; Unreachable outside the window."""
        if message.edits:
            raise EditGone("what a customer was sent stays as it is")
        kfid = _kfid(message) or self._kfid
        steps = self._steps(message, kfid)
        name = f"{message.key}\n{message.account}"
        now = self._clock()
        window = await self._windows.of(kfid, message.account, now)
        left = window.left(now)
        greeting = await self._memory.get(_welcome_name(kfid, message.account), now) is not None
        if self._taken.left(name, steps) > max(left, 1 if greeting else 0):
            why = "a servicer has the conversation" if window.human else f"{left} messages are left to this customer"
            raise Unreachable(why)
        ids = await self._taken.take(name, steps)
        return ids[0] or None

    async def fetch(self, ref: str) -> bytes:
        """The bytes behind a media_id. Raises SendFailure."""
        return await self._uploads.fetch(ref)

    async def window(self, customer: str, kfid: str | None = None) -> Window:
        """What may still be written to a customer."""
        return await self._windows.of(kfid or self._kfid, customer, self._clock())

    async def link(self, code: str, scene: str = "gendan") -> str:
        """The address that makes whoever opens it the customer of a binding code. Raises ApiError, SendFailure.

        Args:
            code: opaque, at most 128 bytes once encoded; never an order's number.
            scene: where the link was given, at most 32 of [0-9A-Za-z_-].
        """
        param = quote(code, safe="")
        if len(param) > 128:
            raise ValueError("a binding code of more than 128 bytes")
        return f"{await self.way_in(scene)}&scene_param={param}"

    async def way_in(self, scene: str = "gendan") -> str:
        """The address of our account, to which a code can be added. Raises ApiError, SendFailure."""
        made = await self._api.post("/cgi-bin/kf/add_contact_way", {"open_kfid": self._kfid, "scene": scene})
        return str(made["url"])

    async def hand_over(self, customer: str, servicer: str, kfid: str | None = None) -> None:
        """Give the conversation to a human; the bot is mute until it ends. Raises ApiError, SendFailure."""
        await self._transfer(customer, kfid or self._kfid, {"service_state": HUMAN, "servicer_userid": servicer})
        await self._set_human(customer, kfid or self._kfid, human=True)

    async def end_session(self, customer: str, kfid: str | None = None) -> None:
        """End the human's session: the customer's next message is the bot's again. Raises ApiError, SendFailure."""
        await self._transfer(customer, kfid or self._kfid, {"service_state": ENDED})
        await self._set_human(customer, kfid or self._kfid, human=False)

    async def _transfer(self, customer: str, kfid: str, state: Mapping[str, Any]) -> None:
        body = {"open_kfid": kfid, "external_userid": customer, **state}
        await self._api.post("/cgi-bin/kf/service_state/trans", body)

    async def _set_human(self, customer: str, kfid: str, *, human: bool) -> None:
        window = await self._windows.of(kfid, customer, self._clock())
        await self._windows.keep(kfid, customer, replace(window, human=human), self._clock())

    async def _item(self, item: Any, *, first_time: bool) -> None:
        """One pulled item: its consequences for the window, the welcome, then the inbox."""
        if not isinstance(item, dict):
            return
        now, said_at = self._clock(), _moment(item)
        (kfid, customer), event = kf_in.whose(item), kf_in.about(item)
        if customer and item.get("origin") == kf_in.CUSTOMER:
            window = (await self._windows.of(kfid, customer, now)).heard(said_at, str(item.get("msgid") or ""))
            await self._windows.keep(kfid, customer, window, now)
            if window.human:
                await self._noted(customer)
                return  # a servicer reads it and answers
        elif customer and event:
            await self._windows.note(kfid, customer, event, now)
        if event.get("event_type") == "msg_send_fail":
            why = {"action": "wecom_kf_send_fail", "fail_type": event.get("fail_type")}
            log.warning("a message did not reach a customer", extra=why)
        if item.get("origin") == kf_in.SERVICER:
            await self._noted(customer)
        if item.get("origin") == kf_in.SERVICER or (first_time and now - said_at > _OLDEST_S):
            return
        await self._greet(item, kfid, customer, said_at)
        try:
            update = kf_in.raw_update(item)
        except ValueError:
            log.info("item not understood", extra={"action": "wecom_kf_odd"})
            return
        await self._receive(update)

    async def _noted(self, customer: str) -> None:
        if self.human_spoke is not None and customer:
            await self.human_spoke(customer)

    async def _greet(self, item: Mapping[str, Any], kfid: str, customer: str, at: float) -> None:
        """Somebody came in: within 20 seconds he is greeted, by the desk's answer if his link carried a code."""
        code = kf_in.about(item).get("welcome_code")
        until = at + WELCOME_S
        if not isinstance(code, str) or not code or self._clock() >= until:
            return
        await self._memory.put(_welcome_name(kfid, customer), code, until)
        wait = self._welcome_after if kf_in.scene_param(item) else 0.0
        self._soon(self._greet_after(wait, kfid, customer))

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _greet_after(self, seconds: float, kfid: str, customer: str) -> None:
        await asyncio.sleep(seconds)
        body = {"msgtype": "text", "text": {"content": cards.word("welcome", self._language)}}
        await self._greeted(kfid, customer, body)

    async def _greeted(self, kfid: str, customer: str, body: Mapping[str, Any]) -> str | None:
        """Spend the welcome code, if there still is one, on this message; its id."""
        code = await self._memory.take(_welcome_name(kfid, customer), self._clock())
        if code is None:
            return None
        msgid = f"{kf_in.SENT}w{hashlib.sha256(code.encode()).hexdigest()[:28]}"
        try:
            await self._api.post("/cgi-bin/kf/send_msg_on_event", {"code": code, "msgid": msgid, **body})
        except (ApiError, SendFailure) as problem:
            log.info("no welcome", extra={"action": "wecom_kf_welcome", "problem": str(problem)})
            return None
        return msgid

    def _steps(self, message: Outgoing, kfid: str) -> list[Step]:
        size = len(message.text.encode("utf-8", "replace"))
        if size > _TEXT:
            raise Rejected("a text of more than 2048 bytes")
        check_sizes(message.files)
        bodies: list[dict[str, Any]] = []
        menu = bool(message.buttons)
        if message.text.strip() and not (menu and size <= _HEAD):
            bodies.append({"msgtype": "text", "text": {"content": cards.plain(message.text)}})
        if menu:
            head = message.text.strip() if 0 < size <= _HEAD else cards.word("press", message.language)
            bodies.append({"msgtype": "msgmenu", "msgmenu": _menu(message, head)})
        steps: list[Step] = [
            lambda body=body, place=place: self._post(message, kfid, place, body)  # type: ignore[misc]
            for place, body in enumerate(bodies)
        ]
        for place, file in enumerate(message.files, len(bodies)):
            steps.append(lambda file=file, place=place: self._file(message, kfid, place, file))  # type: ignore[misc]
        if not steps:
            raise Rejected("an empty message")
        return steps

    async def _file(self, message: Outgoing, kfid: str, place: int, file: FileOut) -> str:
        kind, media_id = await self._uploads.upload(file)
        return await self._post(message, kfid, place, {"msgtype": kind, kind: {"media_id": media_id}})

    async def _post(self, message: Outgoing, kfid: str, place: int, body: Mapping[str, Any]) -> str:
        """Post one message and count it. Its id makes a second copy impossible."""
        now = self._clock()
        window = await self._windows.of(kfid, message.account, now)
        if body["msgtype"] in {"text", "msgmenu"}:
            greeted = await self._greeted(kfid, message.account, body)
            if greeted is not None:
                return greeted
        if window.left(now) < 1:
            raise Unreachable("the customer's window is closed")
        said = f"{message.key}\n{message.account}\n{place}\n{message.text}"
        msgid = kf_in.SENT + hashlib.sha256(said.encode()).hexdigest()[:30]
        try:
            await self._api.post(
                "/cgi-bin/kf/send_msg", {"touser": message.account, "open_kfid": kfid, "msgid": msgid, **body}
            )
        except ApiError as refusal:
            if refusal.code == SESSION_FORBIDS:
                await self._set_human(message.account, kfid, human=True)
            if "msgid" not in refusal.hint:  # else: an earlier try with an unclear end did arrive
                raise failure(refusal) from None
        window = await self._windows.of(kfid, message.account, now)  # he may have written meanwhile
        await self._windows.keep(kfid, message.account, replace(window, sent=window.sent + 1), now)
        return msgid


def _menu(message: Outgoing, head: str) -> dict[str, Any]:
    choices = [
        {"type": "click", "click": {"id": button.action, "content": button.label}} for button in message.buttons[:_MENU]
    ]
    return {"head_content": cards.plain(head), "list": choices}


def _kfid(message: Outgoing) -> str:
    """The account of ours that a conversation runs over: kf:OPEN_KFID:CUSTOMER."""
    parts = (message.conversation or "").split(":")
    return parts[1] if parts[0] == "kf" and len(parts) == 3 else ""


def _moment(item: Mapping[str, Any]) -> float:
    at = item.get("send_time")
    return float(at) if isinstance(at, int | float) else 0.0


def _welcome_name(kfid: str, customer: str) -> str:
    return f"welcome:{kfid}:{customer}"
