"""`gendan init`: a first company file for a real company, small enough to read and complete enough to work.

company.zh.yaml, company.en.yaml   the file, with blanks for the company's and the administrator's names
"""

from __future__ import annotations

from importlib.resources import files
from string import Template

import yaml


def first_company(*, name: str, language: str, timezone: str, currency: str, country: str | None, admin: str) -> str:
    """The text of a first company file.

    Args:
        name: the company's.
        language: zh or en.
        timezone: an IANA zone.
        currency: an ISO 4217 code.
        country: two letters, for public holidays; None: none are known.
        admin: the administrator's name; his key is "admin".
    """
    text = (files("bot.starting") / f"company.{language}.yaml").read_text("utf-8")
    return Template(text).substitute(
        name=_quoted(name),
        admin=_quoted(admin),
        timezone=timezone,
        currency=currency,
        country_line=f"country: {country}" if country else "# country: CN   (public holidays of a country)",
    )


def _quoted(text: str) -> str:
    return yaml.safe_dump(text, allow_unicode=True, default_style='"', width=1000).strip()
