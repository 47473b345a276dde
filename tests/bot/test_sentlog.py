"""What has gone out is known to the next process, though the book was not told any more."""

import pytest

from bot.delivery import LEASE, Delivery
from bot.sentlog import LARGEST, SentLog, Went, beside
from conversations.messages import Letter, Phrase
from store.tables import Outbox
from store.units import open_engine
from tests.support.companies import load
from tests.support.platform import Platform


def tell(units, person):
    return units.write(lambda book: _row(book, book.tell(person, Letter((Phrase("button.details"),)))))


def _row(book, row):
    book.session.flush()
    return row.id


async def test_what_was_sent_before_the_process_died_is_not_sent_again(units, clock, tmp_path):
    load(units)
    platform, path = Platform("console"), tmp_path / "sent"
    first = Delivery(units, {"console": platform}, ("console",), log=SentLog(path))
    row = tell(units, "zhou")
    (parcel,) = units.write(first._claim).parcels
    first._settling._sent.note(Went(parcel.row, parcel.claim, "m1", True))  # sent; then it dies
    second = Delivery(units, {"console": platform}, ("console",), log=SentLog(path))
    clock.pass_by(seconds=LEASE.total_seconds() + 1)
    while await second.pump():
        pass
    kept = units.read(lambda book: book.session.get(Outbox, row))
    assert (platform.sent, kept.status, kept.platform_id, kept.buttons_live) == ([], "sent", "m1", True)
    assert path.read_text() == ""


async def test_a_note_of_a_claim_that_somebody_else_has_taken_meanwhile_changes_nothing(units, clock, tmp_path):
    load(units)
    platform, path = Platform("console"), tmp_path / "sent"
    row = tell(units, "zhou")
    SentLog(path).note(Went(row, "another claim", "m1", False))
    second = Delivery(units, {"console": platform}, ("console",), log=SentLog(path))
    while await second.pump():
        pass
    assert len(platform.sent) == 1


def claimed_by(units, path, *, hold):
    """A process that has a message in hand, as it dies: its claim stands, its hold on the notes ends."""
    notes = SentLog(path)
    assert not hold or notes.hold()
    units.write(Delivery(units, {"console": Platform("console")}, ("console",), log=notes)._claim)
    notes.close()


@pytest.mark.parametrize("both_alone", [True, False])
async def test_what_a_dead_process_had_in_hand_is_sent_at_once_by_the_next_if_both_were_alone(
    units, tmp_path, both_alone
):
    load(units)
    platform, notes = Platform("console"), SentLog(tmp_path / "sent")
    tell(units, "zhou")
    claimed_by(units, tmp_path / "sent", hold=both_alone)
    assert notes.hold()
    second = Delivery(units, {"console": platform}, ("console",), log=notes)
    while await second.pump():
        pass
    assert len(platform.sent) == both_alone  # else only when the lease has ended
    notes.close()


async def test_what_a_living_process_has_in_hand_is_left_to_it(units, clock, tmp_path):
    load(units)
    platform, theirs, ours = Platform("console"), SentLog(tmp_path / "sent"), SentLog(tmp_path / "sent")
    tell(units, "zhou")
    assert theirs.hold()
    assert not ours.hold()
    units.write(Delivery(units, {"console": Platform("console")}, ("console",), log=theirs)._claim)
    second = Delivery(units, {"console": platform}, ("console",), log=ours)
    assert await second.pump() == 0
    assert platform.sent == []
    theirs.close()


def test_the_notes_are_held_by_whoever_came_first_whatever_way_leads_to_the_book(tmp_path):
    (tmp_path / "place").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "place")
    first, second = (beside(open_engine(f"sqlite:///{tmp_path}/{name}/book.db")) for name in ("place", "link"))
    assert (first.hold(), second.hold()) == (True, False)
    first.close()
    assert second.hold()
    second.close()


def test_a_line_cut_in_two_is_passed_over(tmp_path):
    path = tmp_path / "sent"
    path.write_text('[1, "a", null, true]\n[2, "b", nu')
    assert SentLog(path).left() == [Went(1, "a", None, True)]


def test_the_file_is_emptied_when_it_has_grown_and_nothing_is_open(tmp_path):
    log = SentLog(tmp_path / "sent")
    for turn in range(LARGEST // 20):
        log.note(Went(turn, "claim", None, False))
        if turn:
            log.settled()
    assert (tmp_path / "sent").stat().st_size > LARGEST
    log.settled()
    log.close()
    assert (tmp_path / "sent").stat().st_size == 0


def test_only_a_file_has_notes_beside_it(sqlite_url, tmp_path):
    assert beside(open_engine(sqlite_url)) is not None
    assert beside(open_engine("sqlite://")) is None
    assert beside(open_engine("postgresql://u@/x")) is None
