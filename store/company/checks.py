"""Checks across sections (to come)."""
from __future__ import annotations
from collections.abc import Callable
from typing import Any
from store.company.problems import Path, Problem


def check_references(data: Any, line: Callable[[Path], int | None]) -> list[Problem]:
    """What no single section can know."""
    return []
