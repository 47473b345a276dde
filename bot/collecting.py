"""How often Python looks for garbage in circles: seldom while things are built that stay, and never among those.

A start makes half a million objects that live as long as the process; by Python's own measure they are gone through
dozens of times on the way. Circles are few here: sessions and tracebacks.
"""

from __future__ import annotations

import gc

_YOUNG = 50_000
_MIDDLE = 20


def seldom() -> None:
    """Look for circles after some ten thousand new objects instead of some hundred. Called first of all."""
    gc.set_threshold(_YOUNG, _MIDDLE, _MIDDLE)


def settle() -> None:
    """What is there now stays: it is not looked at again. Called when everything is ready."""
    gc.collect()
    gc.freeze()
