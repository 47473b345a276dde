"""The words and rules as data: templates, cutting, every intent reachable, every concept of a rule known."""

import pytest

from conversations.understanding.explaining import explain
from conversations.understanding.intents import INTENTS
from conversations.understanding.lexicon import Lexicon, cut, expand, lexicon
from conversations.understanding.ranker import Ranker, ranker
from conversations.understanding.rules import parse_rule, rules
from tests.support.understanding import NOW

READ = {"order", "number", "date", "duration", "q_is", "count", "more_time", "until", "limit", "short", "big", "time", "range", "money", "quantity", "discount", "customer", "product", "person", "contact", "tracking", "carrier", "code", "phone", "po", "step", "flow", "kind", "field", "department", "ask", "after", "within", "unknown", "name", "address"}  # fmt: skip


def test_a_template_stands_for_all_its_spellings():
    assert set(expand("到哪[里|儿]了")) == {"到哪了", "到哪里了", "到哪儿了"}
    assert set(expand("(做|弄)完[了]")) == {"做完", "做完了", "弄完", "弄完了"}


def test_a_text_is_cut_so_that_least_stays_unknown():
    words = Lexicon({"到哪": frozenset({"a"}), "到": frozenset({"b"}), "哪里": frozenset({"c"})})
    assert [word.text for word in cut("到哪里", [words], {}, [])] == ["到", "哪里"]


def test_latin_words_match_whole_words_only():
    words = Lexicon({"ship": frozenset({"act"})})
    assert [bool(word.concepts) for word in cut("ship shipment", [words], {}, [])] == [True, False]


def test_every_intent_that_words_can_say_has_a_rule_and_every_rule_an_intent():
    assert {rule.intent for rule in rules()} == INTENTS.keys() - {"number", "answer"}


def test_every_concept_of_a_rule_is_one_that_words_or_readers_give():
    known = READ.union(*lexicon().words.values())
    named = {concept for rule in rules() for group in rule.all_of for concept in group}
    assert named <= known


def test_an_empty_term_is_refused():
    with pytest.raises(ValueError, match="empty"):
        parse_rule("help", 1, 0.9, "a & ")


def test_both_languages_name_the_same_intents():
    from conversations.understanding.lexicon import load_yaml

    zh, en = load_yaml("zh.yaml"), load_yaml("en.yaml")
    concepts = [{concept for key in words for concept in key.split()} for words in (zh, en)]
    assert concepts[0] ^ concepts[1] <= {
        "to_word",
        "will_be.weak",
        "slip",
        "receiver",
        "cancel.sure",
        "away.sure",
        "agreed",
        "passes",
        "leave_noun",
        "at_once",
        "follow.noun",
        "hold.noun",
        "lacking",
        "enough",
        "back.weak",
        "ill",
        "busy",
        "invite.weak",
        "act.confirm",
        "status_new",
        "tell",
        "shifted",
        "need.weak",
        "left",
        "finish",
        "drop",
        "place.verb",
        "talk",
        "date_word",
        "will_be",
        "what_of",
        "has_on",
        "anymore",
        "note.weak",
        "howis",
        "stuck.weak",
        "pulled",
        "hold.until",
        "as_contact",
        "doing",
        "vehicle",
        "bought",
        "supplier",
        "damage_word",
        "how_much",
        "makes_it",
        "forward",
        "what",
        "will.get",
        "pays",
        "got",
        "not_yet",
        "ought",
        "approve.weak",
        "this_moment",
        "ask",
    }


def test_the_ranker_puts_the_resembling_intent_first_and_knows_when_it_knows_nothing():
    trained = Ranker({"cancel": ["取消订单", "订单取消"], "urge": ["催一下", "快一点"]})
    assert trained.rank("这个订单取消掉吧")[0][0] == "cancel"
    assert trained.rank("zzz") == ()
    assert ranker().rank("cancle order 12")[0][0] == "order.cancel"


def test_an_explanation_names_what_was_read_and_by_which_rule(understander):
    lines = explain(understander.understand("0012延到周五 等料", now=NOW))
    assert [(line.what, line.name) for line in lines if line.depth == 0] == [
        ("read", "order"), ("read", "date"), ("intent", "step.postpone")]  # fmt: skip
    assert {line.name: line.said for line in lines if line.what == "slot"} == {
        "orders": "0012", "until": "周五", "reason": "等料"}  # fmt: skip
