"""Who a rung speaks to."""

import pytest

from reminders.people import rung_person
from store.rules.owners import Colleague, Roster, Team

USUAL = ("backup", "head", "manager")


def roster(*people, head="head", last=("boss",), absent=()):
    colleagues = {}
    for text in people:
        key, _, links = text.partition(" ")
        named = dict(pair.split("=") for pair in links.split())
        colleagues[key] = Colleague(
            key, named.get("in", "team"), named.get("manager"), named.get("backup"), key in absent
        )
    return Roster(colleagues, {"team": Team(head, tuple(colleagues))}, tuple(last))


def told(company, owner="owner", ladder=USUAL):
    """Who hears, rung by rung."""
    heard = {}
    for place in range(len(ladder)):
        heard[place] = rung_person(company, owner, "team", ladder, place, heard)
    return list(heard.values())


CASES = {
    "everybody is somebody else": (["owner manager=manager backup=backup", "backup", "head", "manager"], ["backup", "head", "manager"]),
    "no backup: the head stands in and has his own rung too": (["owner manager=manager", "head", "manager"], ["head", "head", "manager"]),
    "no manager of his own: the head's": (["owner backup=backup", "backup", "head manager=top", "top"], ["backup", "head", "top"]),
    "no manager at all: the last resort": (["owner backup=backup", "backup", "head", "boss"], ["backup", "head", "boss"]),
    "the backup is the head: nobody of a later rung is told early": (["owner manager=manager backup=head", "head", "manager"], ["head", "head", "manager"]),
    "the head is the manager: he hears as both": (["owner manager=head backup=backup", "backup", "head manager=top", "top"], ["backup", "head", "head"]),
    "the backup is the head, and somebody else is above him": (["owner manager=manager backup=head", "head manager=top", "manager", "top"], ["head", "head", "manager"]),
    "somebody who left is nobody": (["owner manager=manager backup=gone", "head", "manager"], ["head", "head", "manager"]),
    "only the boss is there": (["owner", "boss in=none"], ["boss", "boss", "boss"]),
    "nobody else at all: the owner himself": (["owner"], ["owner", "owner", "owner"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_rung_reaches_somebody(case):
    people, expected = CASES[case]
    head = "head" if any(one.startswith("head") for one in people) else "nobody"
    assert told(roster(*people, head=head)) == expected


def test_the_head_who_owns_the_step_does_not_hear_of_himself():
    company = roster("head manager=manager backup=backup", "backup", "manager manager=top", "top")
    assert told(company, owner="head") == ["backup", "manager", "manager"]


def test_a_backup_whom_the_owner_covers_is_passed_over():
    company = roster("owner manager=manager backup=backup", "backup backup=owner", "head", "manager", absent={"backup"})
    assert told(company) == ["head", "head", "manager"]
