"""Placing orders."""

from datetime import date
from decimal import Decimal

import pytest

from store.operations.orders import NewLine, NewOrder, choose_flow, find_repeat, missing_fields, place_orders
from store.reads.document import order_document
from store.refusals import Invalid, NotAllowed, NotFound
from tests.support.orders import draft


def test_a_placed_order_has_number_price_amount_salesperson_and_its_first_step(desk):
    number = desk.place(po_number=" PO-7 ")
    order = desk.look(lambda book: order_document(book, book.order(number)))
    assert number == "SO-2611-0001"
    assert order["lines"] == [
        {"sku": "VA-200", "name": "A型阀", "quantity": "200", "unit": "件", "price": "35.00", "shipped": "0"}
    ]
    assert (order["amount"], order["currency"], order["po_number"]) == ("7000.00", "CNY", "PO-7")
    assert (order["salesperson"], order["placed_by"], order["status"]) == ("wangli", "wangli", "open")
    assert (order["flow"], order["flow_version"], order["fields"]) == ("standard", 1, {"ship_to": "苏州园区"})
    assert {step["key"]: step["status"] for step in order["steps"]}["review"] == "active"
    assert desk.events(number)[:2] == ["order.placed", "step.started"]


def test_every_key_of_the_document_is_there_even_without_value(desk):
    order = desk.look(lambda book: order_document(book, book.order(desk.place())))
    assert list(order) == [
        *("number", "customer", "salesperson", "placed_by", "status", "promise_date", "currency", "amount", "flow"),
        *("flow_version", "lines", "fields", "po_number", "steps", "exceptions", "notes", "changes", "urges"),
        "held_since",
    ]
    assert (order["held_since"], order["urges"]) == (None, {"count": 0, "askers": 0})
    waiting = order["steps"][2]
    assert waiting["owner"] == "zhou"
    assert waiting["due"] == "2026-12-01T18:00:00+08:00"
    assert (waiting["started_at"], waiting["done_by"], waiting["fields"]) == (None, None, {})


def test_numbers_count_within_the_month_of_the_company(desk, clock):
    clock.at("2026-11-30T23:59:00+08:00")
    assert [desk.place(), desk.place()] == ["SO-2611-0001", "SO-2611-0002"]
    clock.at("2026-12-01T00:01:00+08:00")  # still November in UTC
    assert desk.place() == "SO-2612-0001"


def test_the_salesperson_of_an_order_is_the_customers_even_if_a_coordinator_places_it(desk):
    order = desk.order(desk.place(by="liu", customer="bf"))
    assert (order.salesperson, order.placed_by) == ("zhaolei", "liu")


def test_a_salesperson_may_not_order_for_a_colleagues_customer_and_hears_who_may(desk):
    with pytest.raises(NotAllowed) as refused:
        desk.place(by="wangli", customer="bf")
    assert refused.value.facts["who"][0] == "赵磊"


@pytest.mark.parametrize("who", ["zhou", "zheng", "root"])
def test_who_neither_sells_nor_coordinates_places_no_orders(desk, who):
    with pytest.raises(NotAllowed):
        desk.place(by=who)


def test_a_contact_places_nothing(desk):
    with pytest.raises(NotFound):
        desk.place(by="li")


