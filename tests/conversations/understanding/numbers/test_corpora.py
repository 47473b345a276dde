import json
import os
from pathlib import Path

import pytest

from conversations.understanding.normalise import normalise
from conversations.understanding.numbers import read_money, read_numbers, read_quantities

FOLDER = os.environ.get("GENDAN_CORPORA")
COINS = {"Cent": 100, "Pence": 100, "Penny": 100, "Sen": 100, "Satoshi": 100_000_000}
FLOORS = {
    "number_zh": 0.95,
    "number_en": 0.88,
    "currency_zh": 0.92,
    "currency_en": 0.93,
    "dimension_zh": 0.86,
    "dimension_en": 0.92,
}

pytestmark = pytest.mark.skipif(FOLDER is None, reason="GENDAN_CORPORA names no folder of corpora")


def values(kind, text, expect):
    """What was found in the text, as comparable numbers: with the right unit or any currency."""
    if kind.startswith("number"):
        return [float(one.value) for one in read_numbers(text)]
    if kind.startswith("currency"):
        factor = COINS.get(expect["unit"], 1)
        wanted = expect.get("iso")
        return [float(m.amount) * factor for m in read_money(text) if m.currency and wanted in {None, m.currency}]
    key = expect["unit"].lower().replace("meter", "metre").replace("liter", "litre")
    key = {"metric ton": "ton"}.get(key, key)
    return [float(one.value) for one in read_quantities(text) if one.unit_key == key]


def score(kind) -> tuple[int, int]:
    right = total = 0
    with (Path(FOLDER or "") / "numbers" / f"recognizers_{kind}.jsonl").open(encoding="utf-8") as lines:
        for case in map(json.loads, lines):
            value = case["expect"].get("value")
            if case["relevant"] and value is not None:
                total += 1
                found = values(kind, normalise(case["text"]).text, case["expect"])
                right += any(one == pytest.approx(value, rel=1e-6) for one in found)
    return right, total


@pytest.mark.parametrize("kind", FLOORS)
def test_most_relevant_cases_of_a_kind_are_right(kind) -> None:
    right, total = score(kind)
    assert right / total >= FLOORS[kind], (right, total)


def test_nine_in_ten_relevant_cases_are_right() -> None:
    scores = [score(kind) for kind in FLOORS]
    assert sum(right for right, _ in scores) / sum(total for _, total in scores) >= 0.93
