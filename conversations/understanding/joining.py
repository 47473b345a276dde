"""Clauses that belong together: what further clauses of a message add to the one before, or make of it."""

from __future__ import annotations

from dataclasses import replace

from .judging import REFERENCE, UNSPLIT, Clause, judged

_ABSORBING = frozenset({"order.note", "suggest", "complaint", "review.return", "problem.report", "order.cancel",
                        "order.hold", "order.urge", "problem.solve"})  # fmt: skip
_WITH_REASON = frozenset({"step.postpone", "order.hold", "order.cancel", "order.urge", "review.return", "order.change"})
_LINE_LIKE = frozenset({"order.place", "order.change", "step.acknowledge", "step.postpone", "order.note", "order.list",
                        "step.hand_over", "problem.report", "stock.show", "step.complete", "order.show", "figures",
                        "flow.change", "how", "step.snooze", "order.urge"})  # fmt: skip
_BECOMES: dict[str, tuple[str, ...]] = {
    "order.note": ("order.place",),
    "yes": ("handover.accept",),
    "no": ("order.change", "handover.decline"),
    "order.place": ("order.show",),
}
"""What two clauses are together where the whole reads so: write down: Nordflow, 25 impellers; sure, hand it over;
不对,是200套; Kestrel order, on time?"""
_WHEN = frozenset({"date", "time", "duration", "range"})
_FIELD_WORDS = frozenset({"ship_to", "quantity_word", "price_word", "promise_word", "po_word", "field", "date_word"})
_ABOUT_ORDERS = frozenset({"step.complete", "order.cancel", "order.hold", "order.resume", "order.urge", "order.show",
                           "review.approve", "step.acknowledge", "problem.solve", "order.why_late",
                           "problem.report", "step.postpone", "review.return"})  # fmt: skip


def join(grouped: list[Clause], clause: Clause) -> None:
    """Take a further clause of a message: as part of the last one, or as something else that is said."""
    last = grouped[-1] if grouped else None
    if last is None:
        grouped.append(clause)
    elif last.best is None:
        whole = _after_nothing(last, clause)
        grouped[-1:] = [whole] if whole is not None else [last, clause]
    elif (whole := _one_with(last, clause)) is not None:
        grouped[-1] = whole
    else:
        grouped.append(clause)


def _after_nothing(last: Clause, clause: Clause) -> Clause | None:
    """Both as one where no rule read the first: 12, 发了吗; None where the second stands for itself."""
    whole = judged(replace(last, words=last.words + clause.words, end=clause.end, ask=clause.ask))
    if whole.best is None:
        return whole if _light(last) and _light(clause) else None
    about_it = _referring(last) and not _referring(clause) and clause.intent not in UNSPLIT
    same = clause.best is None or _light(last) or clause.intent in {whole.intent, "leave"}
    return whole if about_it or same else None


def _one_with(last: Clause, clause: Clause) -> Clause | None:
    """Both as one where the second belongs to the first, or the first to the second; None where they are two."""
    words, end = last.words + clause.words, clause.end
    if (whole := _becoming(last, clause)) is not None:
        return whole
    if last.intent == clause.intent == "person.away" or (last.intent, clause.intent) == ("person.away", "person.back"):
        return replace(last, words=words, end=end)  # off tomorrow, back on Wednesday
    if _completes(last, clause):
        return judged(replace(last, words=words, end=end, ask=last.ask))
    if last.intent == "step.complete" and clause.intent == "review.approve" and not last.concepts & {"act", "step"}:
        return replace(clause, words=words, start=last.start)  # all good from my end, approved
    if last.intent == "step.complete" and "solved" in clause.concepts and not _referring(clause):
        solved = next(
            (hit for hit in (clause.best, *clause.others) if hit and hit.rule.intent == "problem.solve"), None
        )
        return replace(last, words=words, end=end, best=solved) if solved else None  # 漆重新喷好了,没事了
    if _leads_to(last, clause):
        return replace(clause, words=words, start=last.start)
    if last.intent == "problem.report" and clause.intent in _WITH_REASON and _referring(clause) > _referring(last):
        return replace(clause, words=clause.words + last.words, tail=last.start, start=last.start)
    if not _attaches(last, clause):
        return None
    tail = last.tail if last.tail >= 0 else clause.start
    whole = replace(last, words=words, end=end, ask=last.ask, tail=tail)
    if last.intent == "order.place":
        return replace(whole, tail=-1)
    return judged(replace(whole, tail=-1)) if last.intent == "yes" else whole