@pytest.mark.parametrize(
    ("how", "key"),
    [
        ({"promise": date(2026, 11, 22)}, "refused.promise_past"),
        ({"quantity": 0}, "refused.order_quantity"),
        ({"quantity": "-3"}, "refused.order_quantity"),
        ({"quantity": "NaN"}, "refused.order_quantity"),
        ({"price": "-1"}, "refused.order_price"),
        ({"sku": "SP-1"}, "refused.order_price_missing"),
        ({"fields": {}}, "refused.missing_field"),
        ({"fields": {"ship_to": "苏州", "packing": "铁箱"}}, "refused.field_value"),
        ({"fields": {"ship_to": "苏州", "colour": "红"}}, "refused.no_such_field"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(desk, how, key):
    with pytest.raises(Invalid) as refused:
        desk.place(**how)
    assert refused.value.key == key
    assert desk.place() == "SO-2611-0001"  # the refused one took no number either


def test_a_promise_of_today_is_no_past(desk):
    assert desk.order(desk.place(promise=date(2026, 11, 23))).promise_date == date(2026, 11, 23)


def test_unknown_customers_and_products_are_not_found(desk):
    for how in ({"customer": "acme"}, {"sku": "ZZ-9"}):
        with pytest.raises(NotFound):
            desk.place(**how)


def test_several_orders_are_placed_together_or_not_at_all(desk):
    with pytest.raises(Invalid):
        desk.as_("wangli", place_orders, [draft(), draft(quantity=-1)])
    placed = desk.as_("wangli", place_orders, [draft(), draft(quantity=5)])
    assert [order.number for order in placed] == ["SO-2611-0001", "SO-2611-0002"]


def test_amounts_are_exact_and_each_line_is_rounded_as_an_invoice_does(desk):
    lines = (
        NewLine("VA-200", Decimal("1.5"), price=Decimal("0.35")),
        NewLine("SP-1", Decimal(3), price=Decimal("0.335")),
    )
    order = NewOrder("hdjx", lines, date(2026, 12, 4), fields={"ship_to": "x"})
    (placed,) = desk.as_("wangli", place_orders, [order])
    document = desk.look(lambda book: order_document(book, book.order(placed.number)))
    assert document["amount"] == "1.54"  # 0.525 -> 0.53, 1.005 -> 1.01
    assert [line["quantity"] for line in document["lines"]] == ["1.5", "3"]
    assert [line["price"] for line in document["lines"]] == ["0.35", "0.335"]


@pytest.mark.parametrize(
    ("days", "change", "repeat"),
    [
        (0, {}, True),
        (0, {"quantity": 201}, False),
        (0, {"sku": "VB-300"}, False),
        (0, {"customer": "nmg"}, False),
        (0, {"promise": date(2026, 12, 11)}, True),
        (0, {"promise": date(2026, 12, 12)}, False),
        (30, {"promise": date(2026, 12, 28)}, False),
    ],
)
def test_the_same_goods_for_the_same_customer_around_the_same_day_are_a_repeat(desk, clock, days, change, repeat):
    first = desk.place()
    clock.pass_by(days=days)
    found = desk.look(lambda book: find_repeat(book, draft(**change)))
    assert (found.number if found else None) == (first if repeat else None)


def test_a_cancelled_order_is_no_ground_for_a_repeat_and_a_done_one_only_for_a_week(desk, clock):
    from store.operations.holds import cancel_order

    def repeat():
        return desk.look(lambda book: find_repeat(book, draft(flow="quick")))

    number = desk.place(flow="quick")
    desk.finish(number, "pack", "send")
    assert desk.order(number).status == "done"
    assert repeat().number == number
    clock.pass_by(days=8)
    assert repeat() is None
    other = desk.place(flow="quick")
    desk.as_("wangli", cancel_order, other, "客户不要了")
    assert repeat() is None


def test_a_repeat_is_refused_until_somebody_says_it_is_none(desk):
    first = desk.place()
    with pytest.raises(Invalid) as refused:
        desk.place(not_repeat=False)
    assert (refused.value.key, refused.value.facts["number"]) == ("refused.repeat", first)
    assert desk.place(not_repeat=True) != first


def test_the_flow_is_the_one_said_by_key_name_or_alias_else_the_default(desk):
    def chosen(said):
        return desk.look(lambda book: choose_flow(book, "hdjx", ["VA-200"], said).key)

    assert [chosen(said) for said in (None, "quick", "急单", "快单", "普通单")] == [
        "standard",
        *["quick"] * 3,
        "standard",
    ]
    with pytest.raises(NotFound):
        chosen("特快")


def test_missing_fields_come_in_the_order_of_the_file(desk):
    missing = desk.look(lambda book: missing_fields(choose_flow(book, None, [], None), {"ship_to": " "}))
    assert [one.field for one in missing] == ["ship_to"]
