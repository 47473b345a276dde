"""Telegram's, Slack's and WeCom's APIs on one port, which note when each message arrives and refuse what breaks their rules.

`stub_platforms.py PORT`: refused are unknown methods, messages without what they need, Telegram's 31st message within a
second and the fourth within three into a chat, Slack's second within a second into a channel, WeCom's 31st within a
minute to a member and one with a token it did not give. GET /told: a list of [platform, account, moment (monotonic),
text], and what was refused.
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
        self._taken: dict[str, deque[float]] = defaultdict(deque)

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
        chat = str(said["chat_id"])
        if self.is_full("telegram", 30, 1) or self.is_full(chat, 3, 3):
            told = {"ok": False, "error_code": 429, "description": "flood", "parameters": {"retry_after": 1}}
            raise Refused(429, told)
        self.count("telegram", chat)
        self.take("telegram", chat, said["text"])
        return {"message_id": len(self.told), "date": 1, "chat": {"id": int(chat), "type": "private"}, "text": "x"}

    def slack(self, method: str, said: dict[str, Any]) -> dict[str, Any]:
        if method == "auth.test":
            return {"user_id": "UB", "team_id": "T1", "bot_id": "BB", "user": "b", "team": "t", "url": "https://x/"}
        channel = str(said.get("channel") or "")
        if method != "chat.postMessage" or not channel or not (said.get("text") or said.get("blocks")):
            raise Refused(200, {"ok": False, "error": "invalid_arguments"})
        if self.is_full(channel, 1, 1):
            raise Refused(429, {"ok": False, "error": "ratelimited"})
        self.count(channel)
        self.take("slack", channel, json.dumps(said, ensure_ascii=False))
        return {"ts": f"{1_795_395_600 + len(self.told)}.000200", "channel": channel}

    def wecom(self, method: str, asked: dict[str, str], said: dict[str, Any]) -> dict[str, Any]:
        if method == "gettoken":
            return {"access_token": TOKEN, "expires_in": 7200}
        if asked.get("access_token") != TOKEN:
            raise Refused(200, {"errcode": 40014, "errmsg": "invalid access_token"})
        if method != "send" or not said.get("touser") or not isinstance(said.get("agentid"), int):
            raise Refused(200, {"errcode": 40008, "errmsg": "invalid message type"})
        if self.is_full(said["touser"], 30, 60):
            raise Refused(200, {"errcode": 45009, "errmsg": "api freq out of limit"})
        self.count(said["touser"])
        self.take("wecom", said["touser"], json.dumps(said, ensure_ascii=False))
        return {"msgid": f"m{len(self.told)}", "response_code": f"c{len(self.told)}"}

    def is_full(self, name: str, count: int, seconds: float) -> bool:
        """Whether so many have been taken under a name within the last seconds."""
        taken = self._taken[name]
        while taken and taken[0] <= time.monotonic() - seconds:
            taken.popleft()
        return len(taken) >= count

    def count(self, *names: str) -> None:
        """One more has been taken under these names."""
        for name in names:
            self._taken[name].append(time.monotonic())

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
