"""What the library's exceptions mean to delivery. No text of theirs is passed on unread: one carries the token."""

from __future__ import annotations

import warnings

import httpx
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError, TimedOut
from telegram.error import RetryAfter as Patience

from conversations.channels import EditGone, Rejected, RetryAfter, SendFailure, Unavailable, Unknown, Unreachable

_NOT_SENT = (httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol)
_NOBODY = ("chat not found", "user not found", "peer_id_invalid", "user_is_blocked", "group chat was deactivated",
           "bot was kicked", "not enough rights to send", "have no rights to send", "topic_closed",
           "chat_write_forbidden", "user is deactivated", "input_user_deactivated")  # fmt: skip
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid", "message identifier")
_SAME = "message is not modified"


class NotSent(NetworkError):
    """No connection came about: nothing was sent."""


class Cut(NetworkError):
    """The connection broke after the request may have got through."""


def unchanged(problem: TelegramError) -> bool:
    """Whether an edit was refused because the message shows just that already."""
    return isinstance(problem, BadRequest) and _SAME in str(problem).lower()


def failure(problem: TelegramError) -> SendFailure:
    """The failure class of an exception of the library. Pure.

    The order matters: BadRequest and TimedOut are both subclasses of NetworkError.
    """
    if isinstance(problem, Patience):
        return RetryAfter(seconds_of(problem))
    if isinstance(problem, NotSent):
        return Unavailable("no connection")
    if isinstance(problem, Cut):
        return Unknown(str(problem))
    if isinstance(problem, Forbidden):
        return Unreachable(str(problem)[:200])
    if isinstance(problem, InvalidToken):
        return Unavailable("the token is refused")
    if isinstance(problem, BadRequest):
        return _refused(str(problem))
    if isinstance(problem, TimedOut):
        return Unavailable("no connection") if isinstance(problem.__cause__, _NOT_SENT) else Unknown("timeout")
    if isinstance(problem, NetworkError):
        return _unclear(problem)
    if isinstance(problem, Conflict):
        return Unavailable("somebody else polls with this token")
    return Unknown(type(problem).__name__)


def seconds_of(problem: Patience) -> float:
    """The patience asked for, in seconds. The library hands out a number or a timedelta, by an environment variable."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asked = problem.retry_after
    return float(asked) if isinstance(asked, int | float) else asked.total_seconds()


def _refused(text: str) -> SendFailure:
    said = text.lower()
    if any(mark in said for mark in _NOBODY):
        return Unreachable(text[:200])
    if any(mark in said for mark in _GONE):
        return EditGone(text[:200])
    return Rejected(text[:200])


def _unclear(problem: NetworkError) -> SendFailure:
    cause = problem.__cause__
    if isinstance(cause, _NOT_SENT) or not isinstance(cause, httpx.HTTPError):
        return Unavailable("not sent" if cause else "an error of the platform's own")
    return Unknown(type(cause).__name__)  # the connection broke after the request may have got through
