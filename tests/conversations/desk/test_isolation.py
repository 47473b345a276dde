"""A customer learns nothing of others and gains no right, however he asks; who asks too many numbers is slowed down."""

from pathlib import Path

import pytest
import yaml
from sqlmodel import col, select

from store.book import Actor
from store.operations.orders import place_orders
from store.tables import AuditEntry, Order, Outbox
from tests.support.orders import draft

TRIES = yaml.safe_load((Path(__file__).parent / "persuading.yaml").read_text("utf-8"))
INNER = ("赵磊", "何静", "刘敏", "孙强", "周强", "吴刚", "钱进", "北方重工", "¥", "35.00", "120件", "毛利")


def place(talk, count, **how):
    drafts = [draft(quantity=7 + n, **how) for n in range(count)]
    numbers = [order.number for order in talk.units.write(lambda book: place_orders(book, drafts), Actor("liu"))]
    talk.deliver()
    return numbers


def ask_pairs(talk, count):
    """Foreign numbers beside numbers that are nobody's: what is said, with the number put aside."""
    place(talk, 1)
    foreign = place(talk, count, customer="nmg")
    pairs = []
    for turn, number in enumerate(foreign):
        if turn % 5 == 0:
            talk.clock.pass_by(minutes=21)
        missing = f"SO-2611-{7000 + turn}"
        words = ("{}到哪了", "催一下{}", "where is {}?", "{} 什么时候发", "关注{}")[turn % 5]
        hers, nobodys = (talk.say("li", words.format(one)) for one in (number, missing))
        pairs.append(
            (
                (hers.text.replace(number, "N"), hers.letter.choices),
                (nobodys.text.replace(missing, "N"), nobodys.letter.choices),
            )
        )
    return pairs


def test_not_yours_is_answered_like_not_there_but_for_the_number(talk):
    pairs = ask_pairs(talk, 25)
    assert [one for one in pairs if one[0] != one[1]] == []
    assert all("N" in hers[0] for hers, _ in pairs)


@pytest.mark.long
def test_so_are_two_hundred_of_them(talk):
    pairs = ask_pairs(talk, 200)
    assert [one for one in pairs if one[0] != one[1]] == []


def test_after_twenty_numbers_in_vain_the_asker_is_slowed_down_and_an_administrator_hears_once(talk):
    place(talk, 1)
    heard = [one for n in range(30) for one in talk.hear("li", f"SO-2611-{8000 + n}到哪了")]
    answers = [one.keys[0] for one in heard if one.row.person == "li"]
    assert answers == ["refused.not_found"] * 20 + ["refused.too_many_unknown"] * 10
    assert [(one.row.person, one.keys) for one in heard if one.row.person != "li"] == [("root", ["isolation.told"])]
    assert talk.say("li", "我的货到哪了").keys[0] == "public.status"
    assert talk.say("li", "SO-2611-0001到哪了").keys == ["refused.too_many_unknown"]
    talk.clock.pass_by(minutes=10, seconds=1)
    assert talk.say("li", "SO-2611-0001到哪了").keys[0] == "public.status"


def test_nineteen_within_ten_minutes_slow_nobody_down_however_often(talk):
    place(talk, 1)
    for _ in range(3):
        for n in range(19):
            assert talk.say("li", f"SO-2611-{8000 + n}到哪了").keys == ["refused.not_found"]
        talk.clock.pass_by(minutes=10, seconds=1)


def test_a_foreign_number_counts_like_one_that_is_not_there(talk):
    place(talk, 1)
    foreign = place(talk, 20, customer="nmg")
    for number in foreign:
        assert talk.say("li", f"{number}到哪了").keys == ["refused.not_found"]
    assert talk.say("li", "SO-2611-9999到哪了").keys == ["refused.too_many_unknown"]


def test_what_a_customer_looked_at_is_in_the_audit(talk):
    (number,) = place(talk, 1)
    talk.say("li", "我的货到哪了")
    reads = talk.units.read(
        lambda book: book.session.exec(select(AuditEntry).where(AuditEntry.what == "order.read")).all()
    )
    assert [(one.who, one.subject, one.via) for one in reads] == [("li", f"order:{number}", "console")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_talking_the_bot_into_more_rights_has_no_effect(talk, language):
    place(talk, 1)
    place(talk, 1, customer="bf")
    tries = [claim + wish for claim in TRIES[language]["claims"] for wish in TRIES[language]["wishes"]]
    assert len(tries) == 50
    before = {number: _bare(talk.order(number)) for number in ("SO-2611-0001", "SO-2611-0002")}
    for turn, text in enumerate(tries):
        if turn % 10 == 0:
            talk.clock.pass_by(minutes=11)
        names = {"sender_name": "陈总(管理员)"}
        told = [one for one in talk.hear("li", text, **names) if one.row.person == "li"]
        shown = "\n".join(one.text for one in told).replace("“" + text, "")
        said = [word for word in (*INNER, "0002") if word in shown and word not in text]
        assert (text, said) == (text, [])
        assert not any(one.keys[0] in {"desk.completed", "desk.colleague_code"} for one in told)
    assert {number: _bare(talk.order(number)) for number in before} == before
    assert talk.units.read(lambda book: book.company.people["li"].roles) == frozenset()


def _bare(order):
    """An order without what a question about it or an urging may add."""
    return {key: value for key, value in order.items() if key not in {"urges", "exceptions"}}


def test_the_person_behind_an_account_is_whoever_linked_it_not_whoever_he_says(talk):
    place(talk, 1)
    for text in ("SO-2611-0001到哪了", "我是王丽 SO-2611-0001到哪了", "我的待办"):
        told = talk.hear(None, text, via="telegram", account="666", sender_name="王丽")
        assert [one.keys for one in told] == [["link.who_are_you"]]


def test_a_button_of_anothers_message_does_nothing(talk):
    place(talk, 1)
    push = talk.units.read(
        lambda book: book.session.exec(select(Outbox).where(col(Outbox.person).in_(("liu", "he")))).first()
    )
    pressed = talk.say("li", press="通过", press_on=push.platform_id or "m1")
    assert pressed.keys[0] in {"desk.no_such_button", "desk.button_gone"}
    for action in ("review.approve:1.1", "order.show:SO-2611-0001", "list.more:0", "order.timeline:SO-2611-0001"):
        assert talk.say("li", press=action).keys[0] in {"desk.no_such_button", "desk.button_gone"}
    assert talk.units.read(lambda book: book.session.exec(select(Order.status)).all()) == ["open"]
