"""What the sweep says on the book, to whom and when."""

from datetime import date

from store.operations.holds import hold_order, resume_order
from store.operations.postponing import postpone
from store.operations.steps import acknowledge
from tests.reminders.conftest import at


def test_a_review_is_nudged_due_repeated_and_climbs(planned):
    number = planned.place()
    planned.pass_until("2026-11-25 20:00")
    assert planned.told(number, "review") == [
        "Mon 11-23 11:00 he nudge",
        "Mon 11-23 14:30 he due",
        "Tue 11-24 09:30 he repeat",
        "Tue 11-24 09:30 liu rung:backup",
        "Tue 11-24 15:00 he repeat",
        "Tue 11-24 14:30 liu rung:head",
        "Wed 11-25 10:00 he repeat",
        "Wed 11-25 14:30 chen rung:manager",
    ]
