"""A Telegram on the far side of the wire that answers at once and from memory: no network, no server, no limits."""

import asyncio
import itertools
import json
from typing import Any

ME = {"id": 1, "is_bot": True, "first_name": "bot", "username": "bot"}
PUSHES = ("轮到你了",)


class CannedTelegram:
    """Keeps what it was sent; `answers` counts what was no push of a step that has begun."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.answers = 0
        self._changed = asyncio.Event()

    def assemble(self, token: str, receive: Any) -> Any:
        """A Telegram of ours whose calls end here, below the library's client as the peer's do."""
        from telegram.request import BaseRequest

        from adapters.telegram.assembly import Config, Surroundings, assemble

        canned = self

        class Canned(BaseRequest):
            @property
            def read_timeout(self) -> float:
                return 5.0

            async def initialize(self) -> None: ...

            async def shutdown(self) -> None: ...

            async def do_request(self, url, method, request_data=None, *_args, **_more):
                return 200, canned.take(url, request_data.json_payload if request_data else b"{}")

        hours = itertools.count(step=3600)  # far apart: this Telegram has no limits to keep within
        return assemble(Config(token=token), Surroundings(receive, lambda: float(next(hours)), wire=Canned()))

    def take(self, path: str, body: bytes) -> bytes:
        """Answer one call."""
        said = json.loads(body)
        if path.endswith("/sendMessage"):
            self.sent.append(said)
            if not said["text"].startswith(PUSHES):
                self.answers += 1
                self._changed.set()
            chat = {"id": int(said["chat_id"]), "type": "private", "first_name": "Li"}
            result: Any = {"message_id": len(self.sent), "date": 1, "from": ME, "chat": chat, "text": said["text"]}
        else:
            result = ME if path.endswith("/getMe") else True
        return json.dumps({"ok": True, "result": result}).encode()

    async def wait_for(self, answers: int) -> None:
        """Until so many answers have gone out in all."""
        while self.answers < answers:
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), 60)
