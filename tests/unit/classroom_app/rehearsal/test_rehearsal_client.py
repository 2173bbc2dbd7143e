"""The browser's patience, and what the typed calls make of odd answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest

from classroom_app.rehearsal.answers import ClassLabel, CreatedClass, RunStatus, Score
from classroom_app.rehearsal.client import FacilitatorClient, GroupClient
from classroom_app.rehearsal.patient_http import Patience, PatientHttp, Tally, uses_proxy
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


def browser(script: Handler, waits: list[float] | None = None, tally: Tally | None = None) -> PatientHttp:
    async def sleep(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    client = httpx.AsyncClient(base_url="http://fake", transport=httpx.MockTransport(script))
    return PatientHttp(client, tally or Tally(), Patience(tries=4, first_wait_s=1.0), sleep)


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
        asyncio.run(GroupClient(browser(script)).join("/join/very-secret"))
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
        asyncio.run(GroupClient(browser(Script(answer))).join("/join/token"))


def test_the_join_cookie_is_sent_from_then_on() -> None:
    script = Script(
        httpx.Response(303, headers={"Location": "/join", "Set-Cookie": "group=abc; Path=/; HttpOnly"}),
        httpx.Response(200, text="page"),
        httpx.Response(200, json={"labels": [{"id": "l", "key": "cup", "photos": 3}]}),
    )

    async def visit() -> dict[str, int]:
        ipad = GroupClient(browser(script))
        await ipad.join("/join/token")
        return (await ipad.overview()).photos_by_key

    assert asyncio.run(visit()) == {"cup": 3}
    assert script.requests[-1].headers["Cookie"] == "group=abc"


RUN = {"id": "r", "state": "done", "version": 1}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"labels": [{"key": "cup", "photos": 3}]}, "labels.0.id: Field required"),
        (
            {"labels": [{"id": "l", "key": "cup", "photos": "three"}]},
            "labels.0.photos: Input should be a valid",
        ),
        ({"labels": None}, "labels: Input should be a valid "),
    ],
)
def test_a_wrong_answer_names_the_route_and_the_field(body: object, words: str) -> None:
    with pytest.raises(UnexpectedAnswerError) as caught:
        asyncio.run(GroupClient(browser(Script(httpx.Response(200, json=body)))).overview())
    told = str(caught.value)
    assert told.startswith(f"GET /api/group answered something else than promised: {words}")
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("text", ["<html>", "", "[1]", "null"])
def test_an_answer_that_is_no_json_object(text: str) -> None:
    with pytest.raises(UnexpectedAnswerError, match="GET /api/group answered 200 without a JSON object"):
        asyncio.run(GroupClient(browser(Script(httpx.Response(200, text=text)))).overview())


def test_a_run_has_its_score_and_tells_what_it_must_not() -> None:
    def run(**more: object) -> RunStatus:
        script = Script(httpx.Response(200, json=RUN | more))
        return asyncio.run(GroupClient(browser(script)).run("r"))

    assert run(practice_correct=3, practice_total=4).practice == Score(3, 4, 0.75)
    assert run(practice_correct=None, practice_total=4).practice is None
    assert run().leaks == ()
    assert run(final_correct=1, best_final=2).leaks == ("best_final", "final_correct")


def test_a_run_that_does_not_end_is_given_up() -> None:
    def running(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=RUN | {"state": "running"})

    script = Script(running(httpx.Request("GET", "/")), httpx.Response(200, json=RUN))
    ended = asyncio.run(GroupClient(browser(script)).wait_for_run("r", limit_s=5, poll_s=0))
    assert ended.state == "done"
    with pytest.raises(UnexpectedAnswerError, match="run r is still running after 0 s"):
        asyncio.run(GroupClient(browser(running)).wait_for_run("r", limit_s=0, poll_s=0))


def test_a_class_is_made_from_labels_or_from_a_template() -> None:
    made = {"id": "c", "groups": [], "labels": [{"id": "l", "key": "cup"}]}
    script = Script(*(httpx.Response(201, json=made) for _ in range(2)))
    label = ClassLabel(key="cup", emoji="☕", name_ja="コップ", name_en="cup")

    async def make() -> CreatedClass:
        facilitator = FacilitatorClient(browser(script))
        await facilitator.create_class("A class", 2, template="fruit")
        return await facilitator.create_class("A class", 2, labels=[label])

    assert asyncio.run(make()).label_ids == {"cup": "l"}
    asked = [json.loads(request.content) for request in script.requests]
    assert [body["template"] for body in asked] == ["fruit", None]
    assert asked[1]["labels"] == [{"key": "cup", "emoji": "☕", "name_ja": "コップ", "name_en": "cup"}]


def test_one_try_gives_any_answer() -> None:
    script = Script(httpx.Response(503))
    answer = asyncio.run(browser(script).once("POST", "/predict", content=b"x", headers={"X-Photo-Id": "1"}))
    assert answer.status_code == 503
    assert (script.requests[0].headers["X-Classroom"], script.requests[0].headers["X-Photo-Id"]) == ("1", "1")


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine() -> None:
    assert not uses_proxy("http://127.0.0.1:8501")
    assert not uses_proxy("https://[::1]:8501")
    assert uses_proxy("https://class.example.org")
