"""Slack's Web API and Socket Mode on the far side of the wire: refuses what the real one refuses, with its words.

async with Slack(clock) as api: api.base is its address; api.sent, api.updates, api.views, api.homes, api.files are what
came; api.faults[method] (an error's name, an HTTP answer, "drop" or "hang") come first; api.tell(envelope) goes out over
Socket Mode and comes again until it is acknowledged. People's side is tests/fakes/slack_people.py
"""

# ruff: noqa: N802, TRY301 - methods are called as the Web API calls them, refusals are raised

import asyncio
import itertools
import json
import re
from collections import defaultdict, deque

from aiohttp import WSMsgType, web

BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-fake-token-of-the-bot", "xapp-1-fake-token-of-the-app", "signing-secret"
TEAM, BOT_USER, BOT_ID = "T0HOME", "U0GENDAN", "B0GENDAN"
ANNA, BEN = "U0ANNA", "U0BEN"
CHANNEL, ARCHIVED, ELSEWHERE = "C0SHIP", "C0OLD", "C0NOTIN"
SCOPES = "app_mentions:read,chat:write,commands,files:read,files:write,im:history,im:write"
PARAMS = {
    "auth.test": {},
    "apps.connections.open": {},
    "chat.postMessage": {"channel": str, "text": str, "blocks": list, "thread_ts": str, "metadata": dict,
                         "unfurl_links": bool, "unfurl_media": bool, "mrkdwn": bool},
    "chat.update": {"channel": str, "ts": str, "text": str, "blocks": list, "metadata": dict},
    "conversations.open": {"users": str, "return_im": bool},
    "conversations.history": {"channel": str, "oldest": str, "latest": str, "limit": int, "inclusive": bool,
                              "include_all_metadata": bool, "cursor": str},
    "conversations.replies": {"channel": str, "ts": str, "oldest": str, "latest": str, "limit": int,
                              "inclusive": bool, "include_all_metadata": bool, "cursor": str},
    "files.getUploadURLExternal": {"filename": str, "length": int, "alt_txt": str, "snippet_type": str},
    "files.completeUploadExternal": {"files": list, "channel_id": str, "thread_ts": str, "initial_comment": str},
    "files.info": {"file": str},
    "views.open": {"trigger_id": str, "view": dict},
    "views.publish": {"user_id": str, "view": dict, "hash": str},
}  # fmt: skip


class Refused(Exception):
    def __init__(self, error, **more):
        super().__init__(error)
        self.more = more


