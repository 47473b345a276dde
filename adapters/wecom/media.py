"""Files of ours, uploaded once in three days, and files of others, fetched; for the app and customer service alike."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from adapters.wecom.client import Api, Clock
from adapters.wecom.errors import ApiError, failure
from adapters.wecom.memory import Memory
from conversations.channels import Rejected
from conversations.messages import FileOut

LARGEST_IMAGE, LARGEST_FILE, SMALLEST = 10_000_000, 20_000_000, 6  # bytes
_LIFE_S = 3 * 86_400.0 - 3600
_IMAGES = frozenset({"image/png", "image/jpeg"})


class Uploads:
    """Uploads by content.

    Args:
        api: who uploads; a media_id serves all apps of the corporation.
        memory: keeps the media_ids.
        clock: the moment, in Unix seconds.
    """

    def __init__(self, api: Api, memory: Memory, clock: Clock) -> None:
        self._api = api
        self._memory = memory
        self._clock = clock

    async def upload(self, file: FileOut) -> tuple[str, str]:
        """The kind (image or file) and media_id of a file. Raises SendFailure."""
        kind, name = _kind(file), _name(file)
        known = await self._memory.get(name, self._clock())
        if known:
            return kind, known
        try:
            media_id = await self._api.upload(kind, file.name, file.content)
        except ApiError as refusal:
            raise failure(refusal) from None
        await self._memory.put(name, media_id, self._clock() + _LIFE_S)
        return kind, media_id

    async def forget(self, file: FileOut) -> None:
        """An upload turned out to be gone: the next one is made anew."""
        await self._memory.take(_name(file), self._clock())

    async def fetch(self, media_id: str) -> bytes:
        """The bytes behind a media_id. Raises SendFailure."""
        try:
            return await self._api.download(media_id)
        except ApiError as refusal:
            raise failure(refusal) from None


def check_sizes(files: Sequence[FileOut]) -> None:
    """Raises Rejected for a file that the platform would not take."""
    if any(not SMALLEST <= len(file.content) <= LARGEST_FILE for file in files):
        raise Rejected("a file that is empty or larger than 20 MB")


def _kind(file: FileOut) -> str:
    return "image" if file.type in _IMAGES and len(file.content) <= LARGEST_IMAGE else "file"


def _name(file: FileOut) -> str:
    return f"media:{_kind(file)}:{hashlib.sha256(file.name.encode() + b'/' + file.content).hexdigest()}"
