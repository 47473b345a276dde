"""Tests what is set up, without writing to anybody: who the bot is, and how updates come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from telegram import Bot, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from adapters.findings import Finding
from adapters.telegram.assembly import Config
from adapters.telegram.receiving import PATH

WORDS = Path(__file__).with_name("doctor.yaml")
_LATELY = timedelta(hours=1)
_MANY = 100


async def examine(bot: Bot, config: Config, now: datetime) -> list[Finding]:
    """Sign in, and look how Telegram brings updates.

    Args:
        bot: the library's client.
        config: what is set.
        now: an aware moment.
    """
    try:
        me = await bot.get_me()
        way = await bot.get_webhook_info()
    except InvalidToken:
        return [Finding(False, "token")]
    except TelegramError as problem:
        return [Finding(False, "unreachable", {"kind": type(problem).__name__})]
    found = [Finding(True, "ok", {"name": f"@{me.username}"})]
    if me.can_read_all_group_messages:
        found.append(Finding(True, "privacy"))
    return found + (_webhook(way, config, now) if config.webhook_secret else _polling(way))


def _polling(way: WebhookInfo) -> list[Finding]:
    return [Finding(False, "webhook_left", {"url": way.url})] if way.url else [Finding(True, "polling")]


def _webhook(way: WebhookInfo, config: Config, now: datetime) -> list[Finding]:
    wanted = config.public_url.rstrip("/") + PATH
    if way.url != wanted:
        return [Finding(False, "webhook_elsewhere" if way.url else "webhook_none", {"url": way.url, "wanted": wanted})]
    waiting: dict[str, object]
    failed_at, waiting = way.last_error_date, {"waiting": way.pending_update_count}
    if failed_at is not None and now - failed_at.astimezone(UTC) < _LATELY:
        return [Finding(False, "webhook_fails", waiting | {"reason": way.last_error_message})]
    if way.pending_update_count > _MANY:
        return [Finding(False, "webhook_behind", waiting)]
    return [Finding(True, "webhook")]
