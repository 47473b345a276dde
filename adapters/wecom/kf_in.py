"""What is pulled from WeChat customer service: what makes each item unique, and what it says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from conversations.channels import RawUpdate
from conversations.messages import FileIn, Message

NAME = "wecom"
SENT = "k"  # ids of what we send to customers begin with it
CUSTOMER, SYSTEM, SERVICER = 3, 4, 5  # who an item comes from
_FILES = {
    "image": ("image.jpg", "image/jpeg"),
    "voice": ("voice.amr", "audio/amr"),
    "video": ("video.mp4", "video/mp4"),
    "file": ("file", "application/octet-stream"),
}

_WORDLESS = frozenset({"location", "link", "business_card", "miniprogram", "channels", "merged_msg", "meeting",
                       "schedule", "channels_shop_product", "channels_shop_order"})  # fmt: skip


def raw_update(item: Mapping[str, Any]) -> RawUpdate:
    """The item to keep. Raises ValueError without an id."""
    number = item.get("msgid")
    if not isinstance(number, str) or not number:
        raise ValueError("an item without an id")
    kfid, customer = whose(item)
    payload = {"via": "kf", "fields": dict(item)}
    return RawUpdate(NAME, f"k:{number}"[:250], f"kf:{kfid}:{customer}", payload, account=kfid)


def whose(item: Mapping[str, Any]) -> tuple[str, str]:
    """The account of ours and the customer; an event has them inside."""
    happened = about(item)
    found = (item.get(name) or happened.get(name) or "" for name in ("open_kfid", "external_userid"))
    kfid, customer = found
    return str(kfid), str(customer)


def about(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event's fields; empty for a message."""
    value = item.get("event") if item.get("msgtype") == "event" else None
    return value if isinstance(value, dict) else {}


def scene_param(item: Mapping[str, Any]) -> str:
    """The binding code that the customer's link carried."""
    return unquote(str(about(item).get("scene_param") or ""))


def translate(item: Mapping[str, Any]) -> Message | None:
    """An item as a message; None for what a servicer says, and for what means nothing to us.

    Raises: ValueError for a customer's message without a customer.
    """
    kfid, customer = whose(item)
    if about(item):
        code = scene_param(item)
        entered = about(item).get("event_type") == "enter_session"
        return _said(kfid, customer, start=code) if entered and code and customer else None
    if item.get("origin") != CUSTOMER:
        return None
    if not customer:
        raise ValueError("a customer's message of nobody")
    kind = str(item.get("msgtype") or "")
    content = item.get(kind)
    part: Mapping[str, Any] = content if isinstance(content, dict) else {}
    if kind == "text" and part.get("menu_id"):
        return _said(kfid, customer, press=str(part["menu_id"]))
    if kind == "text":
        return _said(kfid, customer, text=str(part.get("content") or ""))
    if kind in _FILES and part.get("media_id"):
        name, type_ = _FILES[kind]
        return _said(kfid, customer, files=(FileIn(name, type_, ref=f"media:{part['media_id']}"),))
    return _said(kfid, customer, wordless=True) if kind in _WORDLESS else None


def _said(kfid: str, customer: str, **said: Any) -> Message:
    return Message(channel=NAME, account=customer, conversation=f"kf:{kfid}:{customer}", **said)
