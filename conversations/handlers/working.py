"""One's own work: complete, postpone, snooze, hand over. It happens at once and can be taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from conversations.dialogs.asking import Option, answered, ask, choose, confirm, replace_args
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.formwords import Said, other_numbers, said_in, without
from conversations.dialogs.guarding import each
from conversations.dialogs.reading import amount_of, args_of, by_then, day_in, day_of, from_then, plain
from conversations.dialogs.reply import Reply, button, say
from conversations.dialogs.work import Work, any_work, by_ref, is_step, is_task, work_meant
from conversations.handlers.delivering import delivered
from conversations.messages import FileIn
from conversations.understanding.numbers import read_numbers
from conversations.understanding.references import find_carrier
from store.company.models import FieldPart
from store.messages import Phrase, unpack
from store.operations import frame as facts_of
from store.operations.handovers import ask_handover, check_handover
from store.operations.notes import NewFile, add_note, keep_file
from store.operations.postponing import Postponed, postpone
from store.operations.steps import Completed, complete_step, snooze, snooze_until_done
from store.refusals import Invalid
from store.rules.forms import is_empty
from store.tables import ExceptionCase, Order, Step

UNDO = button("button.undo", "undo")
_FIELD = "field:"
_COUNT = 8
"""So few characters beside the quantity of a part shipment are but its echo: «走10把»."""
_AROUND = 5
"""Characters beyond the name of a carrier that may belong to it: DPD Next Day."""
_EXPECTS = {
    "date": "date",
    "money": "price",
    "integer": "number",
    "decimal": "number",
    "choice": "choice",
    "file": "file",
}


def complete(conv: Conversation, args: Args) -> Reply:
    """A step is done: its form is checked, what is missing is asked, the next owner is told."""
    args = _without_values(conv, args)
    arrived = delivered(conv, args)
    if arrived is not None:
        return arrived
    works = work_meant(conv, "step.complete", args, is_task, others=conv.has("coordinator"))
    return each(conv, works, lambda work: _complete(conv, args, work))


def _without_values(conv: Conversation, args: Args) -> Args:
    """Of the numbers that look like orders those that are values of a form do not count: «好了 批次 77»."""
    if not args.get("orders") or args.get("subject"):
        return args
    forms = [part for flow in conv.company.flows.values() for step in flow.steps for part in step.form]
    words = args.get("words") or conv.message.text
    return {**args, "orders": other_numbers(words, args["orders"], said_in(words, forms, named_only=True)) or None}


def _complete(conv: Conversation, args: Args, work: Work) -> Reply:
    if not isinstance(work.subject, Step):
        raise Invalid("refused.solution_needed", number=work.order.number, kind=work.subject.name)
    fields, rest = _fields(conv, args, work)
    ships = facts_of.spec(conv.book, work.order, work.subject.key).ships
    quantities = _shipped(conv, args, work.order, work.subject) if ships else None
    try:
        later = by_then(conv, args.get("rest"))
        done = complete_step(conv.book, work.subject.id or 0, fields, args.get("version"), quantities, later)
    except Invalid as lacking:
        if lacking.key != "refused.missing_field":
            raise
        return _ask_field(conv, args, work, lacking)
    remark = "; ".join(rest) if quantities is None or len("".join(rest)) > _COUNT else ""
    if remark:
        add_note(conv.book, work.order.number, remark)
    return completed(conv, done)


def _fields(conv: Conversation, args: Args, work: Work) -> tuple[dict[str, Any], list[str]]:
    """Values for the step's form; what the form has not is kept as a remark."""
    assert isinstance(work.subject, Step)  # noqa: S101  # looked at by the caller
    form = {one.field: one for one in facts_of.spec(conv.book, work.order, work.subject.key).form}
    said = {name: args.get(name) for name in ("carrier", "tracking")} | dict(args.get("fields") or {})
    said |= {key.removeprefix(_FIELD): value for key, value in args.items() if key.startswith(_FIELD)}
    found = _in_words(conv, args, tuple(form.values()))
    said |= {one.part.field: one.value for one in found if said.get(one.part.field) is None}
    if not any(part.type == "money" and not is_empty(said.get(key)) for key, part in form.items()):
        said |= _only_amount(conv, form.values())
    said |= _sent(conv, form.values())
    values = {key: _typed(conv, form[key], value) for key, value in said.items() if key in form and value is not None}
    rest = [str(value) for key, value in said.items() if key not in form and isinstance(value, str)]
    remark = args.get("remark")
    return values, [
        part for part in (*rest, without(remark, said_in(remark, form.values())) if remark else None) if part
    ]


