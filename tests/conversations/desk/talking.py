"""Talking with the desk: each thing said is one unit of work; everything told is delivered at once."""

from dataclasses import dataclass, field

from sqlmodel import col, select

from conversations import Desk
from conversations.messages import FileIn, Message
from conversations.phrasebook import book_for
from store.messages import Letter, Phrase, unpack_letter
from store.reads.document import order_document
from store.tables import Inbox, Outbox


@dataclass(frozen=True)
class Told:
    """One message that went out."""

    row: Outbox
    letter: Letter
    text: str

    @property
    def keys(self):
        return [phrase.key for phrase in self.letter.says]

    @property
    def labels(self):
        words = book_for("zh", "Asia/Shanghai", self.row.created_at)
        return [words.say(choice.label) for choice in self.letter.choices]

    @property
    def actions(self):
        return [choice.action for choice in self.letter.choices]

    def fact(self, key, name):
        return next(phrase for phrase in self.letter.says if phrase.key == key).facts[name]


@dataclass
class Talk:
    """Everybody's conversations."""

    units: object
    clock: object
    desk: Desk = field(default_factory=Desk)
    count: int = 0

    def say(self, person, text="", **more):
        """What the desk answers: the first answer to this message."""
        answers = [one for one in self.hear(person, text, **more) if one.row.kind == "answer"]
        return answers[0] if answers else None

    def press(self, person, label, on=None, **more):
        return self.say(person, press=label, press_on=on, **more)

    def hear(self, person, text="", *, files=(), via="console", account=None, **more):
        """Everything that goes out because of this message."""
        self.count += 1
        group = more.get("group")
        message = Message(
            channel=via,
            account=account or person,
            conversation=group or account or person,
            text=text,
            person=None if account else person,
            files=tuple(one if isinstance(one, FileIn) else FileIn(one[0], content=one[1]) for one in files),
            **more,
        )
        name = f"in{self.count}"

        def answer(book):
            row = Inbox(
                channel=via,
                account="",
                message_id=name,
                conversation=message.conversation,
                payload={},
                received_at=book.now,
            )
            book.session.add(row)
            book.session.flush()
            self.desk.answer(book, message, row)

        self.units.write(answer)
        return self.deliver()

    def deliver(self):
        """Send what is pending, as delivery would."""

        def send(book):
            rows = book.session.exec(select(Outbox).where(Outbox.status == "pending").order_by(col(Outbox.id))).all()
            out = []
            for row in rows:
                letter = unpack_letter(row.body)
                row.status, row.sent_at, row.sent_via = "sent", book.now, row.channel or "console"
                row.platform_id = f"m{row.id}"
                row.buttons_live = bool(letter.choices) and row.kind != "edit"
                book.session.add(row)
                text = book_for("zh", "Asia/Shanghai", book.now).letter(letter).text
                out.append(Told(row, letter, text))
            return out

        return self.units.write(send)

    def order(self, number="SO-2611-0001"):
        """An order as the API shows it."""
        return self.units.read(lambda book: order_document(book, book.order(number)))

    def place(self, text="新单 华东机械 A型阀10件 12月10日交 发到苏州园区"):
        """An order by wangli; its number."""
        self.say("wangli", text)
        return self.press("wangli", "确认").fact("desk.placed", "number")


__all__ = ["Phrase", "Talk", "Told"]
