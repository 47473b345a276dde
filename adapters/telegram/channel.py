"""TelegramChannel: what delivery and the inbox see. Texts go out with no parse mode: nothing in them can be markup."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram import Bot, InputFile, ReplyParameters
from telegram.error import ChatMigrated, TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from adapters.pacing import Pacer
from adapters.telegram import reading
from adapters.telegram.failures import failure, unchanged
from adapters.telegram.pacing import CHAT, limits
from conversations.channels import Abilities, Rejected, RetryAfter, Unreachable
from conversations.messages import FileIn, FileOut, Message, Outgoing

log = logging.getLogger(__name__)

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]
Step = Callable[[], Awaitable[str]]
Said = Mapping[str, Any]

_PATIENCE = CHAT[0].seconds  # to wait in place; for longer the outbox sets the message back
_MOST_REMEMBERED = 5000
_LARGEST = {"photo": 10_000_000, "document": 50_000_000}
_PICTURES = frozenset({"image/jpeg", "image/png"})
_WIDE = 12  # a label of up to so many columns shares its row
_A_ROW = 3
_DATA = 64
_NO_PREVIEW = {"is_disabled": True}


@dataclass(frozen=True, slots=True)
class UnitAbilities(Abilities):
    """Telegram counts UTF-16 units: a character beyond the basic plane is two."""

    def text_length(self, text: str) -> int:
        """The text's length in UTF-16 units."""
        return len(text.encode("utf-16-le", "surrogatepass")) // 2


