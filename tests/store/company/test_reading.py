"""A company file that is wrong says where, what, and what would be right; all of it at once."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.company import CompanyProblems, check_company, describe, read_company, write_company
from store.company.problems import problem_keys

BASE = """\
company:
  name: 华东泵业
  language: zh
calendar:
  country: CN
  hours: ["09:00-12:00", "13:30-18:00"]
departments:
  - {key: sales, name: 销售部, head: chen}
  - {key: production, name: 生产部, head: zhou}
people:
  - {key: wangli, name: 王丽, aliases: [小王], department: sales, roles: [sales], manager: chen}
  - {key: chen, name: 陈总, department: sales, roles: [manager, admin]}
  - {key: zhou, name: 周强, department: production, roles: [member]}
customers:
  - key: hdjx
    name: 华东机械
    salesperson: wangli
    contacts:
      - {key: li, name: 李工}
products:
  - {sku: VA-200, name: A型阀, price: 35, stock: 120}
flows:
  - key: standard
    name: 标准订单
    order_form:
      - {field: ship_to, name: 收货地址, type: text, required: true}
    steps:
      - key: review
        name: 复核
        kind: review
        owner: sales
        fields: [amount]
        within: 4h
      - key: make
        name: 生产
        owner: production
        before_promise: 3d
      - key: ship
        name: 发货
        owner: production
        before_promise: 0d
        form:
          - {field: carrier, name: 承运商}
    exceptions:
      - {kind: shortage, name: 缺货, handler: zhou, within: 4h}
