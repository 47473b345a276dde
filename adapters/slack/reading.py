"""Updates as Slack tells them: what makes each unique, and what it says. Pure, on the raw JSON.

The payload kept is {"kind": event | actions | view | command, "body": what Slack sent, without what only the moment
needs (tokens, addresses to answer at)}. Platform ids of messages are "channel:ts"; conversations "channel" or
"channel:thread".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from adapters.slack import forms, markup
from conversations.channels import RawUpdate
from conversations.messages import FileIn, Message

NAME = "slack"
KINDS: Mapping[str, str] = {"event_callback": "event", "block_actions": "actions", "view_submission": "view"}
"""What each type of payload is called here; a slash command has none and is "command"."""

_HEARD = frozenset({None, "file_share", "thread_broadcast"})
_LARGEST = 20_000_000  # as the other platforms have it
_SECRETS = frozenset({"token", "response_url", "response_urls", "trigger_id", "message", "api_app_id", "enterprise"})
_LONGEST_KEY = 250


def raw_update(kind: str, body: Mapping[str, Any]) -> RawUpdate:
    """The update to keep. Raises ValueError for what is none."""
    make = {"event": _event_key, "actions": _actions_key, "view": _view_key, "command": _command_key}[kind]
    key, conversation, team = make(body)
    kept = {name: value for name, value in body.items() if name not in _SECRETS}
    return RawUpdate(NAME, key[:_LONGEST_KEY], conversation[:_LONGEST_KEY], {"kind": kind, "body": kept}, account=team)


def concerns(body: Mapping[str, Any]) -> bool:
    """Whether an event is any of our business: what people say to each other in a channel is neither kept nor read."""
    event = _map(body, "event")
    if event.get("type") != "message" or _direct(_text(event, "channel")):
        return True
    me = _me(body)
    return bool(me) and (event.get("parent_user_id") == me or _speaks_to(event, me))


def translate(payload: Any) -> Message | None:
    """An update as a message; None for edits, bots, and kinds that mean nothing to us. Raises ValueError if broken."""
    body = payload.get("body") if isinstance(payload, Mapping) else None
    if not isinstance(body, Mapping):
        raise ValueError("no update")  # noqa: TRY004 - as every broken update
    reader = {"event": _event, "actions": _pressed, "view": _submitted, "command": _command}.get(payload.get("kind"))
    if reader is None:
        raise ValueError("no kind of update of ours")
    return reader(body)


# --- what makes an update unique ----------------------------------------------------------------------------------


def _event_key(body: Mapping[str, Any]) -> tuple[str, str, str]:
    name, team, event = body.get("event_id"), _text(body, "team_id"), body.get("event")
    if not isinstance(name, str) or not name or not isinstance(event, Mapping):
        raise ValueError("no event")
    channel, ts, thread = (_text(event, part) for part in ("channel", "ts", "thread_ts"))
    if channel and not _direct(channel):
        if event.get("type") in {"message", "app_mention"} and ts and event.get("subtype") in _HEARD:
            name = f"said:{channel}:{ts}"  # a mention may come twice, as two events
        return name, f"{channel}:{thread or ts}", team
    return name, channel or _text(event, "user") or team, team


def _actions_key(body: Mapping[str, Any]) -> tuple[str, str, str]:
    user, place, action = _map(body, "user"), _map(body, "container"), _action(body)
    if not _text(user, "id") or not _text(action, "action_ts"):
        raise ValueError("a press of nobody")
    channel = _text(place, "channel_id")
    about = _text(place, "message_ts") or _text(place, "view_id")
    key = f"press:{user['id']}:{about}:{_text(action, 'action_id')}:{action['action_ts']}"
    where = channel or _text(user, "id")
    if channel and not _direct(channel):
        where = f"{channel}:{_text(place, 'thread_ts') or _text(place, 'message_ts')}"
    return key, where, _team(body)


def _view_key(body: Mapping[str, Any]) -> tuple[str, str, str]:
    view, user = _map(body, "view"), _text(_map(body, "user"), "id")
    if not user or not _text(view, "id"):
        raise ValueError("a form of nobody")
    where = str(forms.context(view).get("conversation") or user)
    return f"view:{view['id']}:{_text(view, 'hash')}", where.partition(":")[0] if _direct(where) else where, _team(body)


def _command_key(body: Mapping[str, Any]) -> tuple[str, str, str]:
    user, trigger = _text(body, "user_id"), _text(body, "trigger_id")
    if not user or not trigger:
        raise ValueError("a command of nobody")
    return f"command:{trigger}", user, _text(body, "team_id")


# --- what an update says ------------------------------------------------------------------------------------------


def _event(body: Mapping[str, Any]) -> Message | None:
    event = _map(body, "event")
    if event.get("type") not in {"message", "app_mention"}:
        return None
    if event.get("subtype") not in _HEARD or event.get("bot_id") or event.get("hidden"):
        return None
    me, channel, ts = _me(body), _text(event, "channel"), _text(event, "ts")
    user = _text(event, "user")
    if not user or not channel:
        raise ValueError("an event of nobody")
    if user == me:
        return None
    direct = _direct(channel)
    raw = _text(event, "text")
    text, named = markup.read(raw, me)
    if event.get("type") == "app_mention" and not named:
        text, named = markup.read(markup.without_first_mention(raw), "")[0], True
    files = _files(event)
    if not text.strip() and not files:
        return None
    thread = _text(event, "thread_ts")
    to_us = bool(me) and thread not in {"", ts} and event.get("parent_user_id") == me
    return Message(
        channel=NAME,
        account=account(user, _text(event, "user_team") or _text(event, "team"), _text(body, "team_id")),
        conversation=_place(channel, thread if direct else thread or ts),
        text=text,
        reply_to=f"{channel}:{thread}" if to_us else None,
        group=None if direct else channel,
        mentioned=direct or named or to_us,
        files=files,
    )


def _pressed(body: Mapping[str, Any]) -> Message | None:
    action, place, user = _action(body), _map(body, "container"), _map(body, "user")
    value, channel, ts = _text(action, "value"), _text(place, "channel_id"), _text(place, "message_ts")
    if not _text(user, "id"):
        raise ValueError("a press of nobody")
    sender = account(user["id"], _text(user, "team_id"), _team(body))
    if not value or _map(body, "view").get("type") == "modal":
        return None
    if not channel:  # App Home: its buttons say something
        return Message(NAME, sender, text=value, sender_name=_name(user))
    direct = _direct(channel)
    thread = _text(place, "thread_ts")
    return Message(
        channel=NAME,
        account=sender,
        conversation=_place(channel, thread if direct else thread or ts),
        press=value,
        press_on=f"{channel}:{ts}" if ts else None,
        group=None if direct else channel,
        sender_name=_name(user),
    )


def _submitted(body: Mapping[str, Any]) -> Message | None:
    view, user = _map(body, "view"), _map(body, "user")
    if not _text(user, "id"):
        raise ValueError("a form of nobody")
    text = forms.sentence(view)
    if text is None:
        return None
    about = forms.context(view)
    where = str(about.get("conversation") or "")
    channel = where.partition(":")[0]
    return Message(
        channel=NAME,
        account=account(user["id"], _text(user, "team_id"), _team(body)),
        conversation=where,
        text=text,
        reply_to=str(about["on"]) if about.get("on") else None,
        group=channel if channel and not _direct(channel) else None,
        sender_name=_name(user),
    )


def _command(body: Mapping[str, Any]) -> Message | None:
    if not _text(body, "user_id"):
        raise ValueError("a command of nobody")
    text = markup.read(_text(body, "text"), "")[0].strip()
    if not text:
        return None
    sender = account(_text(body, "user_id"), "", _text(body, "team_id"))
    return Message(NAME, sender, text=text, sender_name=_text(body, "user_name") or None)


def account(user: str, team: str, home: str) -> str:
    """A person's id: his user id; one of another company's workspace carries that workspace's id."""
    foreign = team.startswith("T") and home.startswith("T") and team != home  # an organisation's own id begins with E
    return f"{team}.{user}" if foreign else user


