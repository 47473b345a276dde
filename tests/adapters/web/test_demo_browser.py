"""The demonstration in a real browser: typed, pressed, pushed forward, at desk and phone size, light and dark."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
ORDER = "新单 华东机械 A型阀200件 单价35 12月25日交 送苏州园区"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def page_address() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--weeks", "0", "--http", address], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert any("ready" in line for line in process.stdout), "the demonstration did not start"
    yield f"http://{address}"
    process.terminate()
    process.communicate(timeout=20)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


def opened(browser, address: str, *, width: int, height: int, scheme: str, query: str = ""):
    page = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.goto(address + "/" + query)
    page.locator(".gd-phone textarea").nth(5).wait_for()
    return page


def wait_for(phone, text: str, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if text in phone.inner_text():
            return
        phone.page.wait_for_timeout(100)
    raise AssertionError(f"{text!r} did not come; there is:\n{phone.inner_text()}")


def test_a_visitor_plays_the_story_in_a_minute(browser, page_address: str, tmp_path: Path) -> None:
    page = opened(browser, page_address, width=1720, height=940, scheme="light")
    phones = page.locator(".gd-phone")
    sales, review, production, customer = (phones.nth(place) for place in (0, 1, 2, 4))
    sales.locator("textarea").fill(ORDER)
    sales.locator("textarea").press("Enter")
    wait_for(sales, "华东机械有限公司")
    sales.locator(".gd-buttons button", has_text="确认").last.click()
    wait_for(review, "请复核")
    review.locator(".gd-buttons button", has_text="通过").last.click()
    wait_for(production, "轮到你了")
    customer.locator("textarea").fill("我的货到哪了")
    customer.locator("textarea").press("Enter")
    wait_for(customer, "生产中")
    before = page.locator(".gd-now").inner_text()
    page.locator(".gd-clock button").nth(2).click()
    page.wait_for_timeout(3000)
    assert page.locator(".gd-now").inner_text() != before
    assert page.problems == []


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 780)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_its_screen_in_light_and_dark(
    browser, page_address: str, width: int, height: int, scheme: str
) -> None:
    page = opened(browser, page_address, width=width, height=height, scheme=scheme, query="?lang=en")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    box = page.locator(".gd-phone .gd-send").first.bounding_box()
    assert box["y"] + box["height"] <= height, "the send button lies below the screen"
    assert min(box["width"], box["height"]) >= 40, "too small for a thumb"
    paper = page.evaluate("getComputedStyle(document.querySelector('.gd-head')).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 780)])
def test_the_board_shows_where_orders_stand_and_opens_one(browser, page_address: str, width: int, height: int) -> None:
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(f"{page_address}/board")
    page.locator(".gd-card").first.click()
    page.locator(".gd-stage.active").first.wait_for()
    assert page.locator(".gd-number").first.inner_text().startswith("SO-")
    page.locator(".gd-close").click()
    page.locator(".gd-search").fill("no such customer")
    page.locator(".gd-empty").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert problems == []
