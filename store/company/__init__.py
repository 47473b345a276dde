"""The company file: its shape, what is wrong with one, and its way into the book and back.

    models.py      one pydantic model a section, exactly what was written
    text.py        a text, or one for each language
    kinds.py       durations, hours, keys, amounts: the small types
    numbering.py   order numbers: their template and what they count within
    source.py      YAML with line numbers and without surprises
    reading.py     read_company, check_company: the file, or everything that is wrong with it
    checks.py      what no single section can know: references, duplicates; checks_flow.py: flows;
                   report.py: what they report with
    problems.py    what is wrong, in words (problems.yaml)
    defaults.py    what holds for whatever was left out
    plain.py       back to plain documents; writing.py: to canonical YAML
    difference.py  what changes between two company files
    rows.py        the company in the book as a file again; loading.py: a file into the book, merging.py: over what
                   chat has changed meanwhile
    versions.py    a mark that changes whenever the company in the book does
    snapshot.py    the company as an immutable picture (views.py) for everything that looks things up

Enter by read_company for a file, company_snapshot for the book.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from store.company.difference import Change
    from store.company.loading import apply_company, has_been_loaded, plan_company
    from store.company.models import CompanyFile
    from store.company.problems import CompanyProblems, Problem, describe
    from store.company.reading import Checked, check_company, company_from, read_company, warnings
    from store.company.rows import current_company
    from store.company.snapshot import Company, NoCompany, company_snapshot
    from store.company.text import Text
    from store.company.writing import write_company

__all__ = [
    "Change",
    "Checked",
    "Company",
    "CompanyFile",
    "CompanyProblems",
    "NoCompany",
    "Problem",
    "Text",
    "apply_company",
    "check_company",
    "company_from",
    "company_snapshot",
    "current_company",
    "describe",
    "has_been_loaded",
    "plan_company",
    "read_company",
    "warnings",
    "write_company",
]

_DOORS = {
    "Change": "difference",
    "apply_company": "loading",
    "has_been_loaded": "loading",
    "plan_company": "loading",
    "CompanyFile": "models",
    "CompanyProblems": "problems",
    "Problem": "problems",
    "describe": "problems",
    "Checked": "reading",
    "check_company": "reading",
    "company_from": "reading",
    "read_company": "reading",
    "warnings": "reading",
    "current_company": "rows",
    "Company": "snapshot",
    "NoCompany": "snapshot",
    "company_snapshot": "snapshot",
    "Text": "text",
    "write_company": "writing",
}


def __getattr__(name: str) -> Any:
    """Each door is opened when it is first used: a start reads no file, and checking a file needs no database."""
    if name not in _DOORS:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"store.company.{_DOORS[name]}"), name)
