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
        """A Telegram of ours whose calls end here."""
        import httpx

        from adapters.telegram.assembly import Config, Surroundings, assemble

        def _answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=self.take(request.url.path, request.content))

        hours = itertools.count(step=3600)  # far apart: this Telegram has no limits to keep within
        house = Surroundings(receive, lambda: float(next(hours)), transport=httpx.MockTransport(_answer))
        return assemble(Config(token=token), house)

    def take(self, path: str, body: bytes) -> bytes:
        """Answer one call."""
        from urllib.parse import parse_qsl

        said = json.loads(body) if body[:1] == b"{" else dict(parse_qsl(body.decode()))
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