"""


def test_the_base_of_these_tests_is_in_order():
    assert check_company(BASE).problems == ()


def line_of(text, part):
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


# what stands there, what is put in its place, the key of the problem, the nearest valid one (None: there is none)
WRONG = [
    # keys
    ("language: zh", "langauge: zh", "unknown_key", "language"),
    ("country: CN", "contry: CN", "unknown_key", "country"),
    ("manager: chen}", "manger: chen}", "unknown_key", "manager"),
    ("salesperson: wangli", "salespreson: wangli", "unknown_key", "salesperson"),
    ("before_promise: 3d", "befor_promise: 3d", "unknown_key", "before_promise"),
    ("- {field: carrier, name: 承运商}", "- {field: carrier, name: 承运商, requird: true}", "unknown_key", "required"),
    ("customers:", "costumers:", "unknown_key", "customers"),
    ("name: 华东机械", "key2: 华东机械", "missing", None),
    ("{key: li, name: 李工}", "{key: li}", "missing", None),
    # values
    ("language: zh", "language: eng", "not_one_of", "en"),
    ("roles: [sales]", "roles: [seller]", "not_one_of", "sales"),
    ("kind: review", "kind: reviews", "not_one_of", "review"),
    ("type: text", "type: string", "not_one_of", "integer"),
    ("within: 4h}", "within: 4 hours}", "not_span", None),
    ("within: 4h}", "within: 0h}", "empty_span", None),
    ("before_promise: 3d", "before_promise: 4h", "not_days", None),
    ("price: 35", "price: 35元", "not_number", None),
    ("price: 35", "price: -35", "negative", None),
    ("price: 35", "price: nan", "not_number", None),
    ("stock: 120", "stock: [1]", "not_number", None),
    ("required: true", "required: maybe", "not_yes_no", None),
    ("name: 华东机械", "name: [a]", "not_text", None),
    ("name: 华东机械", "name: {zh: 华东, fr: x}", "unknown_language", "zh"),
    ("name: 华东机械", "name: {}", "not_text", None),
    ("language: zh", "timezone: Asia/Shanghia", "unknown_timezone", "Asia/Shanghai"),
    ("language: zh", "currency: CNX", "unknown_currency", None),
    ("language: zh", "order_number: 'SO-{yy}'", "bad_template", None),
    ("language: zh", "order_number: 'SO-{year}-{seq:04}'", "bad_template", None),
    ("language: zh", "order_number: 'SO-{seq:04}-{seq}'", "bad_template", None),
    ("language: zh", "order_number: 'SO-{seq:04'", "bad_template", None),
    ("country: CN", "country: XX", "unknown_country", None),
    ("country: CN", "week: [mon, tus]", "not_one_of", "tue"),
    ("country: CN", "week: []", "too_few", None),
    ("country: CN", "closed: [10.2.2027]", "not_date", None),
    ("country: CN", "closed: [2027-02-30]", "not_date", None),
    ("country: CN", "quiet: 21 bis 8", "not_hours", None),
    ('"13:30-18:00"', '"13:30"', "not_hours", None),
    ('"13:30-18:00"', '"11:30-18:00"', "hours_overlap", None),
    ("country: CN", "closed: [2027-02-10]\n  open: [2027-02-10]", "closed_and_open", None),
    ("- {key: wangli,", "- {key: wang li,", "bad_key", None),
    ("calendar:", "pushes: {per_day: 0}\ncalendar:", "not_positive", None),
    ("calendar:", "pushes: {digest: [8.45]}\ncalendar:", "not_clock", None),
    ("calendar:", "codes: {tries: many}\ncalendar:", "not_integer", None),
    ("contacts:\n      - {key: li, name: 李工}", "contacts: {key: li}", "not_list", None),
    ("calendar:", "pushes: [1]\ncalendar:", "not_map", None),
    # references
    ("head: zhou", "head: zhuo", "unknown_person", "zhou"),
    ("head: zhou", "head: 周强", "unknown_person", "zhou"),
    ("department: production", "department: prodution", "unknown_department", "production"),
    ("manager: chen}", "manager: cheng}", "unknown_person", "chen"),
    ("manager: chen}", "backup: li}", "unknown_person", "wangli"),  # a contact is no colleague
    ("manager: chen}", "manager: wangli}", "himself", None),
    ("salesperson: wangli", "salesperson: 小王", "unknown_person", "wangli"),
    ("salesperson: wangli", "salesperson: wangli\n    flow: standart", "unknown_flow", "standard"),
    ("stock: 120}", "stock: 120, flow: std}", "unknown_flow", "standard"),
    ("owner: sales", "owner: sale", "unknown_owner", "sales"),
    ("handler: zhou", "handler: zhoou", "unknown_owner", "zhou"),
    ("before_promise: 3d", "before_promise: 3d\n        after: [reviw]", "unknown_step", "review"),
    ("handler: zhou,", "handler: zhou, acknowledged_by: [mak],", "unknown_step", "make"),
    ("fields: [amount]", "fields: [amuont]", "unknown_field", "amount"),
    ("before_promise: 3d", "before_promise: 3d\n        when: {customer: [hdj]}", "unknown_customer", "hdjx"),
    ("before_promise: 3d", "before_promise: 3d\n        when: {product: [VA-20]}", "unknown_product", "VA-200"),
    ("before_promise: 3d", "before_promise: 3d\n        when: {field: {shipto: present}}", "unknown_field", "ship_to"),
    ("before_promise: 3d", "before_promise: 3d\n        when: {stok: short}", "unknown_key", "stock"),
    ("before_promise: 3d", "before_promise: 3d\n        when: {stock: low}", "not_one_of", "short"),
    ("before_promise: 3d", "before_promise: 3d\n        when: {amount: 'amount > 5'}", "bad_comparison", None),
    (
        "before_promise: 3d",
        "before_promise: 3d\n        reminders: {ladder: [{after: 4h, to: boss}]}",
        "not_one_of",
        None,
    ),
    # twice, in a ring, never possible
    ("- {key: zhou, name", "- {key: wangli, name", "same_person", None),
    ("{key: li, name: 李工}", "{key: zhou, name: 李工}", "same_person", None),
    ("- key: make", "- key: review", "same_key", None),
    ("- {key: production,", "- {key: chen,", "person_and_department", None),
    ("- {key: zhou, name", "- {key: salesperson, name", "reserved_key", None),
    ("{key: li, name: 李工}", "{key: li, name: 李工, identities: {telegram: [7, 7]}}", "same_account", None),
    ("before_promise: 3d", "before_promise: 3d\n        after: [ship]", "ring", None),
    ("before_promise: 3d", "before_promise: 3d\n        after: [make]", "ring", None),
    ("field: ship_to", "field: quantity", "reserved_field", None),
    ("type: text", "type: choice", "no_choices", None),
    ("type: text", "type: text, choices: [a]", "choices_without_choice", None),
    ("type: text", "type: choice, choices: [a, a]", "same_choice", None),
    ("manager: chen}", "away: [{from: 2026-12-05, to: 2026-12-01}]}", "away_backwards", None),
    ("manager: chen}", "away: [{from: 2026-12-01, covered_by: zhu}]}", "unknown_person", "zhou"),
    # YAML
    ("  language: zh", "  name: again", "twice", None),
    ("language: zh", "language: !!python/name:os.system x", "tag", None),
    ("language: zh", "language: *nothing", "unknown_alias", None),
    ("language: zh", "language: &a [*a]", "alias_in_itself", None),
    ("language: zh", "language: 'zh", "no_yaml", None),
    ("language: zh", "\tlanguage: zh", "no_yaml", None),
    ("language: zh", "language: zh\n---\nx: 1", "several_documents", None),
    ("language: zh", "? [a]\n  : b", "key_not_text", None),
]


@pytest.mark.parametrize(("part", "wrong", "key", "near"), WRONG)
def test_a_mistake_is_named_with_its_line_and_the_nearest_valid_one(part, wrong, key, near):
    assert part in BASE
    text = BASE.replace(part, wrong, 1)
    checked = check_company(text)
    assert checked.company is None
    found = [problem for problem in checked.errors if problem.key == key]
    assert found, [describe(problem, "en") for problem in checked.problems]
    if near is not None:
        assert found[0].facts["nearest"] == near
    if key not in {"no_yaml", "no_default"}:  # a quote that is never closed is noticed at the end
        assert found[0].line is not None
        changed = range(
            line_of(BASE, part.split("\n")[0]) - 1, line_of(BASE, part.split("\n")[-1]) + wrong.count("\n") + 1
        )
        assert found[0].line in changed or key in {"same_key", "same_person", "missing"}
    for language in ("zh", "en"):
        said = describe(found[0], language)
        assert (
            "{" not in said.replace("{yy", "").replace("{mm", "").replace("{dd", "").replace("{seq", "") or "{" in wrong
        )
        assert str(found[0].line) in said or found[0].line is None
        if near is not None:
            assert near in said


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file():
    text = (
        BASE.replace("country: CN", "contry: CN")
        .replace("head: zhou", "head: zhu")
        .replace("within: 4h}", "within: 4x}")
    )
    with pytest.raises(CompanyProblems) as caught:
        read_company(text, "company.yaml")
    assert [problem.key for problem in caught.value.problems] == ["unknown_key", "unknown_person", "not_span"]
    assert [problem.line for problem in caught.value.problems] == sorted(
        problem.line for problem in caught.value.problems
    )
    assert caught.value.source == "company.yaml"


def test_two_default_flows_are_one_too_many_and_none_of_two_is_one_too_few():
    again = BASE + BASE[BASE.index("  - key: standard") :].replace("standard", "other")
    assert [one.key for one in check_company(again).errors] == ["no_default"]
    both = again.replace("    order_form:", "    default: true\n    order_form:")
    assert [one.key for one in check_company(both).errors] == ["two_defaults"]
    one = again.replace("    order_form:", "    default: true\n    order_form:", 1)
    assert check_company(one).problems == ()


WARNED = [
    ("        before_promise: 3d\n", "", "no_due"),
    ("handler: zhou, within: 4h}", "handler: zhou}", "no_limit"),
    ("roles: [manager, admin]", "roles: [manager]", "no_admin"),
    ("    salesperson: wangli\n", "", "no_salesperson"),
    ("name: 周强, department: production,", "name: 周强,", "no_members"),
    ("        before_promise: 3d\n", "        before_promise: 3d\n        blind_above: 5\n", "only_review"),
    ("stock: 120}", "reorder_at: 50}", "reorder_without_stock"),
]


@pytest.mark.parametrize(("part", "doubtful", "key"), WARNED)
def test_what_is_doubtful_is_a_warning_and_can_be_loaded(part, doubtful, key):
    assert part in BASE
    checked = check_company(BASE.replace(part, doubtful, 1))
    assert [one.key for one in checked.warnings] == [key]
    assert checked.company is not None
    assert "warning" in describe(checked.warnings[0], "en")


MINIMAL = (
    "company: {name: X}\npeople: [{key: a, name: A}]\nflows: [{key: f, name: F, steps: [{key: s, name: S, owner: a}]}]"
)


def test_everything_but_company_people_and_one_flow_may_be_left_out():
    assert read_company(MINIMAL).customers == ()
    for section in MINIMAL.split("\n"):
        keys = [one.key for one in check_company(MINIMAL.replace(section, "")).errors]
        assert "missing" in keys


def test_scalars_mean_what_was_written():
    text = MINIMAL.replace(
        "{key: a, name: A}", "{key: a, name: 007, aliases: [no, on, 1_000, 2026-12-01], identities: {telegram: 0123}}"
    )
    person = read_company(text).people[0]
    assert person.name.say("zh") == "007"
    assert person.aliases == ("no", "on", "1_000", "2026-12-01")
    assert person.identities == {"telegram": ("0123",)}
    pushes = read_company(MINIMAL + "\npushes: {digest: [08:45, 13:30]}").pushes
    assert pushes is not None
    assert pushes.digest == (8 * 60 + 45, 13 * 60 + 30)


def test_a_key_with_nothing_behind_it_is_left_out():
    assert read_company(MINIMAL + "\ncustomers:\npushes:\n") == read_company(MINIMAL)


def test_a_list_of_one_may_be_written_without_brackets():
    listed = BASE.replace(
        "before_promise: 3d", "before_promise: 3d\n        when: {customer: [hdjx], field: {ship_to: [present]}}"
    )
    bare = BASE.replace(
        "before_promise: 3d", "before_promise: 3d\n        when: {customer: hdjx, field: {ship_to: present}}"
    )
    assert read_company(listed) == read_company(bare)
    assert "field: {ship_to: present}" in write_company(read_company(listed))


def test_a_company_of_thousands_is_read():
    many = "\n".join(f"  - {{sku: P-{n}, name: Part {n}, price: {n}.50}}" for n in range(2000))
    assert read_company(f"{MINIMAL}\nproducts:\n{many}").products[-1].price == Decimal("1999.50")


def test_aliases_may_save_typing_but_not_blow_up():
    shared = MINIMAL.replace("name: A}", "name: A, aliases: &x [B]}, {key: b, name: C, aliases: *x}")
    assert read_company(shared).people[1].aliases == ("B",)
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "\n".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)
    )
    assert [one.key for one in check_company(bomb).errors] == ["too_much"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "empty"),
        ("# only a comment", "empty"),
        ("[" * 5000, "too_deep"),
        ("a: " * 3, "no_yaml"),
        ("x" * 8_000_001, "too_large"),
    ],
)
def test_what_is_no_company_at_all_says_so(text, key):
    assert [one.key for one in check_company(text).errors] == [key]


def test_a_control_character_is_named_with_its_line():
    (problem,) = check_company(BASE.replace("language: zh", "language: z\x00h")).errors
    assert (problem.key, problem.line) == ("no_yaml", 3)


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from(list("ab:-[]{}&*!|>'\"#?, \n\tcompany王\x00\ud800é"))))
def test_any_text_is_a_company_or_has_problems(text):
    checked = check_company(text)
    assert (checked.company is None) == bool(checked.errors)
    for problem in checked.problems:
        assert describe(problem, "zh")


@settings(max_examples=150)
@given(st.integers(0, len(BASE) - 1), st.integers(1, 12), st.text(alphabet="ab12:-[]{}\n 王", max_size=6))
def test_a_damaged_file_is_read_or_explained(start, length, instead):
    checked = check_company(BASE[:start] + instead + BASE[start + length :])
    assert (checked.company is None) == bool(checked.errors)
    for problem in checked.problems:
        assert describe(problem, "en")


words = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t:#-'\"{}[]&*!|>%@`"), min_size=1
).filter(str.strip)


@given(words, words, st.lists(words, max_size=3))
def test_any_words_survive_being_written_and_read(name, said, aliases):
    def quoted(value):
        return json.dumps(value, ensure_ascii=False)

    text = MINIMAL.replace(
        "name: A}", f"name: {{zh: {quoted(name)}, en: {quoted(said)}}}, aliases: {quoted(aliases)}}}"
    )
    company = read_company(text)
    assert read_company(write_company(company)) == company


def test_every_problem_has_its_words_in_both_languages():
    from store.company.problems import _words

    assert _words()["zh"].keys() == _words()["en"].keys() == problem_keys()