def _shipped(conv: Conversation, args: Args, order: Order, step: Step) -> Decimal | None:
    """The quantity of a part shipment; a number that a field of the form was given is none: 2 crates."""
    quantity = amount_of(args.get("quantity"))
    words = args.get("words") or conv.message.text
    said = said_in(words, facts_of.spec(conv.book, order, step.key).form, named_only=True)
    if quantity is None or all(amount_of(one.value) != quantity for one in said):
        return quantity
    elsewhere = read_numbers(without(words, said).lower())
    return quantity if any(one.value == quantity for one in elsewhere) else None


def _in_words(conv: Conversation, args: Args, form: Sequence[FieldPart]) -> list[Said]:
    """What was said of the form, in the words that wanted it done and in those that answered a question since."""
    texts = dict.fromkeys(text for text in (args.get("words"), conv.message.text) if text)
    return [one for text in texts for one in said_in(text, form)]


def _sent(conv: Conversation, form: Iterable[FieldPart]) -> dict[str, Any]:
    """The files of the message, for the fields of the form that hold one."""
    wanted = [part.field for part in form if part.type == "file"]
    sent = [file for file in conv.message.files if file.content is not None]
    return {key: filed(conv, file) for key, file in zip(wanted, sent, strict=False)}


def filed(conv: Conversation, file: FileIn) -> dict[str, Any]:
    """A file kept, as a form holds it."""
    content = file.content or b""
    kept = keep_file(conv.book, NewFile(file.name, file.type, content))
    return {"name": kept.name, "type": kept.type, "size": len(content), "sha256": kept.sha256}


def _only_amount(conv: Conversation, form: Iterable[FieldPart]) -> dict[str, Any]:
    """The only amount that was said, where the form wants one."""
    wanted = next((part.field for part in form if part.type == "money" and part.required), None)
    amounts = conv.understood.entities.of("money") if conv.understood is not None else ()
    return {wanted: plain(amounts[0].value)} if wanted and len(amounts) == 1 else {}


def _typed(conv: Conversation, part: FieldPart, value: Any) -> Any:
    """A value in the type of its field; what does not do is left for the form to refuse."""
    if part.type == "date":
        return day_of(conv, value) or (day_in(conv, value) if isinstance(value, str) else None) or value
    if part.type == "check" and isinstance(value, str):
        ticked = said_in(value, [part])
        return ticked[0].value if ticked else value
    if part.type in {"money", "integer", "decimal"}:
        found = amount_of(value)
        return value if found is None else found
    return value.get("said") if isinstance(value, Mapping) and "said" in value else value


def filled(conv: Conversation, args: Args) -> Reply:
    """The answer to the question for a field; other fields named in it, and what it is besides, are not the value."""
    frame = conv.memory.find(str(args["asked"]))
    if frame is None:
        return say("desk.button_gone")
    value, want = args["value"], str(frame.data["want"])
    going = dict(unpack(frame.data["args"]))
    if isinstance(value, str) and value == str(args["words"]).strip():
        work = by_ref(conv, going["subject"])
        assert isinstance(work.subject, Step)  # noqa: S101  # the question was about one
        form = facts_of.spec(conv.book, work.order, work.subject.key).form
        found = conv.read(value).intent
        read = args_of(found) if found is not None and found.name == "step.complete" else {}
        going |= {key: read[key] for key in ("carrier", "tracking") if read.get(key)}
        others = [one for one in said_in(value, form, named_only=True) if f"{_FIELD}{one.part.field}" != want]
        value = read.get(want.removeprefix(_FIELD)) or without(value, others) or value
        carrier = find_carrier(str(value).lower()) if want == f"{_FIELD}carrier" else None
        if carrier is not None and len(str(value)) > carrier[1][1] - carrier[1][0] + _AROUND:
            value = str(value)[slice(*carrier[1])]
    return answered(conv, replace_args(frame, going), value)


def _ask_field(conv: Conversation, args: Args, work: Work, lacking: Invalid) -> Reply:
    key = str(lacking.facts["field"])
    assert isinstance(work.subject, Step)  # noqa: S101  # looked at by the caller
    part = next(one for one in facts_of.spec(conv.book, work.order, work.subject.key).form if one.field == key)
    asking = "desk.ask.check" if part.type == "check" else "desk.ask.field"
    wording = part.ask.raw if part.ask else Phrase(asking, {"label": part.name.raw})
    facts = {"number": work.order.number, "step": work.subject.name, "ask": wording}
    going = {**args, "subject": list(work.ref), "orders": None, "version": None}
    options: list[Option] = [(Phrase("desk.option.named", {"name": one}), one) for one in part.choices]
    if part.type == "check":
        options = [(Phrase("button.yes"), True), (Phrase("button.no"), False)]
    expects = _EXPECTS.get(part.type, "field")
    return ask(conv, "step.complete", going, f"{_FIELD}{key}", Phrase("desk.ask.step_field", facts),
               expects=expects, options=options).about(work.order.number)  # fmt: skip


