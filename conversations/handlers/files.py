"""Files that somebody sent: orders in a sheet, an answer to a question for a file, else attachments of an order."""

from __future__ import annotations

import re

from conversations.dialogs.asking import answered
from conversations.dialogs.context import orders_meant
from conversations.dialogs.conversation import Args, Asks, Conversation
from conversations.dialogs.draft_cards import file_says
from conversations.dialogs.drafting import open_draft, set_asked
from conversations.dialogs.guarding import each
from conversations.dialogs.reading import args_of
from conversations.dialogs.reply import Reply, button, join, say
from conversations.dialogs.sheets import XLSX, Sorter, bad_rows_file, is_sheet, read_sheet, unused
from conversations.handlers.customers import passed
from conversations.handlers.photographed import drafted
from conversations.handlers.working import filed
from conversations.messages import FileIn
from conversations.understanding.intents import Understood
from conversations.understanding.tables import Sheet, read_pasted
from store.messages import FileRef, Phrase, pack
from store.operations.notes import NewFile, add_note, keep_file
from store.refusals import Invalid
from store.tables import Blob, Order

_AROUND = re.compile(r"^[\s#:：,，.。号单的]+|[\s#:：,，.。]+$")
"""What may stand between an order's number and what is said of the file."""


def take_files(conv: Conversation) -> Reply:
    """What comes of the files of a message."""
    good = [file for file in conv.message.files if file.content is not None]
    broken = [say("desk.file_problem", name=file.name, why=Phrase(f"desk.file_{file.problem or 'failed'}"))
              for file in conv.message.files if file.content is None]  # fmt: skip
    if not good:
        return join(broken)
    if conv.is_contact:
        names = ", ".join(file.name for file in good)
        text = f"{conv.message.text} [{names}]".strip()
        return join([passed(conv, text, tuple(_new(file) for file in good)), *broken])
    top = conv.memory.top
    if top is not None and top.expects == "file":
        take = set_asked if top.kind == "draft" else answered
        return join([take(conv, top, filed(conv, good[0])), *broken])
    finished = _finished(conv)
    if finished is not None:
        return join([conv.go_on("step.complete", finished), *broken])
    sheets = [file for file in good if is_sheet(file.name)] if conv.has("sales", "coordinator") else []
    refs = _refs(conv)
    if sheets and not refs:
        return join([*(order_file(conv, file) for file in sheets[:1]), *broken])
    draft = None if refs else drafted(conv, good)
    if draft is not None:
        return join([draft, *broken])
    return join([attach(conv, refs, good), *broken])


def _finished(conv: Conversation) -> Args | None:
    """The step that the words with a file say is done, where its form has a place for one."""
    read = conv.read(conv.message.text) if conv.message.text.strip() else None
    done = (
        next((one for one in read.intents if one.name == "step.complete" and not one.negated), None) if read else None
    )
    forms = (step.form for flow in conv.company.flows.values() for step in flow.steps)
    if done is None or done.question or not any(part.type == "file" for form in forms for part in form):
        return None
    conv.understood = read
    return args_of(done) | {"words": conv.message.text}


def _new(file: FileIn) -> NewFile:
    return NewFile(file.name, file.type, file.content or b"")


def _refs(conv: Conversation) -> Args:
    """The order that the words with a file speak of."""
    text = conv.message.text.strip()
    if not text:
        return {}
    conv.understood = conv.read(text)
    args: Args = {"orders": []}
    for intent in conv.understood.intents:
        found = args_of(intent)
        args["orders"] += found.get("orders") or ([str(found["n"])] if found.get("n") is not None else [])
        if intent.name == "order.note" and found.get("text"):
            args["text"] = found["text"]
    if not args["orders"]:
        read = conv.understood
        args["orders"] = [text] if text.isdigit() else [read.raw[slice(*one.span)] for one in read.entities.of("order")]
    if not args["orders"]:
        return {}
    caption = re.sub("|".join(rf"(?<!\d){re.escape(ref)}(?!\d)" for ref in args["orders"]), " ", text)
    caption = _AROUND.sub("", " ".join(caption.split()))
    return args if args.get("text") or not caption else args | {"text": caption}


def order_file(conv: Conversation, file: FileIn) -> Reply:
    """A file of orders: one summary, confirmed once; bad rows come back as a file."""
    return order_sheet(conv, read_sheet(file.name, file.content or b""), file.name)


def order_sheet(conv: Conversation, sheet: Sheet, name: str | None = None) -> Reply:
    """A table of orders, from a file of that name or pasted."""
    done = Sorter(conv, sheet).sort()
    refs: list[list[str]] = []
    if done.bad and name:
        stem = name.rsplit(".", 1)[0]
        bad_name = f"{stem}-{conv.words.say(Phrase('sheet.bad_name'))}.xlsx"
        kept = keep_file(conv.book, NewFile(bad_name, XLSX, bad_rows_file(conv, sheet, done)))
        refs = [[kept.name, kept.type, kept.sha256]]
    said: Args = {"file": name or Phrase("sheet.pasted"), "rows": len(sheet.rows), "bad": done.bad, "files": refs,
                  "unused": unused(conv, sheet) or None}  # fmt: skip
    if not done.orders:
        return Reply((*file_says(said), Phrase("sheet.no_orders")), (), tuple(FileRef(*one) for one in refs))
    return open_draft(conv, done.orders, **pack(said))


def attach(conv: Conversation, args: Args, files: list[FileIn]) -> Reply:
    """Keep files as attachments; without an order the files wait until it is said which."""
    kept = [keep_file(conv.book, _new(file)) for file in files]
    going = {**args, "files": [[one.name, one.type, one.sha256] for one in kept], "text": args.get("text") or ""}
    return keep_attachments(conv, going)


def keep_attachments(conv: Conversation, args: Args) -> Reply:
    """The act behind it: files that lie ready become a note of the order meant."""
    try:
        orders = orders_meant(conv, "order.attach", args)
    except Asks as asking:
        return asking.reply
    files = []
    for name, kind, sha in args["files"]:
        blob = conv.book.session.get(Blob, sha)
        if blob is None:
            raise Invalid("refused.sheet_unreadable")
        files.append(NewFile(name, kind, blob.content))

    def _one(order: Order) -> Reply:
        add_note(conv.book, order.number, str(args.get("text") or ""), files)
        facts = {"number": order.number, "names": [file.name for file in files]}
        return Reply((Phrase("desk.attached", facts),), (button("button.undo", "undo"),)).about(order.number)

    return each(conv, orders, _one)


def pasted(understood: Understood) -> Sheet | None:
    """The table of orders that a message is, if it has the columns of one and nothing else is wanted of it."""
    sheet = read_pasted(understood.raw)
    if sheet is None or not ({"product", "sku"} & set(sheet.columns)) or "quantity" not in sheet.columns:
        return None
    return sheet if "customer" in sheet.columns and len(sheet.rows) >= 1 else None
