"""A Bot API on the far side of the wire: refuses what the real one refuses, with its words.

api = Telegram(); api.transport() for the library; api.sent, api.edited, api.answered; api.faults[method] (answers or
exceptions that come first); api.deliver(update) queues an update for getUpdates, as api.says(...) and api.presses(...) do
"""

# ruff: noqa: N802, ASYNC109, TRY301 - methods and fields are called as the Bot API calls them, refusals are raised

import asyncio
import json
import re
from collections import defaultdict, deque

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "7700000001:AAfakefakefakefakefakefakefakefake_ok"
BASE = "https://telegram.test"
ANNA, GROUP, FORUM = 501, -100900, -100901
PARAMS = {
    "getMe": {},
    "getUpdates": {"offset": int, "limit": int, "timeout": int, "allowed_updates": list},
    "setWebhook": {"url": str, "secret_token": str, "allowed_updates": list, "max_connections": int,
                   "drop_pending_updates": bool},
    "getWebhookInfo": {},
    "deleteWebhook": {"drop_pending_updates": bool},
    "setMyCommands": {"commands": list, "language_code": str, "scope": dict},
    "sendMessage": {"chat_id": int, "text": str, "reply_markup": dict, "reply_parameters": dict,
                    "message_thread_id": int, "link_preview_options": dict, "parse_mode": str},
    "sendPhoto": {"chat_id": int, "photo": bytes, "message_thread_id": int, "reply_parameters": dict},
    "sendDocument": {"chat_id": int, "document": bytes, "message_thread_id": int, "reply_parameters": dict,
                     "disable_content_type_detection": bool},
    "editMessageText": {"chat_id": int, "message_id": int, "text": str, "reply_markup": dict,
                        "link_preview_options": dict, "parse_mode": str},
    "editMessageReplyMarkup": {"chat_id": int, "message_id": int, "reply_markup": dict},
    "answerCallbackQuery": {"callback_query_id": str, "text": str},
    "getFile": {"file_id": str},
    "sendChatAction": {"chat_id": int, "action": str, "message_thread_id": int},
}  # fmt: skip
LARGEST = {"photo": 10_000_000, "document": 50_000_000}


class Refused(Exception):
    def __init__(self, code, text, **parameters):
        super().__init__(text)
        self.code, self.parameters = code, parameters


