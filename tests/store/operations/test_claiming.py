"""A colleague's step taken by somebody himself; of two who take it at once one has it, and the other hears who."""

import pytest

from store.book import Actor
from store.operations.claiming import TakenAlready, claim_step, told_of
from store.operations.steps import acknowledge
from store.operations.taking_back import take_back
from store.refusals import NotAllowed, NotFound
from store.units import Units
from tests.support.clock import Clock
from tests.support.flows import Flows, actions, keys, refusing, said
from tests.support.racing import both_at_once


@pytest.fixture
def flows(units: Units, clock: Clock) -> Flows:
    return Flows(units)


def making(flows: Flows):
    """A step of mia's (her backup is mel, moe heads the department) whose card moe and mel were shown, being late."""
    order = flows.place()
    flows.approve(order)
    flows.deliver()
    step = flows.step(order, "make")
    assert step.owner == "mia"
    flows.act("mia", lambda book: show(book, step, "mel", "moe"))
    flows.deliver()
    return order, step


def show(book, step, *people) -> None:
    """As the ladder does."""
    from store.messages import Letter, Phrase
    from store.operations.cards import button

    for person in people:
        letter = Letter((Phrase("step.is_done", {}),), (button("claim", f"step.claim:{step.id}"),))
        book.tell(person, letter, rule="rung:backup", card=f"step:{step.id}", order=book.order(number_of(book, step)))


def number_of(book, step) -> str:
    from store.tables import Order

    return book.session.get(Order, step.order_id).number


def claim(flows: Flows, who: str, step):
    return flows.act(who, lambda book: claim_step(book, step.id))


def test_who_claims_has_it_and_everybody_elses_card_says_so(flows: Flows) -> None:
    order, step = making(flows)
    before = flows.mark()
    claim(flows, "mel", step)
    now = flows.step(order, "make")
    assert (now.owner, now.assigned) == ("mel", None)
    assert now.acknowledged_until is not None
    edits = {row.person: row for row in flows.sent(since=before) if row.kind == "edit"}
    assert set(edits) == {"mia", "mel", "moe"}
    assert all(keys(row) == ["step.with_other"] and not actions(row) for row in edits.values())
    (told,) = [row for row in flows.sent("mia", before) if row.kind == "push"]
    assert said(told, "step.was_claimed").facts["owner"] == "Mel"
    events = flows.units.read(lambda book: [entry.what for entry in _log(book, order)])
    assert events[-3:] == ["step.claimed", "step.owner_changed", "step.acknowledged"]


def _log(book, order):
    from sqlmodel import select

    from store.tables import AuditEntry

    return book.session.exec(select(AuditEntry).where(AuditEntry.order_id == order.id).order_by(AuditEntry.id)).all()


def test_the_second_hears_who_has_it(flows: Flows) -> None:
    _, step = making(flows)
    claim(flows, "mel", step)
    with pytest.raises(TakenAlready) as caught:
        claim(flows, "moe", step)
    assert caught.value.facts["owner"] == "Mel"
    assert caught.value.facts["until"] is not None


def test_what_its_owner_has_promised_to_do_is_not_taken_from_him(flows: Flows, clock: Clock) -> None:
    order, step = making(flows)
    flows.act("mia", lambda book: acknowledge(book, ("step", step.id)))
    with refusing("step_taken"):
        claim(flows, "mel", step)
    clock.now = flows.step(order, "make").acknowledged_until  # the promise has lapsed
    claim(flows, "mel", step)
    assert flows.step(order, "make").owner == "mel"


def test_the_owner_who_says_that_he_does_it_has_acknowledged(flows: Flows) -> None:
    order, step = making(flows)
    claim(flows, "mia", step)
    assert flows.step(order, "make").acknowledged_until is not None
    with refusing("step_taken"):
        claim(flows, "mel", step)


@pytest.mark.parametrize(("who", "refusal"), [("ben", NotFound), ("ann", NotAllowed), ("cho", NotAllowed)])
def test_only_colleagues_of_its_department_and_its_owners_backup_may(flows: Flows, who: str, refusal: type) -> None:
    order = flows.place()
    flows.approve(order)
    with pytest.raises(refusal):
        claim(flows, who, flows.step(order, "make"))


def test_who_was_never_shown_the_step_hears_nothing_of_it(flows: Flows) -> None:
    order = flows.place()
    flows.approve(order)
    with pytest.raises(NotFound):
        claim(flows, "mel", flows.step(order, "make"))
    assert flows.units.read(lambda book: told_of(book, "mel")) == []


def test_a_review_is_not_taken_by_the_orders_author(flows: Flows) -> None:
    order = flows.place(by="kai")
    step = flows.step(order, "review")
    assert step.owner == "kim"
    with refusing("handover_author"):
        claim(flows, "kai", step)


def test_taking_back_gives_it_to_the_owner_again(flows: Flows) -> None:
    order, step = making(flows)
    claim(flows, "mel", step)
    flows.deliver()
    before = flows.mark()
    flows.act("mel", take_back)
    now = flows.step(order, "make")
    assert (now.owner, now.acknowledged_until) == ("mia", None)
    assert actions(flows.sent("mia", before)[-1])[0] == "step.ack"


def test_of_two_who_claim_at_once_one_has_it(database_url: str, clock: Clock) -> None:
    from store.units import open_engine

    several = [Units(open_engine(database_url, synchronous="OFF"), clock=clock) for _ in range(2)]
    flows = Flows(several[0])
    for _ in range(5):
        order, step = making(flows)
        found = both_at_once(
            lambda place, step=step: several[place].write(
                lambda book: claim_step(book, step.id), Actor(("mel", "moe")[place], "x")
            )
        )
        losers = [one for one in found if isinstance(one, TakenAlready)]
        assert len(losers) == 1, found
        owner = flows.step(order, "make").owner
        assert owner == ("mel", "moe")[found.index(losers[0]) ^ 1]
        assert losers[0].facts["owner"] == {"mel": "Mel", "moe": "Moe"}[owner]
        events = flows.units.read(lambda book, order=order: [entry.what for entry in _log(book, order)])
        assert events.count("step.claimed") == 1
    for units in several:
        units.close()
