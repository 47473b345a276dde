"""A loaded company to act in."""

import pytest

from store.units import Units
from tests.support.companies import load
from tests.support.orders import Desk


@pytest.fixture
def desk(units: Units) -> Desk:
    load(units)
    return Desk(units)
