"""The data files of a package, and tables worked out from them: built once, then read back ready-made.

Reading YAML and unfolding word lists took a third of a start. What comes of it is kept where Python keeps its compiled
files (`__pycache__`), under the same trust, marked with a hash of what it was made from. Where nothing can be written
it is built anew each time.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

_FORM = b"gendan 1 "


def read_data(beside: str, *place: str) -> Any:
    """A YAML file as plain values, to be looked at only.

    Args:
        beside: the `__file__` of a module.
        place: folders and name of the file, from that module's folder.
    """
    file = Path(beside).parent.joinpath(*place)
    return worked_out(file, [file], lambda: _parsed(file))


def worked_out(at: Path, sources: Sequence[Path], build: Callable[[], Any]) -> Any:
    """What `build` makes of files: plain values (text, numbers, lists, mappings, sets), to be looked at only.

    Args:
        at: what the kept form is named after; unique, it need not exist.
        sources: every file that the outcome depends on, code included.
        build: makes it anew.
    """
    mark = _FORM + hashlib.sha256(b"\0".join(one.read_bytes() for one in sources)).digest()
    folder = Path(cache_from_source(str(at))).parent
    kept = folder / f"{at.name}.{sys.implementation.cache_tag}.kept"
    try:
        found = kept.read_bytes()
        if found.startswith(mark):
            return marshal.loads(memoryview(found)[len(mark) :])  # noqa: S302  # our own, beside our own code
    except (OSError, ValueError, EOFError, TypeError):
        pass
    made = build()
    _keep(kept, mark, made)
    return made


def _parsed(file: Path) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # written in C, it is ten times as fast
    return yaml.load(file.read_text("utf-8"), loader)  # noqa: S506  # both are safe ones


def _keep(at: Path, mark: bytes, made: Any) -> None:
    """Write it whole or not at all; a folder that takes no files, or a value of another kind, is no fault."""
    half = at.with_name(f"{at.name}.{os.getpid()}")
    try:
        content = mark + marshal.dumps(made)
        at.parent.mkdir(exist_ok=True)
        half.write_bytes(content)
        half.replace(at)
    except (OSError, ValueError):
        with suppress(OSError):
            half.unlink()
