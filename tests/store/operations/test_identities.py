"""Accounts, codes, tokens, invitations, settings."""

import re
import threading

import pytest
from sqlmodel import select

from store.book import Actor
from store.operations.identities import ALPHABET, make_code, make_token, person_of, redeem, token_person, unlink
from store.operations.inviting import invite_contact
from store.operations.people import set_channel, set_language, set_quiet
from store.refusals import NotAllowed, NotFound
from store.tables import BindingCode, Identity, Token
from store.units import Units
from tests.support.clock import Clock
from tests.support.flows import Flows, refusing


@pytest.fixture
def flows(units: Units, clock: Clock) -> Flows:
    return Flows(units)


def use(flows: Flows, code: str, account: str = "7", channel: str = "telegram"):
    return flows.units.write(lambda b: redeem(b, channel, account, code), Actor("nobody"))


def code_for(flows: Flows, person: str = "mia", by: str = "ada") -> str:
    return flows.act(by, lambda b: make_code(b, person))


def whose(flows: Flows, account: str = "7") -> str | None:
    return flows.units.read(lambda b: person_of(b, "telegram", account))


def test_a_code_is_two_groups_of_four_without_look_alikes_and_only_its_hash_is_kept(flows: Flows) -> None:
    code = code_for(flows)
    assert re.fullmatch(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code)
    assert not set("01OILSBZ") & set(ALPHABET)
    kept = flows.units.read(lambda b: b.session.exec(select(BindingCode)).one())
    assert code.replace("-", "") not in str(kept.model_dump())


@pytest.mark.parametrize(
    "typed", [str.lower, lambda c: c.replace("-", " "), lambda c: c.replace("-", ""), lambda c: f" {c} "]
)
def test_a_code_may_be_typed_carelessly(flows: Flows, typed) -> None:
    assert use(flows, typed(code_for(flows))).person.key == "mia"
    assert whose(flows) == "mia"


def test_a_code_works_once(flows: Flows) -> None:
    code = code_for(flows)
    use(flows, code, "7")
    assert use(flows, code, "8").refused.key == "refused.code_wrong"
    assert whose(flows, "8") is None


def test_a_code_lapses(flows: Flows, clock: Clock) -> None:
    code = code_for(flows)
    clock.pass_by(hours=24)
    assert use(flows, code).refused.key == "refused.code_wrong"


def test_an_account_that_types_too_many_wrong_codes_waits_even_with_the_right_one(flows: Flows, clock: Clock) -> None:
    code = code_for(flows)
    left = [use(flows, "AAAA-AAAA").refused for _ in range(5)]
    assert [one.facts.get("left") for one in left] == [4, 3, 2, 1, None]
    assert use(flows, code).refused.key == "refused.code_locked"
    assert use(flows, code, "8").person.key == "mia"
    clock.pass_by(hours=1, minutes=1)
    assert use(flows, code_for(flows)).person.key == "mia"


def test_a_right_code_forgets_the_wrong_ones(flows: Flows) -> None:
    for _ in range(4):
        use(flows, "AAAA-AAAA")
    use(flows, code_for(flows))
    assert use(flows, "AAAA-AAAA").refused.facts["left"] == 4


def test_an_account_that_is_somebody_elses_stays_his_and_the_code_lives(flows: Flows) -> None:
    code = code_for(flows)
    assert use(flows, code, "1").refused.key == "refused.account_taken"
    assert whose(flows, "1") == "cho"
    assert use(flows, code).person.key == "mia"


def test_several_accounts_of_one_human_are_one_person(flows: Flows) -> None:
    use(flows, code_for(flows), "7")
    use(flows, code_for(flows), "8")
    assert {whose(flows, "7"), whose(flows, "8")} == {"mia"}
    assert use(flows, code_for(flows), "7").already


def test_a_contacts_code_makes_only_that_contact(flows: Flows) -> None:
    code = code_for(flows, "cat", by="ann")
    row = use(flows, code).person
    assert (row.key, row.kind, row.customer) == ("cat", "contact", "acme")


def test_who_may_give_codes(flows: Flows) -> None:
    for by, person in (("ann", "mia"), ("kim", "mia"), ("ben", "cat"), ("mia", "mia")):
        with pytest.raises(NotAllowed):
            code_for(flows, person, by)
    with pytest.raises(NotFound):
        code_for(flows, "cat", "cho")
    code_for(flows, "cat", "kim")


