"""Reviewing."""

from datetime import date

import pytest

from store.operations.changes import FieldChange, plan_change
from store.operations.changing import apply_change
from store.operations.people import set_away
from store.operations.reviews import approve_review, hidden_figures, pending_reviews, return_review
from store.refusals import Conflict, NotAllowed
from store.units import Units
from tests.support.clock import Clock
from tests.support.flows import Flows, actions, keys, letter, refusing

RIGHT = {"amount": "6000", "quantity": "60", "promise_date": "2026-12-11"}


@pytest.fixture
def flows(units: Units, clock: Clock) -> Flows:
    return Flows(units)


def approve(flows: Flows, order, by: str, **more):
    step = flows.step(order, "review")
    return flows.act(by, lambda b: approve_review(b, step.id, **more))


def change(flows: Flows, order, by: str = "ann", quantity: str = "12") -> None:
    def work(book):
        plan = plan_change(book, order.number, [FieldChange("quantity", None, quantity)])
        return apply_change(book, plan, "asked")

    flows.act(by, work)


def test_only_the_reviewer_approves(flows: Flows) -> None:
    order = flows.place()
    with pytest.raises(NotAllowed):
        approve(flows, order, "kim")
    approve(flows, order, "kai")
    assert flows.step(order, "review").done_by == "kai"


def test_who_placed_the_order_does_not_approve_it_even_as_cover_of_the_reviewer(flows: Flows) -> None:
    order = flows.place(by="kim")
    assert flows.step(order, "review").owner == "kai"
    flows.act("kai", lambda b: set_away(b, date(2026, 11, 23), None, "kim"))
    step = flows.step(order, "review")
    assert step.owner not in {"kim", "kai"}

    def force(book):
        row = book.session.get(type(step), step.id)
        row.owner = "kim"
        book.session.add(row)

    flows.units.write(force)
    with refusing("own_order"):
        approve(flows, order, "kim")


def test_what_is_approved_is_what_was_shown(flows: Flows) -> None:
    order = flows.place()
    shown = flows.order(order).version
    change(flows, order)
    with pytest.raises(Conflict) as refused:
        approve(flows, order, "kai", order_version=shown)
    assert refused.value.facts["who"] == "Ann"
    approve(flows, order, "kai", order_version=flows.order(order).version)


def test_returning_needs_a_reason_which_goes_to_the_author_and_the_order_waits(flows: Flows) -> None:
    order = flows.place()
    step = flows.step(order, "review")
    with refusing("reason_needed"):
        flows.act("kai", lambda b: return_review(b, step.id, "  "))
    before = flows.mark()
    flows.act("kai", lambda b: return_review(b, step.id, "price is wrong"))
    (row,) = flows.sent("ann", before)
    assert letter(row).says[0].facts["reason"] == "price is wrong"
    assert flows.step(order, "review").returned_at is not None
    assert flows.units.read(lambda b: pending_reviews(b, "kai")) == []
    with refusing("waits_for_change"):
        approve(flows, order, "kai")


def test_when_the_author_has_changed_it_the_reviewer_is_told_again(flows: Flows) -> None:
    order = flows.place()
    step = flows.step(order, "review")
    flows.act("kai", lambda b: return_review(b, step.id, "too many"))
    before = flows.mark()
    change(flows, order)
    (row,) = flows.sent("kai", before)
    assert keys(row)[0] == "review.again"
    assert actions(row) == ["review.approve", "review.return"]
    assert flows.step(order, "review").returned_at is None
    approve(flows, order, "kai")


def test_the_buttons_of_a_review_carry_the_orders_version(flows: Flows) -> None:
    order = flows.place()
    change(flows, order)
    card = flows.sent("kai", rule="step.started")[-1]
    step = flows.step(order, "review")
    assert [one.action for one in letter(card).choices] == [
        f"review.approve:{step.id}.2", f"review.return:{step.id}.2",
    ]  # fmt: skip


# --- blind ----------------------------------------------------------------------------------------------------------


def test_above_the_amount_the_card_hides_the_figures_and_at_it_shows_them(flows: Flows) -> None:
    flows.place({"B1": 50})
    (shown,) = flows.sent("kai", rule="step.started")
    assert {"card.amount", "card.promise"} <= set(keys(shown))
    flows.place({"B1": 60})
    hidden = [row for row in flows.sent(rule="step.started") if "card.blind" in keys(row)][-1]
    assert not {"card.amount", "card.promise"} & set(keys(hidden))
    text = str(letter(hidden).says)
    assert "6000" not in text
    assert "60" not in [str(p.facts.get("quantity")) for p in letter(hidden).says]


def blind(flows: Flows):
    order = flows.place({"B1": 60})
    return order, flows.step(order, "review").owner


def test_above_the_amount_a_review_needs_the_figures(flows: Flows) -> None:
    order, owner = blind(flows)
    with refusing("figures_needed"):
        approve(flows, order, owner)
    with refusing("figures_needed"):
        approve(flows, order, owner, figures={"amount": "6000", "quantity": "60"})


@pytest.mark.parametrize("wrong", [{"amount": "6001"}, {"quantity": "59"}, {"promise_date": "2026-12-12"}])
def test_wrong_figures_are_refused_without_telling_the_right_ones(flows: Flows, wrong) -> None:
    order, owner = blind(flows)
    from store.operations.reviews import FiguresDiffer

    with pytest.raises(FiguresDiffer) as refused:
        approve(flows, order, owner, figures={**RIGHT, **wrong})
    told = str(refused.value.facts)
    assert not any(right in told for right in ("6000", "60", "2026-12-11"))
    assert flows.step(order, "review").status == "active"


@pytest.mark.parametrize(
    "figures",
    [RIGHT, {**RIGHT, "amount": "¥6,000.00", "promise_date": date(2026, 12, 11)}, {**RIGHT, "quantity": [60]}],
)
def test_right_figures_pass_however_they_are_written(flows: Flows, figures) -> None:
    order, owner = blind(flows)
    approve(flows, order, owner, figures=figures)
    assert flows.step(order, "review").status == "done"


def test_what_a_blind_reviewer_may_not_see_is_hidden_from_him_alone_while_he_reviews(flows: Flows) -> None:
    order, owner = blind(flows)
    hidden = lambda who: flows.units.read(lambda b: hidden_figures(b, b.order(order.number), who))  # noqa: E731
    assert {"amount", "quantity", "price", "promise_date"} <= hidden(owner)
    assert hidden("ann") == frozenset()
    approve(flows, order, owner, figures=RIGHT)
    assert hidden(owner) == frozenset()
