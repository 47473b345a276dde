"""Steps, reviews and undo by conversation."""

import importlib.resources
import re

from conversations.customers import Links
from store.operations.identities import token_person


def test_a_plain_approval_answers_the_only_pending_review(talk):
    number = talk.place()
    reviewer = talk.order()["steps"][0]["owner"]
    done = talk.say(reviewer, "通过")
    assert done.keys[0] == "desk.completed"
    assert talk.order(number)["steps"][0]["status"] == "done"


def test_with_several_reviews_it_asks_which(talk):
    talk.place()
    talk.place("新单 华东机械 B型阀5件 12月11日交 发到苏州园区")
    talk.place("新单 南明港机 B型阀6件 12月11日交 发到宁波")
    owners = [talk.order(f"SO-2611-000{n}")["steps"][0]["owner"] for n in (1, 2, 3)]
    reviewer = max(owners, key=owners.count)
    asked = talk.say(reviewer, "通过")
    assert asked.keys[0] == "desk.ask.which_review"
    assert talk.say(reviewer, "1").keys[0] == "desk.completed"


def test_returning_asks_for_a_reason(talk):
    talk.place()
    reviewer = talk.order()["steps"][0]["owner"]
    assert talk.say(reviewer, "退回").keys == ["desk.ask.return_reason"]
    assert talk.say(reviewer, "单价不对").keys == ["desk.returned"]


def test_completing_without_a_number_means_the_only_active_step(talk):
    talk.place()
    talk.say(talk.order()["steps"][0]["owner"], "通过")
    owner = next(step for step in talk.order()["steps"] if step["status"] == "active")["owner"]
    assert talk.say(owner, "完成").keys[0] == "desk.completed"


def test_goods_that_no_order_has_are_what_is_lacking(talk):
    talk.place()
    talk.say(talk.order()["steps"][0]["owner"], "通过")
    owner = next(step for step in talk.order()["steps"] if step["status"] == "active")["owner"]
    opened = talk.say(owner, "缺料 特制件断货")
    assert opened.keys[0] == "desk.problem_open"
    assert opened.fact("desk.problem_open", "number") == "SO-2611-0001"


def test_an_old_button_answers_with_the_present_state_and_loses_its_buttons(talk):
    talk.place()
    reviewer = talk.order()["steps"][0]["owner"]
    card = talk.units.read(lambda book: max(r.id for r in _rows(book) if r.person == reviewer))
    talk.press(reviewer, "通过", on=f"m{card}")
    again = talk.press(reviewer, "通过", on=f"m{card}")
    assert again.keys[0] == "desk.button_gone"
    assert "show.title" in again.keys


def _rows(book):
    from sqlmodel import select

    from store.tables import Outbox

    return book.session.exec(select(Outbox)).all()


def test_undo_takes_back_what_the_pressed_message_told(talk):
    talk.place()
    reviewer = talk.order()["steps"][0]["owner"]
    talk.say(reviewer, "通过")
    assert talk.press(reviewer, "撤销").keys == ["desk.taken_back"]
    assert talk.order()["steps"][0]["status"] == "active"


def test_what_one_part_of_a_message_refuses_does_not_undo_the_rest(talk):
    number = talk.place()
    answer = talk.say("wangli", f"{number} 备注 客户要木箱包装\n催一下 SO-2611-0999")
    assert "refused.not_found" in answer.keys
    assert [note["text"] for note in talk.order()["notes"]] == ["客户要木箱包装"]


def test_leave_is_shown_first_and_happens_on_confirmation(talk):
    shown = talk.say("wangli", "我请假到周五 赵磊代")
    assert shown.keys == ["desk.away_draft"]
    assert talk.press("wangli", "确认").keys == ["desk.away"]


def test_a_number_typed_takes_the_choice_of_the_newest_message(talk):
    talk.place()
    talk.place("新单 华东机械 B型阀5件 12月11日交 发到苏州园区")
    asked = talk.say("li", "我的货到哪了")
    assert asked.keys[0] == "desk.your_orders"
    assert talk.say("li", "2").keys[0] == "public.status"


def test_one_confirmation_covers_all_orders_of_a_message(talk):
    talk.place()
    talk.place("新单 华东机械 B型阀5件 12月11日交 发到苏州园区")
    shown = talk.say("wangli", "0001 0002 取消 客户不要了")
    assert shown.keys == ["desk.draft.order.cancel", "desk.draft.order.cancel"]
    talk.press("wangli", "确认")
    assert [talk.order(f"SO-2611-000{n}")["status"] for n in (1, 2)] == ["cancelled", "cancelled"]


def test_what_names_an_order_is_no_answer_in_words(talk):
    number = talk.place()
    talk.say("wangli", "新单 华东机械 B型阀5件 12月11日交")
    shown = talk.say("wangli", f"{number}取消 客户不要了")
    assert shown.keys[0] == "desk.draft.order.cancel"
    talk.say("wangli", "算了")
    assert talk.say("wangli", "苏州园区").keys[-1] == "draft.confirm"


def test_whoever_asks_for_the_web_page_gets_a_link_that_is_his_alone_also_from_a_group(talk):
    talk.desk.links = Links(web="https://gendan.test/")
    page = importlib.resources.files("adapters.web").joinpath("words.yaml").read_text("utf-8")
    promised = re.findall(r"「([^」]+)」，或|Say “([^”]+)”", page)
    assert len(promised) == 2
    for words in ("".join(found) for found in promised):
        for group in (None, "g-hd"):
            heard = talk.hear("wangli", words, group=group)
            told = [one for one in heard if "desk.page" in one.keys]
            assert [(one.row.group, one.row.person) for one in told] == [(None, "wangli")]
            token = str(told[0].fact("desk.page", "url")).removeprefix("https://gendan.test/chat/enter/")
            assert talk.units.read(lambda book, token=token: token_person(book, token, "page")).key == "wangli"


def test_without_a_web_server_there_is_no_link(talk):
    assert talk.say("wangli", "网页登录").keys == ["desk.page_none"]


def test_a_place_or_a_sticker_is_answered_kindly_and_changes_nothing(talk):
    talk.place()
    before = talk.order()
    assert talk.say("wangli", wordless=True).keys == ["desk.wordless"]
    assert talk.order() == before


def test_what_belongs_to_no_order_waits_among_ones_tasks_too(talk):
    talk.say("wu", "建议: 生产可以和包装并行")
    mine = talk.say("zhou", "我的待办")
    assert mine.keys == ["list.title", "list.asked"]
    assert mine.fact("list.title", "total") == 1
    again = talk.press("zhou", mine.labels[0])
    assert again.actions[0].startswith("request.accept")
    talk.press("zhou", again.labels[0])
    assert talk.say("zhou", "我的待办").keys == ["list.none"]
    assert talk.press("zhou", mine.labels[0], on=f"m{mine.row.id}").keys[0] == "desk.button_gone"
