"""What the app may do and hears, as the manifest that an administrator pastes in at api.slack.com/apps.

Run it to print one: `python -m adapters.slack.manifest [PUBLIC_URL]`; with a public address Slack calls us there,
without one Socket Mode is on.
"""

from __future__ import annotations

import sys
from typing import Any

import yaml

from adapters.slack.intake import PATH
from adapters.slack.words import table

EVENTS = ("app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked")
COMMAND = "/gendan"


def scopes() -> list[str]:
    """The permissions that the bot asks for."""
    return sorted(table("scopes")["en"])


def manifest(public_url: str = "") -> dict[str, Any]:
    """The manifest, for Socket Mode; or for the address under which others reach the web server."""
    address = {"request_url": public_url.rstrip("/") + PATH} if public_url else {}
    command = {"command": COMMAND, "description": "跟单 / keep orders moving", "usage_hint": "SO-2611-0001",
               "should_escape": False}  # fmt: skip
    if public_url:
        command["url"] = address["request_url"]
    return {
        "display_information": {"name": "Gendan", "description": "跟单助手: keeps sales orders moving"},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Gendan", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": scopes()}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not public_url,
            "token_rotation_enabled": False,
        },
    }


def text(public_url: str = "") -> str:
    """The manifest as YAML."""
    return yaml.safe_dump(manifest(public_url), allow_unicode=True, sort_keys=False)


if __name__ == "__main__":
    sys.stdout.write(text(*sys.argv[1:2]))