def _becoming(last: Clause, clause: Clause) -> Clause | None:
    """Both as one where together they say something that neither says alone."""
    meant = _BECOMES.get(last.intent, ()) if not _referring(last) else ()
    if last.intent == "problem.report" and last.concepts & _FIELD_WORDS:
        meant = ("order.change",)  # 0012 delivery address wrong, should be 5 Harbour St
    if last.intent == "handover.decline":
        meant = ("step.hand_over",)  # 31 is not mine, should be Deng Yan
    if clause.intent == "leave" and "cancel" in clause.concepts and _referring(last):
        meant = ("order.cancel",)  # we lost 18, please cancel
    if not meant:
        return None
    ask = last.ask or (clause.ask and last.intent in _BECOMES)
    whole = judged(replace(last, words=last.words + clause.words, end=clause.end, ask=ask))
    return whole if whole.intent in meant else None


def _leads_to(last: Clause, clause: Clause) -> bool:
    """Whether the second says what is wanted: yes, 12 is done; I can't do 12, give it to Zhao; 发错货了,太离谱了."""
    match last.intent, clause.intent:
        case "yes", name:
            return bool(name) and name not in {"order.place", "yes", "leave"}
        case "handover.decline", "step.hand_over":
            return True  # I'm too busy, let Luo Jun do 12
        case "step.postpone", "step.hand_over":
            return not last.concepts & _WHEN
        case "problem.report", "review.return":
            return not clause.concepts & {"order", "number"}  # 0004 looks wrong, send it back
        case "review.approve", "problem.solve":
            return not clause.concepts & {"order", "number"}  # 14 cleared customs, all good now
        case "order.urge", "order.change":  # they want 23 sooner, new date 4 December
            return bool(clause.concepts & _FIELD_WORDS and clause.concepts & _WHEN)
        case "order.change", "review.return":  # price too low on 17, return it
            return not clause.concepts & {"order", "number"} and last.concepts.isdisjoint(_WHEN)
        case "problem.report" | "order.change", "complaint":
            return not _referring(last)
    return False


def _referring(clause: Clause) -> bool:
    return bool(clause.concepts & REFERENCE)


def _completes(last: Clause, clause: Clause) -> bool:
    """Whether a clause only says which order the one before it spoke of: packed and gone, 0021."""
    if last.intent not in _ABOUT_ORDERS or _referring(last) or not clause.concepts & {"order", "number"}:
        return False
    whole = judged(replace(last, words=last.words + clause.words, end=clause.end))
    return _light(clause) and whole.intent == last.intent


def _light(clause: Clause) -> bool:
    """Only references, names and fillers: it belongs to what follows."""
    carrying = {
        "order",
        "number",
        "customer",
        "product",
        "person",
        "filler",
        "polite",
        "greeting",
        "it",
        "date",
        "step",
        "customer_word",
        "product_word",
        "quantity_word",
        "price_word",
        "promise_word",
    }
    return all(word.concepts & carrying for word in clause.words)


def _attaches(last: Clause, clause: Clause) -> bool:
    here = clause.concepts
    if last.intent == "order.place":
        fresh = (
            "quantity" in here
            and "quantity" in last.concepts
            and ("place" in here or ("customer" in here and "customer" in last.concepts))
        )
        return not fresh and (clause.best is None or clause.intent in _LINE_LIKE) and "order" not in here
    if clause.best is None:
        return True
    if last.intent == clause.intent == "order.change":
        return not clause.words[0].concepts & {"order", "number"}
    referring = bool(here & REFERENCE)
    if last.intent == "step.hand_over" and clause.intent in {"handover.decline", "step.postpone"} and not referring:
        return True  # give 16 to Zhao Lei, I'm swamped
    if (
        last.intent in {"step.acknowledge", "step.postpone", "order.hold"}
        and clause.intent == "order.urge"
        and not referring
    ):
        return True
    if last.intent == "undo" and clause.intent == "review.return":
        return True
    if (
        last.intent == "step.complete"
        and clause.intent in {"review.approve", "yes", "money.receive"}
        and not (referring or "customer" in here)
    ):
        return True  # 30对账完成,收款12000
    if clause.intent == "problem.report" and not referring and last.intent in _WITH_REASON:
        return True
    if last.intent in {"step.acknowledge", "yes"} and here & _WHEN and not referring:
        return clause.intent not in {"person.away", "step.snooze", "order.place"}
    if last.intent in _ABSORBING and not referring and clause.best.rule.weight < 0.95:
        return True
    if last.intent == "step.complete" and clause.intent == "step.complete":
        return "tracking" in here or not referring or not last.concepts & REFERENCE
    apart = bool(here & {"order", "number"}) and bool(last.concepts & REFERENCE)
    return last.intent == clause.intent and not apart and clause.intent != "order.list"
