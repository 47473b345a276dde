"""/health/live: the process answers; /health/ready: the book can be read and the sweep is alive."""

from __future__ import annotations

from datetime import timedelta

from fastapi import FastAPI
from starlette.responses import JSONResponse

from store.book import Book
from store.tables import Heartbeat
from store.units import Units

CLOCK = "sweep"  # the heartbeat that reminders writes
STALE = timedelta(minutes=3)


def add_health(app: FastAPI, units: Units) -> None:
    """Hang the health paths into an application."""

    @app.get("/health/live", include_in_schema=False)
    async def _live() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @app.get("/health/ready", include_in_schema=False)
    async def _ready() -> JSONResponse:
        try:
            alive = await units.look(_sweep_is_alive)
        except Exception:  # noqa: BLE001  # whatever stands between us and the book
            return JSONResponse({"status": "no database"}, 503)
        return JSONResponse({"status": "ok"} if alive else {"status": "reminders stand still"}, 200 if alive else 503)


def _sweep_is_alive(book: Book) -> bool:
    beat = book.session.get(Heartbeat, CLOCK)
    return beat is not None and book.now - beat.at < STALE
