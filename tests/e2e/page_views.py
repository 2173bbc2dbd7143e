"""Every page in every state: how to get there in a browser, in the order of a class day."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Route, expect

from tests.e2e import browser
from tests.e2e.browser import WAIT_MS, press, settle
from tests.support.prepared_class import (
    AWAY,
    BETTER,
    EMPTY,
    FAILED,
    FIRST,
    PHASES,
    READY,
    SOME,
    WORKING,
    PreparedClass,
)
from tests.support.running import OWN, PASSWORD

Action = Callable[[PreparedClass, Page], None]
HELD_MS = 2400  # longer than a held button takes
PODIUM, END = AWAY + 2, 99  # steps of the show: the drum, a place for each group, the podium
CHART = "[data-testid=stVegaLiteChart] :is(canvas, svg)"


@dataclass(frozen=True)
class PageView:
    """One state of one page. `ready` is seen when the page is there; `action` is what is then done on it."""

    name: str
    phase: str
    path: str
    ready: str
    group: int | None = None
    who: str = "child"  # child | facilitator | projector
    camera: bool = True
    on_device: bool = False  # else the browser is one that cannot: the server guesses
    action: Action | None = None
    before: Callable[[PreparedClass], object] | None = None
    after: Callable[[PreparedClass], object] | None = None
    english: bool = False  # worth a picture in English too


class PageVisitor:
    """Opens page views; one browser context a group and language, so that little is loaded twice."""

    def __init__(self, prepared: PreparedClass, chromium: Browser) -> None:
        self._class = prepared
        self._browser = chromium
        self._contexts: dict[tuple[Any, ...], BrowserContext] = {}
        self._projector_url = ""

    def open(self, view: PageView, lang: str = "ja") -> Page:
        """The page, ready to be looked at; `leave` it afterwards."""
        context = self._context(view, lang)  # first: nobody comes into a class that is closed
        self._class.enter(view.phase)
        if view.before:
            view.before(self._class)
        page = context.new_page()
        page.goto(self._class.app.url + view.path)
        page.locator(view.ready).first.wait_for()
        settle(page)
        if view.action:
            view.action(self._class, page)
        return page

    def leave(self, view: PageView, page: Page) -> None:
        page.unroute_all(behavior="ignoreErrors")
        browser.forget(page.context)  # what was done there must not show elsewhere
        if view.after:
            view.after(self._class)

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()

    def _context(self, view: PageView, lang: str) -> BrowserContext:
        signed_in = not view.path.startswith("/login")
        key = (view.who, view.group, lang, view.camera, view.on_device, signed_in)
        if key not in self._contexts:
            self._contexts[key] = self._new_context(view, lang, signed_in=signed_in)
        return self._contexts[key]

    def _new_context(self, view: PageView, lang: str, *, signed_in: bool) -> BrowserContext:
        url = self._class.app.url
        if view.who == "child":
            context = browser.ipad(self._browser, lang=lang, camera=view.camera)
            context.add_init_script(browser.UNHURRIED if view.on_device else "delete window.Worker")
            if view.group is not None:
                context.request.get(self._class.join_url(view.group))
        else:
            size = browser.DESK if view.who == "facilitator" else browser.PROJECTOR
            context = browser.screen(self._browser, size, lang)
            if view.who == "facilitator" and signed_in:
                login = {"username": "facilitator", "password": PASSWORD}
                context.request.post(f"{url}/session/facilitator", data=login, headers=OWN)
            if view.who == "projector":
                context.request.get(self._projector_link())
        context.request.post(f"{url}/session/language", data={"lang": lang}, headers=OWN)
        browser.park(context, f"{url}/healthz")
        return context

    def _projector_link(self) -> str:
        """From the facilitator's page, as a person would get it."""
        if not self._projector_url:
            facilitator = PageView(
                "", self._class.phase, "/facilitator", "a[href*='/projector/']", who="facilitator"
            )
            page = self.open(facilitator)
            href = str(page.locator(facilitator.ready).first.get_attribute("href"))
            self._projector_url = self._class.app.url + href.removeprefix(self._class.app.url)
            self.leave(facilitator, page)
        return self._projector_url


# -- what is done on a page ------------------------------------------------------------------------


def _tap_group(on: PreparedClass, page: Page) -> None:
    page.locator("button.tile").nth(EMPTY).tap()
    page.locator(".pad button").first.wait_for()
    page.locator(".pad button").nth(2).tap()


def _wrong_code(on: PreparedClass, page: Page) -> None:
    page.locator("button.tile").nth(EMPTY).tap()
    for _ in range(4):
        page.locator(".pad button").nth(0).tap()
    expect(page.locator(".code .sorry")).not_to_be_empty()


def _say_yes(on: PreparedClass, page: Page) -> None:
    press(page, "big_yes")
    page.locator(".big-message.moving").wait_for()


