"""Makes orders_200.xlsx: a month's orders as a sales office keeps them, 200 lines, some of them bad. Run it by hand."""

from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook

CUSTOMERS = ("华东机械", "南港水务", "新海化工", "北原农业", "金陵设备", "Aquatec")
PRODUCTS = (
    ("VA-200", 35),
    ("A型阀加强", 52),
    ("B型阀", 48),
    ("CP-50", 1680),
    ("SP-15", 860),
    ("MS-32", 120),
    ("叶轮", 210),
)
PLACES = ("苏州园区星湖街1号", "南京江北新区", "宁波镇海", "郑州中牟", "南京江宁", "Tuas, Singapore")
HEADINGS = ("客户", "客户单号", "型号", "数量", "单位", "单价", "交期", "地址", "备注")
BAD = {
    18: ("客户", "火星矿业"),  # nobody of that name
    41: ("数量", "很多"),
    66: ("数量", -5),
    93: ("交期", "待定"),
    127: ("型号", "XQ-9999"),
    150: ("交期", None),
    171: ("地址", None),
    190: ("数量", None),
}
"""Sheet row -> column and what stands there."""


def rows() -> list[list[object]]:
    """200 lines: each customer's PO has two lines, every fifth order only one."""
    made: list[list[object]] = []
    number = 0
    while len(made) < 200:
        customer, place = CUSTOMERS[number % 6], PLACES[number % 6]
        due = date(2026, 12, 7) + timedelta(days=number % 24)
        for line in range(1 if number % 5 == 0 else 2):
            sku, price = PRODUCTS[(number + 3 * line) % 7]
            made.append([customer, f"PO-{7000 + number}", sku, 10 + number % 40, None, price, due, place, None])
        number += 1
    return made[:200]


def main() -> None:
    """Write the workbook beside this script."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "12月订单"
    sheet.append(HEADINGS)
    for number, row in enumerate(rows(), 2):
        if number in BAD:
            column, value = BAD[number]
            row[HEADINGS.index(column)] = value
        sheet.append(row)
    book.save(Path(__file__).with_name("orders_200.xlsx"))


if __name__ == "__main__":
    main()
