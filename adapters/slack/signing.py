"""Whether a request is Slack's: its signature over the raw body, and its age."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

FRESH_S = 300.0
"""How far a request's moment may lie from ours, either way (as Slack's own libraries have it)."""

_STAMP, _SIGNATURE = b"x-slack-request-timestamp", b"x-slack-signature"


class Signature:
    """Checks requests with one app's signing secret."""

    def __init__(self, secret: str) -> None:
        self._keyed = hmac.new(secret.encode(), b"v0:", hashlib.sha256)

    def moment(self, headers: Mapping[bytes, bytes], now: float) -> bytes | None:
        """The request's timestamp, as it was sent; None unless it is a fresh one."""
        stamp = headers.get(_STAMP, b"")
        if not stamp.isdigit() or len(stamp) > 12 or abs(now - int(stamp)) > FRESH_S:
            return None
        return stamp

    def holds(self, headers: Mapping[bytes, bytes], stamp: bytes, body: bytes) -> bool:
        """Whether the signature is that of this body at that moment."""
        made = self._keyed.copy()
        made.update(stamp + b":" + body)
        return hmac.compare_digest(b"v0=" + made.hexdigest().encode(), headers.get(_SIGNATURE, b""))
