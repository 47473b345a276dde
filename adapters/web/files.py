"""Addresses of files that a page may load: signed, so that a guessed one opens nothing."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from store.tables import Blob
from store.units import Units

_SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp")


class FileLinks:
    """Makes and serves file addresses.

    Args:
        units: the book.
        secret: signs the addresses; lives as long as the process.
    """

    def __init__(self, units: Units, secret: bytes) -> None:
        self._units, self._secret = units, secret

    def address(self, sha256: str, name: str, kind: str) -> str:
        """The address of a file under its name and type."""
        return f"/files/{sha256}/{self._sign(sha256, name, kind)}/{quote(name)}?type={quote(kind)}"

    def routes(self) -> APIRouter:
        """The path that serves them. Anything but a picture is offered for saving, never opened in place."""
        routes = APIRouter()

        @routes.get("/files/{sha256}/{signature}/{name}", include_in_schema=False)
        async def _file(sha256: str, signature: str, name: str, type: str = "") -> Response:  # noqa: A002
            if not hmac.compare_digest(signature, self._sign(sha256, name, type)):
                return Response(status_code=404)
            blob = await self._units.look(lambda book: book.session.get(Blob, sha256))
            if blob is None:
                return Response(status_code=404)
            shown = type in _SHOWN
            place = "inline" if shown else f"attachment; filename*=UTF-8''{quote(name)}"
            headers = {"Content-Disposition": place, "X-Content-Type-Options": "nosniff", "Cache-Control": "private"}
            return Response(blob.content, media_type=type if shown else "application/octet-stream", headers=headers)

        return routes

    def _sign(self, sha256: str, name: str, kind: str) -> str:
        return hmac.new(self._secret, f"{sha256}/{name}/{kind}".encode(), hashlib.sha256).hexdigest()[:32]
