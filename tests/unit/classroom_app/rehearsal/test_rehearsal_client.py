"""The browser's patience, and what the typed calls make of odd answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from classroom_app.rehearsal.browser import Browser, Patience, Tally
from classroom_app.rehearsal.client import Facilitator, IPad
from classroom_app.rehearsal.problems import RefusedError, UnexpectedAnswerError, UnreachableError

Handler = Callable[[httpx.Request], httpx.Response]


class Script:
    """Answers in turn; an exception is raised instead."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def browser(script: Handler, waits: list[float] | None = None, tally: Tally | None = None) -> Browser:
    async def sleep(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    client = httpx.AsyncClient(base_url="http://fake", transport=httpx.MockTransport(script))
    return Browser(client, tally or Tally(), Patience(tries=4, first_wait_s=1.0), sleep)


def test_network_and_server_errors_are_retried_with_growing_waits() -> None:
    waits: list[float] = []
    tally = Tally()
    script = Script(httpx.ConnectError("away"), httpx.Response(502), httpx.Response(200, json={}))
    asyncio.run(browser(script, waits, tally).ask("GET", "/api/group"))
    assert len(waits) == 2
    assert 0.75 <= waits[0] <= 1.25
    assert 1.5 <= waits[1] <= 2.5
    assert (tally.requests, tally.retries, tally.network_errors, tally.statuses[502]) == (3, 2, 1, 1)


def test_retry_after_is_kept() -> None:
    waits: list[float] = []
    script = Script(httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200))
    asyncio.run(browser(script, waits).ask("POST", "/photos"))
    assert waits == [7.0]


def test_patience_ends() -> None:
    script = Script(*(httpx.Response(503) for _ in range(4)))
    with pytest.raises(UnreachableError, match="last: status 503"):
        asyncio.run(browser(script).ask("GET", "/api/group"))


@pytest.mark.parametrize("status", [400, 401, 404, 409, 413, 422])
def test_refusals_are_not_retried(status: int) -> None:
    script = Script(httpx.Response(status, json={"error": "key", "message": "words", "retry": False}))
    with pytest.raises(RefusedError, match=f"refused with {status} key: words"):
        asyncio.run(browser(script).ask("POST", "/photos"))


def test_a_request_that_may_have_been_done_is_not_repeated() -> None:
    for answer in (httpx.ReadTimeout("slow"), httpx.Response(500)):
        script = Script(answer, httpx.Response(201))
        with pytest.raises((UnreachableError, RefusedError)):
            asyncio.run(browser(script).ask("POST", "/api/events", repeatable=False))
        assert len(script.requests) == 1
    script = Script(httpx.ConnectError("away"), httpx.Response(503), httpx.Response(201))
    asyncio.run(browser(script).ask("POST", "/api/events", repeatable=False))
    assert len(script.requests) == 3


def test_only_writing_requests_carry_the_header() -> None:
    script = Script(httpx.Response(200), httpx.Response(200), httpx.Response(200))

    async def three() -> None:
        one = browser(script)
        for method in ("GET", "POST", "DELETE"):
            await one.ask(method, "/x")

    asyncio.run(three())
    assert [request.headers.get("X-Classroom") for request in script.requests] == [None, "1", "1"]


def test_a_join_token_is_in_no_message() -> None:
    script = Script(*(httpx.Response(503) for _ in range(4)))
    with pytest.raises(UnreachableError) as caught:
        asyncio.run(IPad(browser(script)).join("/join/very-secret"))
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(200), "led to 200"),
        (httpx.Response(303, headers={"Location": "/join?problem=join_token_unknown"}), "join_token_unknown"),
        (httpx.Response(303, headers={"Location": "/join"}), "no cookie"),
        (httpx.Response(303, headers={"Location": "/join", "Set-Cookie": "group=1; Path=/"}), "not HttpOnly"),
    ],
)
def test_a_join_that_is_not_as_promised(answer: httpx.Response, words: str) -> None:
    with pytest.raises(UnexpectedAnswerError, match=words):
        asyncio.run(IPad(browser(Script(answer))).join("/join/token"))


def test_the_join_cookie_is_sent_from_then_on() -> None:
    script = Script(
        httpx.Response(303, headers={"Location": "/join", "Set-Cookie": "group=abc; Path=/; HttpOnly"}),
        httpx.Response(200, text="page"),
        httpx.Response(200, json={"labels": [{"id": "l", "photos": 3}]}),
    )

    async def visit() -> dict[str, int]:
        ipad = IPad(browser(script))
        await ipad.join("/join/token")
        return await ipad.photos_by_label()

    assert asyncio.run(visit()) == {"l": 3}
    assert script.requests[-1].headers["Cookie"] == "group=abc"


def test_a_missing_field_names_the_route() -> None:
    script = Script(httpx.Response(200, json={"labels": [{"photos": 3}]}))
    with pytest.raises(UnexpectedAnswerError, match=r"GET /api/group .* KeyError 'id'"):
        asyncio.run(IPad(browser(script)).photos_by_label())
    with pytest.raises(UnexpectedAnswerError, match="without a JSON object"):
        asyncio.run(IPad(browser(Script(httpx.Response(200, text="<html>")))).photos_by_label())


def test_pending_features_are_added_up_over_groups() -> None:
    async def pending(body: object) -> int | None:
        answer = browser(Script(httpx.Response(200, json=body)))
        return (await Facilitator(answer).monitor("e")).features_pending

    assert asyncio.run(pending({"features_pending": 4, "groups": []})) == 4
    assert asyncio.run(pending({"groups": [{"features_pending": 1}, {"features_pending": 2}]})) == 3
    assert asyncio.run(pending({"groups": []})) is None
