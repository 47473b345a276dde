"""Order files: .xlsx, .csv, .tsv. Nothing in them is evaluated; what is too large or disguised is refused."""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any

from . import sheets
from .values import Sheet, TableProblem

MOST_BYTES = 20_000_000
"""Bytes of a file."""
_UNPACKED = 150_000_000  # bytes of a workbook's parts together
_PARTS = 3_000
_RATIO = 300  # how many times a part may shrink; real sheets stay under 60
_COLUMNS = 100
_EMPTY = 2_000  # empty rows in a row after which a sheet is over
_OLD = b"\xd0\xcf\x11\xe0"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_file(name: str, content: bytes, *, max_rows: int = 5_000) -> Sheet:
    """The table in a file.

    Args:
        name: its name; content decides where the two disagree.
        content: its bytes.
        max_rows: how many rows below the heading are taken.

    Raises: TableProblem, see there.
    """
    if len(content) > MOST_BYTES:
        raise TableProblem("table.too_large", name=name, most=MOST_BYTES)
    if not content.strip():
        raise TableProblem("table.empty", name=name)
    if content.startswith(_OLD):
        raise TableProblem("table.old_workbook", name=name)
    if content.startswith(b"PK"):
        tables = _workbook(name, content, max_rows)
    elif name.lower().endswith((".xlsx", ".xlsm")):
        raise TableProblem("table.not_a_workbook", name=name)
    else:
        tables = iter([_text(name, content, max_rows)])
    empty = True
    for rows in tables:
        empty = empty and not rows
        sheet = sheets.with_heading(rows, most=max_rows)
        if sheet is not None:
            return sheet
    raise TableProblem("table.empty" if empty else "table.no_heading", name=name)


Rows = list[tuple[int, list[str]]]


def _workbook(name: str, content: bytes, max_rows: int) -> Iterator[Rows]:
    """The rows of each visible sheet of a workbook."""
    from openpyxl import load_workbook

    _check_parts(name, content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that do not concern values
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # openpyxl raises whatever its parts raise
            raise TableProblem("table.not_a_workbook", name=name) from error
        try:
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    sheet.reset_dimensions()  # files state sizes that are not theirs
                    yield _taken(sheet.iter_rows(max_col=_COLUMNS, values_only=True), max_rows)
        except TableProblem:
            raise
        except Exception as error:
            raise TableProblem("table.not_a_workbook", name=name) from error
        finally:
            book.close()


def _check_parts(name: str, content: bytes) -> None:
    """Refuse archives that unpack to far more than they are, and XML that defines entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS or sum(part.file_size for part in parts) > _UNPACKED:
                raise TableProblem("table.too_large", name=name, most=_UNPACKED)
            for part in parts:
                if part.file_size > 1_000_000 and part.file_size > _RATIO * max(1, part.compress_size):
                    raise TableProblem("table.too_large", name=name, most=_UNPACKED)
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as opened:
                        if b"<!" in opened.read(2_048).replace(b"<!--", b""):
                            raise TableProblem("table.not_a_workbook", name=name)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        raise TableProblem("table.not_a_workbook", name=name) from error


def _taken(rows: Iterable[Iterable[Any]], max_rows: int) -> Rows:
    """The rows that are not empty, numbered; a few more than allowed, so that too many are noticed."""
    found: Rows = []
    empty = 0
    for number, cells in enumerate(rows, 1):
        texts = [_cell(value) for value in cells]
        if any(texts):
            found.append((number, texts))
            empty = 0
            if len(found) > max_rows + 50:
                break
        else:
            empty += 1
            if empty > _EMPTY:
                break
    return found


def _cell(value: Any) -> str:
    """A cell's value as a person would type it: dates in ISO form, numbers without needless zeros, no errors."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("minutes")
        case int() | float():
            return _number(value)
    text = str(value).strip()
    return "" if text.startswith("#") and text.rstrip("!?").isupper() and text.endswith(("!", "?", "A")) else text


def _number(value: float) -> str:
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - not a number is not itself
        return ""
    rounded = Decimal(repr(round(value, 10)))
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(name: str, content: bytes, max_rows: int) -> Rows:
    """The rows of a text file of columns."""
    text = _decoded(name, content)
    lines = text.splitlines()[:20]
    mark = max("\t,;|", key=lambda char: _evenness(lines, char))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
        return _taken(islice(reader, max_rows + 20_000), max_rows)
    except csv.Error as error:
        raise TableProblem("table.not_a_workbook", name=name) from error


def _evenness(lines: list[str], char: str) -> tuple[int, int]:
    """How well a character serves as separator: in how many lines it stands as often as in most, and how often."""
    counts = [line.count(char) for line in lines if line.strip()]
    used = [count for count in counts if count]
    if not used:
        return 0, 0
    usual = max(set(used), key=used.count)
    return used.count(usual), usual


def _decoded(name: str, content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or GB18030, whichever it is written in."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decode(name, content, encoding)
    if b"\0" in content[:200]:
        return _decode(name, content, "utf-16-le" if content[1:2] == b"\0" else "utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decode(name, content, "gb18030")


def _decode(name: str, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise TableProblem("table.encoding", name=name) from error
