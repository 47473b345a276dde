"""What comes in, over HTTP or Socket Mode: kept first, acknowledged afterwards.

The address is a bare ASGI application: headers are looked at before the body is read, and nothing of the body before
the signature holds. Everything genuine is answered with 200, whatever its kind; everything else with a 4xx, and no
word of it is logged.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import parse_qsl

from adapters.slack import forms, reading
from adapters.slack.api import Api
from adapters.slack.blocks import Home, home
from adapters.slack.channel import Clock
from adapters.slack.signing import Replays, Signature
from adapters.slack.words import word
from conversations.channels import Receive, SendFailure

log = logging.getLogger(__name__)

PATH = "/hooks/slack"
_LARGEST_BODY = 1_000_000
_MOST_FIELDS = 50
_ALARMING = frozenset({"app_uninstalled", "tokens_revoked", "app_rate_limited"})
_FORM = b"application/x-www-form-urlencoded"

Scope = Mapping[str, Any]
Incoming = Callable[[], Awaitable[Mapping[str, Any]]]
Answering = Callable[[dict[str, Any]], Awaitable[None]]


class People(Protocol):
    """What the house knows of somebody, for what is drawn outside of conversations."""

    async def language(self, account: str) -> str:
        """The language he reads: zh or en."""
        ...

    async def home(self, account: str) -> Home | None:
        """What waits for him; None for somebody whom nobody knows."""
        ...


class Intake:
    """Takes updates in, and does at once what cannot wait: forms are opened while a press is warm.

    Args:
        receive: keeps an update; it is committed when this returns.
        api: for forms and App Home.
        people: whom they are drawn for.
        clock: the moment, in Unix seconds.
    """

    def __init__(self, receive: Receive, api: Api, people: People, clock: Clock) -> None:
        self._receive = receive
        self._api = api
        self._people = people
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """Keep one genuine update; what to answer beyond the bare acknowledgement, if anything.

        Raises: whatever keeping raises: the update is then not to be acknowledged.
        """
        kind = "command" if "command" in body else reading.KINDS.get(str(body.get("type")), "")
        if not kind:
            self._unknown(str(body.get("type")))
            return None
        if kind == "view" and (wrong := forms.faults(_map(body, "view"), self._today())):
            return {"response_action": "errors", "errors": wrong}
        if kind == "event" and not reading.concerns(body):
            return None
        if kind == "command" and not str(body.get("text") or "").strip():
            self._soon(self._open_form(forms.opened_by_command(), body, {}))
            return None
        try:
            update = reading.raw_update(kind, body)
        except ValueError:
            log.warning("slack: no update of ours", extra={"action": "slack_odd", "kind": kind})
            return None
        new = await self._receive(update)
        return await self._afterwards(kind, body) if new else None

    async def close(self) -> None:
        """Let what is under way end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _afterwards(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        if kind == "event":
            event = _map(body, "event")
            if event.get("type") == "app_home_opened" and event.get("tab") == "home":
                self._soon(self._draw_home(event, str(body.get("team_id") or "")))
            elif event.get("type") in _ALARMING:
                self._unknown(str(event["type"]))
        elif kind == "actions":
            name = forms.opened_by(reading.press_of(body))
            if name is not None:
                self._soon(self._open_form(name, body, _about(body)))
        elif kind == "command" and not str(body.get("channel_id") or "").startswith("D"):
            language = await self._people.language(str(body.get("user_id") or ""))
            return {"response_type": "ephemeral", "text": word("told", language)}
        return None

    def _unknown(self, kind: str) -> None:
        level = logging.ERROR if kind in _ALARMING else logging.INFO
        log.log(level, "slack: %s", kind[:40], extra={"action": "slack_unknown_kind"})

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open_form(self, name: str, body: Mapping[str, Any], about: Mapping[str, str]) -> None:
        user = _map(body, "user").get("id") or body.get("user_id")
        language = await self._people.language(str(user or ""))
        drawn = forms.view(name, language, about)
        await self._api.call("views_open", trigger_id=str(body.get("trigger_id") or ""), view=drawn)

    async def _draw_home(self, event: Mapping[str, Any], team: str) -> None:
        user = str(event.get("user") or "")
        account = reading.account(user, str(event.get("user_team") or ""), team)
        shown, language = await self._people.home(account), await self._people.language(account)
        await self._api.call("views_publish", user_id=user, view=home(shown, language))

    def _today(self) -> Any:
        """The day that has begun last anywhere: what is past for everybody is refused, the rest is for the desk."""
        return (datetime.fromtimestamp(self._clock(), UTC) - timedelta(hours=12)).date()


class Address:
    """The web address that Slack calls, for events, buttons, forms and commands alike.

    Args:
        signature: of the app.
        intake: keeps what is genuine.
        clock: the moment, in Unix seconds.
    """

    def __init__(self, signature: Signature, intake: Intake, clock: Clock) -> None:
        self._signature = signature
        self._replays = Replays()
        self._intake = intake
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Incoming, send: Answering) -> None:
        """Answer one request (ASGI)."""
        status, answer = await self._answer(scope, receive)
        body = b"" if answer is None else json.dumps(answer, ensure_ascii=False).encode()
        head = [(b"content-length", str(len(body)).encode())]
        if body:
            head.append((b"content-type", b"application/json; charset=utf-8"))
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Incoming) -> tuple[int, dict[str, Any] | None]:
        if scope["method"] != "POST":
            return 405, None
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        stamp = self._signature.moment(headers, self._clock())
        if stamp is None:
            return 401, None
        body = await _body(receive)
        if body is None:
            return 413, None
        if not self._signature.holds(headers, stamp, body) or self._replays.known(headers):
            return 401, None
        try:
            update = _parsed(body, headers.get(b"content-type", b""))
        except ValueError:
            return 400, None
        if update.get("type") == "url_verification":
            return 200, {"challenge": str(update.get("challenge") or "")[:1000]}
        if update.get("type") == "event_callback" and not isinstance(update.get("event_id"), str):
            return 400, None
        try:
            answer = await self._intake.take(update)
        except Exception as problem:  # noqa: BLE001 - its text may quote what was said, so only its kind is told
            log.error("update not kept: %s", type(problem).__name__, extra={"action": "slack_not_kept"})  # noqa: TRY400
            return 503, None  # not acknowledged: Slack sends it again
        self._replays.note(headers, self._clock())
        return 200, answer


