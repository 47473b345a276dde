"""A step of a flow otherwise, by four eyes: one administrator asks, a second one publishes it as a new version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, func, select

from store.book import Book
from store.company.difference import Change, difference
from store.company.loading import apply_company
from store.company.models import CompanyFile
from store.company.plain import plain
from store.company.reading import company_from
from store.company.rows import current_company
from store.messages import Choice, Fact, Letter, Phrase
from store.operations import frame
from store.operations.cards import retire_card
from store.operations.flow import refresh_all
from store.operations.handovers import settle
from store.refusals import Conflict, Invalid, NotAllowed, NotFound
from store.tables import Order, Request

_SPAN = re.compile(r"(\d+)([mhd])")
FIELDS = ("within", "before_promise", "owner")


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """What a change of a flow would do: the entries that differ, and how many living orders stay on the old version."""

    flow: str
    step: str
    field: str
    value: str
    differs: tuple[Change, ...]
    living: int
    second: str


def plan_flow_change(book: Book, flow: str, step: str, field: str, value: str) -> FlowPlan:
    """What would change, and who has to look at it.

    Raises:
        NotAllowed: no administrator asks.
        NotFound: no such flow or step.
        Invalid: refused.flow_value, refused.flow_same, refused.flow_second (there is no second administrator).
    """
    before = _company(book)
    after = _changed(before, flow, step, field, value)
    differs = difference(before, after)
    if not differs:
        raise Invalid("refused.flow_same")
    admins = [one.key for one in book.company.with_role("admin") if one.key != book.by.key]
    if not admins:
        raise Invalid("refused.flow_second")
    query = (
        select(func.count()).select_from(Order).where(Order.flow == flow, col(Order.status).in_(("open", "on_hold")))
    )
    return FlowPlan(flow, step, field, value, differs, book.session.exec(query).one(), admins[0])


def ask_flow_change(book: Book, plan: FlowPlan) -> Request:
    """Ask the second administrator."""
    _require_admin(book)
    facts = {"flow": plan.flow, "step": plan.step, "field": plan.field, "value": plan.value}
    request = Request(kind="flow_change", asked_by=book.by.key, asked_of=plan.second, asked_at=book.now, facts=facts)
    book.session.add(request)
    book.session.flush()
    book.record("flow.asked", subject=f"flow:{plan.flow}", after=facts)
    says = (Phrase("flow.for_you", {"by": frame.name(book, book.by.key)}), *differences(book, plan))
    mark = f"{request.id}.{request.version}"
    choices = (
        Choice(Phrase("button.approve"), f"flow.publish:{mark}"),
        Choice(Phrase("button.return"), f"flow.drop:{mark}"),
    )
    book.tell(plan.second, Letter(says, choices), rule="flow_change", card=f"request:{request.id}")
    return request


def decide_flow_change(book: Book, request_id: int, version: int | None, accept: bool) -> Request:
    """The second administrator's word; published for orders placed from now on.

    Raises: NotFound, NotAllowed, Conflict (decided already); Invalid when the company has changed meanwhile.
    """
    _require_admin(book)
    request = book.session.get(Request, request_id)
    if request is None or request.kind != "flow_change":
        raise NotFound(what=str(request_id))
    if request.asked_by == book.by.key:
        raise NotAllowed(right=Phrase("right.flow.change"), who=[frame.name(book, request.asked_of)])
    if request.status != "pending" or (version is not None and version != request.version):
        who = frame.name(book, request.decided_by) if request.decided_by else None
        raise Conflict(number=None, who=who, what=Phrase("did.flow.decided"), at=request.decided_at)
    facts = request.facts
    if accept:
        before = _company(book)
        after = _changed(before, facts["flow"], facts["step"], facts["field"], facts["value"])
        apply_company(book.session, after, now=book.now, by=book.by.key)
        book.forget_company()
        refresh_all(book)
    settle(book, request, "accepted" if accept else "declined")
    what = "flow.published" if accept else "flow.refused"
    book.record(what, subject=f"flow:{facts['flow']}", after=dict(facts))
    told = Phrase(what, {"by": frame.name(book, book.by.key), "flow": _flow_name(book, facts["flow"])})
    book.tell(request.asked_by, Letter((told,)), rule="flow_change")
    retire_card(book, f"request:{request.id}", Letter((told,)))
    return request


def differences(book: Book, plan: FlowPlan) -> tuple[Phrase, ...]:
    """The change in words."""
    says = []
    for one in plan.differs:
        what = (
            _what(book, plan.flow, plan.step, plan.field) if one.path.endswith(f".{plan.step}.{plan.field}") else None
        )
        facts = {"path": what or one.path, "before": _shown(book, one.before), "after": _shown(book, one.after)}
        says.append(Phrase("flow.differs", facts))
    return (*says, Phrase("flow.impact", {"count": plan.living}))


def wanted_change(book: Book, request: Request) -> Phrase:
    """What a request to change a flow asks for, in a few words: the label of a choice."""
    facts = request.facts
    what = _what(book, facts["flow"], facts["step"], facts["field"])
    return Phrase("flow.wanted", {"what": what, "after": _shown(book, facts["value"])})


def _flow_name(book: Book, key: str) -> Fact:
    known = book.company.flows.get(key)
    return known.name.raw if known is not None else key


def _what(book: Book, flow: str, step: str, field: str) -> Phrase:
    known = book.company.flows.get(flow)
    steps = {one.key: one.name.raw for one in known.steps} if known else {}
    facts = {"flow": known.name.raw if known else flow, "step": steps.get(step, step)}
    return Phrase("flow.what", {**facts, "field": Phrase(f"flow.field.{field}")})


def _shown(book: Book, value: Any) -> Fact:
    """A value as people say it: a length of time, or the name of whoever answers."""
    text = str(value) if value is not None else ""
    if (hit := _SPAN.fullmatch(text)) is not None:
        return Phrase(f"flow.span.{hit[2]}", {"n": int(hit[1])})
    owner = book.company.people.get(text) or book.company.departments.get(text)
    return owner.name.raw if owner is not None else text or None


def _company(book: Book) -> CompanyFile:
    _require_admin(book)
    found = current_company(book.session)
    if found is None:
        raise NotFound(what="company")
    return found


def _require_admin(book: Book) -> None:
    me = book.company.people.get(book.by.key)
    if me is None or "admin" not in me.roles:
        raise NotAllowed(
            right=Phrase("right.flow.change"), who=[one.name.raw for one in book.company.with_role("admin")][:3]
        )


def _changed(before: CompanyFile, flow: str, step: str, field: str, value: str) -> CompanyFile:
    if field not in FIELDS:
        raise Invalid("refused.flow_value", given=field)
    document = plain(before)
    flows = [one for one in document["flows"] if one["key"] == flow]
    steps = [one for found in flows for one in found["steps"] if one["key"] == step]
    if not steps:
        raise NotFound(what=step)
    steps[0][field] = value
    try:
        return company_from(document)
    except Exception as problem:  # the file's own words on what is wrong are for files; here one value is at fault
        raise Invalid("refused.flow_value", given=value) from problem