def completed(conv: Conversation, done: Completed) -> Reply:
    """What finishing a step has led to: the next owners and when it is due."""
    number = done.order.number
    details = button("button.details", f"order.show:{number}")
    if done.partial:
        says = [Phrase("desk.completed_part", {"number": number, "step": done.step.name})]
        if done.rest is not None:
            facts = {"due": done.rest, "promise": done.order.promise_date}
            says.append(Phrase("desk.part_breaks" if done.breaks else "desk.part_rest", facts))
        if done.told:
            says.append(Phrase("desk.customer_told", {"count": len(done.told)}))
        return Reply(tuple(says), (details, UNDO)).about(number)
    following = [
        Phrase("desk.next_step", {"step": one.name, "owner": facts_of.owner_name(conv.book, one), "due": one.due})
        for one in done.next
    ]
    ended = Phrase("desk.order_ended", {"number": number}) if done.order.status == "done" else None
    told = Phrase("desk.customer_told", {"count": len(done.told)}) if done.told else None
    says = [Phrase("desk.completed", {"number": number, "step": done.step.name}), *following]
    says += [one for one in (told, ended) if one is not None]
    return Reply(tuple(says), (details, UNDO)).about(number)


def put_off(conv: Conversation, args: Args) -> Reply:
    """A later due moment: everyone further down sees it; a promise that breaks needs consent."""
    works = work_meant(conv, "step.postpone", args, is_step_or_trouble)
    if args.get("until") is None:
        return _ask_until(conv, "step.postpone", args, works, Phrase("desk.ask.postpone_until"))
    until = by_then(conv, args["until"])
    if until is None:
        return _ask_until(conv, "step.postpone", {**args, "until": None}, works, Phrase("desk.ask.postpone_until"))
    return each(
        conv,
        works,
        lambda work: postponed(conv, postpone(conv.book, work.ref, until, args.get("reason"), args.get("version"))),
    )


is_step_or_trouble = any_work


def postponed(conv: Conversation, done: Postponed) -> Reply:
    """What a postponement moves."""
    number = done.order.number
    facts = {"number": number, "step": done.subject.name, "due": done.due, "before": done.before}
    says = [Phrase("desk.postponed", facts)]
    says += [Phrase("desk.moved", {"step": one.step.name, "due": one.due}) for one in done.moved[:4]]
    if done.breaks_promise:
        asked = conv.name(done.request.asked_of) if done.request else None
        says.append(
            Phrase(
                "desk.breaks_promise", {"promise": done.order.promise_date, "possible": done.possible, "asked": asked}
            )
        )
    return Reply(tuple(says), (button("button.details", f"order.show:{number}"), UNDO)).about(number)


def _ask_until(
    conv: Conversation, act: str, args: Args, works: list[Work], question: Phrase, options: list[Option] | None = None
) -> Reply:
    going = {**args, "version": None}
    if len(works) == 1:
        going |= {"subject": list(works[0].ref), "orders": None}
    return ask(conv, act, going, "until", question, expects="date", options=options or _days(conv, act)).about(
        *(work.order.number for work in works)
    )


def _days(conv: Conversation, act: str) -> list[Option]:
    """Likely times as buttons: the coming working days; for reminders also hours."""
    calendar = conv.company.calendar_of(conv.me.key)
    first = calendar.next_working_day(conv.today)
    second = calendar.next_working_day(first)
    third = calendar.next_working_day(second)
    if act == "step.snooze":
        hours = [conv.now + timedelta(hours=count) for count in (1, 2)]
        moments = [*hours, calendar.opening(first)]
        return [(Phrase("desk.option.at", {"at": moment}), moment) for moment in moments]
    return [(Phrase("desk.option.day", {"day": day}), day) for day in (first, second, third)]


