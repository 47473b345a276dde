"""WeCom's error codes and what each means for a message: one table, from the vendor's list and from use."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from conversations.channels import Rejected, RetryAfter, SendFailure, Unavailable, Unreachable

log = logging.getLogger(__name__)

TOKEN_STALE = frozenset({40014, 42001, 41001})
BUSY = -1
MEDIA_GONE = 40007
SESSION_FORBIDS = 95018

_UNREACHABLE = {
    40003: "unknown member", 46004: "unknown member", 60111: "unknown member", 81013: "no valid receiver",
    40096: "unknown customer", SESSION_FORBIDS: "the session forbids it",
    93001: "the robot may not write here", 93006: "the robot may not write here", 93008: "the robot may not write here",
}  # fmt: skip
_UNAVAILABLE = {
    40001: "wrong secret", 40013: "wrong corporation id", 40014: "token refused", 40056: "wrong agent id",
    41001: "no token", 42001: "token lapsed", 48002: "no right to this call", 50002: "outside the app's range",
    50003: "the app is switched off", 60011: "outside the app's range", 60020: "this address is not trusted",
    301002: "not this app's", 95000: "wrong customer service account", 95004: "wrong customer service account",
    95011: "customer service is not set up", 95012: "customer service is not set up",
    95017: "customer service is not set up", MEDIA_GONE: "the uploaded file has lapsed",
    846609: "the robot is not subscribed",
}  # fmt: skip
_WAIT_S: Mapping[int, float] = {BUSY: 10, 45009: 60, 45033: 5}
_ALARMING = frozenset({40001, 40013, 40056, 48002, 50002, 50003, 60011, 60020, 301002, 95011, 95012, 95017})


class ApiError(Exception):
    """WeCom refused a call. `code` is its errcode, `hint` its errmsg (for logs, never for people)."""

    def __init__(self, code: int, hint: str) -> None:
        super().__init__(f"errcode {code}")
        self.code = code
        self.hint = " ".join(hint.split())[:300]


def failure(error: ApiError) -> SendFailure:
    """What a refusal means for the message; what an administrator must mend is logged as an error."""
    level = logging.ERROR if error.code in _ALARMING else logging.INFO
    log.log(level, "wecom refused: %s %s", error.code, error.hint, extra={"action": "wecom_refused"})
    if error.code in _WAIT_S:
        return RetryAfter(_WAIT_S[error.code])
    if error.code in _UNREACHABLE:
        return Unreachable(f"{error.code}: {_UNREACHABLE[error.code]}")
    if error.code in _UNAVAILABLE:
        return Unavailable(f"{error.code}: {_UNAVAILABLE[error.code]}")
    # What we do not know did not go out, and would not the next time: another channel is better than waiting.
    return Rejected(f"{error.code}")
