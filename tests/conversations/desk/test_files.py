"""Order files: good rows become one draft, bad rows come back with number, column and reason."""

from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from conversations.dialogs.sheets import read_sheet
from conversations.phrasebook import phrases
from store.refusals import Invalid
from store.tables import Blob

HEAD = ["客户", "产品型号", "数量", "单位", "单价", "交期", "收货地址", "客户单号", "备注"]


def workbook(*rows):
    book = Workbook()
    for row in (HEAD, *rows):
        book.active.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


GOOD = ["华东机械", "VA-200", 100, "件", 35, "2026-12-10", "苏州", "PO-1", None]


def test_rows_with_the_same_customer_and_po_are_lines_of_one_order(talk):
    content = workbook(
        GOOD, ["华东", "B型阀", 5, "件", None, "2026-12-10", "苏州", "PO-1", None], [*GOOD[:7], None, None]
    )
    shown = talk.say("wangli", files=[("po.xlsx", content)])
    assert shown.fact("draft.sum", "orders") == 2
    assert shown.fact("draft.sum", "lines") == 3
    assert talk.press("wangli", "确认").keys == ["desk.placed", "desk.placed"]
    assert [line["sku"] for line in talk.order()["lines"]] == ["VA-200", "VB-300"]


def test_a_bad_row_is_told_with_row_column_and_reason_and_comes_back_as_a_file(talk):
    bad = [
        ["华西", *GOOD[1:]],
        [*GOOD[:2], "许多", *GOOD[3:]],
        [*GOOD[:5], None, *GOOD[6:]],
        [*GOOD[:6], None, "PO-9", None],
    ]
    shown = talk.say("wangli", files=[("po.xlsx", workbook(GOOD, *bad))])
    told = [
        (p.facts["row"], p.facts["column"].key, p.facts["reason"].key)
        for p in shown.letter.says
        if p.key == "draft.bad_row"
    ]
    assert told == [
        (3, "field.customer", "sheet.unknown"),
        (4, "field.quantity", "sheet.no_number"),
        (5, "field.promise_date", "sheet.missing"),
        (6, "field.ship_to", "sheet.missing_field"),
    ]
    content = talk.units.read(lambda book: book.session.get(Blob, shown.letter.files[0].sha256).content)
    rows = list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["行号", 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.xlsx", b"no workbook", "refused.table.not_a_workbook"),
        ("a.csv", b"a,b\n1,2\n", "refused.table.no_heading"),
        ("a.csv", "客户,产品,数量\n".encode(), "refused.table.empty"),
        ("a.csv", ("客户,产品,数量\n" + "华东,A型阀,1\n" * 5001).encode(), "refused.table.too_many_rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(name, content, key):
    with pytest.raises(Invalid) as refused:
        read_sheet(name, content)
    assert refused.value.key == key
    assert all(key in phrases(language) for language in ("zh", "en"))


def test_a_formula_in_a_bad_row_comes_back_as_text(talk):
    shown = talk.say("wangli", files=[("po.csv", "客户,产品,数量,交期\n=1+1,A型阀,1,2026-12-20\n".encode())])
    content = talk.units.read(lambda book: book.session.get(Blob, shown.letter.files[0].sha256).content)
    cells = [cell.value for row in load_workbook(BytesIO(content)).active.iter_rows(min_row=2) for cell in row]
    assert not any(str(value).startswith("=") for value in cells if value)


def test_a_photo_with_a_number_is_kept_on_that_order(talk):
    talk.place()
    assert talk.say("wangli", "0001", files=[("po.jpg", b"\xff\xd8")]).keys == ["desk.attached"]
    assert talk.order()["notes"][0]["files"][0]["name"] == "po.jpg"


def test_a_pasted_table_becomes_one_draft(talk):
    shown = talk.say(
        "wangli", "客户\t产品\t数量\t交期\t地址\n华东\tA型阀\t10\t12月10日\t苏州\n南明港机\tB型阀\t5\t12月11日\t宁波"
    )
    assert shown.fact("draft.sum", "orders") == 2
    assert talk.press("wangli", "确认").keys == ["desk.placed", "desk.placed"]
