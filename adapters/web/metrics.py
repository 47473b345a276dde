"""/metrics: the house's own figures for Prometheus; counts and ages only, nobody's name or words."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import Response

from store.reads.workings import Workings, read_workings
from store.units import Units


class _Figures(Collector):
    """What was read from the book, as metrics."""

    def __init__(self, found: Workings) -> None:
        self._found = found

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Every family, those without a value left out."""
        found = self._found
        yield _by_status("gendan_inbox", "Updates that wait or were set aside", found.inbox)
        yield _by_status("gendan_outbox", "Messages that are not sent yet or could not be", found.outbox)
        yield _by_status("gendan_orders", "Orders", found.orders)
        for name, text, value in (
            ("gendan_steps_active", "Steps under way", found.steps_active),
            ("gendan_steps_late", "Steps under way past their due moment", found.steps_late),
            (
                "gendan_deadlines_behind",
                "Reminders whose moment has passed and that were not taken",
                found.deadlines_behind,
            ),
            ("gendan_inbox_oldest_seconds", "How long the oldest waiting update has waited", found.oldest_update_s),
            (
                "gendan_nobody_reached",
                "Messages that reached neither their receiver nor anybody else",
                found.nobody_reached,
            ),
            ("gendan_sweep_age_seconds", "Since the reminder sweep's last sign of life", found.sweep_age_s),
        ):
            if value is not None:
                yield GaugeMetricFamily(name, text, value=value)


def _by_status(name: str, text: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=["status"])
    for status, count in counts.items():
        family.add_metric([status], count)
    return family


def add_metrics(app: FastAPI, units: Units) -> None:
    """Hang /metrics into an application."""

    @app.get("/metrics", include_in_schema=False)
    async def _metrics() -> Response:
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_Figures(await units.look(read_workings)))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
