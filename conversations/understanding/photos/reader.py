"""A picture to pieces of text, read by a process of its own."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from .layout import Piece

log = logging.getLogger(__name__)

SECONDS = 90
"""How long a picture may take; a page takes about eight on one core."""
LARGEST = 12 * 1024 * 1024
MOST_PIECES = 600
_HEADS = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
_WORKER = (sys.executable, "-m", "conversations.understanding.photos.worker")


class PictureProblem(Exception):
    """A picture that could not be read; `key` says why: too_large, too_slow, unreadable."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def available() -> bool:
    """Whether gendan[ocr] is installed."""
    return find_spec("rapidocr") is not None


def is_picture(content: bytes | None) -> bool:
    """Whether a file begins as pictures do (PNG, JPEG, BMP, TIFF, WebP)."""
    return content is not None and content.startswith(_HEADS)


def words_on(content: bytes | None) -> tuple[Piece, ...] | None:
    """What stands on a file if it is a picture, nothing where it cannot be read; None for other files."""
    if content is None or not is_picture(content):
        return None
    try:
        return picture_words(content)
    except PictureProblem as problem:
        log.warning("picture not read", extra={"action": "picture_not_read", "why": problem.key, "bytes": len(content)})
        return ()


def picture_words(content: bytes, *, seconds: float = SECONDS, worker: Sequence[str] = _WORKER) -> tuple[Piece, ...]:
    """The pieces of text on a picture, from top to bottom.

    Args:
        content: the file.
        seconds: after which the worker is ended.
        worker: the command that reads.
    Raises: PictureProblem.
    """
    if len(content) > LARGEST:
        raise PictureProblem("too_large")
    try:
        done = subprocess.run(worker, input=content, capture_output=True, timeout=seconds, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as late:
        raise PictureProblem("too_slow") from late
    if done.returncode:
        raise PictureProblem("unreadable")
    try:
        found = json.loads(done.stdout)
        return tuple(Piece(str(one[0]), *map(float, one[1:6])) for one in found[:MOST_PIECES])
    except (ValueError, TypeError, IndexError, KeyError) as broken:
        raise PictureProblem("unreadable") from broken
