"""How often Python looks for garbage in circles: not while things are built that stay, and never among those.

A start makes half a million objects that live as long as the process; by Python's own measure they are gone through
dozens of times on the way, and taken apart one by one at the end. Circles are few here: sessions and tracebacks.
"""

from __future__ import annotations

import atexit
import gc

_STARTING = 400_000
_YOUNG = 50_000
_MIDDLE = 20


def seldom() -> None:
    """Look for circles after some hundred thousand new objects instead of some hundred. Called first of all."""
    gc.set_threshold(_STARTING, _MIDDLE, _MIDDLE)
    atexit.register(gc.freeze)  # what is closed has been by then: the system takes the memory back as a whole


def settle() -> None:
    """What is there now stays: it is not looked at again. Called when everything is ready."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _MIDDLE)
