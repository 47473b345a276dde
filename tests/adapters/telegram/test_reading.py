"""What updates say. Pure, on raw JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram import reading
from conversations.messages import FileIn, Message
from tests.fakes.telegram import ANNA, FORUM, GROUP, Telegram

api = Telegram()
BOT = {"id": 7700000001, "is_bot": True, "username": "gendan_bot"}


def read(update, me="gendan_bot"):
    return reading.translate({"me": me, "update": {"update_id": 1, **update}})


def test_a_private_text_is_spoken_to_the_bot():
    assert read(api.says("  今天要做什么 ")) == Message(
        "telegram", str(ANNA), str(ANNA), "  今天要做什么 ", sender_name="Anna"
    )


def test_a_deep_link_carries_its_code():
    message = read(api.says("/start K7PQ-22"))
    assert (message.start, message.text, message.mentioned) == ("K7PQ-22", "", True)


@pytest.mark.parametrize(
    ("said", "language", "text"),
    [("/todo", "zh-hans", "今天要做什么"), ("/todo", "de", "what do I have to do today"), ("/start", "zh", "帮助"),
     ("/help@Gendan_Bot", "en", "help"), ("/status SO-1", "en", "status SO-1"), ("/ 5 件", "zh", "/ 5 件")],
)  # fmt: skip
def test_a_command_says_what_its_menu_means(said, language, text):
    sender = {"id": ANNA, "is_bot": False, "first_name": "A", "language_code": language}
    assert read(api.says(said, **{"from": sender})).text == text


def test_in_a_group_only_what_is_spoken_to_the_bot_is_marked_so():
    def said(text, at=None, **more):
        entities = [{"type": "mention", "offset": at, "length": 11}] if at is not None else []
        return read(api.says(text, chat=GROUP, entities=entities, **more))

    assert not said("大家好").mentioned
    named = said("😀 @gendan_bot SO-1 到哪了", at=3)
    assert (named.mentioned, named.text, named.group) == (True, "😀  SO-1 到哪了", str(GROUP))
    assert not said("hi @another_bo", at=3).mentioned
    answer = said("好的", reply_to_message={"message_id": 33, "from": BOT})
    assert (answer.mentioned, answer.reply_to) == (True, f"{GROUP}:33")
    assert not said("好的", reply_to_message={"message_id": 33, "from": {"id": 502, "username": "bob"}}).mentioned


def test_a_command_for_another_bot_is_not_for_us():
    assert read(api.says("/help@other_bot", chat=GROUP)) is None


def test_a_topic_is_a_conversation_of_its_own_and_a_mere_thread_is_not():
    topic = api.says("@gendan_bot 好", chat=FORUM, message_thread_id=5, is_topic_message=True)
    assert read(topic).conversation == f"{FORUM}:5"
    assert read(api.says("好", chat=GROUP, message_thread_id=5)).conversation == str(GROUP)


def test_a_press_names_its_message():
    message = read(api.presses("step.acknowledge:42", 5, account=502, chat=GROUP))
    assert (message.press, message.press_on, message.account) == ("step.acknowledge:42", f"{GROUP}:5", "502")
    assert (message.group, message.conversation) == (str(GROUP), str(GROUP))


def test_a_press_on_a_message_no_longer_shown_is_still_a_press():
    query = {"id": "1", "from": {"id": ANNA, "first_name": "A"}, "data": "a:1", "inline_message_id": "x"}
    message = read({"callback_query": query})
    assert (message.press, message.press_on, message.conversation) == ("a:1", None, str(ANNA))


def test_documents_come_with_their_names_and_the_largest_photo_is_taken():
    document = {"file_id": "F1", "file_name": "订单.xlsx", "mime_type": "application/x", "file_size": 9}
    message = read(api.says(None, document=document, caption="请看"))
    assert (message.text, message.files) == ("请看", (FileIn("订单.xlsx", "application/x", "F1", None, 9),))
    photo = [
        {"file_id": "S", "file_size": 1},
        {"file_id": "L", "file_size": 5},
        {"file_id": "H", "file_size": 21_000_000},
    ]
    assert read(api.says(None, photo=photo)).files[0].ref == "L"
    assert read(api.says(None, document=document | {"file_size": 20_000_001})).files[0].problem == "too_large"


@pytest.mark.parametrize(
    "update",
    [
        {"edited_message": api.says("好")["message"]},
        {"poll": {}},
        {"my_chat_member": {"chat": {"id": ANNA}, "new_chat_member": {"status": "kicked"}}},
        api.says("好", sender_chat={"id": GROUP}, chat=GROUP),
        api.says("好", **{"from": BOT}),
        {"channel_post": {"chat": {"id": -1001, "type": "channel"}, "text": "好"}},
        api.says(None, location={"latitude": 1}, chat=GROUP),
        api.says(None, migrate_to_chat_id=-5, chat=GROUP),
    ],
)
def test_what_means_nothing_to_us_is_nothing(update):
    assert read(update) is None


def test_who_shuts_the_bot_out_is_noticed():
    def change(status, kind="private"):
        return {"my_chat_member": {"chat": {"id": ANNA, "type": kind}, "new_chat_member": {"status": status}}}

    assert reading.blocking(change("kicked")) == (str(ANNA), True)
    assert reading.blocking(change("member")) == (str(ANNA), False)
    assert reading.blocking(api.says("好")) is None
    shut, let_in = read(change("kicked")), read(change("member"))
    assert (shut.account, shut.door, let_in.door) == (str(ANNA), "shut", "open")
    assert read(change("kicked", "supergroup")) is None  # thrown out of a group: that is nobody's account


def test_an_update_of_nobody_is_broken():
    with pytest.raises(ValueError, match="nobody"):
        read(api.says("好", **{"from": {"first_name": "x"}}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "from", "chat", "text", "message", "entities", "offset", "length", "type", "data", "photo",
                         "document", "file_id", "file_size", "message_id", "reply_to_message"]), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(reading.KINDS), JSON, max_size=2), JSON, JSON, JSON)
def test_whatever_comes_is_a_message_nothing_or_broken(update, text, entities, file):
    body = {
        "chat": {"id": GROUP, "type": "group"},
        "from": {"id": 1},
        "text": text,
        "entities": entities,
        "document": file,
    }
    for one in (
        update,
        {"message": body},
        {"message": body | {"photo": file}},
        {"callback_query": body | {"data": text}},
    ):
        whole = {"update_id": 1, **one}
        assert reading.raw_update(whole, "gendan_bot", "77").message_id.startswith("1:")
        try:
            assert isinstance(read(one), Message | None)
        except ValueError:
            continue
