"""What Slack's refusals mean to delivery: one table, from the vendor's list and from measuring the library."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError

from conversations.channels import EditGone, Rejected, RetryAfter, SendFailure, Unavailable, Unknown, Unreachable

log = logging.getLogger(__name__)

BLOCKS_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_NOBODY = frozenset({
    "channel_not_found", "user_not_found", "users_not_found", "user_disabled", "user_not_visible", "is_archived",
    "messages_tab_disabled", "restricted_action", "restricted_action_read_only_channel", "not_in_channel",
    "restricted_action_thread_only_channel", "restricted_action_non_threadable_channel", "cannot_dm_bot", "is_inactive",
    "invalid_user_combination", "external_channel_migrating", "team_not_found", "ekm_access_denied",
    "method_not_supported_for_channel_type", "not_enough_users", "cannot_find_channel",
})  # fmt: skip
_NO_ACCESS = frozenset({
    "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope",
    "not_allowed_token_type", "no_permission", "org_login_required", "access_denied", "team_access_not_granted",
    "two_factor_setup_required", "accesslimited", "team_added_to_org",
})  # fmt: skip
_UNCLEAR = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_TOO_MUCH = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_EDIT_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive",
                        "channel_not_found", "cant_edit_message"})  # fmt: skip
_PATIENCE_S = 30.0


def failure(problem: Exception, *, editing: bool = False) -> SendFailure:
    """The failure class of an exception of the library, by what has become of the message. Pure but for an alarm."""
    if isinstance(problem, SlackApiError):
        return _refused(problem, editing)
    if isinstance(problem, SlackRequestError):
        return Unavailable("the upload was refused")  # nothing is shown before its last step
    if isinstance(problem, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL):
        return Unavailable("no connection")
    return Unknown(type(problem).__name__)  # timeouts, connections that broke after the request may have got through


def error_of(problem: SlackApiError) -> str:
    """Slack's word for what is wrong; empty if it gave none."""
    answer: Any = problem.response
    data = getattr(answer, "data", answer)
    return str(data.get("error") or "") if isinstance(data, Mapping) else ""


def _refused(problem: SlackApiError, editing: bool) -> SendFailure:
    answer: Any = problem.response
    status = int(getattr(answer, "status_code", None) or getattr(answer, "status", None) or 200)
    error = error_of(problem)
    if status == 429 or error in _TOO_MUCH:
        return RetryAfter(_seconds(getattr(answer, "headers", {})))
    if status >= 500 or error in _UNCLEAR or not error:
        return Unknown(error or f"status {status}")
    if editing and error in _EDIT_GONE:
        return EditGone(error)
    if error in _NOBODY:
        return Unreachable(error)
    if error in _NO_ACCESS:
        needed = answer.get("needed") if hasattr(answer, "get") else None
        log.error("slack refuses us: %s %s", error, needed or "", extra={"action": "slack_no_access", "error": error})
        return Unavailable(error)
    return Rejected(error[:200])


def _seconds(headers: Mapping[str, str]) -> float:
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(found) if found.isdecimal() else _PATIENCE_S
