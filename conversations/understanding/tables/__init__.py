"""Tables of orders, pasted into a message or in a file.

values.py     Sheet, Row, TableProblem
pasted.py     read_pasted: tabs, blanks, pipes, commas
workbooks.py  read_file: .xlsx, .csv, .tsv
sheets.py     from rows of cells to a sheet; group_orders
headings.py   which column a heading means
data/         headings in both languages
"""

from .headings import column
from .pasted import read_pasted
from .sheets import group_orders
from .values import Row, Sheet, TableProblem
from .workbooks import MOST_BYTES, read_file

__all__ = ["MOST_BYTES", "Row", "Sheet", "TableProblem", "column", "group_orders", "read_file", "read_pasted"]
