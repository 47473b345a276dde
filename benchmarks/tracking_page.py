"""How heavy and how fast is the public tracking page on a slow phone? A real Chromium, throttled.

Usage: python benchmarks/tracking_page.py [--runs 7]

A server with one order's page is started; Chromium opens it as a phone of 360 by 740, its processor slowed down four
times, on a line of 1.6 Mbit/s with 150 ms of delay (the «slow 4G» of web tools), each time with an empty cache. Beside
it, in the same runs, a page of one word: the floor of this machine, browser and line. Printed: bytes of the page, its
requests, the median first paint of both.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import threading
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.responses import HTMLResponse

from adapters.web.tracking import tracking_routes
from store.book import Actor
from store.company import apply_company, read_company
from store.migrations import upgrade
from store.operations.orders import NewLine, NewOrder, place_orders
from store.operations.tracking import share
from store.units import Units, open_engine

COMPANY = Path(__file__).parent.parent / "docs" / "examples" / "pump.yaml"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def served(folder: str) -> tuple[uvicorn.Server, str, str]:
    """A running server, the page's address, and that of a page of one word."""
    engine = open_engine(f"sqlite:///{folder}/page.db", synchronous="OFF")
    upgrade(engine)
    units = Units(engine, clock=lambda: datetime(2026, 11, 23, 1, tzinfo=UTC))
    company = read_company(COMPANY.read_text("utf-8"), str(COMPANY))
    units.write(lambda book: apply_company(book.session, company, now=book.now))
    lines = tuple(NewLine(sku, Decimal(20)) for sku in ("VA-200", "CP-80", "MS-32"))
    new = NewOrder("hdjx", lines, date(2026, 12, 18), fields={"ship_to": "x"}, po_number="PO-778")
    (order,) = units.write(lambda book: place_orders(book, [new]), Actor("wangli"))
    token = units.write(lambda book: share(book, order.number), Actor("wangli"))
    app = FastAPI()
    app.include_router(tracking_routes(units))
    app.add_api_route("/floor", lambda: HTMLResponse("<!doctype html><title>x</title><p>x"))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.02)
    base = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    return server, f"{base}/t/{token}", f"{base}/floor"


def opened(browser: Any, address: str) -> tuple[float, int, int]:
    """First paint in milliseconds, bytes of the page, requests made."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
    page = context.new_page()
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(len(answer.body())) if "favicon" not in answer.url else None)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(address, wait_until="load")
    page.wait_for_timeout(300)
    paint = float(page.evaluate(PAINT))
    context.close()
    return paint, sum(sizes), len(sizes)


def main() -> None:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    asked = parser.parse_args()
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, address, floor = served(folder)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        opened(browser, floor)
        pages, floors = [], []
        for _ in range(asked.runs):
            pages.append(opened(browser, address))
            floors.append(opened(browser, floor)[0])
        browser.close()
        server.should_exit = True
    paint = statistics.median(one[0] for one in pages)
    print(f"{pages[0][1]} bytes in {pages[0][2]} request(s)")
    print(f"first paint {paint:.0f} ms (median of {asked.runs}), a page of one word {statistics.median(floors):.0f} ms")
    print("ok" if paint < 1000 and pages[0][1] < 30_000 else "TOO HEAVY")


if __name__ == "__main__":
    main()
