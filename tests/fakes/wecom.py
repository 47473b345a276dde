"""A WeCom on the far side of the wire: refuses what the real one refuses, with its codes.

corp = Wecom(); http = corp.client(); corp.sent (messages), corp.updates (cards), corp.faults (answers to give first)
"""

import asyncio
import json
import re
from collections import defaultdict, deque

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

BASE = "https://qyapi.wecom.test"
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}\Z")
DAY = 86_400
INTERACTIVE = {"button_interaction", "vote_interaction", "multiple_interaction"}
CARD_FIELDS = {
    "card_type", "source", "action_menu", "task_id", "main_title", "quote_area", "emphasis_content", "sub_title_text",
    "horizontal_content_list", "jump_list", "card_action", "button_selection", "button_list", "replace_text",
    "checkbox", "submit_button", "select_list", "card_image", "image_text_area", "vertical_content_list",
}  # fmt: skip
SEND_FIELDS = {"touser", "toparty", "totag", "agentid", "msgtype", "safe", "enable_id_trans", "enable_duplicate_check",
               "duplicate_check_interval"}  # fmt: skip
LARGEST = {"image": 10_000_000, "voice": 2_000_000, "video": 10_000_000, "file": 20_000_000}


class Refused(Exception):
    def __init__(self, code, text="refused"):
        super().__init__(text)
        self.code = code


