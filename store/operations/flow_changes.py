"""A step of a flow otherwise, by four eyes: one administrator asks, a second one publishes it as a new version."""

from __future__ import annotations

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
from store.messages import Choice, Letter, Phrase
from store.operations import frame
from store.operations.cards import retire_card
from store.operations.flow import refresh_all
from store.operations.handovers import settle
from store.refusals import Conflict, Invalid, NotAllowed, NotFound
from store.tables import Order, Request

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
    says = (Phrase("flow.for_you", {"by": frame.name(book, book.by.key)}), *differences(plan))
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
    told = Phrase(what, {"by": frame.name(book, book.by.key), "flow": facts["flow"]})
    book.tell(request.asked_by, Letter((told,)), rule="flow_change")
    retire_card(book, f"request:{request.id}", Letter((told,)))
    return request


def differences(plan: FlowPlan) -> tuple[Phrase, ...]:
    """The change in words."""
    says = [
        Phrase("flow.differs", {"path": one.path, "before": _shown(one.before), "after": _shown(one.after)})
        for one in plan.differs
    ]
    return (*says, Phrase("flow.impact", {"count": plan.living}))


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)


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
