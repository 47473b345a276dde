"""A company as canonical YAML: what was written, in the documented order, nothing more."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from store.company.models import CompanyFile
from store.company.plain import tidy


def write_company(company: CompanyFile) -> str:
    """A company file in its canonical form; reading it gives the same company again."""
    written = tidy(company.model_dump(mode="python", by_alias=True, exclude_unset=True))
    return yaml.dump(written, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110, default_flow_style=None)


class _Dumper(yaml.SafeDumper):
    """Lists indented under their key, amounts as plain numbers, several lines of text as a block."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - PyYAML's own signature
        """Lists always get an indent of their own."""
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's own signature
        """Nothing is ever written as an alias."""
        return True


def _decimal(dumper: yaml.SafeDumper, number: Decimal) -> yaml.Node:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:float" if "." in str(number) else "tag:yaml.org,2002:int", str(number)
    )


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _day(dumper: yaml.SafeDumper, day: date) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", day.isoformat())


_Dumper.add_representer(Decimal, _decimal)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(date, _day)
