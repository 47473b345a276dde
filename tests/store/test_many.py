"""Many rows by one statement: the same values come back, whatever their kind, on either database."""

from datetime import UTC, datetime

from sqlalchemy import bindparam, update

from store.many import next_ids, write_many
from store.plain import table_of
from store.tables import Reminder

TABLE = table_of(Reminder)
INSERT = TABLE.insert()
RAISED = update(TABLE).where(TABLE.c.id == bindparam("row")).values(rule="nudge", turn=bindparam("again"))
AT = datetime(2026, 11, 23, 1, 2, 3, 4, tzinfo=UTC)


def rows(ids):
    return [
        {"id": one, "subject": "step", "subject_key": str(one), "episode": 1, "rule": "due", "turn": 0,
         "person": "王丽", "order_id": None, "moment": AT, "made_at": AT, "outbox_id": None}
        for one in ids
    ]  # fmt: skip


def test_rows_are_written_and_changed_as_if_one_by_one(units):
    def _write(book):
        connection = book.session.connection()
        ids = list(next_ids(connection, TABLE, 3))
        write_many(connection, INSERT, rows(ids))
        write_many(connection, RAISED, [{"row": one, "again": place} for place, one in enumerate(ids[1:], 5)])
        write_many(connection, INSERT, [])
        return ids

    ids = units.write(_write)
    found = units.read(lambda book: [book.session.get(Reminder, one) for one in ids])
    assert [(row.rule, row.turn, row.moment, row.person, row.order_id) for row in found] == [
        ("due", 0, AT, "王丽", None), ("nudge", 5, AT, "王丽", None), ("nudge", 6, AT, "王丽", None)
    ]  # fmt: skip


def test_ids_that_were_given_are_not_given_again(units):
    def _write(book):
        ids = list(next_ids(book.session.connection(), TABLE, 2))
        write_many(book.session.connection(), INSERT, rows(ids))
        return ids

    given = [*units.write(_write), *units.write(_write)]
    assert len(set(given)) == 4
