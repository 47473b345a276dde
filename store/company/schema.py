"""The JSON Schema of company files, for editors, made from the models.

Written anew by: python -m store.company.schema > docs/company.schema.json
"""

from __future__ import annotations

import json
import sys
from typing import Any

from store.company.models import CompanyFile


def company_schema() -> dict[str, Any]:
    """The schema, as JSON Schema 2020-12."""
    schema = CompanyFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Gendan company file"}


def schema_text() -> str:
    """The schema as it stands in docs/."""
    return json.dumps(company_schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
