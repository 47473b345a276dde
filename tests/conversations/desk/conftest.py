"""A desk on the suites' company, with the real understander; what it answers is read from the outbox."""

import pytest

from store.units import Units, open_engine
from tests.conversations.desk.talking import Talk
from tests.support.companies import PUMP, load

GROUPS = """
groups:
  - {key: g-hd, name: 华东项目群, customer: hdjx}
  - {key: g-staff, name: 内部群}
"""


@pytest.fixture
def talk(sqlite_url, clock):
    units = Units(open_engine(sqlite_url), clock=clock)
    load(units, PUMP + GROUPS)
    yield Talk(units, clock)
    units.close()
