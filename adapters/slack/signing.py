"""Whether a request is Slack's: its signature over the raw body, and its age."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

FRESH_S = 300.0
"""How far a request's moment may lie from ours, either way (as Slack's own libraries have it)."""

_STAMP, _SIGNATURE, _REPEAT = b"x-slack-request-timestamp", b"x-slack-signature", b"x-slack-retry-num"
_MOST_REMEMBERED = 50_000


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


def signed(secret: str, body: bytes, now: float) -> dict[str, str]:
    """The headers with which Slack would send this body at that moment (Unix seconds)."""
    stamp = str(int(now))
    made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    return {_STAMP.decode(): stamp, _SIGNATURE.decode(): f"v0={made.hexdigest()}"}


class Replays:
    """Remembers requests that were answered, as long as they are fresh: who sends one again is not Slack.

    Slack's own repeats are signed anew, or at least say that they are repeats.
    """

    def __init__(self) -> None:
        self._lately: set[bytes] = set()
        self._before: set[bytes] = set()
        self._since = 0.0

    def known(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether a request is one that was answered, and does not say that it is a repeat."""
        signature = headers.get(_SIGNATURE, b"")
        return (signature in self._lately or signature in self._before) and _REPEAT not in headers

    def note(self, headers: Mapping[bytes, bytes], now: float) -> None:
        """A request was answered."""
        if now - self._since > 2 * FRESH_S or len(self._lately) >= _MOST_REMEMBERED:
            self._before, self._lately, self._since = self._lately, set(), now
        self._lately.add(headers[_SIGNATURE])
