"""Encrypted callbacks of a WeCom app, made with nothing but cryptography, and forged ones."""

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from peers.plain import question

TOKEN, CORP, STAMP, NONCE = "tok", "ww0000000000000000", "1795395600", "n1"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
_KEY = base64.b64decode(AES_KEY + "=")

Request = tuple[str, str, str, str]
"""Body, signature, timestamp, nonce."""


def _seal(message: str, corp: str) -> str:
    content = message.encode()
    plain = os.urandom(16) + struct.pack(">I", len(content)) + content + corp.encode()
    pad = 32 - len(plain) % 32
    cipher = Cipher(algorithms.AES(_KEY), modes.CBC(_KEY[:16])).encryptor()
    return base64.b64encode(cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()).decode()


def _sign(encrypted: str, stamp: str, nonce: str) -> str:
    return hashlib.sha1("".join(sorted((TOKEN, stamp, nonce, encrypted))).encode()).hexdigest()


def _request(turn: int, corp: str = CORP) -> Request:
    return callback("li", question(turn), turn, STAMP, NONCE, corp)


def callback(member: str, text: str, number: int, stamp: str, nonce: str, corp: str = CORP) -> Request:
    """A member's text, sealed and signed; `number` is its id."""
    inner = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[{member}]]></FromUserName>"
        f"<CreateTime>{stamp}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
        f"<MsgId>{number}</MsgId><AgentID>1000002</AgentID></xml>"
    )
    encrypted = _seal(inner, corp)
    body = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        "<AgentID><![CDATA[1000002]]></AgentID></xml>"
    )
    return body, _sign(encrypted, stamp, nonce), stamp, nonce


def callbacks(count: int) -> list[Request]:
    """Genuine ones."""
    return [_request(turn) for turn in range(count)]


def forged() -> list[Request]:
    """A wrong signature, another corporation's."""
    body, signature, stamp, nonce = _request(1)
    return [(body, signature[::-1], stamp, nonce), _request(2, corp="ww9999999999999999")]
