"""Every page in every state: how to get there in a browser, in the order of a class day.

Knows nothing of what is checked or photographed there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e import browser
from tests.e2e.browser import WAIT_MS, press, settle
from tests.support import prepared_class
from tests.support.prepared_class import Stage
from tests.support.running import OWN, PASSWORD

Act = Callable[[Stage, Page], None]
CHART = "[data-testid=stVegaLiteChart] :is(canvas, svg)"


@dataclass(frozen=True)
class Scene:
    """One state of one page. `ready` is seen when the page is there; `act` is what is then done on it."""

    name: str
    phase: str
    path: str
    ready: str
    group: int | None = None
    who: str = "child"  # child | office | wall
    camera: bool = True
    act: Act | None = None
    before: Callable[[Stage], object] | None = None
    after: Callable[[Stage], object] | None = None
    english: bool = False  # worth a picture in English too


class Theatre:
    """Plays scenes; one browser context a group and language, so that little is loaded twice."""

    def __init__(self, stage: Stage, chromium: Browser) -> None:
        self._stage = stage
        self._browser = chromium
        self._contexts: dict[tuple[Any, ...], BrowserContext] = {}
        self._wall_link = ""

    def open(self, scene: Scene, lang: str = "ja") -> Page:
        """The scene's page, ready to be looked at; `leave` it afterwards."""
        self._stage.enter(scene.phase)
        if scene.before:
            scene.before(self._stage)
        context = self._context(scene, lang)
        page = context.new_page()
        page.goto(self._stage.app.url + scene.path)
        page.locator(scene.ready).first.wait_for()
        settle(page)
        if scene.act:
            scene.act(self._stage, page)
        return page

    def leave(self, scene: Scene, page: Page) -> None:
        context = page.context
        page.unroute_all(behavior="ignoreErrors")
        page.close()  # first: photos taken without network are gone with it
        if scene.act or not scene.camera:  # what was done there must not show elsewhere
            context.close()
            self._contexts = {key: kept for key, kept in self._contexts.items() if kept is not context}
        if scene.after:
            scene.after(self._stage)

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()

    def _context(self, scene: Scene, lang: str) -> BrowserContext:
        signed_in = scene.path not in {"/login"}
        key = (scene.who, scene.group, lang, scene.camera, signed_in)
        if key not in self._contexts:
            self._contexts[key] = self._new_context(scene, lang, signed_in=signed_in)
        return self._contexts[key]

    def _new_context(self, scene: Scene, lang: str, *, signed_in: bool) -> BrowserContext:
        url = self._stage.app.url
        if scene.who == "child":
            context = browser.ipad(self._browser, lang=lang, camera=scene.camera)
            if scene.group is not None:
                context.request.get(self._stage.join_url(scene.group))
        else:
            size = browser.DESK if scene.who == "office" else browser.WALL
            context = browser.screen(self._browser, size, lang)
            if scene.who == "office" and signed_in:
                login = {"username": "facilitator", "password": PASSWORD}
                context.request.post(f"{url}/session/facilitator", data=login, headers=OWN)
            if scene.who == "wall":
                context.request.get(self._projector_link())
        context.request.post(f"{url}/session/language", data={"lang": lang}, headers=OWN)
        return context

    def _projector_link(self) -> str:
        """From the facilitator's page, as a person would get it."""
        if not self._wall_link:
            office = Scene("", self._stage.phase, "/facilitator", "a[href*='/projector/']", who="office")
            page = self.open(office)
            href = str(page.locator(office.ready).first.get_attribute("href"))
            self._wall_link = self._stage.app.url + href.removeprefix(self._stage.app.url)
            self.leave(office, page)
        return self._wall_link


# -- what is done on a page ------------------------------------------------------------------------


def _tap_group(on: Stage, page: Page) -> None:
    page.locator("button.tile").nth(prepared_class.EMPTY).tap()
    page.locator(".pad button").first.wait_for()
    page.locator(".pad button").nth(2).tap()


def _wrong_code(on: Stage, page: Page) -> None:
    page.locator("button.tile").nth(prepared_class.EMPTY).tap()
    for _ in range(4):
        page.locator(".pad button").nth(0).tap()
    expect(page.locator(".code .sorry")).not_to_be_empty()


def _say_yes(on: Stage, page: Page) -> None:
    press(page, "big_yes")
    page.locator(".scene.moving").wait_for()


def _live(on: Stage, page: Page) -> None:
    page.locator(".cam[data-word=live]").wait_for()
    page.wait_for_timeout(300)


def _burst(on: Stage, page: Page) -> None:
    """A finger that rests on the shutter; photos stay on the iPad, so that the class stays as it is."""
    _live(on, page)
    page.context.set_offline(True)
    hold(page, 1500)


def hold(page: Page, milliseconds: int, *, lift: bool = False) -> None:
    box = page.locator(".shutter").bounding_box()
    assert box
    touch = page.context.new_cdp_session(page)
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    page.wait_for_timeout(milliseconds)
    if lift:
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def _offline(on: Stage, page: Page) -> None:
    _live(on, page)
    page.context.set_offline(True)
    for _ in range(3):
        page.locator(".shutter").tap()
        page.wait_for_timeout(450)
    page.locator(".progress:not([hidden])").wait_for()
    page.wait_for_timeout(3000)