class Telegram:
    """One bot. `chats` have started it or hold it; `clock` is the far side's own."""

    def __init__(self, clock=lambda: 1_790_000_000.0):
        self.clock = clock
        self.chats = {ANNA: "private", 502: "private", GROUP: "supergroup", FORUM: "supergroup"}
        self.blocked, self.migrated = set(), {}
        self.sent, self.edited, self.answered, self.calls, self.files = [], [], [], [], {}
        self.messages = {}
        self.queue, self.confirmed = [], []
        self.webhook, self.menus, self.trouble = None, {}, {}
        self.queries = {}
        self.faults = defaultdict(deque)
        self.writes = defaultdict(list)
        self.floods = 0
        self.on_idle = None  # called when getUpdates has nothing to give
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self.handle, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self.download, methods=["GET"]),
            ]
        )

    def transport(self):
        return httpx.ASGITransport(self.app)

    # what people do

    def deliver(self, update):
        number = update.setdefault("update_id", 1000 + len(self.queue) + len(self.confirmed))
        self.queue.append(update)
        return number

    def says(self, text, account=ANNA, chat=None, **more):
        chat = chat or account
        message = {"message_id": 9000 + len(self.queue), "date": int(self.clock()), "text": text,
                   "chat": {"id": chat, "type": self.chats.get(chat, "private")},
                   "from": {"id": account, "is_bot": False, "first_name": "Anna", "language_code": "zh-hans"}}  # fmt: skip
        return {"message": message | more}

    def presses(self, data, number, account=ANNA, chat=None):
        query = f"q{len(self.queries) + 1}"
        self.queries[query] = self.clock()
        shown = {"message_id": number, "date": 0, "chat": {"id": chat or account, "type": self.chats[chat or account]}}
        return {"callback_query": {"id": query, "from": {"id": account, "is_bot": False, "first_name": "Anna"},
                                   "chat_instance": "c", "data": data, "message": shown}}  # fmt: skip

    # the wire

    async def handle(self, request):
        method = request.path_params["method"]
        try:
            if request.path_params["token"] != TOKEN:
                raise Refused(401, "Unauthorized")
            known = next((name for name in PARAMS if name.lower() == method.lower()), None)
            if known is None:
                raise Refused(404, "Not Found: method not found")
            self.calls.append(known)
            if self.faults[known]:
                fault = self.faults[known].popleft()
                if isinstance(fault, Response):
                    return fault
                raise fault
            fields = await self._fields(request, PARAMS[known])
            result = await getattr(self, known)(**fields)
        except Refused as refusal:
            body = {"ok": False, "error_code": refusal.code, "description": str(refusal)}
            if refusal.parameters:
                body["parameters"] = refusal.parameters
            return JSONResponse(body, refusal.code)
        return JSONResponse({"ok": True, "result": result})

    async def _fields(self, request, types):
        given = dict(request.query_params)
        if request.headers.get("content-type", "").startswith("application/json"):
            given |= await request.json()
        else:
            given |= dict((await request.form()).items())
        for name, value in list(given.items()):
            if isinstance(value, str) and value.startswith("attach://"):
                given[name] = given.pop(value.removeprefix("attach://"))
        return {name: await self._typed(name, value, types) for name, value in given.items()}

    async def _typed(self, name, value, types):
        kind = types.get(name)
        if kind is None:
            raise Refused(400, f"Bad Request: unexpected field {name}")
        if kind is bytes:
            if isinstance(value, str):
                raise Refused(400, "Bad Request: wrong remote file identifier specified")
            content = await value.read()
            await value.close()
            if not content:
                raise Refused(400, "Bad Request: file must be non-empty")
            if len(content) > LARGEST[name]:
                raise Refused(413, "Request Entity Too Large")
            return value.filename, content
        if kind is str:
            return str(value)
        try:
            value = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            value = None
        if not isinstance(value, kind):
            raise Refused(400, f"Bad Request: can't parse {name}")
        return value

    # methods

    async def getMe(self):
        return {"id": 7700000001, "is_bot": True, "first_name": "跟单", "username": "gendan_bot"}

    async def getUpdates(self, offset=None, limit=100, timeout=0, allowed_updates=()):
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first")
        if offset is not None:
            self.confirmed += [one for one in self.queue if one.get("update_id", 0) < offset]
            self.queue = [one for one in self.queue if one.get("update_id", 0) >= offset]
        if not self.queue and self.on_idle:
            self.on_idle()
        await asyncio.sleep(0)  # as a wire does, it lets others run
        return sorted(self.queue, key=lambda one: one.get("update_id", 0))[:limit]

    async def setWebhook(
        self, url, secret_token="", allowed_updates=(), max_connections=40, drop_pending_updates=False
    ):
        if not url.startswith("https://"):
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret_token):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = {"url": url, "secret": secret_token, "allowed": allowed_updates, "drop": drop_pending_updates}
        return True

    async def getWebhookInfo(self):
        state = {"url": "", "has_custom_certificate": False, "pending_update_count": len(self.queue)}
        return state | ({"url": self.webhook["url"]} if self.webhook else {}) | self.trouble

    async def deleteWebhook(self, drop_pending_updates=False):
        self.webhook = None
        return True

    async def setMyCommands(self, commands, language_code="", scope=None):
        for one in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", one["command"]) or not 1 <= len(one["description"]) <= 256:
                raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
        self.menus[language_code] = [one["command"] for one in commands]
        return True

    async def sendMessage(self, chat_id, text, reply_markup=None, **more):
        self._may_write(chat_id)
        text = self._checked(text)
        self._keyboard(reply_markup)
        return self._sent(chat_id, text=text, reply_markup=reply_markup, **more)

    async def sendPhoto(self, chat_id, photo, **more):
        self._may_write(chat_id)
        if not photo[1].startswith((b"\x89PNG", b"\xff\xd8")):
            raise Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
        return self._sent(chat_id, photo=photo, **more)

    async def sendDocument(self, chat_id, document, **more):
        self._may_write(chat_id)
        return self._sent(chat_id, document=document, **more)

    async def editMessageText(self, chat_id, message_id, text, reply_markup=None, **more):
        old = self._old(chat_id, message_id)
        text = self._checked(text)
        self._keyboard(reply_markup)
        return self._changed(old, {"text": text, "reply_markup": reply_markup})

    async def editMessageReplyMarkup(self, chat_id, message_id, reply_markup=None):
        old = self._old(chat_id, message_id)
        self._keyboard(reply_markup)
        return self._changed(old, {"text": old["text"], "reply_markup": reply_markup})

    async def answerCallbackQuery(self, callback_query_id, text=""):
        made = self.queries.get(callback_query_id)
        if made is None or self.clock() - made > 15:
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.answered.append(callback_query_id)
        return True

    async def getFile(self, file_id):
        if file_id not in self.files:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(self.files[file_id]) > 20_000_000:
            raise Refused(400, "Bad Request: file is too big")
        return {"file_id": file_id, "file_unique_id": file_id, "file_path": f"documents/{file_id}"}

    async def sendChatAction(self, chat_id, action, message_thread_id=None):
        self._there(chat_id)
        return True

    async def download(self, request):
        found = self.files.get(request.path_params["path"].rpartition("/")[2])
        if request.path_params["token"] != TOKEN or found is None:
            return JSONResponse({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
        return Response(found)

    # rules

    def _there(self, chat):
        if chat in self.migrated:
            raise Refused(400, "Bad Request: group chat was upgraded to a supergroup chat",
                          migrate_to_chat_id=self.migrated[chat])  # fmt: skip
        if chat not in self.chats:
            raise Refused(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")

    def _may_write(self, chat):
        self._there(chat)
        now = self.clock()
        rules = [("all", 30, 1), (chat, 3, 3)] + ([(chat, 20, 60)] if chat < 0 else [])
        for name, count, seconds in rules:
            if sum(now - one < seconds for one in self.writes[name]) >= count:
                self.floods += 1
                raise Refused(429, "Too Many Requests: retry after 5", retry_after=5)
        self.writes["all"].append(now)
        self.writes[chat].append(now)

    def _checked(self, text):
        if not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise Refused(400, "Bad Request: message is too long")
        return text.strip()

    def _keyboard(self, markup):
        for row in (markup or {}).get("inline_keyboard", ()):
            for button in row:
                if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                    raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
                if not button.get("text"):
                    raise Refused(400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed")

    def _old(self, chat, number):
        self._there(chat)
        if (chat, number) not in self.messages:
            raise Refused(400, "Bad Request: message to edit not found")
        return self.messages[chat, number]

    def _changed(self, old, new):
        if all(old.get(key) == value for key, value in new.items()):
            raise Refused(400, "Bad Request: message is not modified: specified new message content and reply markup "
                               "are exactly the same as a current content and reply markup of the message")  # fmt: skip
        old |= new
        self.edited.append(old)
        return self._shown(old)

    def _sent(self, chat, **what):
        number = len(self.messages) + 1
        message = {"chat": chat, "message_id": number, **what}
        self.messages[chat, number] = message
        self.sent.append(message)
        return self._shown(message)

    def _shown(self, message):
        chat = message["chat"]
        shown = {"message_id": message["message_id"], "date": int(self.clock()),
                 "chat": {"id": chat, "type": self.chats[chat], "first_name": "x", "title": "x"}}  # fmt: skip
        return shown | ({"text": message["text"]} if "text" in message else {})
