"""/metrics: the house's figures for monitoring, and nobody's name among them."""

import httpx
from fastapi import FastAPI

from adapters.web.metrics import add_metrics
from store.book import Actor
from store.operations.orders import place_orders
from tests.support.companies import load
from tests.support.orders import draft


async def test_monitoring_reads_counts_and_no_names(units):
    load(units)
    units.write(lambda book: place_orders(book, [draft()]), Actor("wangli"))
    app = FastAPI()
    add_metrics(app, units)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert 'gendan_orders{status="open"} 1.0' in lines
    assert "gendan_steps_active 1.0" in lines
    assert not any(word in answer.text for word in ("王丽", "wangli", "hdjx", "华东", "SO-"))