def _try_camera(on: PreparedClass, page: Page) -> None:
    _say_yes(on, page)
    press(page, "big_camera")
    page.locator(".tryout:is([data-word=live], [data-word=denied])").wait_for()
    page.wait_for_timeout(300)


def _practice_shot(on: PreparedClass, page: Page) -> None:
    _try_camera(on, page)
    page.locator(".shutter").tap()
    page.locator(".after").wait_for()
    page.wait_for_timeout(400)  # the flash


def _tried(on: PreparedClass, page: Page) -> None:
    _practice_shot(on, page)
    page.locator(".done").tap()
    page.locator(".st-key-small_camera").wait_for()
    settle(page)


def _live(on: PreparedClass, page: Page) -> None:
    page.locator(".cam[data-word=live]").wait_for()
    page.wait_for_timeout(300)


def _burst(on: PreparedClass, page: Page) -> None:
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


def _offline(on: PreparedClass, page: Page) -> None:
    _live(on, page)
    page.context.set_offline(True)
    for _ in range(3):
        page.locator(".shutter").tap()
        page.wait_for_timeout(450)
    page.locator(".progress:not([hidden])").wait_for()
    page.wait_for_timeout(3000)


def _open_photo(on: PreparedClass, page: Page) -> None:
    page.locator("img[src*='/thumb']").nth(1).tap()
    page.locator("dialog.sheet[open] img.big[src]").wait_for()
    page.wait_for_timeout(600)


def _guessed(on: PreparedClass, page: Page) -> None:
    expect(
        page.locator(".player[data-guess=sure]").or_(page.locator(".player[data-guess=unsure]"))
    ).to_be_visible(timeout=WAIT_MS)
    page.wait_for_timeout(1500)


def _on_device(on: PreparedClass, page: Page) -> None:
    page.locator(".player[data-where=here]").wait_for(timeout=WAIT_MS)
    _guessed(on, page)


def _moving_in(on: PreparedClass, page: Page) -> None:
    """Half of it has come, and the rest does not."""
    page.route("**/on-device/graphs/*", lambda _route: None)
    page.reload()
    page.locator(".player[data-where=loading]").wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(3000)


def _frozen(on: PreparedClass, page: Page) -> None:
    _guessed(on, page)
    page.locator("button.freeze").tap()
    page.locator("button.freeze[aria-pressed=true]").wait_for()
    page.wait_for_timeout(800)


def _fooled(on: PreparedClass, page: Page) -> None:
    """The picture stands still, and the children say that it is something else than the AI says."""
    _frozen(on, page)
    page.locator(".really:not([hidden])").wait_for()
    said = page.locator(".headline-text").inner_text()
    page.locator(".really-labels button").filter(has_not_text=said).first.tap()
    expect(page.locator(".really-said")).not_to_be_empty()
    page.wait_for_timeout(300)


