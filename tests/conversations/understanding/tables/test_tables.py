import io
import time
import zipfile
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from conversations.understanding.tables import Sheet, TableProblem, column, group_orders, read_file, read_pasted

HEADING = ["客户", "型号", "数量", "单价", "交期", "客户单号", "颜色"]
LINES = [
    [
        "华东机械",
        "VA-200",
        200,
        35.0,
        datetime(2026, 12, 5),  # noqa: DTZ001 - a workbook knows no zones
        "PO-1",
        "红",
    ],
    ["华东机械", "VB-300", 50, 12.5, date(2026, 12, 5), "PO-1", ""],
    [None, None, None, None, None, None, None],
    ["恒能电子", "VA-200", 10, 36, "12月8日", "PO-2", ""],
    ["合计", None, 260, None, None, None, None],
]


def workbook(rows, title=()) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in [*title, *rows]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_with_its_row_numbers_and_unknown_columns() -> None:
    sheet = read_file("po.xlsx", workbook([HEADING, *LINES], title=[["十二月订单"], []]))
    assert sheet.columns == ("customer", "sku", "quantity", "price", "due", "po_number")
    assert sheet.unknown == ("颜色",)
    assert [row.number for row in sheet.rows] == [4, 5, 7]
    assert dict(sheet.rows[0].cells) == {
        "customer": "华东机械",
        "sku": "VA-200",
        "quantity": "200",
        "price": "35",
        "due": "2026-12-05",
        "po_number": "PO-1",
    }
    assert sheet.rows[1].cells["price"] == "12.5"


def test_rows_of_one_customer_and_number_are_one_order() -> None:
    sheet = read_file("po.xlsx", workbook([HEADING, *LINES]))
    assert [[row.number for row in rows] for rows in group_orders(sheet)] == [[2, 3], [5]]


def test_without_a_number_each_row_is_an_order() -> None:
    sheet = read_pasted("客户\t产品\t数量\n华东\tA型阀\t200\n华东\tB型阀\t100")
    assert sheet is not None
    assert [[row.number for row in rows] for rows in group_orders(sheet)] == [[2], [3]]


def test_formulas_are_never_evaluated() -> None:
    sheet = read_file("po.xlsx", workbook([["产品", "数量"], ["A型阀", "=100+100"]]))
    assert dict(sheet.rows[0].cells) == {"product": "A型阀"}


CSV = 'customer,item,qty,unit price,due date,note\nHuadong,VA-200,200,35,2026-12-05,"wooden, please"\n华东,VB,1,2,,\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_a_csv_file_is_read_in_any_usual_encoding(encoding) -> None:
    sheet = read_file("po.csv", CSV.encode(encoding))
    assert sheet.columns == ("customer", "product", "quantity", "price", "due", "note")
    assert sheet.rows[0].cells["note"] == "wooden, please"
    assert sheet.rows[1].cells["customer"] == "华东"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_of_a_text_file_is_found(mark) -> None:
    text = mark.join(["产品", "数量", "单价"]) + "\r\n" + mark.join(["A型阀", "200", "35"]) + "\r\n"
    (row,) = read_file("x.csv", text.encode("gb18030")).rows
    assert dict(row.cells) == {"product": "A型阀", "quantity": "200", "price": "35"}
    assert row.number == 2


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("客户名称*", "customer"),
        ("单价（元/件）", "price"),
        ("Unit Price (USD)", "price"),
        ("QTY.", "quantity"),
        ("Ship-To", "ship_to"),
        ("P.O. No.", "po_number"),
        ("交货日期", "due"),
        ("訂購數量", "quantity"),
        ("型号/规格", "sku"),
        ("#", "number"),
        ("quantitiy", "quantity"),
        ("颜色", None),
        ("", None),
    ],
)
def test_headings_are_known_in_many_forms(heading, key) -> None:
    assert column(heading) == key


