"""The addresses that customers are given: tracking pages, and the ways in that an invitation offers."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Links:
    """What is known of our own addresses; None: that way is not set up.

    Attributes:
        web: the web server as others reach it, https://…
        telegram: the bot's user name.
        wecom: the address of the customer service account that takes a code (…&scene_param=).
    """

    web: str | None = None
    telegram: str | None = None
    wecom: str | None = None

    def track(self, token: str) -> str | None:
        """A tracking page's address."""
        return f"{self.web.rstrip('/')}/t/{token}" if self.web else None

    def page(self, token: str) -> str | None:
        """The address that signs in whose personal token it carries."""
        return f"{self.web.rstrip('/')}/chat/enter/{token}" if self.web else None

    def invite(self, code: str) -> list[tuple[str, str]]:
        """Where a binding code can be used with one tap: channel and address, the likeliest first."""
        plain = code.replace("-", "")
        found = [
            ("wecom", f"{self.wecom}&scene_param={quote(plain, safe='')}" if self.wecom else None),
            ("telegram", f"https://t.me/{self.telegram}?start={plain}" if self.telegram else None),
            ("web", f"{self.web.rstrip('/')}/join/{plain}" if self.web else None),
        ]
        return [(channel, url) for channel, url in found if url]


def qr_picture(text: str) -> bytes:
    """A QR code as a PNG, large enough to be scanned off another phone's screen."""
    import segno

    out = BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=8, border=4)
    return out.getvalue()
