"""What updates say, on the raw JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import markup, reading
from conversations.messages import Message
from tests.fakes.slack import ANNA, BOT_USER, CHANNEL, TEAM
from tests.fakes.slack_people import command, event, presses, presses_at_home, says

OURS = {"channel": "D0ANNA", "ts": "1790000000.000005"}


def read(update):
    kind = "command" if "command" in update else reading.KINDS[update["type"]]
    return reading.translate(reading.raw_update(kind, update).payload)


def test_a_direct_message_is_from_a_verified_person_and_unescaped():
    message = read(says("A < B & C > D"))
    assert (message.account, message.text, message.group, message.mentioned) == (ANNA, "A < B & C > D", None, True)
    assert message.conversation == "D0ANNA"


def test_what_was_typed_is_unwrapped():
    raw = "看 <https://a.test/?a=1&amp;b=2|这里> <mailto:a@b.test|a@b.test> <#C1|发货> <!here> <@U9|li> <tel:+861> &amp;lt;"
    assert markup.read(raw, "")[0] == "看 这里 a@b.test #发货 @here @li +861 &lt;"


def test_a_mention_in_a_channel_is_answered_in_a_thread_of_its_own():
    update = says("SO-1 到哪了", channel=CHANNEL, mention=True)
    message = read(update)
    assert (message.text, message.group, message.mentioned) == ("SO-1 到哪了", CHANNEL, True)
    assert message.conversation == f"{CHANNEL}:{update['event']['ts']}"


def test_a_mention_in_a_thread_is_answered_there():
    message = read(says("SO-1", channel=CHANNEL, mention=True, thread_ts="1.000001", parent_user_id="U0BEN"))
    assert (message.conversation, message.reply_to) == (f"{CHANNEL}:1.000001", None)


def test_an_answer_in_the_thread_of_a_card_of_ours_is_to_us_and_names_the_card():
    message = read(says("完成了", channel=CHANNEL, thread_ts="1.000001", parent_user_id=BOT_USER))
    assert (message.mentioned, message.reply_to) == (True, f"{CHANNEL}:1.000001")
    direct = read(says("完成了", thread_ts="1.000001", parent_user_id=BOT_USER))
    assert (direct.conversation, direct.reply_to) == ("D0ANNA:1.000001", "D0ANNA:1.000001")


def test_a_mention_that_comes_as_two_events_is_one_update():
    update = says("SO-1", channel=CHANNEL, mention=True)
    twice = event("message", **{**update["event"], "type": "message"})
    assert reading.concerns(twice)
    assert reading.raw_update("event", update).message_id == reading.raw_update("event", twice).message_id
    twice["event"]["subtype"] = "file_share"
    assert reading.raw_update("event", update).message_id == reading.raw_update("event", twice).message_id
    twice["event"]["subtype"] = "message_changed"
    assert reading.raw_update("event", update).message_id != reading.raw_update("event", twice).message_id


def test_what_people_say_to_each_other_is_none_of_our_business():
    assert not reading.concerns(says("中午吃什么", channel=CHANNEL))
    assert reading.concerns(says("你好"))
    assert read(says("中午吃什么", channel=CHANNEL)).mentioned is False


@pytest.mark.parametrize("more", [
    {"subtype": "message_changed"}, {"subtype": "message_deleted"}, {"subtype": "bot_message"}, {"bot_id": "B9"},
    {"subtype": "channel_join"}, {"hidden": True}, {"user": BOT_USER}, {"text": "  "},
])  # fmt: skip
def test_edits_bots_and_ourselves_say_nothing(more):
    update = says("好")
    update["event"] |= more
    assert read(update) is None


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_some_subtypes_are_spoken(subtype):
    assert read(says("好", subtype=subtype)).text == "好"


@pytest.mark.parametrize("kind", ["reaction_added", "app_home_opened", "tokens_revoked", "team_join", "brand_new"])
def test_unknown_kinds_say_nothing(kind):
    assert read(event(kind, user=ANNA)) is None


def test_files_come_with_name_type_and_size():
    sent = [{"id": "F1", "name": "订单.xlsx", "mimetype": "application/x", "size": 9}, {"id": "F2", "size": 30_000_000},
            {"id": "F3", "mode": "tombstone"}, "x", {}]  # fmt: skip
    files = read(says("", subtype="file_share", files=sent)).files
    assert [(one.name, one.ref, one.problem) for one in files] == [
        ("订单.xlsx", "F1", None), ("file", "F2", "too_large"), ("file", "F3", "gone")]  # fmt: skip


def test_a_press_names_its_button_and_message():
    message = read(presses(OURS, "step.ack:42.1"))
    assert (message.press, message.press_on, message.conversation) == (
        "step.ack:42.1",
        "D0ANNA:1790000000.000005",
        "D0ANNA",
    )
    group = read(presses(OURS | {"channel": CHANNEL}, "x"))
    assert (group.group, group.conversation) == (CHANNEL, f"{CHANNEL}:1790000000.000005")


def test_buttons_without_a_value_and_those_in_forms_say_nothing():
    update = presses(OURS, "x")
    assert read(update | {"view": {"type": "modal"}}) is None
    update["actions"][0].pop("value")
    assert read(update) is None


def test_app_home_s_buttons_say_something():
    message = read(presses_at_home("SO-2611-0001"))
    assert (message.text, message.press, message.conversation) == ("SO-2611-0001", None, "")


def test_a_command_is_answered_in_private():
    message = read(command("我的订单 &amp; 更多"))
    assert (message.text, message.account, message.group, message.conversation) == ("我的订单 & 更多", ANNA, None, "")
    assert read(command("  ")) is None


def test_a_person_of_another_company_carries_his_workspace():
    assert read(says("你好", team="T0OTHER")).account == f"T0OTHER.{ANNA}"
    assert read(says("你好", team="E0ORG")).account == ANNA


def test_what_only_the_moment_needs_is_not_kept():
    for update in (says("好"), presses(OURS, "x"), command("好")):
        kind = "command" if "command" in update else reading.KINDS[update["type"]]
        kept = str(reading.raw_update(kind, update).payload)
        assert "verification-token" not in kept
        assert "hooks.slack.test" not in kept


def test_two_presses_are_two_and_one_is_one():
    first = presses(OURS, "x", action_ts="5.1")
    assert key(first) == key(presses(OURS, "x", action_ts="5.1"))
    assert key(first) != key(presses(OURS, "x", action_ts="5.2"))
    assert key(first) != key(presses(OURS, "x", user="U0BEN", action_ts="5.1"))


def key(update):
    return reading.raw_update("actions", update).message_id


def test_messages_and_presses_of_one_person_share_a_conversation():
    assert reading.raw_update("event", says("好")).conversation == "D0ANNA"
    assert reading.raw_update("actions", presses(OURS, "x")).conversation == "D0ANNA"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "user", "channel", "text", "type", "files", "ts", "thread_ts", "value", "actions", "view",
                         "container", "event", "authorizations", "state", "values", "v", "private_metadata"]), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@given(st.sampled_from(["event", "actions", "view", "command"]), JSON, JSON, JSON)
def test_whatever_comes_is_a_message_nothing_or_broken(kind, first, second, third):
    event_ = {"type": "message", "user": first, "channel": "D1", "text": second, "files": third, "ts": first}
    for body in (first, {"event_id": "E", "event": event_, "authorizations": third}, {"user": first, "actions": [second], "container": third},
                 {"view": {"callback_id": "gendan.order", "private_metadata": second, "state": {"values": third}, "id": "V"},
                  "user": {"id": "U1"}, "team": {"id": TEAM}}, {"user_id": "U1", "trigger_id": "x", "text": first}):  # fmt: skip
        try:
            reading.concerns(body if isinstance(body, dict) else {})
            update = reading.raw_update(kind, body if isinstance(body, dict) else {})
            assert isinstance(reading.translate(update.payload), Message | None)
        except ValueError:
            continue


@given(st.text())
def test_what_we_write_is_read_back(text):
    assert markup.read(markup.escape(text), "U1")[0] == text
