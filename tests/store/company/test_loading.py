"""A company file into the book and out again, over what people have changed in chat meanwhile. On both databases."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from store.company import apply_company, current_company, plan_company, read_company, write_company
from store.company.difference import difference
from store.company.snapshot import NoCompany, company_snapshot
from store.tables import Away, FlowVersion, Identity, Person, Product

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
PUMP = (EXAMPLES / "pump.yaml").read_text("utf-8")


@pytest.fixture
def load(units):
    def _load(text):
        company = read_company(text)
        return units.write(lambda book: apply_company(book.session, company, now=book.now, by="linna"))

    return _load


@pytest.fixture
def export(units):
    return lambda: units.read(lambda book: write_company(current_company(book.session)))


@pytest.fixture
def company(units):
    return lambda: units.read(lambda book: book.company)


@pytest.mark.parametrize("name", ["pump", "trading"])
def test_loading_an_exported_file_changes_nothing(name, load, export):
    text = (EXAMPLES / f"{name}.yaml").read_text("utf-8")
    assert load(text)
    exported = export()
    assert read_company(exported) == read_company(text)
    assert load(exported) == ()
    assert export() == exported
    assert load(text) == ()


def test_before_anything_is_loaded_there_is_no_company(units):
    assert units.read(lambda book: current_company(book.session)) is None
    with pytest.raises(NoCompany):
        units.read(lambda book: company_snapshot(book.session))


def change_in_chat(units):
    """What an ordinary week does: leave, a linked account, other settings, goods sold, a contact invited."""

    def _change(book):
        person = book.session.get(Person, "wangli")
        person.quiet, person.language, person.prefers = "19:00-09:00", "en", ["telegram"]
        book.session.add(Away(person="wangli", from_on=date(2026, 12, 1), to_on=None, covered_by="hanmei"))
        book.session.add(Identity(channel="slack", account="U9", person="sun", linked_at=book.now))
        book.session.delete(
            book.session.exec(select(Identity).where(Identity.person == "liu", Identity.channel == "telegram")).one()
        )
        book.session.get(Product, "VA-200").stock = Decimal(1000)
        book.session.add(Person(key="newli", kind="contact", customer="hdjx", name="新来的小李", position=99))

    units.write(_change)


def test_what_chat_has_changed_is_exported(units, load, export):
    load(PUMP)
    change_in_chat(units)
    after = read_company(export())
    changed = {change.path for change in difference(read_company(PUMP), after)}
    assert changed == {
        "people.wangli.quiet",
        "people.wangli.language",
        "people.wangli.prefers",
        "people.wangli.away",
        "people.sun.identities.slack",
        "people.liu.identities.telegram",
        "products.VA-200.stock",
        "customers.hdjx.contacts.newli",
    }


def test_loading_the_same_file_again_undoes_nothing_of_it(units, load, export):
    load(PUMP)
    change_in_chat(units)
    before = export()
    assert load(PUMP) == ()
    assert load(PUMP.replace("per_day: 20", "per_day: 25"))[0].path == "pushes.per_day"
    assert export() == before.replace("per_day: 20", "per_day: 25")


def test_what_a_file_says_anew_wins_over_chat(units, load, company):
    load(PUMP)
    change_in_chat(units)
    load(
        PUMP.replace('quiet: "20:00-08:30"', 'quiet: "22:00-07:00"')
        .replace("stock: 1200", "stock: 1500")
        .replace("identities: {wecom: dengyan}", "identities: {wecom: dengyan, slack: U9}")
    )
    assert str(company().people["wangli"].quiet) == "22:00-07:00"
    assert company().people["wangli"].language == "en"
    assert units.read(lambda book: book.session.get(Product, "VA-200").stock) == 1500
    assert company().by_account("slack", "U9").key == "dengyan"


def test_the_plan_is_what_loading_does(units, load, export):
    load(PUMP)
    change_in_chat(units)
    new = read_company(PUMP.replace("per_day: 20", "per_day: 25"))
    planned = units.read(lambda book: plan_company(book.session, new))
    load(write_company(new))
    assert write_company(planned) == export()


def test_a_leaver_loses_his_accounts_but_not_his_name(load, company):
    load(PUMP)
    load(PUMP.replace('      - {key: li, name: 李工, identities: {telegram: "9001"}}\n', ""))
    assert "li" not in company().people
    assert company().by_account("telegram", "9001") is None
    assert company().anyone("li").name.say("zh") == "李工"
    assert "li" not in company().customers["hdjx"].contacts
    load(PUMP)
    assert company().by_account("telegram", "9001").key == "li"


def test_a_member_of_a_wecom_is_the_same_however_his_id_is_written(load, company):
    load(
        PUMP.replace(
            "- {key: li, name: 李工, ",
            "- {key: gao, name: 高工, identities: {wecom: wmABC}}\n      - {key: li, name: 李工, ",
        )
    )
    assert company().by_account("wecom", "DengYan").key == "dengyan"
    assert company().by_account("wecom", "wmABC").key == "gao"
    assert company().by_account("wecom", "wmabc") is None
    assert company().by_account("telegram", "DengYan") is None


def test_a_flow_gets_a_new_version_only_when_it_says_something_else(units, load, company):
    load(PUMP)
    load(PUMP.replace("per_day: 20", "per_day: 25"))
    assert company().flows["standard"].version == 1
    load(PUMP.replace("key: standard\n    name: {zh: 标准订单", "key: standard\n    name: {zh: 一般订单"))
    assert company().flows["standard"].version == 2
    assert company().flow("standard", 1).name.say("zh") == "标准订单"
    assert company().flow("standard").name.say("zh") == "一般订单"
    assert company().flows["express"].version == 1
    rows = units.read(lambda book: book.session.exec(select(FlowVersion).where(FlowVersion.key == "standard")).all())
    assert [(row.version, row.active, row.published_by) for row in rows] == [(1, False, "linna"), (2, True, "linna")]


def test_a_flow_left_out_stays_for_old_orders(load, company):
    load(PUMP)
    start = PUMP.index("  - key: express")
    text = PUMP[:start] + PUMP[PUMP.index("groups:") :]
    load(text.replace("    flow: express\n", "").replace(", flow: express", ""))
    assert "express" not in company().flows
    assert company().flow("express", 1).step("pick").owner == "warehouse"


def test_the_picture_is_shared_until_something_changes(units, load, company):
    load(PUMP)
    first = company()
    assert company() is first
    assert units.write(lambda book: book.company) is first
    units.write(lambda book: setattr(book.session.get(Product, "VA-200"), "stock", Decimal(5)))
    assert company() is first
    units.write(lambda book: setattr(book.session.get(Person, "wangli"), "quiet", "18:00-09:00"))
    assert str(company().people["wangli"].quiet) == "18:00-09:00"


def test_what_is_rolled_back_is_in_nobodys_picture(units, load, company):
    load(PUMP)

    def half(book):
        book.session.get(Person, "wangli").quiet = "18:00-09:00"
        book.forget_company()
        assert str(book.company.people["wangli"].quiet) == "18:00-09:00"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        units.write(half)
    assert str(company().people["wangli"].quiet) == "20:00-08:30"
    units.write(lambda book: setattr(book.session.get(Person, "zhaolei"), "quiet", "19:00-09:00"))
    assert str(company().people["wangli"].quiet) == "20:00-08:30"


def test_the_picture_fills_in_what_was_left_out(load, company):
    load(
        "company: {name: X}\npeople: [{key: a, name: A}]\nflows: [{key: f, name: F, steps: [{key: s, name: S, owner: a}]}]"
    )
    found = company()
    assert (found.language, found.timezone, found.currency) == ("zh", "Asia/Shanghai", "CNY")
    assert (str(found.quiet), found.pushes.digest, found.pushes.per_day) == ("21:00-08:00", (540,), 20)
    assert (found.pushes.undo.total_seconds(), str(found.pushes.urge_again)) == (600, "4h")
    assert (found.codes.valid.total_seconds(), found.codes.tries, found.codes.locked.total_seconds()) == (
        86400,
        5,
        3600,
    )
    assert found.calendar.day_minutes == 480
    reminders = found.default_flow.reminders("s")
    assert (str(reminders.before), str(reminders.repeat), str(reminders.acknowledged_for)) == ("2h", "4h", "4h")
    assert [(str(rung.after), rung.to) for rung in reminders.ladder] == [
        ("4h", "backup"),
        ("1d", "head"),
        ("2d", "manager"),
    ]
    assert found.numbering.number(date(2026, 11, 23), 7) == "SO-2611-0007"


def test_the_picture_knows_who_works_when_and_answers_in_what(load, company):
    load(PUMP)
    found = company()
    assert found.departments["production"].members == ("zhou", "malong", "luojun")
    assert found.calendar_of("malong").day_minutes == 720
    assert found.calendar_of("malong").country == "CN"
    assert found.calendar_of("wangli") is not found.calendar
    assert found.calendar_of("wangli") == found.calendar
    assert found.calendar_of("li") == found.calendar_of(None) == found.calendar
    assert str(found.people["malong"].quiet) == "23:00-07:00"
    assert found.people["tan"].language == "en"
    assert found.people["li"].language == "zh"
    assert found.flows["standard"].parents["ship"] == ("pack", "papers")
    assert str(found.flows["standard"].reminders("aftersale").repeat) == "1d"
    assert str(found.flows["standard"].reminders("aftersale").before) == "2h"
    assert found.groups["g-hd"].customer == "hdjx"
    with pytest.raises(FrozenInstanceError):
        found.language = "en"


def test_the_roster_knows_who_is_away_on_his_own_day(units, load, company):
    load(
        PUMP.replace(
            "    prefers: [slack]\n",
            "    prefers: [slack]\n    timezone: America/New_York\n    away: [{from: 2026-12-01, to: 2026-12-01, covered_by: wangli}]\n",
        )
    )
    absent = lambda moment: company().roster(datetime.fromisoformat(moment).replace(tzinfo=UTC)).people["hanmei"].absent  # noqa: E731
    assert not absent("2026-12-01T04:59:00")
    assert absent("2026-12-01T05:00:00")
    assert absent("2026-12-02T04:59:00")
    assert not absent("2026-12-02T05:00:00")
    assert company().roster(datetime(2026, 12, 1, 12, tzinfo=UTC)).people["hanmei"].covered_by == "wangli"
    assert company().roster(datetime(2026, 12, 1, 12, tzinfo=UTC)).last_resort[:2] == ("liu", "heping")