def press_of(body: Mapping[str, Any]) -> str:
    """What a pressed button sends back; empty if none was."""
    return _text(_action(body), "value")


def _files(event: Mapping[str, Any]) -> tuple[FileIn, ...]:
    sent = event.get("files")
    found = [one for one in sent if isinstance(one, Mapping) and _text(one, "id")] if isinstance(sent, list) else []
    return tuple(_file(one) for one in found)


def _file(file: Mapping[str, Any]) -> FileIn:
    size = file.get("size")
    size = size if isinstance(size, int) and not isinstance(size, bool) else None
    gone = file.get("mode") in {"tombstone", "hidden_by_limit"}
    return FileIn(
        _text(file, "name") or "file",
        _text(file, "mimetype") or "application/octet-stream",
        ref=_text(file, "id"),
        size=size,
        problem="gone" if gone else "too_large" if size and size > _LARGEST else None,
    )


def _speaks_to(event: Mapping[str, Any], me: str) -> bool:
    return markup.read(_text(event, "text"), me)[1]


def _me(body: Mapping[str, Any]) -> str:
    """The bot's user id, as the event itself tells it."""
    given = body.get("authorizations")
    bots = [one for one in given if isinstance(one, Mapping) and one.get("is_bot")] if isinstance(given, list) else []
    return _text(bots[0], "user_id") if bots else ""


def _action(body: Mapping[str, Any]) -> Mapping[str, Any]:
    actions = body.get("actions")
    return actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], Mapping) else {}


def _team(body: Mapping[str, Any]) -> str:
    return _text(_map(body, "team"), "id")


def _direct(channel: str) -> bool:
    return channel.startswith("D")


def _place(channel: str, thread: str) -> str:
    return f"{channel}:{thread}" if thread else channel


def _name(user: Mapping[str, Any]) -> str | None:
    return _text(user, "name") or _text(user, "username") or None


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _map(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def parsed(text: str) -> dict[str, Any]:
    """A JSON object. Raises ValueError for anything else."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - as all that cannot be read
    return found
