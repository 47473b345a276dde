"""A conversation on the page: in the order in which it was held, as it stands after its edits."""

from adapters.web.bubbles import read_thread
from store.messages import Choice, Letter, Phrase, pack_letter
from store.tables import Inbox, Outbox
from store.units import Units, open_engine
from tests.support.companies import PUMP, load


def told(book, name, **more):
    row = Outbox(person="wu", account="wu", kind="push", created_at=book.now, send_at=book.now, sent_at=book.now,
                 status="sent", sent_via="web",
                 body=pack_letter(Letter((Phrase("desk.option.named", {"name": name}),), more.pop("choices", ()))))  # fmt: skip
    for key, value in more.items():
        setattr(row, key, value)
    book.session.add(row)
    book.session.flush()
    return row.id


def said(book, text):
    row = Inbox(channel="web", account="wu", message_id=text, conversation="wu", payload={"text": text},
                received_at=book.now, status="done")  # fmt: skip
    book.session.add(row)
    book.session.flush()
    return row.id


def test_what_was_said_in_one_moment_stays_in_its_order_each_with_its_answer(sqlite_url, clock):
    units = Units(open_engine(sqlite_url), clock=clock)
    load(units, PUMP)

    def talk(book):
        told(book, "one push")
        for text in ("first", "second", "third"):
            told(book, f"to {text}", kind="answer", reply_to=said(book, text))
        told(book, "another push")

    units.write(talk)
    texts = [one.text for one in units.read(lambda book: read_thread(book, "wu")).bubbles]
    assert texts == ["one push", "first", "to first", "second", "to second", "third", "to third", "another push"]
    units.close()


def test_an_urgent_message_that_is_settled_alarms_no_more(sqlite_url, clock):
    units = Units(open_engine(sqlite_url), clock=clock)
    load(units, PUMP)
    tap = (Choice(Phrase("button.details"), "order.show:1"),)

    def urge(book):
        card = told(book, "settled", urgent=True, choices=tap)
        told(book, "open", urgent=True, choices=tap)
        told(book, "done", kind="edit", edits=card)

    units.write(urge)
    bubbles = units.read(lambda book: read_thread(book, "wu")).bubbles
    assert [(one.text, one.urgent) for one in bubbles] == [("done", False), ("open", True)]
    units.close()