def _unsure(on: PreparedClass, page: Page) -> None:
    """Answers as the model gives them before a thing that nobody taught it."""

    def doubt(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        if answer.ok:
            body["unsure"] = True
            for score in body["scores"]:
                score["p"] = 1 / len(body["scores"])
        route.fulfill(response=answer, body=json.dumps(body))

    page.route("**/predict*", doubt)
    page.locator(".player[data-guess=unsure]").wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(1500)


def _predict_offline(on: PreparedClass, page: Page) -> None:
    _guessed(on, page)
    page.context.set_offline(True)
    page.locator(".offline:not([hidden])").wait_for()


def _log_in_wrongly(on: PreparedClass, page: Page) -> None:
    page.locator("input[type=text]").fill("facilitator")
    page.locator("input[type=password]").fill("not the password")
    page.locator("button[kind*=FormSubmit]").click()
    page.locator("[data-testid=stAlert]").wait_for()
    settle(page)


def _new_class(on: PreparedClass, page: Page) -> None:
    page.locator(".st-key-new_class_button button").click()
    page.locator(".st-key-class_create").wait_for()
    settle(page)


def _new_groups(on: PreparedClass, page: Page) -> None:
    _new_class(on, page)
    page.locator("[data-testid=stExpander]:has(.st-key-group_rows) summary").click()
    page.locator(".st-key-group_row_0 input").first.wait_for()
    settle(page)


def _opened(key: str, first: Action | None = None) -> Action:
    """A menu that is behind a button."""

    def act(on: PreparedClass, page: Page) -> None:
        if first is not None:
            first(on, page)
        page.locator(f".st-key-{key} button").first.click()
        page.locator("[data-testid=stPopoverBody]").wait_for()
        settle(page)

    return act


def _one_group(on: PreparedClass, page: Page) -> None:
    _tab(2, ".staff-h2")(on, page)
    page.locator(".st-key-joining_group button").first.click()
    page.locator(".st-key-way_in img.staff-qr").wait_for()
    settle(page)


def _own_labels(on: PreparedClass, page: Page) -> None:
    _new_class(on, page)
    page.locator(".st-key-choose_own button").click()
    page.locator(".st-key-own_labels").wait_for()
    for row, text in enumerate(("りんご", "黒板")):
        page.locator(f".st-key-label_name_{row} input").fill(text)
        page.keyboard.press("Tab")
        settle(page)
    page.locator(".st-key-own_labels").scroll_into_view_if_needed()
    settle(page)


def _tab(number: int, shown: str) -> Action:
    def action(on: PreparedClass, page: Page) -> None:
        page.locator("[role=tab]").nth(number).click()
        page.locator(shown).first.wait_for()
        settle(page)

    return action


def _forecast(on: PreparedClass, page: Page) -> None:
    """How hard the challenge is, and which of its pictures are alike."""
    _tab(1, ".staff-h2")(on, page)
    page.locator(".st-key-expectation").wait_for(timeout=120_000)
    settle(page)


def _open(number: int, shown: str) -> Action:
    """Open the tab, and the first part of it that is folded up."""

    def act(on: PreparedClass, page: Page) -> None:
        _tab(number, shown)(on, page)
        page.locator("details summary").first.click(timeout=60_000)
        page.locator("details img").first.wait_for(timeout=30_000)

    return act


def _ask_reveal(on: PreparedClass, page: Page) -> None:
    page.locator(".st-key-go_reveal button").click()
    page.locator("[role=dialog] .st-key-phase_sure").wait_for()
    settle(page)


def _ask_again(on: PreparedClass, page: Page) -> None:
    page.locator(".st-key-phase_others button").click()
    page.get_by_role("menuitem").nth(1).click()
    page.locator("[role=dialog] .st-key-phase_sure").wait_for()
    settle(page)


def _other_phases(on: PreparedClass, page: Page) -> None:
    page.locator(".st-key-phase_others button").click()
    page.get_by_role("menuitem").first.wait_for()
    settle(page)


def _paused_near_the_end(on: PreparedClass) -> None:
    on.move_clock("start", 1.5)
    on.move_clock("pause")


def _rules(on: PreparedClass, page: Page) -> None:
    _tab(1, ".staff-h2")(on, page)
    page.locator("[data-testid=stExpander] summary").first.click()
    page.locator(".st-key-save_rules").wait_for()
    settle(page)


def _intent(number: int) -> Action:
    """A card of what shall go: photos, a group, the class."""

    def action(on: PreparedClass, page: Page) -> None:
        page.locator(".st-key-reset_intent [role=radiogroup] label").nth(number).click()
        page.wait_for_timeout(700)
        settle(page)

    return action


def _photos_to_go(on: PreparedClass, page: Page) -> None:
    for number in (0, 2, 3):
        page.locator(".picker .tile").nth(number).click()
    page.locator(".st-key-delete button:enabled").wait_for(timeout=WAIT_MS)
    page.locator(".picker .tile img.here").first.wait_for(timeout=WAIT_MS)
    settle(page)


def _delete_label(on: PreparedClass, page: Page, scope: int = 1) -> None:
    """The photos of one label of the first group; only asked, not done."""
    page.locator(".st-key-reset_scope_photos [role=radiogroup] label").nth(scope).click()
    page.locator(".st-key-delete button:enabled").click(timeout=WAIT_MS)
    page.locator(".st-key-delete_sure").wait_for()
    page.wait_for_timeout(700)  # it is moved into view
    settle(page)


def _delete(on: PreparedClass, page: Page) -> None:
    """For good, and at once: of a group without an AI, for one that learnt from the photos goes with them."""
    page.locator(".st-key-reset_group input").click()
    page.get_by_role("option").nth(READY).click()
    settle(page)
    _delete_label(on, page)
    page.locator(".st-key-delete_now button").click(delay=HELD_MS)
    page.locator(".staff-receipt, [data-testid=stAlert]").first.wait_for()
    settle(page)


def _delete_with_undo(on: PreparedClass, page: Page) -> None:
    """Of the whole class: the first group has none of that label any more."""
    _delete_label(on, page, scope=2)
    page.locator(".st-key-delete_undo button").click(delay=HELD_MS)
    page.locator("[class*=st-key-pending_]").first.wait_for()
    settle(page)


def _scene(name: str, *, winner: bool = False) -> Action:
    """Led there from the first step, by the keys that a presenter's remote sends."""
    shown = ".pj-first" if winner else f".pj-at-{name}"

    def action(on: PreparedClass, page: Page) -> None:
        while not page.locator(".pj-at-drum").count():
            _press(page, "PageUp")
        while not page.locator(shown).count():
            _press(page, "PageDown")
        if name == "hardest":
            page.locator(".st-key-pj_mixups svg.marks").wait_for()
        page.wait_for_timeout(2500)  # bars grow, cards pop in

    return action


def _looked_in_the_dark(on: PreparedClass) -> None:
    on.darken()
    on.look_around()


def _forget_and_lighten(on: PreparedClass) -> None:
    on.lighten()
    on.forget_looking_around()


def _press(page: Page, key: str) -> None:
    with page.expect_response("**/api/show/step", timeout=WAIT_MS):
        page.keyboard.press(key)
    page.wait_for_timeout(700)
    settle(page)


def _drawn_curve(on: PreparedClass, page: Page) -> None:
    """Behind the fold."""
    page.locator(".st-key-more summary").tap()
    page.locator(CHART).first.wait_for()
    page.wait_for_timeout(3000)  # the curve draws itself


def _say(on: PreparedClass) -> None:
    on.tell_groups("said_word = 'front', said_at = datetime('now')")


def _unsay(on: PreparedClass) -> None:
    on.tell_groups("said_word = NULL, said_at = NULL")


def _say_where_no_face_is_kept(on: PreparedClass) -> None:
    _say(on)
    on.tell_groups("faces = 'block'")


def _unsay_and_keep_faces(on: PreparedClass) -> None:
    _unsay(on)
    on.tell_groups("faces = NULL")


def _later_ai_is_worse(on: PreparedClass) -> None:
    on.worsen_newest(12)
    on.tell_groups("faces = 'block'")


def _as_it_was(on: PreparedClass) -> None:
    on.worsen_newest(-12)
    on.tell_groups("faces = NULL")


def _lock(on: PreparedClass) -> None:
    on.tell_groups("locked_word = 'photos', locked_at = datetime('now')")


def _unlock(on: PreparedClass) -> None:
    on.tell_groups("locked_word = NULL, locked_at = NULL")


def _open_group(on: PreparedClass, page: Page) -> None:
    """From its tile, as a facilitator comes to it."""
    page.locator("a.staff-tile").first.wait_for()
    page.locator(f"a.staff-tile[href$='{on.made.groups[BETTER].id}']").click()
    page.locator(".picker .tile img.here").first.wait_for(timeout=WAIT_MS)
    settle(page)


def _choose_photos(on: PreparedClass, page: Page) -> None:
    _open_group(on, page)
    for number in (0, 2, 3):
        page.locator(".picker .tile").nth(number).click()
    page.locator(".picker .acts").scroll_into_view_if_needed()
    settle(page)


def _delete_chosen(on: PreparedClass, page: Page) -> None:
    """What will go, and the button to hold; nothing is deleted."""
    _choose_photos(on, page)
    page.locator(".picker .remove").click()
    page.locator(".st-key-photos_sure .hold").first.wait_for(timeout=WAIT_MS)
    page.locator(".st-key-photos_sure").scroll_into_view_if_needed()
    settle(page)


def _open_jobs(on: PreparedClass, page: Page) -> None:
    page.locator("a.staff-link[href^='/jobs']").click()
    page.locator(".staff-job").first.wait_for(timeout=WAIT_MS)
    settle(page)


def _swap_in_the_dark(on: PreparedClass) -> None:
    on.start_swap()
    on.darken()


def _end_swap_and_lighten(on: PreparedClass) -> None:
    on.end_swap()
    on.lighten()


def _round(seconds: int, *, paused: bool = False, counted: str = "best") -> Callable[[PreparedClass], None]:
    return lambda on: on.start_round(seconds, paused=paused, counted=counted)


def _led(step: int) -> Callable[[PreparedClass], None]:
    """The show at this step: 0 the drum, PODIUM every place shown, END over."""
    return lambda on: on.lead_show(step)


def _going_home(on: PreparedClass) -> None:
    on.let_go_home(allowed=True)
    on.lead_show(PODIUM)


def _open_take_home(_on: PreparedClass, page: Page) -> None:
    page.locator(".take-home summary").tap()
    page.locator(".take-home img").wait_for()


def _begin_and_hold(on: PreparedClass) -> None:
    on.pause_ml()
    on.start_run(WORKING)


def _more_accounts(on: PreparedClass, page: Page) -> None:
    """The form for one more is open."""
    page.locator(".st-key-account_new summary").click()
    page.locator(".st-key-account_add").wait_for()
    settle(page)


def _added_account(on: PreparedClass, page: Page) -> None:
    """Its password is shown. Every look makes one of its own."""
    _more_accounts(on, page)
    page.locator(".st-key-account_name input").fill(f"helper-{uuid.uuid4().hex[:8]}")
    page.locator(".st-key-account_add button").click()
    page.locator(".st-key-new_password").wait_for()
    settle(page)


def _challenge_camera(on: PreparedClass, page: Page) -> None:
    """The second way to challenge photos."""
    page.context.grant_permissions(["camera"])
    _SET_UP(on, page)
    page.locator(".st-key-challenge_way button").nth(1).click()
    page.locator(".cam[data-word=live]").wait_for(timeout=WAIT_MS)
    page.locator(".st-key-challenge_way").scroll_into_view_if_needed()
    settle(page)


def _chosen_files(on: PreparedClass, page: Page) -> None:
    """Photos of one label are chosen, and a file that is none."""
    _SET_UP(on, page)
    page.locator(".st-key-challenge_way button").nth(0).click()
    page.locator(".upload .chips label").nth(1).click()
    names = [*(f"IMG_{number}.jpg" for number in range(2041, 2045)), "IMG_2045.mov"]
    files: list[FilePayload] = [
        {"name": name, "mimeType": "", "buffer": bytes(700_000 * number)}
        for number, name in enumerate(names, 1)
    ]
    page.locator(".upload .pick").set_input_files(files)
    page.locator(".upload .refused").wait_for()
    page.locator(".st-key-challenge_way").scroll_into_view_if_needed()
    settle(page)


def _files_wait(on: PreparedClass, page: Page) -> None:
    """The same on their way, without a network."""
    _chosen_files(on, page)
    page.route("**/challenge/photos?**", lambda route: route.abort())
    page.locator(".upload .send").click()
    page.locator(".upload .again").wait_for()
    settle(page)


def _challenge_photos(on: PreparedClass, page: Page) -> None:
    """Those that are in, two of them chosen."""
    _SET_UP(on, page)
    page.locator(".st-key-challenge_photos summary").click()
    tiles = page.locator(".st-key-challenge_photos .picker .tile")
    tiles.first.wait_for(timeout=WAIT_MS)
    for place in (1, 3):
        tiles.nth(place).click()
    page.locator(".st-key-challenge_photos").scroll_into_view_if_needed()
    settle(page)


def _take_out(on: PreparedClass, page: Page) -> None:
    """The same two, and the question; nothing is taken out."""
    _challenge_photos(on, page)
    page.locator(".st-key-challenge_photos .picker .remove").click()
    page.locator(".st-key-take_out_sure .staff-going img").first.wait_for(timeout=WAIT_MS)
    page.locator(".st-key-take_out_sure").scroll_into_view_if_needed()
    settle(page)


def _networks(on: PreparedClass, page: Page) -> None:
    _tab(1, ".staff-h2")(on, page)
    page.locator(".st-key-venue summary").click()
    page.locator(".st-key-venue_save").wait_for()
    settle(page)


_SET_UP, _GROUPS = _tab(1, ".staff-h2"), _tab(2, ".staff-h2")

# -- the day, phase by phase -----------------------------------------------------------------------

CHILDREN: tuple[PageView, ...] = (
    PageView("join-tiles", "lobby", "/join", "button.tile", english=True),
    PageView("join-code", "lobby", "/join", "button.tile", action=_tap_group),
    PageView("join-code-wrong", "lobby", "/join", "button.tile", action=_wrong_code),
    PageView("join-link-old", "lobby", "/join?problem=join_token_unknown", ".sorry"),
    PageView("join-confirm", "lobby", "/join", ".st-key-big_yes", BETTER, english=True),
    PageView("join-lobby", "lobby", "/join", ".st-key-big_yes", BETTER, action=_say_yes),
    PageView("lobby-camera", "lobby", "/join", ".st-key-big_yes", BETTER, action=_try_camera),
    PageView("lobby-shot", "lobby", "/join", ".st-key-big_yes", BETTER, action=_practice_shot, english=True),
    PageView("lobby-tried", "lobby", "/join", ".st-key-big_yes", BETTER, action=_tried),
    PageView(
        "lobby-camera-refused", "lobby", "/join", ".st-key-big_yes", BETTER, camera=False, action=_try_camera
    ),
    PageView("collect-in-lobby", "lobby", "/collect", ".big-message", BETTER),
    PageView("no-group", "lobby", "/collect", ".way-back"),
    PageView("collect-empty", "collect", "/collect", ".cam", EMPTY, action=_live),
    PageView("collect-some", "collect", "/collect", ".cam", SOME, action=_live),
    PageView("collect-ready", "collect", "/collect", ".cam", READY, action=_live, english=True),
    PageView("collect-burst", "collect", "/collect", ".cam", READY, action=_burst),
    PageView("collect-many", "collect", "/collect", ".cam", BETTER, action=_live),
    PageView("collect-photo", "collect", "/collect", "img[src*='/thumb']", READY, action=_open_photo),
    PageView("collect-refused", "collect", "/collect", ".cam[data-word=denied]", SOME, camera=False),
    PageView("collect-offline", "collect", "/collect", ".cam", SOME, action=_offline),
    PageView("train-missing", "collect", "/train", ".st-key-big_missing", SOME),
    PageView("train-ready", "collect", "/train", ".st-key-big_train", READY, english=True),
    PageView(
        "train-working",
        "collect",
        "/train",
        ".working",
        WORKING,
        before=_begin_and_hold,
        after=PreparedClass.resume_ml,
    ),
    PageView("train-first", "collect", "/train", ".score", FIRST),
    PageView("train-better", "collect", "/train", ".score", BETTER, english=True),
    PageView("train-more", "collect", "/train", ".score", BETTER, action=_drawn_curve),
    PageView("train-failed", "collect", "/train", ".st-key-big_train", FAILED),
    PageView(
        "train-deleted",
        "collect",
        "/train",
        ".st-key-big_train",
        FIRST,
        before=lambda on: on.delete_ais(FIRST),
        after=PreparedClass.undo_deletions,
        english=True,
    ),
    PageView("play-no-model", "collect", "/play", ".big-message", EMPTY),
    PageView("play-live", "collect", "/play", ".player", BETTER, action=_guessed, english=True),
    PageView("play-on-device", "collect", "/play", ".player", BETTER, on_device=True, action=_on_device),
    PageView("play-moving-in", "collect", "/play", ".player", BETTER, action=_moving_in, on_device=True),
    PageView("play-unsure", "collect", "/play", ".player", BETTER, action=_unsure),
    PageView("play-frozen", "collect", "/play", ".player", BETTER, action=_frozen),
    PageView("play-offline", "collect", "/play", ".player", BETTER, action=_predict_offline),
    PageView("play-refused", "collect", "/play", ".player[data-word=denied]", BETTER, camera=False),
    PageView(
        "play-swap",
        "collect",
        "/play",
        ".player",
        BETTER,
        action=_guessed,
        before=PreparedClass.start_swap,
        after=PreparedClass.end_swap,
        english=True,
    ),
    PageView(
        "play-swap-fooled",
        "collect",
        "/play",
        ".player",
        FIRST,
        action=_fooled,
        before=PreparedClass.start_swap,
        after=PreparedClass.end_swap,
        english=True,
    ),
    PageView(
        "collect-swap",
        "collect",
        "/collect",
        ".st-key-swap_way",
        READY,
        action=_live,
        before=PreparedClass.start_swap,
        after=PreparedClass.end_swap,
    ),
    PageView("results-none", "collect", "/results", ".big-message", EMPTY),
    PageView("results-versions", "collect", "/results", ".board", BETTER, english=True),
    PageView("mistakes", "collect", "/mistakes", ".mistake .photo.here", BETTER, english=True),
    PageView("mistakes-many", "collect", "/mistakes", ".mistake .photo.here", FIRST),
    PageView(
        "collect-clock",
        "collect",
        "/collect",
        ".round .left",
        READY,
        action=_live,
        before=_round(754),
        after=PreparedClass.end_round,
    ),
    PageView(
        "collect-pause",
        "collect",
        "/collect",
        ".big-message",
        READY,
        before=_round(754, paused=True),
        after=PreparedClass.end_round,
    ),
    PageView(
        "train-last-minute",
        "collect",
        "/train",
        ".round[data-stage=last]",
        BETTER,
        before=_round(58),
        after=PreparedClass.end_round,
    ),
    PageView(
        "play-time-up",
        "collect",
        "/play",
        ".why-closed",
        BETTER,
        before=_round(0),
        after=PreparedClass.end_round,
    ),
    PageView(
        "results-choice",
        "collect",
        "/results",
        "[class*=st-key-small_choose]",
        BETTER,
        before=_round(150, counted="chosen"),
        after=PreparedClass.end_round,
        english=True,
    ),
    PageView(
        "collect-said",
        "collect",
        "/collect",
        ".said",
        READY,
        action=_live,
        before=_say,
        after=_unsay,
        english=True,
    ),
    PageView(
        "train-waits", "collect", "/train", ".big-message", READY, before=_lock, after=_unlock, english=True
    ),
    PageView(
        "card-renewed",
        "collect",
        "/collect",
        ".big-link",
        READY,
        before=lambda on: on.renew_cards(1),
        after=lambda on: on.renew_cards(-1),
        english=True,
    ),
    PageView("collect-over", "final", "/collect", ".big-message", READY),
    PageView("train-over", "final", "/train", ".score", BETTER),
    PageView("play-over", "final", "/play", ".player", BETTER, action=_guessed),
    PageView("mistakes-over", "final", "/mistakes", ".mistake .photo.here", BETTER),
    PageView("results-over", "final", "/results", ".board", BETTER, english=True),
    PageView("results-over-without-ai", "final", "/results", ".big-message", EMPTY),
    PageView("results-screen", "reveal", "/results", ".big-message", BETTER, before=_led(0), english=True),
    PageView("results-place", "reveal", "/results", ".confetti", BETTER, before=_led(PODIUM), english=True),
    PageView("results-place-without-ai", "reveal", "/results", ".confetti", EMPTY, before=_led(PODIUM)),
    PageView(
        "results-reveal",
        "reveal",
        "/results",
        ".board",
        BETTER,
        before=_led(END),
        after=_led(0),
        english=True,
    ),
    PageView(
        "results-take-home",
        "reveal",
        "/results",
        ".take-home",
        BETTER,
        before=_going_home,
        action=_open_take_home,
        after=lambda on: on.let_go_home(allowed=False),
        english=True,
    ),
    PageView(
        "results-reveal-without-ai", "reveal", "/results", ".board", EMPTY, before=_led(END), after=_led(0)
    ),
)
FACILITATOR: tuple[PageView, ...] = (
    PageView("login", "lobby", "/login", "input[type=password]", who="facilitator", english=True),
    PageView(
        "login-wrong", "lobby", "/login", "input[type=password]", who="facilitator", action=_log_in_wrongly
    ),
    PageView("login-ended", "lobby", "/login?told=login_ended", "input[type=password]", who="facilitator"),
    PageView("accounts", "lobby", "/accounts", ".st-key-password_old", who="facilitator", english=True),
    PageView(
        "accounts-added",
        "lobby",
        "/accounts",
        ".st-key-account_new",
        who="facilitator",
        action=_added_account,
        english=True,
    ),
    PageView(
        "accounts-new",
        "lobby",
        "/accounts",
        ".st-key-account_new",
        who="facilitator",
        action=_more_accounts,
        english=True,
    ),
    PageView(
        "facilitator-networks",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_networks,
    ),
    PageView(
        "facilitator-new-class",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_new_class,
    ),
    PageView(
        "facilitator-new-groups",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_new_groups,
        english=True,
    ),
    PageView(
        "facilitator-new-own-labels",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_own_labels,
        english=True,
    ),
    PageView(
        "facilitator-set-up",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_tab(1, ".staff-h2"),
    ),
    PageView(
        "facilitator-challenge-camera",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_challenge_camera,
        english=True,
    ),
    PageView(
        "facilitator-challenge-files",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_chosen_files,
        english=True,
    ),
    PageView(
        "facilitator-challenge-waiting",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_files_wait,
    ),
    PageView(
        "facilitator-challenge-photos",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_challenge_photos,
    ),
    PageView(
        "facilitator-take-out",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_take_out,
    ),
    PageView(
        "facilitator-class-menu",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_opened("class_menu"),
    ),
    PageView(
        "facilitator-labels-menu",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_opened("labels_menu", _tab(1, ".staff-h2")),
    ),
    PageView(
        "facilitator-one-group",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_one_group,
        english=True,
    ),
    PageView(
        "facilitator-setup-forecast",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_forecast,
        english=True,
    ),
    PageView(
        "facilitator-groups",
        "lobby",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_tab(2, ".staff-h2"),
    ),
    PageView(
        "facilitator-monitor",
        "collect",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_tab(0, ".staff-tile"),
        english=True,
        before=_later_ai_is_worse,
        after=_as_it_was,
    ),
    PageView(
        "facilitator-clock",
        "collect",
        "/facilitator",
        ".staff-clock-runs",
        who="facilitator",
        before=lambda on: on.move_clock("start", 12.5),
        after=lambda on: on.move_clock("start"),
        english=True,
    ),
    PageView(
        "facilitator-clock-paused",
        "collect",
        "/facilitator",
        ".staff-clock-paused",
        who="facilitator",
        before=_paused_near_the_end,
        after=lambda on: on.move_clock("start"),
    ),
    PageView(
        "facilitator-clock-over",
        "collect",
        "/facilitator",
        ".staff-clock-over",
        who="facilitator",
        before=lambda on: on.move_clock("start", 0.001),
        after=lambda on: on.move_clock("start"),
    ),
    PageView(
        "facilitator-swap",
        "collect",
        "/facilitator",
        ".staff-swap-on",
        who="facilitator",
        before=PreparedClass.start_swap,
        after=PreparedClass.end_swap,
        english=True,
    ),
    PageView(
        "facilitator-rules",
        "collect",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_rules,
        english=True,
    ),
    PageView(
        "facilitator-after-reveal",
        "reveal",
        "/facilitator",
        "a[href$='results.zip']",
        who="facilitator",
        before=_led(END),
        after=_led(0),
    ),
    PageView(
        "facilitator-ask-again",
        "reveal",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_ask_again,
    ),
    PageView(
        "facilitator-seen-before",
        "collect",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_open(0, ".staff-tile"),
        english=True,
    ),
    PageView(
        "facilitator-ask-reveal",
        "final",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_ask_reveal,
        english=True,
    ),
    PageView(
        "facilitator-other-phases",
        "final",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_other_phases,
        english=True,
    ),
    PageView(
        "facilitator-show", "reveal", "/facilitator", ".st-key-show_control", who="facilitator", english=True
    ),
    PageView(
        "facilitator-group",
        "collect",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_open_group,
        before=_say_where_no_face_is_kept,
        after=_unsay_and_keep_faces,
        english=True,
    ),
    PageView(
        "facilitator-group-photos",
        "collect",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_choose_photos,
        before=_lock,
        after=_unlock,
        english=True,
    ),
    PageView(
        "facilitator-group-delete",
        "collect",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_delete_chosen,
    ),
    PageView(
        "facilitator-jobs",
        "collect",
        "/facilitator",
        ".st-key-phases",
        who="facilitator",
        action=_open_jobs,
        english=True,
    ),
    PageView(
        "reset", "final", "/reset", ".picker .tile", who="facilitator", action=_photos_to_go, english=True
    ),
    PageView(
        "reset-group",
        "final",
        "/reset",
        "[role=radiogroup]",
        who="facilitator",
        action=_intent(1),
        english=True,
    ),
    PageView("reset-class", "final", "/reset", "[role=radiogroup]", who="facilitator", action=_intent(2)),
    PageView(
        "reset-confirm", "final", "/reset", "[role=radiogroup]", who="facilitator", action=_delete_label
    ),
)
PROJECTOR: tuple[PageView, ...] = (
    PageView("projector-lobby", "lobby", "/projector", ".pj-join", who="projector", english=True),
    PageView(
        "projector-board",
        "collect",
        "/projector",
        "[data-testid=stVegaLiteChart] svg",
        who="projector",
        english=True,
    ),
    PageView("projector-final", "final", "/projector", "[data-testid=stVegaLiteChart] svg", who="projector"),
    *(
        PageView(
            f"projector-{name}-dark" if dark else f"projector-{name}",
            "reveal",
            "/projector",
            ".pj-head",
            who="projector",
            action=_scene("place" if name == "winner" else name, winner=name == "winner"),
            before=PreparedClass.darken if dark else None,
            after=PreparedClass.lighten if dark else None,
            english=not dark,
        )
        for dark in (False, True)
        for name in ("drum", "place", "winner", "podium", "awards", "hardest", "thanks")
    ),
    *(
        PageView(
            "projector-looked-dark" if dark else "projector-looked",
            "reveal",
            "/projector",
            ".pj-head",
            who="projector",
            action=_scene("looked"),
            before=_looked_in_the_dark if dark else PreparedClass.look_around,
            after=_forget_and_lighten if dark else PreparedClass.forget_looking_around,
            english=not dark,
        )
        for dark in (False, True)
    ),
    *(
        PageView(
            "projector-swap-dark" if dark else "projector-swap",
            "collect",
            "/projector",
            ".pj-swap",
            who="projector",
            before=_swap_in_the_dark if dark else PreparedClass.start_swap,
            after=_end_swap_and_lighten if dark else PreparedClass.end_swap,
            english=not dark,
        )
        for dark in (False, True)
    ),
    PageView(
        "projector-board-dark",
        "collect",
        "/projector",
        "[data-testid=stVegaLiteChart] svg",
        who="projector",
        before=PreparedClass.darken,
        after=PreparedClass.lighten,
    ),
)
LAST: tuple[PageView, ...] = (
    PageView("reset-receipt", "reveal", "/reset", "[role=radiogroup]", who="facilitator", action=_delete),
    PageView(
        "reset-undo",
        "reveal",
        "/reset",
        "[role=radiogroup]",
        who="facilitator",
        action=_delete_with_undo,
        after=PreparedClass.undo_deletions,
    ),
    PageView("audit", "reveal", "/audit", ".staff-table", who="facilitator", english=True),
    PageView("privacy", "reveal", "/privacy", ".staff-answer", who="facilitator", english=True),
    PageView("the-end", "closed", "/collect", ".big-message", BETTER),
    PageView(
        "facilitator-closed", "closed", "/facilitator", ".st-key-phases", who="facilitator", english=True
    ),
    PageView("projector-closed", "closed", "/projector", ".pj-empty", who="projector"),
    PageView("join-no-class", "closed", "/join", ".big-message"),
)
_ORDER = {phase: at for at, phase in enumerate(PHASES)}
ALL: tuple[PageView, ...] = tuple(
    sorted((*CHILDREN, *FACILITATOR, *PROJECTOR, *LAST), key=lambda view: _ORDER[view.phase])
)
