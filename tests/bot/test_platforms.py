import sys

import httpx
import pytest

from bot.platforms import open_platforms
from bot.settings import Settings
from bot.wiring import Assistant
from store.units import Units

SLACK = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}
ROBOT = {"wecom_bot_id": "bot", "wecom_bot_secret": "secret"}


class Open:
    """The platforms that some settings turn on."""

    def __init__(self, units: Units, **settings: str) -> None:
        self.assistant = Assistant(units.engine, units.clock, {})
        self.settings = Settings(**settings)

    async def names(self) -> dict[str, list[str]]:
        async with httpx.AsyncClient() as http:
            found = open_platforms(self.settings, self.assistant, http)
        for platform in found.values():
            if platform.close is not None:
                await platform.close()
        self.assistant.close()
        return {name: sorted(platform.runs) for name, platform in found.items()}


async def test_what_is_not_set_up_stays_off(units: Units) -> None:
    assert await Open(units).names() == {}


async def test_each_platform_that_is_set_up_is_opened(units: Units) -> None:
    found = await Open(units, telegram_token="12345:abcdefghijklmnopqrstuvwxyzABCDEFGHI", **ROBOT, **SLACK).names()
    assert set(found) == {"telegram", "wecom", "slack"}
    assert found["slack"] == ["slack.socket"]
    assert "wecom.robot" in found["wecom"]


async def test_one_that_cannot_work_is_named_and_the_others_go_on(
    units: Units, capsys: pytest.CaptureFixture[str]
) -> None:
    found = await Open(units, wecom_secret="x", telegram_token="12345:abcdefghijklmnopqrstuvwxyzABCDEFGHI").names()
    assert set(found) == {"telegram"}
    assert "wecom stays off" in capsys.readouterr().err


def test_no_library_of_a_platform_is_imported_before_it_is_on() -> None:
    import subprocess

    script = "import bot.platforms, sys; print([m for m in ('telegram', 'slack_sdk', 'slack_bolt', 'nicegui') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