def test_of_two_who_use_a_code_at_once_one_gets_it(flows: Flows) -> None:
    code, results = code_for(flows), []
    gate = threading.Barrier(2)

    def racer(account: str) -> None:
        gate.wait()
        results.append(use(flows, code, account))

    racers = [threading.Thread(target=racer, args=(account,)) for account in ("7", "8")]
    for one in racers:
        one.start()
    for one in racers:
        one.join()
    assert sorted(one.person is not None for one in results) == [False, True]
    linked = flows.units.read(lambda b: b.session.exec(select(Identity).where(Identity.person == "mia")).all())
    assert len(linked) == 1


def test_unlinking_is_ones_own_or_an_administrators(flows: Flows) -> None:
    use(flows, code_for(flows))
    with pytest.raises(NotAllowed):
        flows.act("kim", lambda b: unlink(b, "mia"))
    assert flows.act("mia", unlink) == 1
    assert whose(flows) is None


# --- invitations ----------------------------------------------------------------------------------------------------


def test_a_contact_not_yet_listed_is_added_with_a_key_of_his_name(flows: Flows) -> None:
    invitation = flows.act("ann", lambda b: invite_contact(b, "acme", "李工"))
    assert (invitation.person.key, invitation.new) == ("ligong", True)
    again = flows.act("ann", lambda b: invite_contact(b, "acme", " 李工 "))
    assert (again.person.key, again.new) == ("ligong", False)
    other = flows.act("ben", lambda b: invite_contact(b, "bolt", "李工"))
    assert other.person.key == "ligong2"
    assert use(flows, invitation.code).person.key == "ligong"
    assert flows.units.read(lambda b: b.company.people["ligong"].customer) == "acme"


def test_titles_and_case_do_not_make_another_person(flows: Flows) -> None:
    assert flows.act("ann", lambda b: invite_contact(b, "acme", "Mr. cat")).person.key == "cat"
    assert flows.act("ann", lambda b: invite_contact(b, "acme", "Ms Zoë Li")).person.key == "zoe-li"


def test_for_one_already_linked_it_says_so_and_gives_no_code(flows: Flows) -> None:
    invitation = flows.act("ann", lambda b: invite_contact(b, "acme", "Cho"))
    assert (invitation.already_linked, invitation.code) == (True, None)


def test_only_the_salesperson_and_coordinators_invite(flows: Flows) -> None:
    with pytest.raises(NotAllowed) as refused:
        flows.act("ben", lambda b: invite_contact(b, "acme", "Cat"))
    assert refused.value.facts["who"][0] == "Ann"
    with pytest.raises(NotFound):
        flows.act("bob", lambda b: invite_contact(b, "acme", "Cat"))


# --- tokens and settings --------------------------------------------------------------------------------------------


def test_a_token_is_its_persons_and_of_its_purpose_only(flows: Flows, clock: Clock) -> None:
    token = flows.act("ada", lambda b: make_token(b, "mia"))
    page = flows.act("ada", lambda b: make_token(b, "mia", "page"))
    who = lambda t, p="api": flows.units.read(lambda b: token_person(b, t, p))  # noqa: E731
    assert who(token).key == "mia"
    assert (who(page), who(token + "x"), who("")) == (None, None, None)
    assert who(page, "page").key == "mia"
    clock.pass_by(minutes=31)
    assert (who(page, "page"), who(token).key) == (None, "mia")
    kept = flows.units.read(lambda b: b.session.exec(select(Token)).all())
    assert all(token not in str(row.model_dump()) for row in kept)


def test_contacts_have_no_api_token(flows: Flows) -> None:
    with pytest.raises(NotFound):
        flows.act("ada", lambda b: make_token(b, "cho"))


def test_settings_are_kept_for_the_person(flows: Flows) -> None:
    flows.act("mia", lambda b: set_quiet(b, "20:00-08:30"))
    flows.act("mia", lambda b: set_language(b, "zh"))
    human = flows.units.read(lambda b: b.company.people["mia"])
    assert (str(human.quiet.start), human.language) == ("1200", "zh")
    for op, key in ((lambda b: set_quiet(b, "late"), "quiet"), (lambda b: set_language(b, "fr"), "language")):
        with refusing(key):
            flows.act("mia", op)


def test_a_channel_without_an_account_cannot_be_preferred(flows: Flows) -> None:
    with refusing("no_account"):
        flows.act("mia", lambda b: set_channel(b, "telegram"))
    use(flows, code_for(flows))
    assert flows.act("mia", lambda b: set_channel(b, "telegram"))[0] == "telegram"
