"""Signing and encryption of WeCom's callbacks (self-built app, customer service, robot in callback mode).

Source: the vendor's page "加解密方案说明"; AES-256-CBC over random(16) + length(4) + message + receive id, padded by
PKCS#7 to blocks of 32 bytes. Whatever is wrong with a request is one exception with one message, so that nobody
learns from outside at which stage it was refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
_HEAD = 20  # 16 random bytes and the length
_KEY_LENGTH = 43


class BadCallback(Exception):
    """A callback that is not the platform's, or was damaged on its way."""

    def __init__(self) -> None:
        super().__init__("not a genuine callback")


@dataclass(frozen=True, slots=True)
class Envelope:
    """An encrypted message with what proves it, as it goes over the wire."""

    encrypted: str
    signature: str
    timestamp: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one callback address was set up with.

    Attributes:
        token: goes into the signature.
        key: the 32 bytes of the AES key.
        receive_id: the corporation's id; empty for an in-house robot.
    """

    token: str = field(repr=False)
    key: bytes = field(repr=False)
    receive_id: str

    @classmethod
    def of(cls, token: str, encoding_aes_key: str, receive_id: str) -> Secrets:
        """Secrets from the console's own fields.

        Raises: ValueError for an EncodingAESKey that is not 43 letters and digits.
        """
        if len(encoding_aes_key) != _KEY_LENGTH or not (encoding_aes_key.isascii() and encoding_aes_key.isalnum()):
            raise ValueError("the EncodingAESKey must be 43 letters and digits")
        # 43 characters carry two bits more than the key: they may be set, so this decoding is lenient on purpose.
        return cls(token, base64.b64decode(encoding_aes_key + "="), receive_id)


def sign(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """The signature over the four parts, as strings, 40 hexadecimal digits."""
    joined = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(joined.encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324 - the platform's own choice


def unseal(secrets: Secrets, envelope: Envelope) -> str:
    """The message in an envelope.

    Raises: BadCallback if anything about it is wrong.
    """
    expected = sign(secrets.token, envelope.timestamp, envelope.nonce, envelope.encrypted)
    if not hmac.compare_digest(expected.encode(), envelope.signature.encode("utf-8", "surrogatepass")):
        raise BadCallback
    return decrypt(secrets, envelope.encrypted)


def decrypt(secrets: Secrets, encrypted: str) -> str:
    """The message in a base64 ciphertext.

    Raises: BadCallback if anything about it is wrong.
    """
    try:
        data = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError):
        raise BadCallback from None
    frame = open_aes(secrets.key, data)
    if len(frame) < _HEAD:
        raise BadCallback
    (length,) = struct.unpack(">I", frame[16:_HEAD])
    if _HEAD + length > len(frame):
        raise BadCallback
    if not hmac.compare_digest(frame[_HEAD + length :], secrets.receive_id.encode()):
        raise BadCallback
    try:
        return frame[_HEAD : _HEAD + length].decode()
    except UnicodeDecodeError:
        raise BadCallback from None


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> Cipher[modes.CBC]:
    """Made once a key: it costs as much as opening a message."""
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def open_aes(key: bytes, data: bytes) -> bytes:
    """Decrypt and take the padding off; also for files of the smart robot.

    Raises: BadCallback for a wrong length or padding.
    """
    if not data or len(data) % 16:
        raise BadCallback
    cipher = _cipher(key).decryptor()
    padded = cipher.update(data) + cipher.finalize()
    count = padded[-1]
    if not 1 <= count <= min(_BLOCK, len(padded)):
        raise BadCallback
    if not hmac.compare_digest(padded[-count:], bytes([count]) * count):
        raise BadCallback
    return padded[:-count]


def seal_aes(key: bytes, data: bytes) -> bytes:
    """Pad and encrypt: the other way of `open_aes`."""
    count = _BLOCK - len(data) % _BLOCK
    cipher = _cipher(key).encryptor()
    return cipher.update(data + bytes([count]) * count) + cipher.finalize()


def encrypt(secrets: Secrets, message: str, random: bytes | None = None) -> str:
    """A message as base64 ciphertext.

    Args:
        secrets: of the callback it goes to.
        message: what to say.
        random: the 16 bytes at the front; given only where a result must repeat.
    """
    content = message.encode()
    front = os.urandom(16) if random is None else random
    frame = front + struct.pack(">I", len(content)) + content + secrets.receive_id.encode()
    return base64.b64encode(seal_aes(secrets.key, frame)).decode()


def seal(secrets: Secrets, message: str, timestamp: str, nonce: str, random: bytes | None = None) -> Envelope:
    """A message, encrypted and signed."""
    encrypted = encrypt(secrets, message, random)
    return Envelope(encrypted, sign(secrets.token, timestamp, nonce, encrypted), timestamp, nonce)
