"""WeCom as the one who calls: seals updates as the platform does, and forges them as others might.

Its encryption is written out here once more, so that a fault of ours does not cancel itself out.
"""

import base64
import hashlib
import os
import struct

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TOKEN, AES_KEY, CORP = "CallbackToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wwcorp"


def sealed(message, key=AES_KEY, receive_id=CORP):
    raw = base64.b64decode(key + "=")
    frame = os.urandom(16) + struct.pack(">I", len(message.encode())) + message.encode() + receive_id.encode()
    pad = 32 - len(frame) % 32
    cipher = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(cipher.update(frame + bytes([pad]) * pad) + cipher.finalize()).decode()


def signature(encrypted, timestamp, nonce, token=TOKEN):
    return hashlib.sha1("".join(sorted([token, timestamp, nonce, encrypted])).encode()).hexdigest()


def xml(fields):
    def draw(name, value):
        if isinstance(value, dict):
            return f"<{name}>{''.join(draw(*pair) for pair in value.items())}</{name}>"
        if isinstance(value, list):
            return "".join(draw(name, one) for one in value)
        return f"<{name}><![CDATA[{value}]]></{name}>"

    return draw("xml", fields)


class Caller:
    """Calls the address at `path` of an ASGI application."""

    def __init__(self, app, path, clock):
        self.app, self.path, self.clock, self.count = app, path, clock, 0

    def parts(self, fields, *, at=None, **seal):
        self.count += 1
        encrypted = sealed(xml(fields) if isinstance(fields, dict) else fields, **seal)
        timestamp, nonce = str(int(self.clock() if at is None else at)), f"nonce{self.count}"
        query = {"msg_signature": signature(encrypted, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        body = xml({"ToUserName": CORP, "AgentID": "1000007", "Encrypt": encrypted})
        return query, body

    async def deliver(self, fields, **how):
        return await self.post(*self.parts(fields, **how))

    async def post(self, query, body):
        async with self._client() as client:
            return await client.post(f"https://gendan.test{self.path}", params=query, content=body)

    async def verify(self, echo="8123649912", **changes):
        encrypted = sealed(echo)
        timestamp = str(int(self.clock()))
        query = {"msg_signature": signature(encrypted, timestamp, "n"), "timestamp": timestamp, "nonce": "n"}
        async with self._client() as client:
            return await client.get(f"https://gendan.test{self.path}", params=query | {"echostr": encrypted} | changes)

    def _client(self):
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app, raise_app_exceptions=True))
