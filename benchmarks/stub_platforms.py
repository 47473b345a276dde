"""Telegram's, Slack's and WeCom's APIs on one port, which note when each message arrives and refuse what breaks their rules.

`stub_platforms.py PORT`: refused are unknown methods, messages without what they need, Telegram's 31st message within a
second and the second into a chat, Slack's second into a channel, WeCom's with a token it did not give. GET /told: a list
of [platform, account, moment (monotonic), text], and what was refused.
"""

import asyncio
import json
import sys
import time
from collections import defaultdict, deque
from typing import Any
from urllib.parse import parse_qsl

TOKEN = "given-by-the-stub"
ME = {"id": 1, "is_bot": True, "first_name": "bot", "username": "bot"}
QUIET = {"setWebhook", "deleteWebhook", "setMyCommands", "sendChatAction"}


class Refused(Exception):
    """A call that the platform would not take: status and answer."""

    def __init__(self, status: int, told: dict[str, Any]) -> None:
        super().__init__(str(told))
        self.status, self.told = status, told


class Platforms:
    """The three, with what they were sent."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, float, str]] = []
        self.refused: list[str] = []
        self._second: deque[float] = deque()
        self._last: dict[str, float] = defaultdict(lambda: float("-inf"))

    def answer(self, path: str, said: dict[str, Any]) -> dict[str, Any]:
        """One call's answer. Raises Refused."""
        place, _, query = path.partition("?")
        method = place.rpartition("/")[2]
        if place == "/told":
            return {"told": self.told, "refused": self.refused}
        if place.startswith("/bot"):
            return {"ok": True, "result": self.telegram(method, said)}
        if place.startswith("/slack/"):
            return {"ok": True, **self.slack(method, said)}
        return {"errcode": 0, "errmsg": "ok", **self.wecom(method, dict(parse_qsl(query)), said)}

    def telegram(self, method: str, said: dict[str, Any]) -> Any:
        if method == "getMe":
            return ME
        if method in QUIET:
            return True
        if method != "sendMessage" or not said.get("text") or not str(said.get("chat_id", "")).isdigit():
            raise Refused(400, {"ok": False, "error_code": 400, "description": "Bad Request"})
        now, chat = time.monotonic(), str(said["chat_id"])
        while self._second and self._second[0] <= now - 1:
            self._second.popleft()
        if len(self._second) >= 30 or self._last[chat] > now - 1:
            told = {"ok": False, "error_code": 429, "description": "flood", "parameters": {"retry_after": 1}}
            raise Refused(429, told)
        self._second.append(now)
        self._last[chat] = now
        self.take("telegram", chat, said["text"])
        return {"message_id": len(self.told), "date": 1, "chat": {"id": int(chat), "type": "private"}, "text": "x"}

    def slack(self, method: str, said: dict[str, Any]) -> dict[str, Any]:
        if method == "auth.test":
            return {"user_id": "UB", "team_id": "T1", "bot_id": "BB", "user": "b", "team": "t", "url": "https://x/"}
        channel = str(said.get("channel") or "")
        if method != "chat.postMessage" or not channel or not (said.get("text") or said.get("blocks")):
            raise Refused(200, {"ok": False, "error": "invalid_arguments"})
        if self._last[channel] > time.monotonic() - 1:
            raise Refused(429, {"ok": False, "error": "ratelimited"})
        self._last[channel] = time.monotonic()
        self.take("slack", channel, json.dumps(said, ensure_ascii=False))
        return {"ts": f"{1_795_395_600 + len(self.told)}.000200", "channel": channel}

    def wecom(self, method: str, asked: dict[str, str], said: dict[str, Any]) -> dict[str, Any]:
        if method == "gettoken":
            return {"access_token": TOKEN, "expires_in": 7200}
        if asked.get("access_token") != TOKEN:
            raise Refused(200, {"errcode": 40014, "errmsg": "invalid access_token"})
        if method != "send" or not said.get("touser") or not isinstance(said.get("agentid"), int):
            raise Refused(200, {"errcode": 40008, "errmsg": "invalid message type"})
        self.take("wecom", said["touser"], json.dumps(said, ensure_ascii=False))
        return {"msgid": f"m{len(self.told)}", "response_code": f"c{len(self.told)}"}

    def take(self, platform: str, account: str, text: str) -> None:
        self.told.append((platform, account, time.monotonic(), text))


class Connection(asyncio.Protocol):
    """One connection."""

    platforms = Platforms()

    def connection_made(self, transport: Any) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            self.serve(head.split(b" ", 2)[1].decode(), rest[:length])

    def serve(self, path: str, body: bytes) -> None:
        said = json.loads(body) if body[:1] == b"{" else dict(parse_qsl(body.decode()))
        status = 200
        try:
            told = self.platforms.answer(path, said)
        except Refused as refusal:
            status, told = refusal.status, refusal.told
            self.platforms.refused.append(f"{path.partition('?')[0].rpartition('/')[2]}: {refusal}")
        data = json.dumps(told, ensure_ascii=False).encode()
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        self.transport.write(head.encode() + data)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
