"""A served company in a real browser: signing in by link, the board, an order opened in chat; who may see what."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from bot.clocks import wall_clock
from conversations.customers import Links
from store.book import Actor
from store.migrations import upgrade
from store.operations.identities import make_token
from store.operations.orders import place_orders
from store.units import Units, open_engine
from tests.adapters.web.test_demo_browser import CHROMIUM, FLAGS, browser  # noqa: F401  # the same browser
from tests.support.companies import load
from tests.support.orders import draft

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


SERVE = [sys.executable, "-m", "bot", "serve"]


@dataclass
class Served:
    """A real `gendan serve`, and its book."""

    address: str
    environment: dict[str, str]
    units: Units

    def link_of(self, person: str) -> str | None:
        return Links(web=f"http://{self.address}").page(self.units.write(lambda book: make_token(book, person, "page")))


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    environment = os.environ | {"GENDAN_HOME": str(home), "GENDAN_HTTP": address, "LANG": "C.UTF-8"}
    units = Units(open_engine(f"sqlite:///{home}/gendan.db"), clock=wall_clock)
    upgrade(units.engine)
    load(units)
    units.write(lambda book: place_orders(book, [draft(promise=date(2099, 12, 25))]), Actor("wangli"))
    process = subprocess.Popen(SERVE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    assert address in process.stdout.readline()
    yield Served(address, environment, units)
    units.close()
    process.terminate()
    process.communicate(timeout=20)


def opened(browser, served: Served, person: str | None = None):  # noqa: F811
    page = browser.new_context(viewport={"width": 390, "height": 780}, locale="zh-CN").new_page()
    page.goto(served.link_of(person) if person else f"http://{served.address}/")
    return page


def test_who_is_not_signed_in_is_told_how_and_sees_nothing(browser, served: Served) -> None:  # noqa: F811
    page = opened(browser, served)
    page.locator(".gd-empty").wait_for()
    assert "登录链接" in page.inner_text("body")
    assert "SO-" not in page.content()


def test_from_the_board_an_order_is_opened_and_taken_to_chat(browser, served: Served) -> None:  # noqa: F811
    page = opened(browser, served, "wangli")
    page.locator(".gd-end").click()
    page.locator(".gd-card").first.click()
    page.locator(".gd-open").click()
    page.locator(".gd-bubble", has_text="华东机械有限公司").first.wait_for()
    assert page.url.endswith("/chat")


def test_the_next_who_signs_in_is_the_one_who_is_signed_in(browser, served: Served) -> None:  # noqa: F811
    page = opened(browser, served, "wangli")
    page.locator(".gd-who", has_text="王丽").wait_for()
    page.goto(served.link_of("zhaolei"))
    page.locator(".gd-who", has_text="赵磊").wait_for()
    page.goto(f"http://{served.address}/board")
    page.locator(".gd-empty").wait_for()  # it is no order of his
    page.goto(f"http://{served.address}/chat/leave")
    page.locator(".gd-empty", has_text="登录链接").wait_for()


def test_an_address_that_is_taken_is_told_in_one_line(served: Served) -> None:
    done = subprocess.run(SERVE, env=served.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"gendan: {served.address} cannot be listened on")
    assert done.stderr.count("\n") == 1
