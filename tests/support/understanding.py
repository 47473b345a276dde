"""The understander of the example company docs/examples/pump.yaml, and the moment at which everything is said."""

from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel

from conversations.understanding.understander import Understander
from store.company.snapshot import company_snapshot
from store.units import Units, open_engine
from tests.support.clock import Clock
from tests.support.companies import load

NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
PUMP = Path(__file__).parents[2] / "docs" / "examples" / "pump.yaml"


@cache
def pump() -> Understander:
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/book.db")
        try:
            SQLModel.metadata.create_all(engine)
            units = Units(engine, clock=Clock(NOW))
            load(units, PUMP.read_text("utf-8"))
            return Understander.for_company(units.read(lambda book: company_snapshot(book.session)))
        finally:
            engine.dispose()
