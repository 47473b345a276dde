"""The far end of a smart robot's long connection: one live connection a robot, exact about commands and fields."""

import asyncio
import base64
import hashlib
import itertools
import json

from aiohttp import WSCloseCode, web

CHATS = {"linlan": 1, "wrGROUP": 2}  # conversations in which somebody has written
KINDS = {"markdown", "template_card", "file", "image"}


class RobotServer:
    """`frames` are all that came; `sent` what reached people; `heard` what connections signed in."""

    def __init__(self):
        self.bot_id, self.secret = "aibTEST", "bot-secret"
        self.frames, self.sent, self.updates, self.welcomes = [], [], [], []
        self.live, self.signed_in, self.connections, self.mute = None, 0, 0, False
        self.uploads, self.media, self.open_requests = {}, {}, {}
        self.numbers = itertools.count(1)
        self.runner = self.address = None
        self.changed = asyncio.Event()
        self.refusals = {}  # command: the codes to answer first

    async def __aenter__(self):
        app = web.Application()
        app.router.add_get("/", self.serve)
        app.router.add_get("/file", self.file)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"ws://127.0.0.1:{self.runner.addresses[0][1]}/"
        return self

    async def __aexit__(self, *_problem):
        await self.runner.cleanup()

    async def until(self, condition):
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def file(self, _request):
        return web.Response(body=self.media["sealed"])

    async def serve(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        try:
            async for message in socket:
                frame = json.loads(message.data)
                self.frames.append(frame)
                if not self.mute:
                    await self.answer(socket, frame)
                self.changed.set()
        finally:
            if self.live is socket:
                self.live = None
                self.open_requests.clear()
            self.changed.set()
        return socket

    async def answer(self, socket, frame):
        if set(frame) != {"cmd", "headers", "body"} or not frame["headers"].get("req_id"):
            await socket.close(code=WSCloseCode.POLICY_VIOLATION)
            return
        code, body = await self.judge(socket, frame["cmd"], frame["headers"]["req_id"], frame["body"])
        answer = {"headers": frame["headers"], "errcode": code, "errmsg": "ok" if code == 0 else "refused"}
        await socket.send_str(json.dumps(answer | ({"body": body} if body else {})))

    async def judge(self, socket, command, request, body):
        if command == "aibot_subscribe":
            return await self.subscribe(socket, body), None
        if socket is not self.live:
            return 846609, None
        if command == "ping":
            return 0, None
        methods = {
            "aibot_send_msg": self.send, "aibot_respond_update_msg": self.update,
            "aibot_respond_welcome_msg": self.welcome, "aibot_upload_media_init": self.begin_upload,
            "aibot_upload_media_chunk": self.chunk, "aibot_upload_media_finish": self.finish,
        }  # fmt: skip
        if self.refusals.get(command):
            return self.refusals[command].pop(0), None
        if command not in methods:
            return 40035, None
        found = methods[command](request, body)
        return found if isinstance(found, tuple) else (found, None)

    async def subscribe(self, socket, body):
        if body != {"bot_id": self.bot_id, "secret": self.secret}:
            return 40001
        former, self.live = self.live, socket
        self.signed_in += 1
        if former is not None:
            await self.tell("aibot_event_callback", event("disconnected_event"), to=former)
            await former.close()
        return 0

    def send(self, _request, body):
        kind = body.get("msgtype")
        if kind not in KINDS or set(body) != {"chatid", "chat_type", "msgtype", kind}:
            return 40008
        if body["chatid"] not in CHATS:
            return 93006
        if CHATS[body["chatid"]] != body["chat_type"]:
            return 93008
        if kind == "markdown" and len(body[kind]["content"].encode()) > 20_480:
            return 45002
        if kind == "template_card" and not self.card(body[kind]):
            return 40058
        if kind in {"file", "image"} and body[kind]["media_id"] not in self.media:
            return 40007
        self.sent.append(body)
        return 0

    @staticmethod
    def card(card):
        buttons = card.get("button_list", [])
        return (
            not set(card) - {"card_type", "task_id", "main_title", "sub_title_text", "button_list"}
            and 1 <= len(buttons) <= 6
            and all(set(button) <= {"text", "style", "key"} for button in buttons)
        )

    def update(self, request, body):
        if self.open_requests.pop(request, None) != "template_card_event":
            return 846605
        if body.get("response_type") != "update_template_card" or not self.card(body["template_card"]):
            return 40058
        self.updates.append(body)
        return 0

    def welcome(self, request, body):
        if self.open_requests.pop(request, None) != "enter_chat":
            return 846605
        if body["msgtype"] != "text":
            return 40008
        self.welcomes.append(body["text"]["content"])
        return 0

    def begin_upload(self, _request, body):
        if set(body) != {"type", "filename", "total_size", "total_chunks", "md5"} or body["total_chunks"] > 100:
            return 40035
        name = f"up{next(self.numbers)}"
        self.uploads[name] = (body, {})
        return 0, {"upload_id": name}

    def chunk(self, _request, body):
        data = base64.b64decode(body["base64_data"], validate=True)
        if len(data) > 512 * 1024:
            return 45001
        self.uploads[body["upload_id"]][1][body["chunk_index"]] = data
        return 0

    def finish(self, _request, body):
        about, chunks = self.uploads.pop(body["upload_id"])
        content = b"".join(chunks[index] for index in range(about["total_chunks"]))
        if len(content) != about["total_size"] or hashlib.md5(content).hexdigest() != about["md5"]:
            return 40035
        name = f"media{next(self.numbers)}"
        self.media[name] = (about["filename"], content)
        return 0, {"type": about["type"], "media_id": name, "created_at": 1}

    async def tell(self, command, body, to=None):
        """Tell the robot something; the request's id."""
        request = f"R{next(self.numbers)}"
        happened = body.get("event", {}).get("eventtype") if body["msgtype"] == "event" else None
        self.open_requests[request] = happened or "message"
        await (to or self.live).send_str(json.dumps({"cmd": command, "headers": {"req_id": request}, "body": body}))
        return request

    async def say(self, text, msgid="M1", **more):
        return await self.tell("aibot_msg_callback", said("text", {"content": text}, msgid, **more))


def said(kind, content, msgid="M1", user="linlan", **more):
    return {"msgid": msgid, "aibotid": "aibTEST", "chattype": "single", "from": {"userid": user}, "msgtype": kind,
            kind: content} | more  # fmt: skip


def event(kind, msgid="E1", user="linlan", **more):
    return {"msgid": msgid, "aibotid": "aibTEST", "chattype": "single", "from": {"userid": user}, "msgtype": "event",
            "event": {"eventtype": kind} | more}  # fmt: skip
