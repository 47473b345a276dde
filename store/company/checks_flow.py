"""Checks of flows: owners, what waits for what, conditions, forms, exceptions, due moments."""

from __future__ import annotations

from collections.abc import Mapping

from store.company.places import Place
from store.company.report import Directory, Names, Report
from store.rules.flow import parents_of

ORDER_FIELDS = ("customer", "product", "quantity", "price", "amount", "promise_date")
"""What every order has besides its form; a review may cover these, and a form may not ask for them again."""


def check_flows(root: Place, known: Directory, report: Report) -> None:
    """Every flow of the file, and which one is the default."""
    flows = list(root.each("flows"))
    defaults = [flow for flow in flows if flow.flag("default")]
    for flow in defaults[1:]:
        report.error(flow.at("default"), "two_defaults", given=flow.text("key"), first=defaults[0].text("key"))
    if len(flows) > 1 and not defaults:
        report.error(root.at("flows"), "no_default", valid=list(known.flows))
    for flow in flows:
        _flow(flow, known, report)


def _flow(flow: Place, known: Directory, report: Report) -> None:
    steps: Names = {key: step.labels() for step in flow.each("steps") if (key := step.text("key")) is not None}
    order_fields: Names = {key: one.labels() for one in flow.each("order_form") if (key := one.text("field"))}
    step_fields = {
        key: one.labels() for step in flow.each("steps") for one in step.each("form") if (key := one.text("field"))
    }
    report.unique((step.at("key"), step.text("key")) for step in flow.each("steps"))
    report.unique((one.at("kind"), one.text("kind")) for one in flow.each("exceptions"))
    _form(flow, "order_form", report)
    for one in flow.each("order_form"):
        if one.text("field") in ORDER_FIELDS:
            report.error(one.at("field"), "reserved_field", given=one.text("field"))
    for step in flow.each("steps"):
        report.refer(step.at("owner"), step.text("owner"), known.owners, "unknown_owner")
        for path, after in step.texts("after"):
            report.refer(path, after, steps, "unknown_step")
        _condition(step.inside("when"), known, {**order_fields, **step_fields}, report)
        _form(step, "form", report)
        _review(step, order_fields, report)
        if not step.has("within") and not step.has("before_promise"):
            report.warn(step.at("key"), "no_due", given=step.text("key"))
    _cycle(flow, report)
    for one in flow.each("exceptions"):
        report.refer(one.at("handler"), one.text("handler"), known.owners, "unknown_owner")
        for path, key in one.texts("acknowledged_by"):
            report.refer(path, key, steps, "unknown_step")
        if not one.has("within"):
            report.warn(one.at("kind"), "no_limit", given=one.text("kind"))


def _condition(when: Place, known: Directory, fields: Names, report: Report) -> None:
    for path, given in when.texts("customer"):
        report.refer(path, given, known.customers, "unknown_customer")
    for path, given in when.texts("product"):
        report.refer(path, given, known.products, "unknown_product")
    asked = when.inside("field")
    for name in asked.data:
        report.refer(asked.at(name), name, fields, "unknown_field")


def _form(place: Place, key: str, report: Report) -> None:
    report.unique((one.at("field"), one.text("field")) for one in place.each(key))
    for one in place.each(key):
        choice = one.text("type") == "choice"
        if choice and not any(True for _ in one.texts("choices")):
            report.error(one.at("type"), "no_choices", given=one.text("field"))
        if one.has("choices") and not choice:
            report.error(one.at("choices"), "choices_without_choice", given=one.text("field"))
        report.unique(one.texts("choices"), "same_choice")


def _review(step: Place, order_fields: Names, report: Report) -> None:
    valid: Names = {**{name: [] for name in ORDER_FIELDS}, **order_fields}
    for path, given in step.texts("fields"):
        report.refer(path, given, valid, "unknown_field")
    if step.text("kind") != "review":
        for key in ("fields", "blind_above"):
            if step.has(key):
                report.warn(step.at(key), "only_review", given=key)


def _cycle(flow: Place, report: Report) -> None:
    """Steps that wait for each other in a ring can never start."""
    steps = {key: step for step in flow.each("steps") if (key := step.text("key")) is not None}
    after = {
        key: [one for _, one in step.texts("after")] if step.data.get("after") is not None else None
        for key, step in steps.items()
    }
    parents = parents_of(list(after.items()))
    ring = _ring(parents)
    if ring:
        place = steps[ring[0]]
        report.error(place.at("after"), "ring", given=" → ".join([*ring, ring[0]]))


def _ring(parents: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The first ring of steps that wait for each other, each followed by one it waits for; empty if there is none."""
    left = dict(parents)
    while True:
        free = [key for key, after in left.items() if not any(one in left for one in after)]
        if not free:
            break
        for key in free:
            del left[key]
    if not left:
        return []
    walked = [next(iter(left))]
    while True:
        following = next(one for one in left[walked[-1]] if one in left)
        if following in walked:
            return walked[walked.index(following) :]
        walked.append(following)
