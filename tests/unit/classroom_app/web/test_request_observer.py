"""The middleware around every request: its id, its figures, its line, and what is in none of them."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from classroom_app.web.request_observer import RequestObserver
from ml_core.contract.observe import request_id

GIVEN = "4d1c0d0e-5f0a-4b39-9b51-0a6f6f3f4a10"


def say_id(_request: Request) -> Response:  # in a thread, as our routes are
    return PlainTextResponse(request_id.current() or "")


def fail(_request: Request) -> Response:
    raise RuntimeError("on fire")


APP = Starlette(
    routes=[
        Route("/id", say_id, methods=["GET", "POST"]),
        Route("/join/{token}", fail),
        Mount("/inner", routes=[Route("/{name}", say_id)]),
    ],
    middleware=[Middleware(RequestObserver)],
)


def ask(method: str, path: str, **headers: str) -> tuple[httpx.Response, list[MutableMapping[str, Any]]]:
    """The answer, and what was logged meanwhile."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(APP, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://class.test") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, headers=named)

    with capture_logs(processors=[merge_contextvars]) as lines:
        return asyncio.run(send()), lines


def counted(route: str, status: str, method: str = "GET") -> float:
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("classroom_http_requests_total", labels) or 0.0


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({"X_Request_Id": GIVEN}, True),
        ({"X_Photo_Id": GIVEN}, True),
        ({"X_Request_Id": "short"}, False),
        ({"X_Request_Id": "with a space in it"}, False),
        ({"X_Request_Id": "a" * 65}, False),
        ({"X_Request_Id": "line-break\tand-more"}, False),
        ({}, False),
    ],
)
def test_a_well_formed_id_is_kept_and_every_answer_has_one(headers: dict[str, str], kept: bool) -> None:
    answer, _ = ask("GET", "/id", **headers)
    assert (answer.text == GIVEN) == kept
    assert request_id.accept(answer.text) == answer.headers["X-Request-Id"] == answer.text
    assert request_id.current() is None, "nothing of it stays behind"


def test_two_requests_have_two_ids() -> None:
    assert ask("GET", "/id")[0].text != ask("GET", "/id")[0].text


def test_what_changes_something_has_one_line_with_its_id() -> None:
    answer, lines = ask("POST", "/id", X_Request_Id=GIVEN)
    (line,) = lines
    assert line.pop("seconds") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "route": "/id",
        "status": 200,
        "request_id": answer.text,
    }
    assert ask("GET", "/id")[1] == [], "looking is not worth a line"


def test_what_fails_is_told_and_counted_without_the_path() -> None:
    before = counted("/join/{token}", "5xx")
    _, lines = ask("GET", "/join/Kx3-secret-token?x=1", Cookie="group=secret-cookie")
    assert counted("/join/{token}", "5xx") == before + 1
    assert [(line["route"], line["status"]) for line in lines] == [("/join/{token}", 500)]
    assert "secret" not in str(lines)


@pytest.mark.parametrize("path", ["/nothing", "/.env", "/id/x/y/z"])
def test_paths_that_nobody_has_are_one_series(path: str) -> None:
    before = counted("none", "4xx")
    ask("GET", path)
    assert counted("none", "4xx") == before + 1
    assert path not in {
        sample.labels.get("route") for metric in REGISTRY.collect() for sample in metric.samples
    }


def test_made_up_methods_are_one_series() -> None:
    before = counted("/id", "4xx", "other")
    ask("BREW", "/id")
    assert counted("/id", "4xx", "other") == before + 1
