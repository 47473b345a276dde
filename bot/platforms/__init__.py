"""Which platforms are on: each has a module here, imported when one of its settings is there, and its library with it.

    telegram.py, slack.py, wecom.py   config_of, open_platform, examine: what the settings say, the platform ready,
                                      and its doctor
    platform.py                       Platform, Visit: what these hand out and are handed

What cannot be started is said, and the rest goes on.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bot.platforms.platform import Platform
from bot.settings import Settings
from bot.wiring import Assistant

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

SWITCHES: Mapping[str, tuple[str, ...]] = {
    "telegram": ("telegram_token",),
    "slack": ("slack_bot_token",),
    "wecom": ("wecom_secret", "wecom_bot_id", "wecom_kf_id"),
}
"""Each platform: the settings of which one turns it on."""


def switched_on(settings: Settings) -> list[str]:
    """The names of those that are set up."""
    return [name for name, switches in SWITCHES.items() if any(getattr(settings, switch) for switch in switches)]


def module_of(name: str) -> Any:
    """A platform's module: `open_platform` and `examine`."""
    return import_module(f"bot.platforms.{name}")


def open_platforms(settings: Settings, assistant: Assistant, http: httpx.AsyncClient) -> dict[str, Platform]:
    """The platforms that are set up. One that cannot work is named in the log, and left off."""
    found: dict[str, Platform] = {}
    for name in switched_on(settings):
        try:
            found[name] = module_of(name).open_platform(settings, assistant, http)
        except Exception as fault:
            log.exception("a platform stays off", extra={"action": "platform_off", "platform": name})
            sys.stderr.write(f"gendan: {name} stays off: {fault}\n")
    return found
