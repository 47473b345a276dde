"""Three orders at three places of their flows."""

import pytest


@pytest.fixture
def three(desk, clock):
    """hdjx in production, bf under review, hdjx placed by quick and late since Monday 18:00."""
    made = desk.place(quantity=100)
    desk.finish(made, "review")
    other = desk.place(by="zhaolei", customer="bf", quantity=5)
    late = desk.place(flow="quick")
    clock.at("2026-11-24T11:00:00+08:00")
    return made, other, late
