"""Orders are found by the words of their texts, on both databases."""

import pytest
from alembic import command
from sqlalchemy import text

from store import migrations
from store.operations.exceptions import open_exception
from store.operations.notes import add_note
from store.reads.search import Criteria, search
from store.units import open_engine
from store.word_index import MOST, words_of


def found(desk, person, words, **wanted):
    return [hit.number for hit in desk.look(lambda book: search(book, person, Criteria(words=words, **wanted))).hits]


def note(desk, number, said, by="wangli"):
    desk.as_(by, add_note, number, said)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("木箱包装", {"木箱", "箱包", "包装"}),
        ("要木箱,2个", {"要木", "木箱", "2", "个"}),
        ("Wooden CRATES, no glass", {"wooden", "crate", "no", "glass"}),
        ("ＳＦ１２３４", {"sf1234"}),
        ("漆", {"漆"}),
        ("?! ——", set()),
    ],
)
def test_a_text_is_cut_into_pairs_of_characters_and_words(said, words):
    assert words_of(said) == words


def test_an_endless_text_has_an_end():
    assert len(words_of(" ".join(map(str, range(5000))))) == MOST
    assert max(map(len, words_of("x" * 5000))) < 100


def test_an_order_is_found_by_its_remarks_newest_first_and_by_all_of_the_words(desk):
    first, second = desk.place(), desk.place()
    note(desk, first, "客户要木箱包装,出口")
    note(desk, second, "木箱 with foam, please")
    assert found(desk, "wangli", "木箱") == [second, first]
    assert found(desk, "wangli", "木箱 出口") == [first]
    assert found(desk, "wangli", "FOAMS") == [second]
    assert found(desk, "wangli", "纸箱") == []


def test_an_order_is_found_by_its_trouble_whatever_became_of_it(desk):
    made = desk.place()
    desk.finish(made, "review")
    desk.as_("wangli", open_exception, made, "shortage", "轴承没到货")
    assert found(desk, "wangli", "轴承") == [made]
    assert found(desk, "wangli", "轴承", status="done") == []


def test_nobody_finds_what_he_may_not_see_and_no_customer_what_the_house_wrote(desk):
    mine, other = desk.place(), desk.place(by="zhaolei", customer="bf")
    note(desk, mine, "木箱")
    note(desk, other, "木箱", by="zhaolei")
    assert found(desk, "wangli", "木箱") == [mine]
    assert found(desk, "zhaolei", "木箱") == [other]
    assert found(desk, "chen", "木箱") == [other, mine]
    contact = desk.look(lambda book: next(key for key, one in book.company.people.items() if one.customer == "hdjx"))
    assert found(desk, contact, "木箱") == found(desk, contact, "纸箱") == [mine]


def test_what_was_written_before_words_were_kept_is_found_after_the_migration(desk, database_url):
    made = desk.place()
    note(desk, made, "要木箱")
    engine = open_engine(database_url)
    with engine.execution_options(gendan_write=True).begin() as connection:
        command.downgrade(migrations.config_for(connection), "0007")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT word FROM order_word")).scalars().all()
    assert {"木箱", "要木"} <= set(kept)
    engine.dispose()
    assert found(desk, "wangli", "木箱") == [made]
