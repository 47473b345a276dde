"""The company file: its shape, what is wrong with one, and its way into the book and back.

    models.py      one pydantic model a section, exactly what was written
    text.py        a text, or one for each language
    kinds.py       durations, hours, keys, amounts: the small types
    source.py      YAML with line numbers and without surprises
    problems.py    what is wrong, in words (problems.yaml)
    checks.py      what no single section can know: references, cycles, duplicates
    reading.py     read_company, check_company
    defaults.py    what holds for whatever was left out

Enter by read_company.
"""

from store.company.models import CompanyFile
from store.company.problems import CompanyProblems, Problem, describe
from store.company.text import Text

__all__ = ["CompanyFile", "CompanyProblems", "Problem", "Text", "describe"]