async def _body(receive: Incoming) -> bytes | None:
    """The body; None if it is larger than any update can be, or was broken off."""
    body = bytearray()
    while True:
        part = await receive()
        if part["type"] != "http.request":
            return None
        body += part.get("body", b"")
        if len(body) > _LARGEST_BODY:
            return None
        if not part.get("more_body"):
            return bytes(body)


def _parsed(body: bytes, content_type: bytes) -> dict[str, Any]:
    """An update: JSON; or a form, whose field `payload` is JSON, or which is a slash command itself.

    Raises: ValueError for anything else.
    """
    text = body.decode()
    if not content_type.lower().startswith(_FORM):
        return reading.parsed(text)
    fields: dict[str, Any] = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    if "payload" in fields:
        return reading.parsed(fields["payload"])
    if "command" in fields:
        return fields
    if "ssl_check" in fields:
        return {"type": "ssl_check"}
    raise ValueError("no update")


def _about(body: Mapping[str, Any]) -> dict[str, str]:
    """Where a pressed button stands, for the form that it opens."""
    place = _map(body, "container")
    channel, ts = str(place.get("channel_id") or ""), str(place.get("message_ts") or "")
    thread = str(place.get("thread_ts") or "") or ("" if channel.startswith("D") else ts)
    found = {"conversation": f"{channel}:{thread}" if thread else channel, "on": f"{channel}:{ts}" if ts else ""}
    return {name: value for name, value in found.items() if value}


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    """What is drawn beside the conversation may fail: the question stands in the chat as well."""
    try:
        await work
    except SendFailure as problem:
        log.info("slack: not drawn: %s", problem, extra={"action": "slack_not_drawn"})
    except Exception:
        log.exception("slack: not drawn", extra={"action": "slack_not_drawn"})


def _map(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}
