"""What is said beside one thing: a part of it, or a thing of its own."""

import pytest

from conversations.dialogs.reading import things_said
from conversations.understanding.intents import Intent, Slot
from conversations.understanding.vocabulary import _step_names

ORDER, HURRY, RECEIPT = (
    Intent("order.place", {}, (0, 9)),
    Intent("order.urge", {}, (10, 20)),
    Intent("money.receive", {}, (21, 32)),
)
OF_ACME = Intent("money.receive", {"customer": Slot("acme", (25, 29))}, (21, 32))


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ((ORDER, RECEIPT), ["order.place"]),
        ((ORDER, HURRY, RECEIPT), ["order.place"]),
        ((ORDER, OF_ACME), ["order.place", "money.receive"]),
        ((RECEIPT,), ["money.receive"]),
    ],
)
def test_a_sum_beside_an_order_is_a_field_of_its_form_unless_it_says_whose_it_is(said, left: list[str]) -> None:
    assert [one.name for one in things_said(said, "50 valves, please hurry, deposit 500")] == left


def test_a_step_is_called_by_a_word_of_its_name_that_says_nothing_else() -> None:
    assert set(_step_names(["Prepare papers"])) == {"Prepare papers", "Prepare", "papers"}
    assert set(_step_names(["Order from supplier"])) == {"Order from supplier"}
    assert set(_step_names(["订单复核"])) == {"订单复核", "复核"}