def _open_photo(on: Stage, page: Page) -> None:
    page.locator("img[src*='/thumb']").nth(1).tap()
    page.locator("dialog.sheet[open] img.big[src]").wait_for()
    page.wait_for_timeout(600)


def _guessed(on: Stage, page: Page) -> None:
    expect(
        page.locator(".player[data-guess=sure]").or_(page.locator(".player[data-guess=unsure]"))
    ).to_be_visible(timeout=WAIT_MS)
    page.wait_for_timeout(1500)


def _frozen(on: Stage, page: Page) -> None:
    _guessed(on, page)
    page.locator("button.freeze").tap()
    page.locator("button.freeze[aria-pressed=true]").wait_for()
    page.wait_for_timeout(800)


def _unsure(on: Stage, page: Page) -> None:
    """Answers as the model gives them before a thing that nobody taught it."""

    def doubt(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        if answer.ok:
            body["unsure"] = True
            for score in body["scores"]:
                score["p"] = 1 / len(body["scores"])
        route.fulfill(response=answer, body=json.dumps(body))

    page.route("**/predict", doubt)
    page.locator(".player[data-guess=unsure]").wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(1500)


def _predict_offline(on: Stage, page: Page) -> None:
    _guessed(on, page)
    page.context.set_offline(True)
    page.locator(".offline:not([hidden])").wait_for()


def _log_in_wrongly(on: Stage, page: Page) -> None:
    page.locator("input[type=text]").fill("facilitator")
    page.locator("input[type=password]").fill("not the password")
    page.locator("button[kind*=FormSubmit]").click()
    page.locator("[data-testid=stAlert]").wait_for()
    settle(page)


def _new_class(on: Stage, page: Page) -> None:
    page.locator(".st-key-new_class_button button").click()
    page.locator(".st-key-class_create").wait_for()
    settle(page)


def _tab(number: int, shown: str) -> Act:
    def act(on: Stage, page: Page) -> None:
        page.locator("[role=tab]").nth(number).click()
        page.locator(shown).first.wait_for()
        settle(page)

    return act


def _ask_reveal(on: Stage, page: Page) -> None:
    page.locator(".st-key-go_reveal button").click()
    page.locator(".st-key-phase_sure").wait_for()
    settle(page)


def _scope(number: int) -> Act:
    def act(on: Stage, page: Page) -> None:
        page.locator("[role=radiogroup] label").nth(number).click()
        page.wait_for_timeout(700)
        settle(page)

    return act


def _delete_label(on: Stage, page: Page) -> None:
    """The photos of one label of the first group that has some; only asked, not done."""
    _scope(1)(on, page)
    page.locator(".st-key-delete button").click()
    page.locator(".st-key-delete_sure").wait_for()
    settle(page)


def _delete(on: Stage, page: Page) -> None:
    _delete_label(on, page)
    page.locator(".st-key-delete_yes button").click()
    page.locator("[data-testid=stAlert]").first.wait_for()
    settle(page)


def _wait_for_winners(on: Stage, page: Page) -> None:
    page.locator(".pj-winner").wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(500)


def _half_revealed(on: Stage, page: Page) -> None:
    page.locator(".pj-place.pj-out").first.wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(800)


def _drawn_curve(on: Stage, page: Page) -> None:
    page.locator(CHART).first.wait_for()
    page.wait_for_timeout(3000)  # the curve draws itself


def _begin_and_hold(on: Stage) -> None:
    on.pause_ml()
    on.start_run(prepared_class.WORKING)


_SET_UP, _GROUPS = _tab(1, ".gu-h2"), _tab(2, ".gu-h2")

# -- the day, phase by phase -----------------------------------------------------------------------

CHILDREN: tuple[Scene, ...] = (
    Scene("join-tiles", "lobby", "/join", "button.tile", english=True),
    Scene("join-code", "lobby", "/join", "button.tile", act=_tap_group),
    Scene("join-code-wrong", "lobby", "/join", "button.tile", act=_wrong_code),
    Scene("join-link-old", "lobby", "/join?problem=join_token_unknown", ".sorry"),
    Scene("join-confirm", "lobby", "/join", ".st-key-big_yes", prepared_class.BETTER, english=True),
    Scene("join-lobby", "lobby", "/join", ".st-key-big_yes", prepared_class.BETTER, act=_say_yes),
    Scene("collect-in-lobby", "lobby", "/collect", ".scene", prepared_class.BETTER),
    Scene("no-group", "lobby", "/collect", ".way-back"),
    Scene("collect-empty", "collect", "/collect", ".cam", prepared_class.EMPTY, act=_live),
    Scene("collect-some", "collect", "/collect", ".cam", prepared_class.SOME, act=_live),
    Scene("collect-ready", "collect", "/collect", ".cam", prepared_class.READY, act=_live, english=True),
    Scene("collect-burst", "collect", "/collect", ".cam", prepared_class.READY, act=_burst),
    Scene("collect-many", "collect", "/collect", ".cam", prepared_class.BETTER, act=_live),
    Scene(
        "collect-photo", "collect", "/collect", "img[src*='/thumb']", prepared_class.READY, act=_open_photo
    ),
    Scene(
        "collect-refused", "collect", "/collect", ".cam[data-word=denied]", prepared_class.SOME, camera=False
    ),
    Scene("collect-offline", "collect", "/collect", ".cam", prepared_class.SOME, act=_offline),
    Scene("train-missing", "collect", "/train", "[class*=st-key-big_missing]", prepared_class.SOME),
    Scene("train-ready", "collect", "/train", ".st-key-big_train", prepared_class.READY, english=True),
    Scene(
        "train-working",
        "collect",
        "/train",
        ".working",
        prepared_class.WORKING,
        before=_begin_and_hold,
        after=Stage.resume_ml,
    ),
    Scene("train-first", "collect", "/train", ".score", prepared_class.FIRST, act=_drawn_curve),
    Scene(
        "train-better", "collect", "/train", ".score", prepared_class.BETTER, act=_drawn_curve, english=True
    ),
    Scene("train-failed", "collect", "/train", ".st-key-big_train", prepared_class.FAILED),
    Scene("play-no-model", "collect", "/play", ".scene", prepared_class.EMPTY),
    Scene("play-live", "collect", "/play", ".player", prepared_class.BETTER, act=_guessed, english=True),
    Scene("play-unsure", "collect", "/play", ".player", prepared_class.BETTER, act=_unsure),
    Scene("play-frozen", "collect", "/play", ".player", prepared_class.BETTER, act=_frozen),
    Scene("play-offline", "collect", "/play", ".player", prepared_class.BETTER, act=_predict_offline),
    Scene(
        "play-refused", "collect", "/play", ".player[data-word=denied]", prepared_class.BETTER, camera=False
    ),
    Scene("results-none", "collect", "/results", ".scene", prepared_class.EMPTY),
    Scene("results-versions", "collect", "/results", ".board", prepared_class.BETTER, english=True),
    Scene("collect-over", "final", "/collect", ".scene", prepared_class.READY),
    Scene("train-over", "final", "/train", ".score", prepared_class.BETTER, act=_drawn_curve),
    Scene("results-reveal", "reveal", "/results", ".board", prepared_class.BETTER, english=True),
    Scene("results-reveal-without-ai", "reveal", "/results", ".board", prepared_class.EMPTY),
)
GROWN_UPS: tuple[Scene, ...] = (
    Scene("login", "lobby", "/login", "input[type=password]", who="office", english=True),
    Scene("login-wrong", "lobby", "/login", "input[type=password]", who="office", act=_log_in_wrongly),
    Scene("facilitator-new-class", "lobby", "/facilitator", ".st-key-phases", who="office", act=_new_class),
    Scene(
        "facilitator-set-up", "lobby", "/facilitator", ".st-key-phases", who="office", act=_tab(1, ".gu-h2")
    ),
    Scene(
        "facilitator-groups", "lobby", "/facilitator", ".st-key-phases", who="office", act=_tab(2, ".gu-h2")
    ),
    Scene(
        "facilitator-monitor",
        "collect",
        "/facilitator",
        ".st-key-phases",
        who="office",
        act=_tab(0, "table"),
        english=True,
    ),
    Scene("facilitator-ask-reveal", "final", "/facilitator", ".st-key-phases", who="office", act=_ask_reveal),
    Scene("reset", "final", "/reset", "[role=radiogroup]", who="office", act=_scope(0)),
    Scene("reset-class", "final", "/reset", "[role=radiogroup]", who="office", act=_scope(5)),
    Scene("reset-confirm", "final", "/reset", "[role=radiogroup]", who="office", act=_delete_label),
)
WALLS: tuple[Scene, ...] = (
    Scene("projector-lobby", "lobby", "/projector", ".pj-join", who="wall", english=True),
    Scene(
        "projector-board", "collect", "/projector", ".st-key-pj_chart, .pj-waiting", who="wall", english=True
    ),
    Scene("projector-final", "final", "/projector", ".pj-head", who="wall"),
    Scene("projector-reveal", "reveal", "/projector", ".pj-head", who="wall", act=_half_revealed),
    Scene("projector-winners", "reveal", "/projector", ".pj-head", who="wall", act=_wait_for_winners),
)
LAST: tuple[Scene, ...] = (
    Scene("reset-receipt", "reveal", "/reset", "[role=radiogroup]", who="office", act=_delete),
    Scene("projector-closed", "closed", "/projector", ".pj-empty", who="wall"),
    Scene("join-no-class", "closed", "/join", ".scene"),
)
_ORDER = {phase: at for at, phase in enumerate(prepared_class.PHASES)}
ALL: tuple[Scene, ...] = tuple(
    sorted((*CHILDREN, *GROWN_UPS, *WALLS, *LAST), key=lambda scene: _ORDER[scene.phase])
)
