"""The public page of an order: public facts only, in both languages, without a script; taken back it never was there."""

import base64
import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from adapters.web.tracking import tracking_routes
from store.book import Actor
from store.operations.identities import make_code
from store.operations.orders import place_orders
from store.operations.tracking import revoke, share
from store.refusals import NotAllowed, NotFound
from store.tables import AuditEntry, Identity, TrackingLink
from tests.support.companies import load
from tests.support.orders import draft


class Pages:
    def __init__(self, units, clock):
        self.units, self.clock = units, clock
        load(units)
        (order,) = units.write(lambda book: place_orders(book, [draft(po_number="PO<b>7")]), Actor("wangli"))
        self.number = order.number
        self.app = FastAPI()
        self.app.include_router(tracking_routes(units))

    def share(self, by="wangli"):
        return self.units.write(lambda book: share(book, self.number), Actor(by))

    def revoke(self, by="wangli"):
        return self.units.write(lambda book: revoke(book, self.number), Actor(by))

    async def get(self, path, method="GET", **headers):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://x") as client:
            return await client.request(method, path, headers=headers)


@pytest.fixture
def pages(units, clock):
    return Pages(units, clock)


async def test_the_page_shows_public_facts_only_and_is_small(pages):
    answer = await pages.get(f"/t/{pages.share()}", **{"accept-language": "zh-CN"})
    assert answer.status_code == 200
    shown = answer.text
    assert all(part in shown for part in (pages.number, "已接单", "12月4日", "A型阀", "生产中", "华东泵业"))
    assert not any(part in shown for part in ("何静", "刘敏", "王丽", "¥", "7000", "订单复核", "采购", "苏州"))
    assert "PO&lt;b&gt;7" in shown
    assert len(answer.content) < 30_000
    assert not re.search(r"<script|javascript:|\son\w+=|<link|<img|src=", shown)


async def test_it_speaks_the_readers_language_and_can_be_switched(pages):
    token = pages.share()
    english = await pages.get(f"/t/{token}", **{"accept-language": "en-GB,en;q=0.9,zh;q=0.5"})
    assert 'lang="en"' in english.text
    assert "Order progress" in english.text
    switched = await pages.get(f"/t/{token}?lang=zh", **{"accept-language": "en"})
    assert "订单进度" in switched.text
    unstated = await pages.get(f"/t/{token}")
    assert 'lang="zh"' in unstated.text  # the customer's


async def test_nobody_indexes_frames_or_keeps_it(pages):
    headers = (await pages.get(f"/t/{pages.share()}")).headers
    assert "noindex" in headers["x-robots-tag"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "no-store" in headers["cache-control"]
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in headers["content-security-policy"]


async def test_what_was_taken_back_mistyped_forged_or_never_was_is_answered_alike(pages):
    token = pages.share()
    raw = base64.urlsafe_b64decode(token + "=")
    forged = base64.urlsafe_b64encode(raw[:16] + bytes(16)).decode().rstrip("=")
    flipped = base64.urlsafe_b64encode(bytes([raw[0] ^ 1]) + raw[1:]).decode().rstrip("=")
    assert pages.revoke() == 1
    tokens = (token, forged, flipped, "x", "é", "A" * 43, "A" * 500, token[:-1])
    answers = [await pages.get(f"/t/{one}") for one in tokens]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1
    assert len({frozenset(one.headers.items()) for one in answers}) == 1


async def test_a_link_is_the_same_until_it_is_taken_back(pages):
    first = pages.share()
    assert pages.share("liu") == first
    pages.revoke()
    assert pages.revoke() == 0
    second = pages.share()
    assert second != first
    assert (await pages.get(f"/t/{second}")).status_code == 200


def test_who_may_share_and_take_back(pages):
    assert pages.share("li") == pages.share()
    for by, refusal in (("bai", NotFound), ("zhaolei", NotFound), ("sun", NotAllowed)):
        with pytest.raises(refusal):
            pages.share(by)
    with pytest.raises(NotAllowed):
        pages.revoke("li")
    with pytest.raises(NotAllowed):
        pages.revoke("chen")


async def test_views_are_in_the_audit_once_an_hour(pages, clock):
    token = pages.share()
    for _ in range(3):
        await pages.get(f"/t/{token}")
    clock.pass_by(minutes=61)
    await pages.get(f"/t/{token}")
    reads = pages.units.read(
        lambda book: book.session.exec(select(AuditEntry).where(AuditEntry.what == "order.read")).all()
    )
    assert [one.subject for one in reads] == [f"order:{pages.number}"] * 2


async def test_long_after_the_order_has_ended_its_page_is_gone(pages, clock):
    token = pages.share()

    def end(book):
        order = book.order(pages.number)
        order.status, order.closed_at = "done", book.now
        book.session.add(order)

    pages.units.write(end)
    assert (await pages.get(f"/t/{token}")).status_code == 200
    clock.now += timedelta(days=91)
    assert (await pages.get(f"/t/{token}")).status_code == 404


def test_the_books_own_rows_do_not_hold_the_address(pages):
    token = pages.share()
    rows = pages.units.read(lambda book: book.session.exec(select(TrackingLink)).all())
    assert token not in repr(rows)


async def test_an_invitation_is_used_by_its_button_and_only_once(pages):
    code = pages.units.write(lambda book: make_code(book, "bai"), Actor("zhaolei")).replace("-", "")
    shown = await pages.get(f"/join/{code}")
    assert (shown.status_code, "<form" in shown.text) == (200, True)
    assert (
        pages.units.read(lambda book: book.session.exec(select(Identity).where(Identity.person == "bai")).all()) == []
    )
    used = await pages.get(f"/join/{code}", "POST")
    assert used.status_code == 303
    assert used.headers["location"].startswith("/chat/enter/gdn_")
    linked = pages.units.read(lambda book: book.session.exec(select(Identity).where(Identity.person == "bai")).all())
    assert [(one.channel, one.account) for one in linked] == [("web", "bai")]
    assert (await pages.get(f"/join/{code}", "POST")).status_code == 404


async def test_wrong_invitations_tell_nothing_and_are_limited(pages):
    assert (await pages.get("/join/AAAAAAAA")).status_code == 200  # whether a code lives is not told by looking
    answers = [await pages.get("/join/AAAAAAAA", "POST") for _ in range(7)]
    assert {one.status_code for one in answers} == {404}
    good = pages.units.write(lambda book: make_code(book, "bai"), Actor("zhaolei")).replace("-", "")
    assert (await pages.get(f"/join/{good}", "POST")).status_code == 404  # this address has to wait
    assert (await pages.get("/join/..%2f..%2f", "POST")).status_code == 404
