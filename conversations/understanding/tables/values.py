"""A table as read: which columns, which rows, and what stood in the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes:
        number: the row as a person sees it in the file or the pasted text, the first being 1.
        cells: what stands in the known columns, by key (headings.yaml); empty cells are absent.
        others: what stands in the other columns, by heading as written; likewise.
    """

    number: int
    cells: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of orders.

    Attributes:
        columns: the keys of the known columns, in the table's order.
        unknown: headings that mean nothing here, as written.
        rows: the lines below the heading that are not empty and no sums.
        guessed: there was no heading; the columns were told from what stands in them.
    """

    columns: tuple[str, ...]
    unknown: tuple[str, ...]
    rows: tuple[Row, ...]
    guessed: bool = False


class TableProblem(Exception):
    """A file that cannot be read as a table of orders.

    Attributes:
        key: table.empty, table.no_heading, table.too_many_rows, table.too_large, table.not_a_workbook,
            table.old_workbook or table.encoding.
        facts: what a phrase for the key may name, such as rows and most.
    """

    def __init__(self, key: str, **facts: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.facts: Mapping[str, str | int] = facts
