"""What nobody understood is put to the model once, outside of the unit; its proposal is a button, its silence nothing."""

import json
from dataclasses import replace

import pytest
from sqlmodel import select

from bot.inbox import InboxWorker
from conversations import Desk
from conversations.channels import RawUpdate
from store.messages import unpack_letter
from store.tables import Inbox, Outbox
from tests.support.companies import PUMP, load
from tests.support.platform import Platform

SAID = "呃那啥 咱那疙瘩老规矩鼓捣鼓捣 嗷嗷"
PROPOSED = json.dumps({"intent": "order.place", "slots": {"remark": "老规矩"}}, ensure_ascii=False)


class Known(Platform):
    """A platform that proves who speaks."""

    def translate(self, payload):
        return replace(super().translate(payload), person=payload["from"])


class Model:
    def __init__(self, says):
        self.says, self.asked = says, []

    async def __call__(self, text):
        self.asked.append(text)
        return self.says


async def told(units, model, text=SAID):
    """The phrase keys and button labels of the answer to what Wang Li says, and the state of the update's row."""
    load(units, PUMP)
    worker = InboxWorker(units, Desk(), {"console": Known("console")})
    worker.adviser = model
    await worker.receive(RawUpdate("console", "1", "wangli", {"from": "wangli", "text": text}))
    while await worker.work():
        pass

    def look(book):
        letter = unpack_letter(book.session.exec(select(Outbox)).first().body)
        status = book.session.exec(select(Inbox.status)).one()
        return [one.key for one in letter.says], [choice.action for choice in letter.choices], status

    return units.read(look)


async def test_a_proposal_is_offered_as_a_button_and_nothing_is_done(units):
    model = Model(PROPOSED)
    keys, choices, status = await told(units, model)
    assert model.asked == [SAID]
    assert keys == ["desk.did_you_mean"]
    assert len(choices) > 1
    assert status == "done"


@pytest.mark.parametrize("says", [None, "", "no idea", '{"intent": "account.invite"}', "{" * 9000])
async def test_without_a_usable_proposal_the_answer_is_what_it_would_be_without_a_model(units, says):
    model = Model(says)
    keys, _, status = await told(units, model)
    assert len(model.asked) == 1
    assert keys in (["desk.not_understood"], ["desk.did_you_mean"])
    assert status == "done"


async def test_what_is_understood_is_put_to_no_model(units):
    model = Model(PROPOSED)
    await told(units, model, "我的待办")
    assert model.asked == []
