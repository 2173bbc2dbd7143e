"""The swap round over HTTP: whose AI an iPad gets, from when until when, and what it may say of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from classroom_app.resources import App, set_app
from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView
from classroom_app.views.deletion import DeletionTarget
from tests.integration.classroom_app.web.test_on_device_routes import FAR_AWAY, trained
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.stand_ins import COLORS, group_cookie, identity, jpeg

FRAME = jpeg(COLORS["banana"], 7)


@pytest.fixture
def models(app: App, event: EventView) -> list[str]:
    """The hashes of the groups' AIs, which are all different."""
    return [trained(app, event, place, shift=place) for place in range(3)]


@pytest.fixture
def ipads(app: App, event: EventView, models: list[str]) -> Iterator[list[Browser]]:
    """One of each group."""
    set_app(app)
    found = [Browser(app) for _ in event.groups]
    for place, browser in enumerate(found):
        browser.cookies.set("group", group_cookie(app, event, place))
    yield found
    set_app(None)


def gets(browser: Browser, model: str) -> tuple[int, str]:
    answer = browser("GET", f"/swap/models/{model}")
    return answer.status_code, answer.json()["error"] if answer.status_code != 200 else ""


def test_an_ipad_gets_the_one_model_that_its_group_was_lent_while_the_round_is_on(
    app: App, event: EventView, ipads: list[Browser], models: list[str]
) -> None:
    assert {gets(browser, model) for browser in ipads for model in models} == {(409, "swap_over")}
    app.swap.start(event.id)  # each tries that of the next one
    for place, browser in enumerate(ipads):
        for other, model in enumerate(models):
            lent = other == (place + 1) % len(models)
            assert gets(browser, model) == ((200, "") if lent else (404, "error_not_found"))
    answer = ipads[0]("GET", f"/swap/models/{models[1]}")
    assert hashlib.sha256(answer.content).hexdigest() == models[1]
    assert "no-store" in answer.headers["cache-control"]
    assert ipads[0]("GET", f"/on-device/models/{models[1]}").status_code == 404, "not by the own group's way"
    app.swap.turn_on(event.id, 1)
    assert gets(ipads[0], models[1]) == (404, "error_not_found")
    assert gets(ipads[0], models[2]) == (200, "")
    assert gets(ipads[0], FAR_AWAY) == (404, "error_not_found")
    app.swap.end(event.id)
    assert {gets(browser, model) for browser in ipads for model in models} == {(409, "swap_over")}


def test_nobody_else_gets_any(app: App, event: EventView, ipads: list[Browser], models: list[str]) -> None:
    app.swap.start(event.id)
    app.logins.first_start("a-long-password")
    other = app.classes.create("Other class", 2, template="fruit")
    for kind, cookie in (
        ("", ""),
        ("facilitator", app.logins.facilitator_cookie(FIRST_FACILITATOR)),
        ("projector", app.access.projector_link(event.id)),
    ):
        browser = Browser(app)
        if kind:
            browser.cookies.set(kind, cookie)
        assert gets(browser, models[1]) == (401, "error_not_allowed")
        for way in ("predict", "explain", "fooled"):
            assert browser.post(f"/swap/{way}", content=FRAME).status_code == 401
    stranger = Browser(app)
    stranger.cookies.set("group", group_cookie(app, other, 0))
    assert gets(stranger, models[1]) == (409, "swap_over")


def test_after_a_reset_of_its_owner_a_model_is_nobodys(
    app: App, event: EventView, ipads: list[Browser], models: list[str]
) -> None:
    app.swap.start(event.id)
    app.privacy.delete(
        DeletionTarget(DeletionScope.GROUP_RESET, event.id, group_id=identity(app, event, 1).id)
    )
    assert gets(ipads[0], models[1]) == (404, "error_not_found")
    assert gets(ipads[0], models[2]) == (200, ""), "the one that is left"


def test_the_server_guesses_with_the_lent_ai_and_never_keeps_a_frame(
    app: App, event: EventView, ipads: list[Browser], models: list[str]
) -> None:
    before = app.ml.embedded[:]  # type: ignore[attr-defined]  # the stand-in's own list
    app.swap.start(event.id)
    own, lent = (ipads[0].post(f"{way}/predict", content=FRAME).json() for way in ("", "/swap"))
    # Its labels were taught in another order: it says another thing of the same picture.
    assert own["scores"][0]["key"] == "banana"
    assert lent["scores"][0]["key"] != "banana"
    stream = ipads[0].post("/swap/predict?camera=a-1", content=FRAME).json()
    assert "variety" in stream
    label = event.labels[0].id
    assert ipads[0].post(f"/swap/explain?label={label}", content=FRAME).json()["rows"]
    assert app.ml.embedded == before  # type: ignore[attr-defined]  # as above
    app.swap.end(event.id)
    for way in ("predict", "explain"):
        answer = ipads[0].post(f"/swap/{way}", content=FRAME)
        assert (answer.status_code, answer.json()["error"]) == (409, "swap_over")


def test_a_find_is_told_by_two_labels(app: App, event: EventView, ipads: list[Browser]) -> None:
    thing, guess = event.labels[0].id, event.labels[1].id

    def say(browser: Browser, **body: str) -> tuple[int, object]:
        answer = browser.post("/swap/fooled", json=body)
        told = answer.json()
        return answer.status_code, told.get("error") or (told["check"], told["fooled"])

    assert say(ipads[0], label=thing, guess=guess) == (409, "swap_over")
    app.swap.start(event.id)
    assert say(ipads[0], label=thing, guess=guess) == (200, ("counted", 1))
    assert say(ipads[0], label=thing, guess=guess) == (200, ("soon", 1))
    assert say(ipads[1], label=thing, guess=thing) == (422, "error_bad_input")
    assert say(ipads[1], label=thing) == (422, "error_bad_input")
    assert say(ipads[1], label=thing, guess="nothing") == (404, "error_label_not_found")
    assert app.swap.look(event.id).fooled == 1


def test_a_page_hears_which_ai_it_was_lent(app: App, event: EventView, ipads: list[Browser]) -> None:
    def lent(page: str = "play") -> str:
        word: str = ipads[0]("GET", f"/api/group/now?page={page}").json()["lent"]
        return word

    assert lent() == ""
    app.swap.start(event.id)
    first = lent()
    assert first
    assert lent("collect") == ""
    app.swap.turn_on(event.id, 1)
    assert lent() not in {"", first}
    app.swap.end(event.id)
    assert lent() == ""