class Wecom:
    """One corporation with one app. `now` is its clock; `members` are in the app's range."""

    def __init__(self, clock=lambda: 1_790_000_000.0):
        self.clock = clock
        self.corp_id, self.secret, self.agent_id = "wwcorp", "app-secret", 1000007
        self.members = {"zhouwei", "linlan"}
        self.unlicensed = set()
        self.sent = []
        self.updates = []
        self.requests = []
        self.recalled = []
        self.media = {}
        self.webhook_sent = []
        self.tokens = {}
        self.tokens_made = 0
        self.codes_made = 0
        self.codes = {}  # response_code -> (task_id, userid or None, made at)
        self.task_ids = set()
        self.sign_ins = {"GOOD": "zhouwei"}  # code of a browser that comes back -> member
        self.seen = {}  # duplicates suppressed
        self.faults = defaultdict(deque)  # path -> answers or exceptions that come first
        self.duplicates_answer_with_msgid = True
        self.app = Starlette(routes=[Route("/{path:path}", self.handle, methods=["GET", "POST", "PUT", "DELETE"])])
        self.methods = {
            "/cgi-bin/message/send": ("POST", self.message_send),
            "/cgi-bin/message/update_template_card": ("POST", self.update_template_card),
            "/cgi-bin/message/recall": ("POST", self.recall),
            "/cgi-bin/media/upload": ("POST", self.upload),
            "/cgi-bin/media/get": ("GET", self.download),
            "/cgi-bin/getcallbackip": ("GET", self.callback_ip),
            "/cgi-bin/agent/get": ("GET", self.agent_get),
            "/cgi-bin/auth/getuserinfo": ("GET", self.user_info),
        }

    def client(self):
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app))

    async def handle(self, request: Request):
        path = request.url.path
        self.requests.append(path)
        if self.faults[path]:
            fault = self.faults[path].popleft()
            if isinstance(fault, Exception):
                raise fault
            if fault is not None:
                return fault if isinstance(fault, Response) else JSONResponse(fault)
        try:
            return await self.answer(request, path)
        except Refused as refusal:
            return JSONResponse({"errcode": refusal.code, "errmsg": f"{refusal}, hint: [1], from ip: 203.0.113.7"})

    async def answer(self, request, path):
        if path == "/cgi-bin/gettoken":
            await asyncio.sleep(0.01)  # others ask meanwhile
            return self.gettoken(request.query_params)
        if path == "/cgi-bin/webhook/send":
            return JSONResponse(self.webhook(request.query_params.get("key"), self.body(await request.body())))
        if path not in self.methods:
            return Response("Not Found", 404)
        method, work = self.methods[path]
        if request.method != method:
            raise Refused(43001 if method == "GET" else 43002, "wrong method")
        self.check_token(request.query_params.get("access_token"))
        found = await work(request)
        return found if isinstance(found, Response) else JSONResponse({"errcode": 0, "errmsg": "ok"} | (found or {}))

    def gettoken(self, query):
        if query.get("corpid") != self.corp_id:
            raise Refused(40013, "invalid corpid")
        if query.get("corpsecret") != self.secret:
            raise Refused(40001, "invalid credential")
        self.tokens_made += 1
        token = f"token-{self.tokens_made}"
        self.tokens[token] = self.clock() + 7200
        return JSONResponse({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200})

    def check_token(self, token):
        if not token:
            raise Refused(41001, "access_token missing")
        if token not in self.tokens:
            raise Refused(40014, "invalid access_token")
        if self.tokens[token] <= self.clock():
            raise Refused(42001, "access_token expired")

    @staticmethod
    def body(raw):
        if rb"\u" in raw:
            raise Refused(40033, "invalid charset")
        try:
            found = json.loads(raw.decode())
        except ValueError as problem:
            raise Refused(47001, "data format error") from problem
        if not isinstance(found, dict):
            raise Refused(47001, "data format error")
        return found

    # ---- messages

    async def message_send(self, request):
        raw = await request.body()
        body = self.body(raw)
        kind = body.get("msgtype")
        unknown = set(body) - SEND_FIELDS - {kind}
        if unknown:
            raise Refused(40035, f"unknown {unknown}")
        if body.get("agentid") != self.agent_id or isinstance(body["agentid"], str):
            raise Refused(40056, "invalid agentid")
        users = [user for user in body.get("touser", "").split("|") if user]
        if not users or len(users) > 1000:
            raise Refused(40035, "no receiver")
        checks = {"text": self.text, "image": self.media_of, "file": self.media_of, "template_card": self.card}
        if kind not in checks:
            raise Refused(40008, "invalid msgtype")
        if not isinstance(body.get(kind), dict):
            raise Refused(40035, "empty")
        repeated = self.repeated(raw, body)
        if repeated:
            return {"msgid": repeated} if self.duplicates_answer_with_msgid else {}
        checks[kind](kind, body[kind])
        good = [user for user in users if user.lower() in self.members and user.lower() not in self.unlicensed]
        bad = [user.lower() for user in users if user.lower() not in self.members]
        if len(bad) == len(users):
            raise Refused(81013, "all touser invalid")
        answer = {"msgid": f"MSG{len(self.sent) + 1}", "invaliduser": "|".join(bad), "invalidparty": "",
                  "invalidtag": "", "unlicenseduser": "|".join(u.lower() for u in users if u.lower() in self.unlicensed)}  # fmt: skip
        if kind == "template_card" and body[kind]["card_type"] in INTERACTIVE:
            task = body[kind]["task_id"]
            if task in self.task_ids:
                raise Refused(40058, "task_id already exists")
            self.task_ids.add(task)
            answer["response_code"] = self.new_code(task, None)
        if good:
            self.sent.append(body)
        if body.get("enable_duplicate_check"):
            self.seen[raw] = (self.clock() + body.get("duplicate_check_interval", 1800), answer["msgid"])
        return answer

    def repeated(self, raw, body):
        until, msgid = self.seen.get(raw, (0, None))
        return msgid if body.get("enable_duplicate_check") and until > self.clock() else None

    def text(self, _kind, part):
        if set(part) != {"content"} or not isinstance(part["content"], str) or not part["content"].strip():
            raise Refused(44004, "empty content")
        if len(part["content"].encode()) > 2048:
            raise Refused(45002, "content too long")  # the real one cuts; a test must see it

    def media_of(self, kind, part):
        if set(part) != {"media_id"} or self.media.get(part["media_id"], ("", 0))[1] <= self.clock() - 3 * DAY:
            raise Refused(40007, "invalid media_id")
        if kind != self.media[part["media_id"]][0]:
            raise Refused(40007, "media of another kind")

    def card(self, _kind, card, *, update=False):
        unknown = set(card) - CARD_FIELDS
        if unknown:
            raise Refused(40058, f"unknown {unknown}")
        kind = card.get("card_type")
        if kind in {"text_notice", "news_notice"} and card.get("card_action", {}).get("type") not in {1, 2}:
            raise Refused(42045, "card_action missing")
        if kind not in INTERACTIVE | {"text_notice", "news_notice"}:
            raise Refused(40058, "card_type")
        if kind != "text_notice" and not card.get("main_title", {}).get("title"):
            raise Refused(40058, "main_title")
        if kind in INTERACTIVE and not update and not TASK_ID.match(card.get("task_id", "")):
            raise Refused(40058, "task_id")
        if update and "task_id" in card:
            raise Refused(40058, "task_id in an update")
        if kind == "button_interaction":
            self.buttons(card.get("button_list"), update=update)

    @staticmethod
    def buttons(buttons, *, update):
        del update
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 6:
            raise Refused(40058, "button_list")
        keys = [button.get("key") for button in buttons]
        if len(set(keys)) != len(keys) or any(not key or len(key.encode()) > 1024 for key in keys):
            raise Refused(40058, "button key")
        for button in buttons:
            if set(button) - {"text", "style", "key", "type", "url"} or not button.get("text"):
                raise Refused(40058, "button")
            if button.get("style", 1) not in {1, 2, 3, 4}:
                raise Refused(40058, "button style")

    # ---- cards

    def new_code(self, task, user):
        self.codes_made += 1
        code = f"RC{self.codes_made}"
        self.codes[code] = (task, user, self.clock())
        return code

    def click(self, task, user):
        """The response_code that a click of this member on this card carries."""
        return self.new_code(task, user)

    async def update_template_card(self, request):
        body = self.body(await request.body())
        if set(body) - {
            "userids",
            "partyids",
            "tagids",
            "atall",
            "agentid",
            "response_code",
            "button",
            "template_card",
        }:
            raise Refused(40058, "unknown field")
        if body.get("agentid") != self.agent_id:
            raise Refused(40056, "invalid agentid")
        task, user, made = self.codes.get(body.get("response_code"), (None, None, 0))
        if task is None:
            raise Refused(42014, "response_code used or unknown")
        if self.clock() - made > 72 * 3600:
            raise Refused(42014, "response_code expired")
        if not body.get("userids") and not body.get("atall"):
            raise Refused(40058, "userids")
        if ("button" in body) == ("template_card" in body):
            raise Refused(40058, "one of button and template_card")
        if "template_card" in body:
            self.card("template_card", body["template_card"], update=True)
        elif not body["button"].get("replace_name"):
            raise Refused(40058, "replace_name")
        del self.codes[body["response_code"]]
        self.updates.append({"task_id": task, "by": user} | body)
        return {"invaliduser": []}

    async def recall(self, request):
        self.recalled.append(self.body(await request.body())["msgid"])

    # ---- files

    async def upload(self, request):
        kind = request.query_params.get("type")
        if kind not in LARGEST:
            raise Refused(40004, "invalid media type")
        raw = await request.body()
        if b"filename*=" in raw or b"filename=" not in raw:
            raise Refused(44001, "empty media data")
        async with request.form() as form:
            part = form.get("media")
            if part is None or isinstance(part, str):
                raise Refused(41005, "media data missing")
            content = await part.read()
            name = part.filename
        if len(content) <= 5:
            raise Refused(44001, "empty media data")
        if len(content) > LARGEST[kind]:
            raise Refused(45001, "media size out of limit")
        media_id = f"media-{len(self.media) + 1}"
        self.media[media_id] = (kind, self.clock(), name, content)
        return {"type": kind, "media_id": media_id, "created_at": str(int(self.clock()))}

    async def download(self, request):
        entry = self.media.get(request.query_params.get("media_id"))
        if entry is None or entry[1] <= self.clock() - 3 * DAY:
            raise Refused(40007, "invalid media_id")
        return Response(entry[3], headers={"content-disposition": 'attachment; filename="x"'})

    # ---- the rest

    async def callback_ip(self, _request):
        return {"ip_list": ["101.226.103.*"]}

    async def agent_get(self, request):
        if request.query_params.get("agentid") != str(self.agent_id):
            raise Refused(40056, "invalid agentid")
        return {"agentid": self.agent_id, "name": "跟单", "close": 0}

    async def user_info(self, request):
        found = self.sign_ins.pop(request.query_params.get("code"), None)  # each code works once
        if found is None:
            raise Refused(40029, "invalid code")
        return {"userid": found}

    def webhook(self, key, body):
        if key != "key-1":
            raise Refused(93000, "invalid webhook url")
        if set(body) != {"msgtype", "text"} or body["msgtype"] != "text":
            raise Refused(40008, "invalid msgtype")
        if len(body["text"]["content"].encode()) > 2048:
            raise Refused(45002, "content too long")
        if sum(at > self.clock() - 60 for at, _ in self.webhook_sent) >= 20:
            raise Refused(45009, "api freq out of limit")
        self.webhook_sent.append((self.clock(), body))
        return {"errcode": 0, "errmsg": "ok"}
