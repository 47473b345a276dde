import httpx
import pytest

from adapters.web.api import create_api
from store.book import Actor
from store.operations.identities import make_token
from store.operations.orders import place_orders
from store.refusals import NotFound
from store.tables import Person
from store.units import Units
from tests.support.companies import load
from tests.support.orders import draft


class Api:
    """The API as somebody with a token calls it."""

    def __init__(self, units: Units) -> None:
        self.units = units
        load(units)
        (order,) = units.write(lambda book: place_orders(book, [draft()]), Actor("wangli"))
        self.number = order.number
        self.app = create_api(units)

    async def get(self, path: str, person: str | None = None, headers: dict[str, str] | None = None) -> httpx.Response:
        headers = dict(headers or {})
        if person:
            headers["Authorization"] = "Bearer " + self.units.write(lambda book: make_token(book, person, "api"))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://x") as client:
            return await client.get(path, headers=headers)


@pytest.fixture
def api(units: Units) -> Api:
    return Api(units)


async def test_an_order_is_shown_to_its_salesperson_with_every_key(api: Api) -> None:
    answer = await api.get(f"/api/orders/{api.number}", "wangli")
    assert answer.status_code == 200
    assert set(answer.json()) >= {
        "number",
        "customer",
        "lines",
        "steps",
        "exceptions",
        "notes",
        "changes",
        "urges",
        "held_since",
    }


async def test_what_somebody_may_not_see_is_answered_like_what_is_not_there(api: Api) -> None:
    hidden = await api.get(f"/api/orders/{api.number}", "zhaolei")
    missing = await api.get("/api/orders/SO-2611-9999", "zhaolei")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert hidden.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nonsense", "Basic d2FuZ2xp", "Bearer " + "x" * 5000])
async def test_without_a_token_of_the_staff_nothing_is_told(api: Api, header: str | None) -> None:
    answer = await api.get("/api/orders", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert api.number not in answer.text


async def test_a_contact_gets_no_token_and_a_page_token_is_none_for_the_api(api: Api) -> None:
    with pytest.raises(NotFound):
        await api.get("/api/orders", "li")
    token = api.units.write(lambda book: make_token(book, "li", "page"))
    assert (await api.get("/api/orders", headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_the_token_of_somebody_who_has_left_opens_nothing(api: Api) -> None:
    token = api.units.write(lambda book: make_token(book, "wangli", "api"))

    def _leave(book) -> None:
        person = book.session.get(Person, "wangli")
        person.active = False
        book.session.add(person)

    api.units.write(_leave)
    assert (await api.get("/api/orders", headers={"Authorization": f"Bearer {token}"})).status_code == 401


@pytest.mark.parametrize(
    ("path", "why"),
    [("orders?custmer=hdjx", "did you mean customer?"), ("steps?overdue=true&order=1", "there are owner, status")],
)
async def test_a_filter_that_there_is_not_is_refused_with_the_nearest(api: Api, path: str, why: str) -> None:
    answer = await api.get(f"/api/{path}", "chen")
    assert answer.status_code == 422
    assert why in answer.json()["detail"]
    assert (await api.get(f"/api/{path}")).status_code == 401


async def test_a_filter_that_cannot_be_is_named(api: Api) -> None:
    answer = await api.get("/api/orders?status=lost", "chen")
    assert answer.status_code == 422
    assert "status" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/orders", "/api/steps", "/api/steps?status=waiting"])
async def test_lists_hold_what_the_viewer_may_see(api: Api, path: str) -> None:
    assert (await api.get(path, "chen")).json()["items"] != []
    assert (await api.get(path, "zhaolei")).json()["items"] == []


async def test_events_begin_with_the_placing(api: Api) -> None:
    events = (await api.get(f"/api/orders/{api.number}/events", "wangli")).json()["items"]
    assert (events[0]["what"], events[0]["who"]) == ("order.placed", "wangli")


async def test_the_description_names_every_path(api: Api) -> None:
    paths = (await api.get("/api/openapi.json")).json()["paths"]
    assert set(paths) == {"/api/orders", "/api/orders/{number}", "/api/orders/{number}/events", "/api/steps"}
