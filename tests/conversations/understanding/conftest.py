"""The understander of the example company, made once."""

import pytest

from conversations.understanding.understander import Understander
from tests.support.understanding import pump


@pytest.fixture(scope="session")
def understander() -> Understander:
    return pump()