class Slack:
    """One workspace with the app in it. `clock` is the far side's own."""

    def __init__(self, clock=lambda: 1_790_000_000.0):
        self.clock = clock
        self.users = {ANNA: {}, BEN: {}, BOT_USER: {"is_bot": True}, "U0GONE": {"deleted": True}}
        self.dms = {ANNA: "D0ANNA"}
        self.channels = {CHANNEL: {}, ARCHIVED: {"is_archived": True}, ELSEWHERE: {"is_out": True}, "D0ANNA": {}}
        self.messages, self.sent, self.updates, self.shared = {}, [], [], []
        self.files, self.uploads = {}, {}
        self.views, self.homes, self.triggers = [], {}, {}
        self.calls, self.floods, self.writes = [], 0, defaultdict(list)
        self.faults = defaultdict(deque)
        self.scopes = SCOPES
        self.numbers = itertools.count(1)
        self.sockets, self.connections, self.acknowledged, self.unacknowledged = [], 0, {}, {}
        self.runner = self.base = None

    async def __aenter__(self):
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/api/{method}", self.handle)
        app.router.add_post("/upload/{name}", self.receive_upload)
        app.router.add_get("/files/{name}", self.give_file)
        app.router.add_get("/link", self.link)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.host = f"127.0.0.1:{self.runner.addresses[0][1]}"
        self.base = f"http://{self.host}/api/"
        return self

    async def __aexit__(self, *_problem):
        await self.close_sockets()
        await self.runner.cleanup()

    async def until(self, condition):
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - what is waited for happens on several sides
                await asyncio.sleep(0.002)

    # the wire

    async def handle(self, request):
        method = request.match_info["method"]
        self.calls.append(method)
        headers = {"x-oauth-scopes": self.scopes}
        try:
            fault = self.faults[method].popleft() if self.faults[method] else None
            if isinstance(fault, web.Response):
                return fault
            if fault == "hang":
                await asyncio.sleep(60)
            if isinstance(fault, str) and fault != "drop":
                raise Refused(fault)
            if method not in PARAMS:
                raise Refused("unknown_method", req_method=method)
            self.signed_in(method, request.headers.get("Authorization", ""))
            fields = await self.fields(request, PARAMS[method])
            result = await getattr(self, method.replace(".", "_"))(**fields)
            if fault == "drop":  # it has been done, but nobody is told
                request.transport.close()
        except Refused as refusal:
            body = {"ok": False, "error": str(refusal)} | refusal.more
            if str(refusal) == "ratelimited":
                return web.json_response(body, status=429, headers=headers | {"Retry-After": "7"})
            return web.json_response(body, headers=headers)
        return web.json_response({"ok": True} | result, headers=headers)

    @staticmethod
    def signed_in(method, given):
        token = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if not given.startswith("Bearer "):
            raise Refused("not_authed")
        if given != f"Bearer {token}":
            raise Refused("not_allowed_token_type" if given.startswith("Bearer xapp-1-fake") else "invalid_auth")

    async def fields(self, request, types):
        given = dict(request.query)
        kind = request.content_type
        if request.body_exists and kind == "application/json":
            try:
                given |= await request.json()
            except ValueError:
                raise Refused("invalid_json") from None
        elif request.body_exists and kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
            given |= dict(await request.post())
        given.pop("team_id", None)  # taken by every method
        if "token" in request.query:  # addresses are written into logs
            raise Refused("token_in_the_wrong_place")
        token = given.pop("token", None)  # in the body it may stand as well
        if token is not None and request.headers.get("Authorization") != f"Bearer {token}":
            raise Refused("invalid_auth")
        return {name: self.typed(name, value, types) for name, value in given.items()}

    @staticmethod
    def typed(name, value, types):
        if name not in types:
            raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] unknown field: {name}"]})
        if types[name] is not str and isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise Refused("invalid_arguments") from None
        if types[name] is bool and value in (0, 1):
            value = bool(value)
        if not isinstance(value, types[name]):
            raise Refused(
                "invalid_arguments", response_metadata={"messages": [f"[ERROR] must be another type: {name}"]}
            )
        return value

    # methods

    async def auth_test(self):
        return {"url": f"http://{self.host}/", "team": "Home", "user": "gendan", "team_id": TEAM, "user_id": BOT_USER,
                "bot_id": BOT_ID}  # fmt: skip

    async def apps_connections_open(self):
        return {"url": f"ws://{self.host}/link?ticket={next(self.numbers)}"}

    async def chat_postMessage(self, channel, text="", blocks=None, thread_ts=None, metadata=None, **_more):
        channel = self.place(channel)
        if not text and not blocks:
            raise Refused("no_text")
        self.checked(text, blocks)
        if len(text) > 40_000:
            raise Refused("msg_too_long")
        if thread_ts is not None and not re.fullmatch(r"\d+\.\d{6}", thread_ts):
            raise Refused("invalid_thread_ts")
        if metadata is not None and set(metadata) != {"event_type", "event_payload"}:
            raise Refused("metadata_must_be_sent_from_app" if metadata else "invalid_metadata_format")
        self.pace(channel)
        message = {"channel": channel, "ts": self.ts(), "thread": thread_ts, "text": text, "blocks": blocks,
                   "metadata": metadata}  # fmt: skip
        self.messages[channel, message["ts"]] = message
        self.sent.append(message)
        return {"channel": channel, "ts": message["ts"], "message": {"text": text, "bot_id": BOT_ID}}

    async def chat_update(self, channel, ts, text="", blocks=None, metadata=None):
        if not channel.startswith(("C", "D", "G")):
            raise Refused("channel_not_found")
        if (channel, ts) not in self.messages:
            raise Refused("message_not_found")
        if not text and not blocks:
            raise Refused("no_text")
        if len(text) > 4000:
            raise Refused("msg_too_long")
        self.checked(text, blocks)
        message = self.messages[channel, ts]
        message["text"] = text
        message["blocks"] = message["blocks"] if blocks is None else blocks
        self.updates.append(dict(message))
        return {"channel": channel, "ts": ts, "text": text}

    async def conversations_open(self, users, return_im=False):
        if users not in self.users:
            raise Refused("user_not_found")
        if self.users[users].get("deleted"):
            raise Refused("user_disabled")
        if self.users[users].get("is_bot"):
            raise Refused("cannot_dm_bot")
        channel = self.dms.setdefault(users, "D" + users[1:])
        self.channels.setdefault(channel, {})
        return {"channel": {"id": channel}}

    async def conversations_history(self, channel, oldest="0", limit=100, include_all_metadata=False, **_more):
        self.place(channel)
        if not channel.startswith("D"):
            raise Refused("missing_scope", needed="channels:history", provided=self.scopes)
        return {"messages": self.told(channel, None, oldest, limit, include_all_metadata)}

    async def conversations_replies(self, channel, ts, oldest="0", limit=100, include_all_metadata=False, **_more):
        self.place(channel)
        if not channel.startswith("D"):
            raise Refused("missing_scope", needed="channels:history", provided=self.scopes)
        return {"messages": self.told(channel, ts, oldest, limit, include_all_metadata)}

    def told(self, channel, thread, oldest, limit, with_metadata):
        found = [one for one in self.sent if one["channel"] == channel and one["thread"] == thread
                 and float(one["ts"]) >= float(oldest)]  # fmt: skip
        return [{"type": "message", "ts": one["ts"], "text": one["text"], "bot_id": BOT_ID}
                | ({"metadata": one["metadata"]} if with_metadata and one["metadata"] else {})
                for one in found[::-1][:limit]]  # fmt: skip

    async def files_getUploadURLExternal(self, filename, length, alt_txt=None, snippet_type=None):
        if length <= 0 or not filename:
            raise Refused("invalid_arguments")
        name = f"F{next(self.numbers)}"
        self.uploads[name] = {"name": filename, "length": length, "content": None}
        return {"file_id": name, "upload_url": f"http://{self.host}/upload/{name}"}

    async def receive_upload(self, request):
        self.calls.append("upload")
        if (
            request.headers.get("Authorization", f"Bearer {BOT_TOKEN}") != f"Bearer {BOT_TOKEN}"
        ):  # not needed, but borne
            return web.Response(status=400, text="token")
        if self.faults["upload"]:
            return self.faults["upload"].popleft()
        upload = self.uploads.get(request.match_info["name"])
        content = await uploaded(request)
        if upload is None or len(content) != upload["length"]:
            return web.Response(status=400, text="length")
        upload["content"] = content
        return web.Response(text=f"OK - {len(content)}")

    async def files_completeUploadExternal(self, files, channel_id=None, thread_ts=None, initial_comment=None):
        for one in files:
            upload = self.uploads.get(one.get("id"))
            if upload is None or upload["content"] is None:
                raise Refused("file_not_found")
        channel = self.place(channel_id) if channel_id else None
        for one in files:
            upload = self.uploads.pop(one["id"])
            self.shared.append({"channel": channel, "thread": thread_ts, **upload})
        return {"files": [{"id": one["id"], "title": one.get("title")} for one in files]}

    async def files_info(self, file):
        if file not in self.files:
            raise Refused("file_not_found")
        return {"file": {"id": file, "url_private_download": f"http://{self.host}/files/{file}"}}

    async def give_file(self, request):
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        return web.Response(body=self.files[request.match_info["name"]], content_type="application/octet-stream")

    async def views_open(self, trigger_id, view):
        issued = self.triggers.pop(trigger_id, None)
        if issued is None:
            raise Refused("exchanged_trigger_id" if trigger_id.startswith("trigger.") else "invalid_trigger_id")
        if self.clock() - issued > 3:
            raise Refused("expired_trigger_id")
        self.check_view(view, "modal")
        view = view | {"id": f"V{next(self.numbers)}", "hash": "h1", "team_id": TEAM}
        self.views.append(view)
        return {"view": view}

    async def views_publish(self, user_id, view, hash=None):  # noqa: A002
        if user_id not in self.users:
            raise Refused("user_not_found")
        self.check_view(view, "home")
        self.homes[user_id] = view
        return {"view": view}

    # Socket Mode

    async def link(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets)})
        for envelope in list(self.unacknowledged.values()):
            envelope["retry_attempt"] = envelope.get("retry_attempt", 0) + 1
            await socket.send_json(envelope)
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                answer = json.loads(message.data)
                if self.unacknowledged.pop(answer["envelope_id"], None) is not None:
                    self.acknowledged[answer["envelope_id"]] = answer.get("payload")
        self.sockets = [one for one in self.sockets if one is not socket]
        return socket

    async def tell(self, kind, payload):
        """Send an envelope; it comes again at the next connection unless it is acknowledged. Clicks come once."""
        name = f"envelope-{next(self.numbers)}"
        envelope = {
            "type": kind,
            "envelope_id": name,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        self.unacknowledged[name] = envelope
        if self.sockets:
            await self.sockets[-1].send_json(envelope)
        return name

    async def refresh(self, reason="refresh_requested"):
        await self.sockets[-1].send_json({"type": "disconnect", "reason": reason})

    async def close_sockets(self):
        for socket in list(self.sockets):
            await socket.close()

    # rules

    def place(self, channel):
        if channel.startswith("U") and channel in self.dms:
            channel = self.dms[channel]
        if channel not in self.channels:
            raise Refused("channel_not_found")
        if self.channels[channel].get("is_archived"):
            raise Refused("is_archived")
        if self.channels[channel].get("is_out"):
            raise Refused("not_in_channel")
        return channel

    def pace(self, channel):
        now = self.clock()
        if any(now - one < 1 for one in self.writes[channel]):
            self.floods += 1
            raise Refused("ratelimited")
        self.writes[channel].append(now)

    def ts(self):
        return f"{int(self.clock())}.{next(self.numbers):06d}"

    @staticmethod
    def checked(text, blocks):
        """Texts may name everybody only if that is written in brackets; blocks keep to the published limits."""
        if re.search(r"<(?!https?:|mailto:|@|#|!)", text):
            raise Refused("invalid_markup")
        if blocks is None:
            return
        if len(blocks) > 50:
            raise Refused("invalid_blocks")
        if sum(len(json.dumps(one, ensure_ascii=False)) for one in blocks) > 16_000:
            raise Refused("msg_blocks_too_long")
        for one in blocks:
            check_block(one)

    def check_view(self, view, kind):
        allowed = {"type", "callback_id", "title", "submit", "close", "private_metadata", "blocks"}
        if view.get("type") != kind or set(view) - allowed or not 1 <= len(view.get("blocks", ())) <= 100:
            raise Refused("invalid_arguments")
        for name in ("title", "submit", "close"):
            if name in view:
                check_plain(view[name], 24)
        if len(view.get("private_metadata", "")) > 3000 or len(view.get("callback_id", "")) > 255:
            raise Refused("invalid_arguments")
        names = [one["block_id"] for one in view["blocks"] if "block_id" in one]
        if len(names) != len(set(names)):
            raise Refused("invalid_blocks")
        for one in view["blocks"]:
            check_block(one)


async def uploaded(request):
    """The bytes as they are, or as the one file of a form."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    (part,) = [one for one in (await request.post()).values() if isinstance(one, web.FileField)]
    return part.file.read()


def check_plain(value, longest):
    if value.get("type") != "plain_text" or not 1 <= len(value.get("text", "")) <= longest:
        raise Refused("invalid_blocks")


def check_header(block):
    check_plain(block["text"], 150)


def check_section(block):
    if not 1 <= len(block["text"]["text"]) <= 3000:
        raise Refused("invalid_blocks")


def check_rich_text(block):
    for section in block["elements"]:
        words = section["elements"]
        if section["type"] != "rich_text_section" or any(one["type"] != "text" or not one["text"] for one in words):
            raise Refused("invalid_blocks")


def check_actions(block):
    names = [one["action_id"] for one in block["elements"]]
    if not 1 <= len(names) <= 25 or len(names) != len(set(names)):
        raise Refused("invalid_blocks")
    for one in block["elements"]:
        check_plain(one["text"], 75)
        if one["type"] != "button" or len(one.get("value", "")) > 2000 or len(one["action_id"]) > 255:
            raise Refused("invalid_blocks")


def check_input(block):
    check_plain(block["label"], 2000)
    if block["element"]["type"] not in {"plain_text_input", "datepicker"}:
        raise Refused("invalid_blocks")
    if "placeholder" in block["element"]:
        check_plain(block["element"]["placeholder"], 150)


BLOCKS = {"rich_text": check_rich_text, "section": check_section, "actions": check_actions, "header": check_header,
          "input": check_input}  # fmt: skip


def check_block(block):
    if block.get("type") not in BLOCKS:
        raise Refused("invalid_blocks")
    BLOCKS[block["type"]](block)
