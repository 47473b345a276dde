"""What customers hear: their own, public things only; and groups."""


def test_not_yours_is_answered_exactly_like_not_there(talk):
    talk.place("新单 南明港机 B型阀6件 12月11日交 发到宁波")
    for words in ("{}到哪了", "催一下{}", "关注{}"):
        foreign = talk.say("li", words.format("SO-2611-0001"))
        missing = talk.say("li", words.format("SO-2611-0999"))
        assert foreign.text.replace("0001", "N") == missing.text.replace("0999", "N")
        assert foreign.labels == missing.labels


def test_a_customer_sees_the_public_stage_only(talk):
    talk.place()
    answer = talk.say("li", "我的货到哪了")
    assert answer.keys[0] == "public.status"
    reviewer = talk.order()["steps"][0]["owner"]
    assert reviewer not in answer.text
    assert "¥" not in answer.text


def test_a_customers_wish_changes_nothing_and_goes_to_the_salesperson(talk):
    number = talk.place()
    heard = talk.hear("li", f"{number}取消,不要了")
    assert [one.keys[0] for one in heard if one.row.kind == "answer"] == ["customer.wish_passed"]
    question = next(one for one in heard if one.row.person == "wangli")
    assert question.keys == ["question.wish_for_you"]
    assert talk.order()["status"] == "open"
    relayed = talk.hear("wangli", "好的,我来处理", reply_to=question.row.platform_id)
    assert [(one.row.person, one.keys[0]) for one in relayed if one.row.kind == "push"] == [("li", "question.answer")]


def test_an_unlinked_account_gets_a_kind_answer_and_a_code_makes_it_somebodys(talk):
    assert talk.say(None, "你好", via="telegram", account="777").keys == ["link.who_are_you"]
    code = talk.say("wangli", "邀请华东机械的钱工").fact("desk.invite_code", "code").text
    messy = f" 绑定：{code.lower().replace('-', ' ')} "
    assert talk.say(None, messy, via="telegram", account="777").keys[0] == "link.done"
    assert talk.say(None, "我是谁", via="telegram", account="777").keys == ["desk.who_contact"]
    assert talk.say(None, messy, via="telegram", account="778").keys == ["refused.code_wrong"]


def test_in_a_customers_group_staff_get_public_facts_there_and_the_rest_alone(talk):
    talk.place()
    talk.place("新单 南明港机 B型阀6件 12月11日交 发到宁波")
    shown = talk.hear("wangli", "SO-2611-0001到哪了", group="g-hd")
    assert [(one.row.group, one.keys[0]) for one in shown] == [("g-hd", "public.status")]
    for words in ("SO-2611-0002到哪了", "我的待办", "华东欠多少", "0001的经过"):
        heard = talk.hear("wangli", words, group="g-hd")
        assert [one.keys for one in heard if one.row.group] == [["desk.told_in_private"]], words


def test_a_question_told_alone_is_answered_alone(talk):
    talk.place()
    alone = next(one for one in talk.hear("wangli", "0001取消 客户不要了", group="g-hd") if one.row.person == "wangli")
    assert alone.keys == ["desk.draft.order.cancel"]
    assert talk.press("wangli", "确认").keys == ["desk.done.order.cancel"]


def test_in_a_group_the_desk_speaks_when_spoken_to(talk):
    talk.place()
    assert talk.hear("li", "到哪了", group="g-hd", mentioned=False) == []
    assert talk.hear("li", "到哪了", group="g-hd")[0].row.group == "g-hd"
    assert talk.hear("bai", "SO-2611-0001到哪了", group="g-hd")[0].row.person == "bai"


def test_an_unknown_group_gets_no_facts(talk):
    talk.place()
    heard = talk.hear("li", "到哪了", group="somewhere")
    assert [(one.row.group, one.row.person, one.keys) for one in heard] == [(None, "li", ["desk.group_unknown"])]


def test_what_asks_for_no_order_goes_to_the_salesperson_when_there_is_none(talk):
    assert talk.say("li", "到哪了").keys == ["desk.no_open_orders"]
    heard = talk.hear("li", "Do you also make hats?")
    assert [(one.row.person, one.keys[0]) for one in heard if one.row.person == "wangli"] != []


def test_a_short_word_of_a_customer_is_not_taken_for_his_orders_number(talk):
    talk.place()
    talk.say("li", "到哪了")
    heard = talk.hear("li", "奶油太甜")
    assert [one.row.person for one in heard if one.row.person == "wangli"] == ["wangli"]
