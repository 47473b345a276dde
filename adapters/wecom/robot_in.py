"""Updates of the smart robot: what makes each unique, and what it says. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from conversations.channels import RawUpdate
from conversations.messages import FileIn, Message

NAME = "wecom"
TASK = "r"  # ids of the robot's cards begin with it, those of the app's with "g"
DEAD_KEY = "-"
_MENTION = re.compile(r"\A\s*@[^\s\u2005@]+[\s\u2005]*")  # a group's text begins with the robot's own name
_FILES = {
    "image": ("image.jpg", "image/jpeg"),
    "file": ("file", "application/octet-stream"),
    "video": ("video.mp4", "video/mp4"),
}


def raw_update(body: Mapping[str, Any], bot: str) -> RawUpdate:
    """The update to keep. Raises ValueError without an id or sender."""
    number, sender = body.get("msgid"), _sender(body)
    if not isinstance(number, str) or not number:
        raise ValueError("a robot's update without an id")
    chat = str(body.get("chatid") or sender)
    return RawUpdate(NAME, f"r:{number}"[:250], f"robot:{chat}", {"via": "robot", "fields": dict(body)}, account=bot)


def event(body: Mapping[str, Any]) -> str:
    """The event's type; empty for a message."""
    return str(_part(body, "event").get("eventtype") or "") if body.get("msgtype") == "event" else ""


def clicked(body: Mapping[str, Any]) -> tuple[str, str]:
    """A card event's key and task id; the vendor's pages and typings put them in different places."""
    outer = _part(body, "event")
    inner = _part(outer, "template_card_event")
    key, task = (inner.get(name) or outer.get(name) or "" for name in ("event_key", "task_id"))
    return str(key), str(task)


def translate(body: Mapping[str, Any]) -> Message | None:
    """An update as a message; None for what means nothing to us. Raises ValueError for one without a sender."""
    happened = event(body)
    if happened:
        key, task = clicked(body) if happened == "template_card_event" else ("", "")
        return _said(body, press=key, press_on=task or None) if key not in {"", DEAD_KEY} else None
    kind = str(body.get("msgtype") or "")
    if kind == "voice":
        return _said(body, text=str(_part(body, "voice").get("content") or ""))
    parts = _part(body, "mixed").get("msg_item") if kind == "mixed" else [body]
    parts = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    texts = [str(_part(part, "text").get("content") or "") for part in parts if part.get("msgtype") == "text"]
    files = tuple(file for part in parts if (file := _file(part)) is not None)
    if not texts and not files:
        return None
    return _said(body, text="\n".join(texts), files=files)


def _file(part: Mapping[str, Any]) -> FileIn | None:
    kind = str(part.get("msgtype") or "")
    about = _part(part, kind)
    if kind not in _FILES or not about.get("url"):
        return None
    name, type_ = _FILES[kind]
    name = str(about.get("filename") or about.get("name") or name)
    ref = json.dumps({"url": about["url"], "aeskey": about.get("aeskey")})
    return FileIn(name, type_, ref=f"robot:{ref}")


def _said(body: Mapping[str, Any], **said: Any) -> Message:
    sender = _sender(body)
    group = str(body.get("chatid") or "") if body.get("chattype") == "group" else ""
    if group and said.get("text"):
        said["text"] = _MENTION.sub("", said["text"], count=1)
    return Message(channel=NAME, account=sender, conversation=f"robot:{group or sender}", group=group or None, **said)


def _sender(body: Mapping[str, Any]) -> str:
    sender = _part(body, "from").get("userid")
    if not isinstance(sender, str) or not sender:
        raise ValueError("a robot's update of nobody")
    return sender


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    return value if isinstance(value, dict) else {}
