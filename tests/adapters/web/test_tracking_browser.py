"""The tracking page in a real browser: a slow phone, light and dark, with scripts switched off."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from adapters.web.tracking import tracking_routes
from store.book import Actor
from store.operations.orders import place_orders
from store.operations.tracking import share
from store.units import Units, open_engine
from tests.support.companies import load
from tests.support.orders import Desk, draft

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
PHONE = {"width": 360, "height": 740}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture
def address(sqlite_url, clock) -> Iterator[str]:
    units = Units(open_engine(sqlite_url), clock=clock)
    load(units)
    (order,) = units.write(lambda book: place_orders(book, [draft(po_number="PO-778")]), Actor("wangli"))
    Desk(units).finish(order.number, "review", "purchase", "make")
    token = units.write(lambda book: share(book, order.number), Actor("wangli"))
    app = FastAPI()
    app.include_router(tracking_routes(units))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/t/{token}"
    server.should_exit = True
    thread.join(10)
    units.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_read_on_a_slow_phone_without_scripts(address: str, scheme: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = running.new_context(
            viewport=PHONE, color_scheme=scheme, java_script_enabled=False, locale="zh-CN", device_scale_factor=2
        )
        page = context.new_page()
        sizes, problems = [], []
        page.on("response", lambda answer: sizes.append((answer.url, len(answer.body()))))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        slow = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
        wire.send("Network.emulateNetworkConditions", slow)
        wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.goto(address)
        assert page.locator("h1").inner_text() == "订单 SO-2611-0001"
        assert page.locator("ol li.now").count() == 1
        body = page.locator("main")
        assert (body.bounding_box() or {})["width"] <= PHONE["width"]
        page.screenshot(path=str(tmp_path / f"{scheme}.png"), full_page=True)
        page.locator("nav a").click()  # the other language is a plain link
        assert page.locator("h1").inner_text() == "Order SO-2611-0001"
        running.close()
    pages = [size for url, size in sizes if "/t/" in url]
    assert len(pages) == 2
    assert max(pages) < 30_000
    assert [url for url, _ in sizes if "/t/" not in url and "favicon" not in url] == []
    assert [one for one in problems if "favicon" not in one] == []