ABILITIES = UnitAbilities(buttons=20, edits=True, files=True, max_text=4096, label_length=40)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: a chat, and in a group with topics the topic."""

    chat: str
    topic: int | None = None


class TelegramChannel:
    """Telegram as a platform.

    Args:
        bot: the library's client, for calls alone.
        clock: the moment in seconds, never going back.
        sleep: waits so many seconds.
    """

    name = reading.NAME
    abilities: Abilities = ABILITIES

    def __init__(self, bot: Bot, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._bot = bot
        self._clock = clock
        self._sleep = sleep
        self._pacer = Pacer()
        self._moved: dict[str, str] = {}
        self._taken: OrderedDict[str, dict[int, str]] = OrderedDict()

    def translate(self, payload: Any) -> Message | None:
        """The update as a Message; None for kinds that mean nothing to us. Raises ValueError for a broken one."""
        return reading.translate(payload)

    async def fetch(self, file: FileIn) -> bytes:
        """The bytes of a file somebody sent (at most 20 MB). Raises SendFailure."""
        try:
            found = await self._bot.get_file(file.ref or "")
            return bytes(await found.download_as_bytearray())  # its address carries the token: it stays in here
        except TelegramError as problem:
            raise failure(problem) from None

    async def send(self, message: Outgoing) -> str | None:
        """Send or edit one message; the id is "chat:message", of the text where there are files too.

        Raises: SendFailure.
        """
        if message.edits:
            return await self._edit(message)
        steps = self._steps(message, place_of(message))
        taken = self._taken.setdefault(f"{message.key}\n{message.account}\n{message.text}", {})
        while len(self._taken) > _MOST_REMEMBERED:
            self._taken.popitem(last=False)
        for number, step in enumerate(steps):
            if number not in taken:  # what went out at an earlier try does not go out twice
                taken[number] = await step()
        return taken[0]

    async def working(self, account: str, conversation: str | None) -> None:
        """Show "typing…" for some seconds; that it cannot be shown is nothing."""
        place = place_of(Outgoing("", account, "", conversation=conversation))
        try:
            await self._bot.send_chat_action(place.chat, "typing", message_thread_id=place.topic)
        except TelegramError:
            log.debug("no typing sign")

    def _steps(self, message: Outgoing, place: Place) -> list[Step]:
        for file in message.files:
            if len(file.content) > _LARGEST["document"] or not file.content:
                raise Rejected("a file of more than 50 MB, or an empty one")
        keyboard = markup(message)
        steps: list[Step] = []
        if message.text.strip():
            self._check(message.text)
            steps.append(lambda: self._text(message, place, keyboard))
        steps += [lambda file=file: self._file(message, place, file) for file in message.files]  # type: ignore[misc]
        if not steps:
            raise Rejected("an empty message")
        return steps

    def _check(self, text: str) -> None:
        if ABILITIES.text_length(text) > ABILITIES.max_text:
            raise Rejected("a text of more than 4096 units")

    async def _text(self, message: Outgoing, place: Place, keyboard: Said | None) -> str:
        chat = self._moved.get(place.chat, place.chat)
        answered = _answered(message, place)
        sent = await self._call(
            chat,
            partial(self._ask, "sendMessage"),
            chat_id=_id(chat),
            message_thread_id=place.topic,
            reply_parameters=answered and answered.to_dict(),
            text=message.text,
            reply_markup=keyboard,
            link_preview_options=_NO_PREVIEW,
        )
        return f"{sent['chat']['id']}:{sent['message_id']}"

    async def _ask(self, method: str, **said: Any) -> Any:
        """One call of the Bot API in plain values; what it answers. To make the library's types of it, and take them
        apart again, costs more than the call. Raises TelegramError.
        """
        parts = [RequestParameter(name, value, None) for name, value in said.items() if value is not None]
        return await self._bot.request.post(f"{self._bot.base_url}/{method}", RequestData(parts))

    async def _file(self, message: Outgoing, place: Place, file: FileOut) -> str:
        if file.type in _PICTURES and len(file.content) <= _LARGEST["photo"]:
            photo = InputFile(file.content, filename=file.name)
            with suppress(Rejected):  # too long and narrow, say: it goes as a file
                return await self._post(place, message, self._bot.send_photo, photo=photo)
        upload = InputFile(file.content, filename=file.name)
        return await self._post(
            place, message, self._bot.send_document, document=upload, disable_content_type_detection=True
        )

    async def _post(self, place: Place, message: Outgoing, method: Callable[..., Awaitable[Any]], **said: Any) -> str:
        chat = self._moved.get(place.chat, place.chat)
        sent = await self._call(
            chat,
            method,
            chat_id=_id(chat),
            message_thread_id=place.topic,
            reply_parameters=_answered(message, place),
            **said,
        )
        return f"{sent.chat.id}:{sent.message_id}"

    async def _edit(self, message: Outgoing) -> str | None:
        chat, _, number = (message.edits or "").rpartition(":")
        if not chat or not number.isdecimal():
            raise Rejected("no message of ours to edit")
        what: Said = {"chat_id": _id(chat), "message_id": int(number), "reply_markup": markup(message)}
        await self._pace(chat)
        try:
            if message.text.strip():
                self._check(message.text)
                await self._ask("editMessageText", text=message.text, link_preview_options=_NO_PREVIEW, **what)
            else:
                await self._ask("editMessageReplyMarkup", **what)
        except TelegramError as problem:
            if not unchanged(problem):
                raise failure(problem) from None
        return message.edits

    async def _call(self, chat: str, method: Callable[..., Awaitable[Any]], **said: Any) -> Any:
        await self._pace(chat)
        try:
            return await method(**said)
        except ChatMigrated as moved:  # the group has become a supergroup; nothing was sent
            self._moved[chat] = str(moved.new_chat_id)
            log.warning("a group has a new id", extra={"action": "telegram_migrated", "group": str(moved.new_chat_id)})
        except TelegramError as problem:
            raise failure(problem) from None
        try:
            return await method(**said | {"chat_id": _id(self._moved[chat]), "reply_parameters": None})
        except TelegramError as problem:
            raise failure(problem) from None

    async def _pace(self, chat: str) -> None:
        while wait := self._pacer.take(limits(chat), self._clock()):
            if wait > _PATIENCE:
                raise RetryAfter(wait)
            await self._sleep(wait)


def place_of(message: Outgoing) -> Place:
    """The chat and topic that a message goes to: the group, else the conversation it answers, else the account."""
    chat, _, topic = (message.conversation or "").partition(":")
    if message.group:
        return Place(message.group, int(topic) if chat == message.group and topic.isdecimal() else None)
    chat = chat or message.account
    if not chat:
        raise Unreachable("no chat")
    return Place(chat, int(topic) if topic.isdecimal() else None)


def markup(message: Outgoing) -> Said | None:
    """The buttons in rows: short ones side by side, long ones alone. Raises Rejected for data of over 64 bytes."""
    rows: list[list[Said]] = []
    room = 0
    for button in message.buttons:
        if not 1 <= len(button.action.encode()) <= _DATA:
            raise Rejected("a button's action of more than 64 bytes")
        made = {"text": button.label, "callback_data": button.action}
        short = _columns(button.label) <= _WIDE
        if short and room:
            rows[-1].append(made)
            room -= 1
        else:
            rows.append([made])
            room = _A_ROW - 1 if short else 0
    return {"inline_keyboard": rows} if rows else None


def _columns(label: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in label)


def _answered(message: Outgoing, place: Place) -> ReplyParameters | None:
    """In a group, which message is answered; in a direct chat it is plain enough."""
    _, _, there = (message.reply_to or "").partition(":")
    chat, _, number = (there or message.reply_to or "").rpartition(":")
    if not place.chat.startswith("-") or chat != place.chat or not number.isdecimal() or int(number) == 0:
        return None
    return ReplyParameters(int(number), allow_sending_without_reply=True)


def _id(chat: str) -> int | str:
    return int(chat) if chat.removeprefix("-").isdecimal() else chat
