"""Two who act at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from store.refusals import Refusal


def both_at_once(act: Callable[[int], Any]) -> list[Any]:
    """What came of act(0) and act(1), begun together; who was refused has his refusal."""
    start = threading.Barrier(2)

    def _one(place: int) -> Any:
        start.wait()
        try:
            return act(place)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(_one, range(2)))
