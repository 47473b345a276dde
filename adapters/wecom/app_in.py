"""Updates of the self-built app: what makes each unique, and what it says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conversations.channels import RawUpdate
from conversations.messages import FileIn, Message

NAME = "wecom"
DEAD_KEY = "-"  # the key of a button that does nothing any more

_EVENT_KEY = ("AgentID", "FromUserName", "CreateTime", "Event", "EventKey", "TaskId", "ResponseCode", "ChangeType")
_FILES = {
    "image": ("image.jpg", "image/jpeg"),
    "voice": ("voice.amr", "audio/amr"),
    "video": ("video.mp4", "video/mp4"),
    "file": ("file", "application/octet-stream"),
}
ALARMS = frozenset({"inactive_alert", "close_inactive_agent", "low_active_alert", "low_active"})
_WORDLESS = frozenset({"location", "link"})
CARD_EVENTS = frozenset({"template_card_event", "template_card_menu_event"})


def raw_update(fields: Mapping[str, Any], agent: str) -> RawUpdate:
    """The update to keep. A card's click is one by its response code; events have no id and are one by all they say."""
    sender = _text(fields, "FromUserName")
    if not sender:
        raise ValueError("an update of nobody")
    number = _text(fields, "MsgId")
    code = _text(fields, "ResponseCode")
    if number:
        key = f"m:{number}"
    elif code:
        key = f"c:{code}"
    else:
        key = "e:" + "|".join(_text(fields, name) for name in _EVENT_KEY)
    return RawUpdate(NAME, key[:250], f"app:{sender.lower()}", {"via": "app", "fields": dict(fields)}, account=agent)


def event(fields: Mapping[str, Any]) -> str:
    """The event's name in lower case; empty for a message."""
    return _text(fields, "Event").lower() if _text(fields, "MsgType") == "event" else ""


def translate(fields: Mapping[str, Any]) -> Message | None:
    """An update as a message; None for what means nothing to us (entering the app, where somebody is, unknown kinds).

    Raises: ValueError for an update without a sender.
    """
    sender = _text(fields, "FromUserName")
    if not sender:
        raise ValueError("an update of nobody")
    kind = _text(fields, "MsgType")
    if kind == "text":
        return _said(sender, text=_text(fields, "Content"))
    if kind in _FILES:
        return _sent_file(sender, kind, fields)
    if kind in _WORDLESS:
        return _said(sender, wordless=True)
    happened = event(fields)
    if happened in CARD_EVENTS:
        key = _text(fields, "EventKey")
        return _said(sender, press=key, press_on=_text(fields, "TaskId") or None) if key not in {"", DEAD_KEY} else None
    if happened == "click" and _text(fields, "EventKey"):
        return _said(sender, text=_text(fields, "EventKey"))
    return None


def _sent_file(sender: str, kind: str, fields: Mapping[str, Any]) -> Message | None:
    heard = _text(fields, "Recognition")
    if kind == "voice" and heard:
        return _said(sender, text=heard)
    media_id = _text(fields, "MediaId")
    if not media_id:
        return None
    name, type_ = _FILES[kind]
    return _said(sender, files=(FileIn(_text(fields, "FileName") or name, type_, ref=f"media:{media_id}"),))


def _said(sender: str, **said: Any) -> Message:
    return Message(channel=NAME, account=sender, conversation=f"app:{sender}", **said)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
