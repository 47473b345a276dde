"""Telegram's far side: the webhook inwards, the Bot API outwards."""

import json

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse

from adapters.telegram.assembly import Config, Surroundings, assemble
from tests.fakes.telegram import ANNA, BASE, GROUP, TOKEN, Telegram
from tests.support.far.base import Far, Seen

SECRET = "s3cret"


def refusal(code, words, **parameters):
    return JSONResponse({"ok": False, "error_code": code, "description": words, "parameters": parameters}, code)


FAULTS = {
    "limited": lambda: refusal(429, "Too Many Requests: retry after 5", retry_after=5),
    "blocked": lambda: refusal(403, "Forbidden: bot was blocked by the user"),
    "refused": lambda: refusal(400, "Bad Request: can't parse entities"),
    "unclear": lambda: httpx.ReadTimeout("slow"),
    "down": lambda: refusal(401, "Unauthorized"),
}


class TelegramFar(Far):
    name = platform = "telegram"
    can = frozenset({"buttons", "edits", "files_out", "files_in", "groups", "quotes", "pacing", "fails", "redelivers",
                     "places"})  # fmt: skip
    account, gone, group = str(ANNA), "999", str(GROUP)

    async def open(self):
        self.api = Telegram(self.clock)
        config = Config(token=TOKEN, api=BASE, webhook_secret=SECRET, public_url="https://gendan.test")
        self.adapter = assemble(config, Surroundings(self.receive, self.clock, self.clock.sleep, self.api.transport()))
        self.channel = self.adapter.channel
        await self.adapter.receiving._introduce()
        app = Starlette(routes=list(self.adapter.routes))
        self.web = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://gendan.test")
        self.number = 0

    async def close(self):
        await self.web.aclose()
        await self.adapter.close()

    def admit(self, key):
        account = 1000 + sum(ord(sign) * 7**place for place, sign in enumerate(key)) % 1_000_000
        self.api.chats[account] = "private"
        return str(account)

    async def deliver(self, update):
        self.number += 1
        whole = {"update_id": self.number} | update

        async def again():
            answer = await self.web.post(
                "/hooks/telegram", json=whole, headers={"x-telegram-bot-api-secret-token": SECRET}
            )
            assert answer.status_code == 200

        await again()
        return again

    async def says(self, text, *, account=None, group=None, named=True, file=None, answers=None):
        more = {}
        account = int(account or self.account)
        self.number += 1
        if group and named:
            more["entities"] = [{"type": "mention", "offset": 0, "length": 11}]
            text = f"@gendan_bot {text}"
        if file:
            self.api.files[f"file{self.number}"] = file[1]
            more["document"] = {"file_id": f"file{self.number}", "file_name": file[0], "file_size": len(file[1])}
        if answers:
            number = int(answers.partition(":")[2])
            more["reply_to_message"] = {"message_id": number, "from": {"id": 7700000001, "username": "gendan_bot"}}
        update = self.api.says(text, account, int(group) if group else None, message_id=100_000 + self.number, **more)
        return await self.deliver(update)

    async def presses(self, seen, action, account=None):
        chat = seen.raw["chat"]
        return await self.deliver(self.api.presses(action, seen.raw["message_id"], int(account or self.account), chat))

    async def unknown(self):
        await self.deliver({"chat_boost": {"boost": {"boost_id": "1"}}})

    async def wordless(self):
        await self.deliver(
            self.api.says(None, int(self.account), None, location={"latitude": 31.3, "longitude": 120.6})
        )

    def fail(self, kind):
        self.api.faults["sendMessage"].append(FAULTS[kind]())

    def seen(self, message):
        rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        buttons = tuple((one["text"], one["callback_data"]) for row in rows for one in row)
        files = tuple(message[kind] for kind in ("photo", "document") if kind in message)
        return Seen(
            str(message["chat"]), message.get("text", ""), buttons, files, message.get("message_thread_id"), message
        )

    @property
    def sent(self):
        return [self.seen(one) for one in self.api.sent]

    @property
    def edited(self):
        return [self.seen(json.loads(json.dumps(one, default=str))) for one in self.api.edited]

    @property
    def floods(self):
        return self.api.floods
