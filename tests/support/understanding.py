"""Understanders of the example companies in docs/examples, and the moments at which everything is said."""

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
LONDON = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Europe/London"))
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PUMP = EXAMPLES / "pump.yaml"


@cache
def understander_of(example: str) -> Understander:
    """The understander of one of the examples: pump, trading."""
    return understander_in((EXAMPLES / f"{example}.yaml").read_text("utf-8"))


def understander_in(company: str) -> Understander:
    """The understander of the company in the text of a company file."""
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/book.db")
        try:
            SQLModel.metadata.create_all(engine)
            units = Units(engine, clock=Clock(NOW))
            load(units, company)
            return Understander.for_company(units.read(lambda book: company_snapshot(book.session)))
        finally:
            engine.dispose()


def pump() -> Understander:
    """The understander of the pump works."""
    return understander_of("pump")