@pytest.mark.parametrize(
    "text",
    [
        "产品\t数量\t单价\nA型阀\t200\t35\nB型阀\t100\t12.5",
        "| 产品 | 数量 | 单价 |\n|---|---:|---|\n| A型阀 | 200 | 35 |\n| B型阀 | 100 | 12.5 |",
        "产品   数量   单价\nA型阀  200    35\nB型阀  100    12.5",
        "产品,数量,单价\nA型阀,200,35\nB型阀,100,12.5",
        "产品 数量 单价\nA型阀 200 35\nB型阀 100 12.5",
        "新单 华东机械\n产品\t数量\t单价\nA型阀\t200\t35\nB型阀\t100\t12.5\n谢谢",
        "unit price\tqty\tproduct\n35\t200\tA型阀\n12.5\t100\tB型阀",
        "A型阀\t200\t35\nB型阀\t100\t12.5",
        "A型阀,200件,35元\nB型阀,100件,12.5元",
    ],
)
def test_a_pasted_table_is_read_with_or_without_heading(text) -> None:
    sheet = read_pasted(text)
    assert sheet is not None
    found = [
        (row.cells["product"], row.cells["quantity"].rstrip("件"), row.cells["price"].rstrip("元"))
        for row in sheet.rows
    ]
    assert found == [("A型阀", "200", "35"), ("B型阀", "100", "12.5")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "新单 华东机械 A型阀200件",
        "你好\n在吗",
        "12发了,15还要两天\n17明天,谢谢",
        "Hello, Li\nplease ship 12, thanks\nBest, Ana",
        "a\tb\nc\td",
    ],
)
def test_talk_is_no_table(text) -> None:
    assert read_pasted(text) is None


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)
    return out.getvalue()


def entities() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([HEADING]))) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            head = b'<!DOCTYPE x [<!ENTITY a "b">]>' if part.filename == "xl/workbook.xml" else b""
            new.writestr(part, head + old.read(part))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.xlsx", b"", "table.empty"),
        ("a.csv", b"  \n", "table.empty"),
        ("a.xlsx", b"PK\3\4 nonsense", "table.not_a_workbook"),
        ("a.xlsx", b"hello,world", "table.not_a_workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0 old", "table.old_workbook"),
        ("a.csv", "你好,世界\n一,二\n".encode(), "table.no_heading"),
        ("a.csv", b"\xef\xbb\xbf\xff\xff\xff", "table.encoding"),
        ("a.csv", "产品,数量\n".encode() + b"x,1\n" * 11, "table.too_many_rows"),
        ("a.csv", b"x" * 20_000_001, "table.too_large"),
        ("a.xlsx", bomb(), "table.too_large"),
        ("a.xlsx", entities(), "table.not_a_workbook"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_of_orders_is_refused_with_the_reason(name, content, key) -> None:
    with pytest.raises(TableProblem) as problem:
        read_file(name, content, max_rows=10)
    assert problem.value.key == key


def test_five_thousand_rows_are_read_in_time() -> None:
    content = workbook(
        [HEADING, *([["华东机械", "VA-200", 200, 35, "2026-12-05", f"PO-{n}", ""] for n in range(5000)])]
    )
    before = time.process_time()
    assert len(read_file("po.xlsx", content).rows) == 5000
    assert time.process_time() - before < 20  # bounded or not; how fast is for the benchmarks


@settings(deadline=None)
@given(st.text() | st.text('产品数量客户单价1|,\t\n; A"-'))
def test_any_pasted_text_is_a_table_or_none(text) -> None:
    assert isinstance(read_pasted(text), Sheet | None)


@settings(deadline=None)
@given(
    st.binary()
    | st.binary().map(lambda tail: "产品,数量\n".encode() + tail)
    | st.binary().map(lambda tail: b"PK\3\4" + tail)
)
def test_any_file_is_read_or_refused(content) -> None:
    with suppress(TableProblem):
        assert isinstance(read_file("x.csv", content), Sheet)


@pytest.mark.parametrize("unit", ["a\t1\n", "a,1,2\n", "| ", "a  b\n", '"', "产品 数量\n"])
def test_64_kib_of_anything_are_read_in_bounded_time(unit) -> None:
    before = time.process_time()
    read_pasted((unit * 65536)[:65536])
    assert time.process_time() - before < 20  # bounded or not; how fast is for the benchmarks
