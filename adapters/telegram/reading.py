"""Updates as Telegram tells them: what makes each unique, and what it says. Pure, on the raw JSON.

The payload kept is {"me": the bot's username, "update": the update}, so that an old one still reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from conversations.channels import RawUpdate
from conversations.datafiles import read_data
from conversations.messages import FileIn, Message

NAME = "telegram"
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+|\Z)")
_FILES = {
    "document": ("file", "application/octet-stream"),
    "video": ("video.mp4", "video/mp4"),
    "voice": ("voice.ogg", "audio/ogg"),
    "audio": ("audio.mp3", "audio/mpeg"),
}
_LARGEST = 20_000_000  # what a bot may fetch
_GROUPS = frozenset({"group", "supergroup"})
_WORDLESS = frozenset({"location", "venue", "contact", "sticker", "video_note", "dice", "poll", "story"})


def raw_update(update: Any, username: str, bot: str) -> RawUpdate:
    """The update to keep. Its id names the message as well: numbers may begin anew after a quiet week.

    Raises: ValueError for what is no update.
    """
    number = update.get("update_id") if isinstance(update, Mapping) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("no update")  # noqa: TRY004 - as every broken update
    body: Mapping[str, Any] = next((update[kind] for kind in KINDS if isinstance(update.get(kind), Mapping)), {})
    message = body.get("message") if "callback_query" in update else body
    message = message if isinstance(message, Mapping) else {}
    chat = _map(message, "chat").get("id") or _map(body, "from").get("id") or 0
    key = f"{number}:{chat}:{message.get('message_id', 0)}"
    payload = {"me": username, "update": dict(update)}
    return RawUpdate(NAME, key[:250], _conversation(message) or str(chat), payload, account=bot)


def translate(payload: Any) -> Message | None:
    """An update as a message; None for edits of old messages, blocking and unblocking, bots, and unknown kinds.

    Raises: ValueError for a broken one.
    """
    update = payload.get("update") if isinstance(payload, Mapping) else None
    if not isinstance(update, Mapping):
        raise ValueError("no update")  # noqa: TRY004 - as every broken update
    me = str(payload.get("me") or "")
    if isinstance(update.get("callback_query"), Mapping):
        return _pressed(update["callback_query"])
    if isinstance(update.get("message"), Mapping):
        return _said(update["message"], me)
    changed = blocking(update)
    if changed is not None and _map(_map(update, "my_chat_member"), "chat").get("type") == "private":
        account, shut = changed
        return Message(channel=NAME, account=account, conversation=account, door="shut" if shut else "open")
    return None


def blocking(update: Any) -> tuple[str, bool] | None:
    """The chat that has shut the bot out (True) or let it in again (False), if the update says so."""
    change = _map(update, "my_chat_member") if isinstance(update, Mapping) else {}
    status = _map(change, "new_chat_member").get("status")
    if not isinstance(status, str):
        return None
    return str(_map(change, "chat").get("id")), status in {"kicked", "left"}


def _pressed(query: Mapping[str, Any]) -> Message | None:
    sender, data, shown = _map(query, "from"), query.get("data"), _map(query, "message")
    account = _account(sender)
    if not isinstance(data, str) or not data:
        return None
    chat = _map(shown, "chat")
    return Message(
        channel=NAME,
        account=account,
        conversation=_conversation(shown) or account,
        press=data,
        press_on=f"{chat['id']}:{shown['message_id']}" if "id" in chat and "message_id" in shown else None,
        group=str(chat["id"]) if chat.get("type") in _GROUPS else None,
        sender_name=_name(sender),
    )


def _said(message: Mapping[str, Any], me: str) -> Message | None:
    sender, chat = _map(message, "from"), _map(message, "chat")
    grouped = chat.get("type") in _GROUPS
    if sender.get("is_bot") or "sender_chat" in message or not (grouped or chat.get("type") == "private"):
        return None  # anonymous admins and channels prove no identity
    account = _account(sender)
    text, named = _text(message, me)
    answered = _map(message, "reply_to_message")
    to_me = bool(me) and str(_map(answered, "from").get("username", "")).lower() == me.lower()
    files = _files(message)
    start, text, called = _command(text, me, str(sender.get("language_code") or ""))
    wordless = not grouped and not _WORDLESS.isdisjoint(message)
    if not text.strip() and not files and start is None and not wordless:
        return None
    return Message(
        channel=NAME,
        account=account,
        conversation=_conversation(message),
        text=text,
        reply_to=f"{chat['id']}:{answered['message_id']}" if to_me and "message_id" in answered else None,
        group=str(chat["id"]) if grouped else None,
        mentioned=not grouped or named or to_me or called,
        files=files,
        sender_name=_name(sender),
        start=start,
        wordless=wordless,
    )


def _text(message: Mapping[str, Any], me: str) -> tuple[str, bool]:
    """The text without mentions of the bot, and whether there were any. Offsets count UTF-16 units."""
    key = "text" if isinstance(message.get("text"), str) else "caption"
    text = message.get(key)
    if not isinstance(text, str):
        return "", False
    units = text.encode("utf-16-le", "surrogatepass")
    entities = message.get("entities" if key == "text" else "caption_entities")
    named = False
    for entity in reversed(entities if isinstance(entities, list) else []):
        if not isinstance(entity, Mapping) or entity.get("type") not in {"mention", "text_mention"}:
            continue
        begin, length = entity.get("offset"), entity.get("length")
        if not isinstance(begin, int) or not isinstance(length, int) or begin < 0 or length < 0:
            continue
        whom = units[2 * begin : 2 * (begin + length)].decode("utf-16-le", "replace").removeprefix("@")
        whom = str(_map(entity, "user").get("username") or whom)
        if me and whom.lower() == me.lower():
            units, named = units[: 2 * begin] + units[2 * (begin + length) :], True
    return units.decode("utf-16-le", "replace").strip(" ") if named else text, named


def _command(text: str, me: str, language: str) -> tuple[str | None, str, bool]:
    """A command's deep-link code, the text it stands for, and whether it speaks to the bot."""
    found = _COMMAND.match(text)
    if not found:
        return None, text, False
    name, whom, rest = found[1].lower(), found[2], text[found.end() :].strip()
    if whom and whom.lower() != me.lower():
        return None, "", False  # another bot's
    if name == "start" and rest:
        return rest, "", True
    says = words().get("help" if name == "start" else name)
    if says is not None:
        return None, f"{says['zh' if language.startswith('zh') else 'en']['says']} {rest}".strip(), True
    return None, f"{name} {rest}".strip(), True