def rest(conv: Conversation, args: Args) -> Reply:
    """Reminders only rest; the due moment stays."""
    works = work_meant(conv, "step.snooze", args, any_work)
    until = from_then(conv, args.get("until"))
    if until is None:
        awaited = {work.ref: _awaited(conv, args, work) for work in works}
        if all(awaited.values()):
            return each(conv, works, lambda work: _rest_until_done(conv, args, work, awaited[work.ref] or ""))
        return _ask_until(conv, "step.snooze", {**args, "until": None}, works, Phrase("desk.ask.snooze_until"))

    def _one(work: Work) -> Reply:
        done = snooze(conv.book, work.ref, until, args.get("version"))
        facts = {"number": work.order.number, "step": work.subject.name, "until": done.until, "due": work.subject.due}
        return Reply((Phrase("desk.snoozed", facts),), (UNDO,)).about(work.order.number)

    return each(conv, works, _one)


_ABOVE = re.compile(
    r"(?:上|前)(?:一|面|道)?(?:个|道)?(?:步|工序|环节|道)"
    r"|\b(?:step above|(?:previous|preceding|earlier) step|step before|one before)\b"
)


def _awaited(conv: Conversation, args: Args, work: Work) -> str | None:
    """The key of the step that has to be done first: the one named, or the last open one above his."""
    others = [one for one in facts_of.steps(conv.book, work.order) if one.status in {"waiting", "active"}]
    named = set(args.get("after") or ())
    found = next((one.key for one in others if one.key in named and one is not work.subject), None)
    if found is not None:
        return found
    if not isinstance(work.subject, Step) or not _ABOVE.search(str(args.get("event") or "").lower()):
        return None
    above = [one for one in others if one.position < work.subject.position]
    return above[-1].key if above else None


def _rest_until_done(conv: Conversation, args: Args, work: Work, awaited: str) -> Reply:
    done = snooze_until_done(conv.book, work.ref, awaited, args.get("version"))
    name = next(one.name for one in facts_of.steps(conv.book, work.order) if one.key == awaited)
    facts = {"number": work.order.number, "step": work.subject.name, "awaited": name, "until": done.until,
             "due": work.subject.due}  # fmt: skip
    return Reply((Phrase("desk.snoozed_until_done", facts),), (UNDO,)).about(work.order.number)


def hand_over(conv: Conversation, args: Args) -> Reply:
    """Another is asked to take a step; the giver stays its owner until he accepts. Shown first."""
    works = work_meant(conv, "step.hand_over", args, is_step, others=conv.has("coordinator", "manager"))
    going = {**args, "subject": list(works[0].ref), "orders": None} if len(works) == 1 else args
    to = _colleague(conv, "step.hand_over", going)
    if isinstance(to, Reply):
        return to
    if not args.get("confirmed"):
        if len(works) == 1:
            check_handover(conv.book, works[0].subject.id or 0, to)
        says = [
            Phrase("desk.handover_draft", {"number": work.order.number, "step": work.subject.name, "to": conv.name(to)})
            for work in works
        ]
        refs = [list(work.ref) for work in works]
        return confirm(conv, "step.hand_over", {**args, "to": [to], "to_sure": True, "works": refs}, *says).about(
            *(work.order.number for work in works)
        )
    chosen = [by_ref(conv, ref) for ref in args.get("works") or ()] or works

    def _one(work: Work) -> Reply:
        request = ask_handover(conv.book, work.subject.id or 0, to, args.get("reason"), args.get("version"))
        facts = {
            "number": work.order.number,
            "step": work.subject.name,
            "to": conv.name(to),
            "until": request.lapses_at,
        }
        return say("desk.handover_asked", **facts).about(work.order.number)

    return each(conv, chosen, _one)


def _colleague(conv: Conversation, act: str, args: Args, slot: str = "to") -> str | Reply:
    """The colleague that is named, or the question who is meant; a step may be passed on to a whole department."""
    divisions = [key for key in args.get(slot) or () if key in conv.company.departments]
    if act == "step.hand_over" and len(divisions) == 1 and len(args[slot]) == 1:
        return str(divisions[0])
    keys = [key for key in args.get(slot) or () if (one := conv.company.people.get(key)) and not one.is_contact]
    if len(keys) == 1 or (keys and args.get(f"{slot}_sure")):
        return str(keys[0])
    options: list[Option] = [(Phrase("desk.option.named", {"name": conv.name(key)}), [key]) for key in keys[:6]]
    if not options:
        options = [
            (Phrase("desk.option.named", {"name": one.name.raw}), [one.key])
            for one in conv.company.staff()
            if one.department == conv.me.department and one.key != conv.me.key
        ][:6]
    question = Phrase("desk.ask.who", {"said": args.get(f"{slot}_said")})
    return choose(conv, act, {**args, f"{slot}_sure": True}, slot, question, options)


colleague = _colleague
__all__ = ["ExceptionCase", "colleague", "complete", "completed", "hand_over", "put_off", "rest"]
