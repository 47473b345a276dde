"""The reader on public cases, where the folder GENDAN_CORPORA has them; the figures are what people's wording asks for."""

import importlib.util
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = os.environ.get("GENDAN_CORPORA")
pytestmark = pytest.mark.skipif(not FOLDER, reason="GENDAN_CORPORA names no folder of public cases")


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


# zhconv leaves its own dictionary's file open when it loads it.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("language", "exact", "due"), [("zh", 85.0, 93.0), ("en", 75.0, 88.0)])
def test_public_cases_near_to_orders_are_read_as_people_mean_them(language, exact, due):
    scorer = load(Path(FOLDER or "") / "score_dates.py")
    adapter = load(Path(__file__).parent / "corpus_adapter.py")
    score = scorer.evaluate(adapter.parse, language, Path(FOLDER or "") / "dates")
    figures = {key: float(re.match(r"[\d.]+", str(value)).group()) for key, value in score.items() if "%" in str(value)}
    assert "exceptions" not in score
    assert figures["relevant, simplified script"] >= exact
    assert figures["due day, same"] >= due