def _files(message: Mapping[str, Any]) -> tuple[FileIn, ...]:
    sizes = message.get("photo")
    if isinstance(sizes, list):
        fitting = [one for one in sizes if isinstance(one, Mapping) and _size(one) <= _LARGEST and one.get("file_id")]
        best = max(fitting, key=_size, default=None)
        return (FileIn("photo.jpg", "image/jpeg", ref=str(best["file_id"]), size=_size(best)),) if best else ()
    for kind, (name, type_) in _FILES.items():
        sent = _map(message, kind)
        if sent.get("file_id"):
            return (
                FileIn(
                    str(sent.get("file_name") or name),
                    str(sent.get("mime_type") or type_),
                    ref=str(sent["file_id"]),
                    size=_size(sent) or None,
                    problem="too_large" if _size(sent) > _LARGEST else None,
                ),
            )
    return ()


def _size(file: Mapping[str, Any]) -> int:
    size = file.get("file_size")
    return size if isinstance(size, int) else 0


def _conversation(message: Mapping[str, Any]) -> str:
    chat = _map(message, "chat").get("id")
    if chat is None:
        return ""
    topic = message.get("message_thread_id") if message.get("is_topic_message") else None
    return f"{chat}:{topic}" if topic else str(chat)


def _account(sender: Mapping[str, Any]) -> str:
    if not isinstance(sender.get("id"), int):
        raise ValueError("an update of nobody")  # noqa: TRY004 - a broken update, whatever its fields are
    return str(sender["id"])


def _name(sender: Mapping[str, Any]) -> str | None:
    return " ".join(str(sender[key]) for key in ("first_name", "last_name") if sender.get(key)) or None


def _map(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


@cache
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """The commands by name, then language: what the menu shows and what each says."""
    loaded: Mapping[str, Mapping[str, Mapping[str, str]]] = read_data(__file__, "words.yaml")
    return loaded
