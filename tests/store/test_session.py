"""What a unit writes past its session, has read of an order, and takes back without a savepoint."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from store.book import Book
from store.known import rows_of
from store.messages import Choice, Letter, Phrase
from store.operations.exceptions import open_exception
from store.reads.seeing import sees, viewer_of, visible
from store.refusals import NotFound
from store.tables import Counter, Dialog, Follow, Order, Outbox, Step
from store.units import Units
from tests.store.test_units import counters, held

SAYS = Letter((Phrase("link.stranger"),))


def refuse(book: Book, *, late: bool) -> None:
    if late:
        book.session.add(Counter(name="refused"))
        book.tell("li", SAYS)
        book.session.flush()
    raise NotFound(what="it")


def refusing(runs: list[bool], *, late: bool):
    """A unit of three parts, of which the second is refused: before, or only after it has changed something."""

    def work(book: Book) -> None:
        runs.append(book.careful)
        book.session.add(Counter(name="first"))
        try:
            with book.attempt():
                refuse(book, late=late)
        except NotFound:
            book.told.clear()
        book.session.add(Counter(name="third"))

    return work


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("late", [False, True])
async def test_what_is_refused_is_taken_back_and_the_rest_stands(units: Units, late: bool, together: bool) -> None:
    runs: list[bool] = []
    work = refusing(runs, late=late)
    if together:
        assert await held(units, [lambda book: 1, work, lambda book: 3]) == [1, None, 3]
    else:
        units.write(work)
    assert counters(units) == ["first", "third"]
    assert units.read(lambda book: list(book.session.exec(select(Outbox.id)))) == []
    if units.engine.dialect.name == "sqlite":
        assert runs == ([False, True] if late else [False])  # a savepoint only where one is needed


def test_a_message_is_there_for_whoever_asks_and_what_is_changed_in_it_later_is_kept(units: Units) -> None:
    def work(book: Book) -> int | None:
        row = book.tell("li", SAYS)
        assert row.id is None
        assert book.session.exec(select(Outbox.person)).all() == ["li"]
        others = [book.tell("wu", SAYS) for _ in range(3)]
        row.rule = "changed"
        book.session.flush()
        assert len({row.id, *(one.id for one in others)}) == 4
        return row.id

    written = units.write(work)
    assert units.read(lambda book: book.session.get(Outbox, written).rule) == "changed"


def test_a_message_is_named_when_a_button_of_it_names_something(units: Units) -> None:
    plain = Letter(SAYS.says, (Choice(Phrase("button.ack"), "step.ack:1.1"),))
    named = Letter(SAYS.says, (Choice(Phrase("list.button", {"number": "SO-1"}), "order.show:SO-1"),))
    units.write(lambda book: [book.tell("li", one) for one in (SAYS, plain, named)] and None)
    assert units.read(lambda book: book.session.exec(select(Outbox.named).order_by(col(Outbox.id))).all()) == [
        *(False, False, True)
    ]


def test_what_is_known_of_an_order_follows_what_the_unit_adds_and_removes(desk) -> None:
    number = desk.place(quantity=7)

    def forbidden(book: Book, order: Order) -> None:
        book.session.add(Follow(order_id=order.id, person="wu", since=book.now))
        book.session.flush()
        assert len(rows_of(book.session, Follow, order.id)) == 1
        raise NotFound(what="it")

    def work(book: Book) -> None:
        order = book.order(number)
        assert [step.position for step in rows_of(book.session, Step, order.id)] == sorted(
            step.position for step in book.session.exec(select(Step).where(Step.order_id == order.id))
        )
        assert rows_of(book.session, Follow, order.id) == []
        row = Follow(order_id=order.id, person="li", since=book.now)
        book.session.add(row)
        assert rows_of(book.session, Follow, order.id) == [row]
        book.session.delete(row)
        assert rows_of(book.session, Follow, order.id) == []
        with pytest.raises(NotFound), book.attempt():
            forbidden(book, order)
        assert rows_of(book.session, Follow, order.id) == []

    desk.look(work)


def test_who_sees_an_order_is_the_same_asked_of_the_database_and_judged_from_what_is_at_hand(desk) -> None:
    numbers = [desk.place(quantity=100), desk.place(by="liu", customer="bf"), desk.place(flow="quick")]
    desk.finish(numbers[0], "review")
    desk.as_("wangli", open_exception, numbers[0], "shortage", "密封圈断货")

    def both(book: Book) -> list[tuple[str, str]]:
        different = []
        for person in [*book.company.people, "gendan"]:
            viewer = viewer_of(book, person)
            seen = set(book.session.exec(select(Order.number).where(visible(viewer, among_few=True))))
            different += [
                (person, order.number)
                for order in book.session.exec(select(Order))
                if sees(book, viewer, order) != (order.number in seen)
            ]
        return different

    assert desk.look(both) == []


def test_a_conversation_is_written_once_and_found_again(units: Units) -> None:
    from conversations.dialogs.memory import Memory

    def say(book: Book) -> None:
        memory = Memory(book.session, "person:li", book.now)
        memory.speak_of(["SO-1"])
        memory.open("question", expects="date", act="step.postpone")
        memory.keep()

    units.write(say)
    units.write(say)
    row = units.read(lambda book: book.session.exec(select(Dialog)).one())
    assert row.orders == ["SO-1"]
    assert row.state["count"] == 2
    assert units.read(lambda book: Memory(book.session, "person:li", book.now + timedelta(days=1)).top.nonce) == "d2"
