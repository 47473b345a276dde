"""The read API: what a person may see of the book, over HTTP, with a personal token."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from store.book import Actor, Book
from store.operations.identities import token_person
from store.reads import lists, seeing
from store.reads.document import event_document, order_document
from store.refusals import Refusal
from store.units import Units

_bearer = HTTPBearer(auto_error=False, description="A personal token, made with `gendan token KEY`.")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OrderStatus = Literal["open", "on_hold", "done", "cancelled"]
StepStatus = Literal["waiting", "active", "done", "skipped"]


class Unauthorised(Exception):
    """No token, or none that is anybody's of the staff."""


def create_api(units: Units) -> FastAPI:
    """The API as an application of its own, with its pages under /api/docs."""
    app = FastAPI(title="Gendan", version="1", docs_url="/api/docs", openapi_url="/api/openapi.json", redoc_url=None)
    add_api(app, units)
    return app


def add_api(app: FastAPI, units: Units) -> None:
    """Hang the API's paths and error documents into an application."""
    app.include_router(_routes(units), prefix="/api")
    app.add_exception_handler(Unauthorised, _unauthorised)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_problem)


def _routes(units: Units) -> APIRouter:
    async def _viewer(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Actor:
        token = credentials.credentials if credentials else ""
        key = await units.look(lambda book: _staff_of(book, token)) if token else None
        if key is None:
            raise Unauthorised
        return Actor(key, "api")

    viewer_type = Annotated[Actor, Depends(_viewer)]
    routes = APIRouter()

    @routes.get("/orders/{number}", summary="One order, whole")
    async def _order(number: str, viewer: viewer_type) -> dict[str, Any]:
        return await units.look(lambda book: order_document(book, seeing.see(book, number)), viewer)

    @routes.get("/orders/{number}/events", summary="What was done to an order, oldest first")
    async def _events(number: str, viewer: viewer_type) -> dict[str, Any]:
        def _read(book: Book) -> list[dict[str, Any]]:
            order = seeing.see(book, number)
            return [event_document(book, entry) for entry in lists.entries_of(book, order)]

        return {"items": await units.look(_read, viewer)}

    @routes.get("/orders", summary="Orders you may see, newest first")
    async def _orders(
        viewer: viewer_type,
        _known: Annotated[None, Depends(_only("status", "customer", "salesperson", "owner", "step", "overdue"))],
        status: OrderStatus | None = None,
        customer: str | None = None,
        salesperson: str | None = None,
        owner: str | None = None,
        step: str | None = None,
        overdue: Annotated[bool, Query(description="Only those with an active step past due.")] = False,
    ) -> dict[str, Any]:
        filters = lists.OrderFilter(status, customer, salesperson, owner, step, overdue)
        return {"items": await units.look(lambda book: lists.list_orders(book, viewer.key, filters), viewer)}

    @routes.get("/steps", summary="Steps of the orders you may see; active ones unless asked")
    async def _steps(
        viewer: viewer_type,
        _known: Annotated[None, Depends(_only("owner", "status", "overdue"))],
        owner: str | None = None,
        status: StepStatus = "active",
        overdue: bool = False,
    ) -> dict[str, Any]:
        filters = lists.StepFilter(owner, status, overdue)
        return {"items": await units.look(lambda book: lists.list_steps(book, viewer.key, filters), viewer)}

    known = [route for route in routes.routes if isinstance(route, APIRoute)]

    @routes.api_route("/{rest:path}", methods=list(_METHODS), include_in_schema=False)
    async def _nothing(rest: str) -> None:
        """What is nowhere here is told as a problem too, whatever other pages the server has for such addresses."""
        here = any(route.path_regex.match(f"/{rest}") for route in known)
        raise HTTPException(405, headers={"Allow": "GET"}) if here else HTTPException(404)

    return routes


def _only(*filters: str) -> Callable[[Request], None]:
    """Refuse a filter that there is not: what is misspelt would be answered with everything."""

    def _check(request: Request) -> None:
        for name in request.query_params:
            if name not in filters:
                nearest = next(iter(get_close_matches(name, filters, 1, cutoff=0.7)), None)
                hint = f"did you mean {nearest}?" if nearest else f"there are {', '.join(filters)}"
                error = {"loc": ("query", name[:40]), "msg": f"There is no such filter; {hint}", "type": "no_filter"}
                raise RequestValidationError([error])

    return _check


def _staff_of(book: Book, token: str) -> str | None:
    person = token_person(book, token, "api")
    return person.key if person is not None and person.active and person.kind == "staff" else None


def problem(status: int, title: str, detail: str | None = None, **more: Any) -> JSONResponse:
    """A problem document (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail} | more
    return JSONResponse(body, status, media_type="application/problem+json")


def _unauthorised(_request: Request, _problem: Exception) -> Response:
    answer = problem(401, "Unauthorized", "A personal token is needed: Authorization: Bearer …")
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _refused(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)  # noqa: S101  # registered for this class alone
    if refusal.status == 404:
        return problem(404, "Not Found", "There is no such thing, or none that you may see.")
    return problem(refusal.status, "Refused", key=refusal.key)


def _invalid(_request: Request, invalid: Exception) -> Response:
    errors = invalid.errors() if isinstance(invalid, RequestValidationError) else []
    found = [{"where": ".".join(map(str, error["loc"])), "why": error["msg"]} for error in errors]
    return problem(
        422, "Unprocessable Content", "; ".join(f"{one['where']}: {one['why']}" for one in found), errors=found
    )


def _http_problem(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101  # registered for this class alone
    return problem(fault.status_code, str(fault.detail))
