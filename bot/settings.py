"""What an operator can set: one frozen value, read once from the environment or the file GENDAN_ENV_FILE names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

SECRET = {"secret": True}


def _setting(meaning: str, default: Any = None, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"meaning": meaning, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting; the environment variable is GENDAN_ and the field's name in capitals."""

    home: Path = _setting("folder of the book and its files", Path())
    database_url: str = _setting("sqlite:///FILE or postgresql://…; a relative SQLite file lies in the home folder",
                                 "sqlite:///gendan.db", secret=True)  # fmt: skip
    http: str = _setting("address of the web server, HOST:PORT", "127.0.0.1:8000")
    public_url: str | None = _setting("the address under which others reach the web server, https://…")
    telegram_token: str | None = _setting("the bot's token from @BotFather", secret=True)
    telegram_webhook_secret: str | None = _setting("set: Telegram calls us (needs the public address)", secret=True)
    telegram_api: str = _setting("base address of the Bot API", "https://api.telegram.org")
    slack_bot_token: str | None = _setting("xoxb-… of the installed app", secret=True)
    slack_app_token: str | None = _setting("xapp-…; set: Socket Mode, no public address needed", secret=True)
    slack_signing_secret: str | None = _setting("for requests that Slack sends us", secret=True)
    slack_api: str = _setting("base address of the Web API", "https://slack.com/api/")
    wecom_corp_id: str | None = _setting("the corporation's id")
    wecom_agent_id: str | None = _setting("the self-built app's agent id")
    wecom_secret: str | None = _setting("the self-built app's secret", secret=True)
    wecom_token: str | None = _setting("token of the app's callback", secret=True)
    wecom_aes_key: str | None = _setting("EncodingAESKey of the app's callback", secret=True)
    wecom_api: str = _setting("base address of the WeCom API", "https://qyapi.weixin.qq.com")
    wecom_bot_id: str | None = _setting("the smart robot's id (long connection)")
    wecom_bot_secret: str | None = _setting("the smart robot's secret", secret=True)
    wecom_bot_ws: str = _setting("address of the smart robot's connection", "wss://openws.work.weixin.qq.com")
    wecom_kf_id: str | None = _setting("open_kfid of the customer service account")
    wecom_kf_secret: str | None = _setting("secret of WeChat customer service", secret=True)
    wecom_kf_token: str | None = _setting("token of the customer service callback", secret=True)
    wecom_kf_aes_key: str | None = _setting("EncodingAESKey of the customer service callback", secret=True)
    llm_url: str | None = _setting("base address of an OpenAI-compatible endpoint, asked what nobody understood")
    llm_model: str | None = _setting("the model's name there")
    llm_key: str | None = _setting("its key", secret=True)
    llm_seconds: str = _setting("how long it may take to answer", "8")
    llm_tokens_a_day: str = _setting("how many tokens may be spent a day (UTC)", "200000")

    def database(self) -> str:
        """The database's address with a relative SQLite file placed in the home folder."""
        prefix = "sqlite:///"
        if not self.database_url.startswith(prefix):
            return self.database_url
        path = Path(self.database_url.removeprefix(prefix))
        return prefix + str(path if path.is_absolute() else self.home / path)

    def web_address(self) -> str:
        """Where people reach the pages."""
        return self.public_url or f"http://{self.http}"

    def listing(self) -> Iterator[tuple[str, str, str]]:
        """(variable, value as shown, meaning) of every setting; secrets are masked."""
        for entry in fields(self):
            value = getattr(self, entry.name)
            shown = "" if value is None else str(value)
            if entry.metadata["secret"] and shown and shown != entry.default:
                shown = mask(shown)
            yield variable(entry.name), shown, entry.metadata["meaning"]


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"GENDAN_{name.upper()}"


def mask(value: str) -> str:
    """A secret as it may be shown: that it is there, and its last two characters when it is long."""
    return "••••" + (value[-2:] if len(value) > 12 else "")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process.

    Args:
        environment: instead of the process's own; GENDAN_ENV_FILE in it names a file whose lines lie beneath it.
    Raises: ValueError for a variable that begins with GENDAN_ and is no setting, or a file that cannot be read.
    """
    given = dict(os.environ if environment is None else environment)
    file = given.get("GENDAN_ENV_FILE")
    if file:
        from dotenv import dotenv_values

        if not Path(file).is_file():
            raise ValueError(f"GENDAN_ENV_FILE names a file that is not there: {file}")
        given = {name: value for name, value in dotenv_values(file).items() if value is not None} | given
    values: dict[str, Any] = {}
    for entry in fields(Settings):
        text = given.get(variable(entry.name), "").strip()
        if text:
            values[entry.name] = Path(text) if entry.name == "home" else text
    return Settings(**values)
