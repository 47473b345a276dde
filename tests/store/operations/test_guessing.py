"""Guessed binding codes: none hits, the tries of an account are limited, and a live code is used once in a race."""

import random
import threading
from datetime import timedelta

import pytest
from sqlmodel import func, select

from store.book import Actor
from store.operations.identities import ALPHABET, code_hash, redeem
from store.tables import BindingCode, Identity
from store.units import Units
from tests.support.companies import load


def live_codes(units: Units, count: int, rng: random.Random) -> list[str]:
    """That many living codes for one person, put there as they are kept."""
    codes = ["".join(rng.choices(ALPHABET, k=8)) for _ in range(count)]

    def keep(book):
        for code in codes:
            book.session.add(
                BindingCode(code_hash=code_hash(code), person="zhou", made_by="root", made_at=book.now,
                            lapses_at=book.now + timedelta(days=1))
            )  # fmt: skip

    units.write(keep)
    return codes


def guess(units: Units, clock, accounts: int, guesses: int, live: list[str], rng: random.Random) -> dict[str, int]:
    """Codes at random from some accounts in turn, an hour passing now and then; how often each answer came."""
    seen: dict[str, int] = {}
    for turn in range(guesses):
        if turn and turn % (accounts * 40) == 0:
            clock.pass_by(minutes=61)
        code = "".join(rng.choices(ALPHABET, k=8))
        account = f"guess-{turn % accounts}"
        found = units.write(
            lambda book, code=code, account=account: redeem(book, "telegram", account, code), Actor("nobody")
        )
        key = "hit" if found.person is not None else found.refused.key
        seen[key] = seen.get(key, 0) + 1
        assert code not in live or key != "hit"
    return seen


def outcome(units: Units, clock, accounts: int, guesses: int, codes: int) -> None:
    load(units)
    rng = random.Random(20261124)
    live = live_codes(units, codes, rng)
    seen = guess(units, clock, accounts, guesses, live, rng)
    rounds = -(-guesses // (accounts * 40))
    assert "hit" not in seen
    assert seen["refused.code_wrong"] <= accounts * 5 * rounds
    assert seen["refused.code_locked"] >= guesses - accounts * 5 * rounds
    assert units.read(lambda book: book.session.exec(select(func.count()).select_from(Identity)).one()) == 1


def test_guessed_codes_hit_nothing_and_the_tries_are_limited(units, clock):
    outcome(units, clock, accounts=5, guesses=300, codes=30)


@pytest.mark.long
def test_ten_thousand_guesses_of_fifty_accounts_against_a_thousand_codes(units, clock):
    outcome(units, clock, accounts=50, guesses=10_000, codes=1_000)


def test_of_many_who_use_a_code_at_once_one_gets_it(units):
    load(units)
    (code,) = live_codes(units, 1, random.Random(7))
    results, gate = [], threading.Barrier(6)

    def racer(account):
        gate.wait()
        results.append(units.write(lambda book: redeem(book, "telegram", account, code), Actor("nobody")))

    racers = [threading.Thread(target=racer, args=(f"r{n}",)) for n in range(6)]
    for one in racers:
        one.start()
    for one in racers:
        one.join()
    assert sum(one.person is not None for one in results) == 1
