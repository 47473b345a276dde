"""Ours: the message mix understood with 10,000 customers loaded; everything read is checked against what was meant.

`understand.py COUNT`.
"""

import random
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from dates import ENGLISH, MONDAY, ZH_OF_OURS, ZH_OF_THE_PEER
from measuring import measured, tell_cpu
from workload import NOW, Said, book_file, messages, number, remove

from bot import collecting
from bot.clocks import HandClock
from conversations.understanding.understander import Understander
from store.units import Units, open_engine

INTENTS = {"where": "order.show", "done": "step.complete", "new": "order.place", "move": "step.postpone",
           "list": "order.list"}  # fmt: skip
MOVED = {"step.postpone", "order.change"}


def right(said: Said, understood) -> bool:
    """Whether everything that was said was read, and nothing was read into what means nothing."""
    intents = understood.intents
    if said.kind == "noise":
        return all(one.name in {"small_talk", "greeting", "thanks"} for one in intents)
    if len(intents) != 1 or intents[0].name != INTENTS[said.kind]:
        return False
    slots = intents[0].slots
    if said.order is not None and tuple(str(one) for one in slots["orders"].value) != (number(said.order),):
        return False
    if said.kind == "move":
        return slots["until"].value.due.date() == said.day
    if said.kind == "list":
        return slots["which"].value == "overdue"
    if said.kind == "new":
        line = slots["lines"].value[0]
        read = (slots["customer"].value.hits[0].key, int(_quantity(line)), slots["promise_date"].value.due.date())
        return read == (f"c{said.customer:05d}", said.quantity, said.day)
    return True


def _quantity(line):
    value = line.quantity.value
    return getattr(value, "value", value)


def main() -> None:
    collecting.seldom()
    count = int(sys.argv[1])
    path = book_file(2000)
    units = Units(open_engine(f"sqlite:///{path}"), clock=HandClock(NOW))
    company = units.read(lambda book: book.company)
    units.close()
    remove(path)
    understander = Understander.for_company(company)
    now, days = NOW.astimezone(company.zone), company.calendar_of("u00")
    said = list(messages(count, noise=0.1))
    random.Random(3).shuffle(said)
    people = [company.people[f"u{one.owner:02}"] for one in said]
    for one in said[:50]:
        understander.understand(one.text, now=now, days=days)
    collecting.settle()  # as `gendan serve` does when all stands
    understood = []
    with measured() as stretch:
        for one, person in zip(said, people, strict=True):
            understood.append(understander.understand(one.text, now=now, person=person, days=days))
    wrong = [one for one, found in zip(said, understood, strict=True) if not right(one, found)]
    for one in wrong[:5]:
        print("misread:", one, file=sys.stderr)
    tell_cpu(
        stretch,
        count,
        right=not wrong,
        wrong=dict(Counter(one.kind for one in wrong)),
        dates=_dates(understander, company.zone),
    )


def _dates(understander, zone) -> dict[str, str]:
    """The second table: how many of the dates each reads as they are meant (on a Monday morning)."""
    import dateparser

    now = datetime.combine(MONDAY, datetime.min.time().replace(hour=9), zone)
    settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "PREFER_DATES_FROM": "future"}

    def ours(text: str) -> date | None:
        found = understander.understand(text, now=now).entities.of("date", "range")
        return found[0].value.due.date() if found else None

    def theirs(text: str, language: str) -> date | None:
        found = dateparser.parse(text, languages=[language], settings=settings)
        return found.date() if found else None

    table = {}
    for name, language, cases in (
        ("zh of the peer", "zh", ZH_OF_THE_PEER),
        ("zh of ours", "zh", ZH_OF_OURS),
        ("en", "en", ENGLISH),
    ):
        missed = [text for text, meant in cases if ours(text) != meant]
        for text in missed:
            print("date misread:", text, ours(text), file=sys.stderr)
        known = sum(theirs(text, language) == meant for text, meant in cases)
        table[name] = f"{len(cases) - len(missed)} of {len(cases)} (dateparser {known})"
    return table


if __name__ == "__main__":
    main()
