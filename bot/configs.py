"""What each platform's adapter is configured with, from the settings; its library is imported by nobody but it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.settings import Settings

if TYPE_CHECKING:
    from adapters.slack.assembly import Config as SlackConfig
    from adapters.telegram.assembly import Config as TelegramConfig
    from adapters.wecom.assembly import Config as WecomConfig

_WECOM = ("api", "corp_id", "agent_id", "secret", "token", "aes_key", "bot_id", "bot_secret", "bot_ws", "kf_id",
          "kf_secret", "kf_token", "kf_aes_key")  # fmt: skip


def telegram(settings: Settings) -> TelegramConfig:
    """Telegram's."""
    from adapters.telegram.assembly import Config

    return Config(
        token=settings.telegram_token or "",
        webhook_secret=settings.telegram_webhook_secret or "",
        public_url=settings.public_url or "",
        api=settings.telegram_api,
    )


def slack(settings: Settings) -> SlackConfig:
    """Slack's."""
    from adapters.slack.assembly import Config

    return Config(
        bot_token=settings.slack_bot_token or "",
        app_token=settings.slack_app_token or "",
        signing_secret=settings.slack_signing_secret or "",
        api=settings.slack_api,
    )


def wecom(settings: Settings, language: str = "zh") -> WecomConfig:
    """WeCom's; its welcomes are in the language given."""
    from adapters.wecom.assembly import Config

    given = {name: getattr(settings, f"wecom_{name}") or "" for name in _WECOM}
    return Config(**given, public_url=settings.public_url or "", language=language)
