"""How a binding code is read, however it was typed."""

from __future__ import annotations

import unicodedata


def plain_code(text: str) -> str:
    """A code as it is hashed: upper case, narrow, nothing but its characters."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).upper() if char.isalnum())
