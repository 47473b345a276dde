"""A name that several confirmed orders used is proposed once; kept, it is an alias; a name of something else is not."""

from sqlmodel import select

from store.tables import AuditEntry, Customer, Wording


def ordered(talk, said, day):
    """An order for the customer called so, confirmed; the customer is picked where he has to be."""
    shown = talk.say("wangli", f"新单 {said} VA-200 {day}件 单价35 12月{day}日交 送苏州")
    if "draft.confirm" not in shown.keys:
        shown = talk.say("wangli", "华东机械")
    return talk.press("wangli", "确认")


def aliases(talk, key="hdjx"):
    return talk.units.read(lambda book: list(book.session.get(Customer, key).aliases))


def proposal(talk, said="老华机械"):
    for day in (10, 11):
        assert "alias.propose" not in ordered(talk, said, day).keys
    return ordered(talk, said, 12)


def test_after_three_confirmed_uses_the_name_is_proposed_and_kept_when_wanted(talk):
    shown = proposal(talk)
    assert "alias.propose" in shown.keys
    assert shown.fact("alias.propose", "said") == "老华机械"
    assert talk.press("wangli", "记住").keys == ["alias.taken"]
    assert "老华机械" in aliases(talk)
    again = talk.say("wangli", "新单 老华机械 VA-200 7件 单价35 12月18日交 送苏州")
    assert "draft.confirm" in again.keys
    entries = talk.units.read(lambda book: list(book.session.exec(select(AuditEntry.what))))
    assert "alias.learnt" in entries


def test_a_declined_name_is_not_proposed_again(talk):
    proposal(talk)
    assert talk.press("wangli", "不要").keys == ["alias.dropped"]
    assert "alias.propose" not in ordered(talk, "老华机械", 14).keys
    assert "老华机械" not in aliases(talk)


def test_names_that_the_company_uses_already_are_never_counted(talk):
    for day in (10, 11, 12, 13):
        assert "alias.propose" not in ordered(talk, "华东", day).keys
    assert talk.units.read(lambda book: book.session.exec(select(Wording)).all()) == []


def test_a_name_that_something_else_has_got_meanwhile_is_refused(talk):
    proposal(talk)

    def rename(book):
        other = next(row for row in book.session.exec(select(Customer)) if row.key != "hdjx")
        other.aliases = [*other.aliases, "老华机械"]
        book.session.add(other)

    talk.units.write(rename)
    assert talk.press("wangli", "记住").keys == ["refused.alias_taken"]
    assert "老华机械" not in aliases(talk)
