"""A real app behind a network that lets only some of it through: what is seen, and that it comes back."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from classroom_app.content import i18n
from classroom_app.content.catalog import PICTURES
from classroom_app.content.i18n import plain
from classroom_app.rehearsal.answers import CreatedClass
from tests.e2e import browser as browsers
from tests.e2e.browser import CHROMIUM, FLAGS, WAIT_MS, drawn_film, forget, ipad, join, park, screen, settle
from tests.support.class_over_http import begin, make_class
from tests.support.hostile_network import STREAM, Fate, HostileNetwork, Rule, hostile_network, open_network
from tests.support.postgres import Postgres
from tests.support.running import OWN, PASSWORD, Running, WebAlone
from tests.support.slow_tests import Figures

pytestmark = pytest.mark.slow

SESSION_KEPT_S = 20  # by this app; a day's keeps it for minutes, longer than a test should wait
GAP_MS = 1000 * (SESSION_KEPT_S + 20)


def says(key: str, lang: str = "ja") -> str:
    """A sentence as a page's visible text has it, whatever furigana stand above it."""
    return i18n.t_kanji(key, lang)


def only(fate: Fate, *paths: str, method: str = "") -> Rule:
    """This happens to these paths and all below them, and nothing to others."""

    def rule(asked: str, path: str) -> Fate:
        hit = path.startswith(paths) and asked.startswith(method)
        return fate if hit else Fate.PASS

    return rule


@dataclass(frozen=True)
class School:
    app: Running
    made: CreatedClass

    def card(self, network: HostileNetwork, group: int = 0) -> str:
        """The address on a group's card, by way of the network."""
        return network.url + self.made.groups[group].join_path


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """An app with a class that collects photos."""
    kept = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(SESSION_KEPT_S)}
    with Running(tmp_path_factory.mktemp("school"), env=kept) as app:
        yield School(app, make_class(app.url, 2))


@pytest.fixture
def network(school: School) -> Iterator[HostileNetwork]:
    with hostile_network(school.app.port) as between:
        yield between


@pytest.fixture(scope="module")
def chromium(launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return launch(drawn_film(tmp_path_factory.mktemp("film") / "apple.y4m", "apple"))


@pytest.fixture(scope="module")
def tablet(chromium: Browser, shared_app: Running) -> BrowserContext:
    """One iPad for all tests; each sees it without cookies, and has an address of its own in `network`."""
    context = ipad(chromium)
    park(context, f"{shared_app.url}/healthz")
    return context


@pytest.fixture
def page(tablet: BrowserContext) -> Iterator[Page]:
    yield tablet.new_page()
    forget(tablet)
    tablet.clear_cookies()


def expect_word(page: Page, kind: str, lang: str = "ja") -> None:
    words = page.locator("#first-words")
    section = words.locator(f"section[data-kind={kind}]")
    expect(section).to_be_visible(timeout=WAIT_MS)
    assert words.locator("section:visible").count() == 1
    for one in i18n.LANGUAGES:
        assert says(f"first_{kind}_adult", one) in section.inner_text()
    assert section.locator(".adult").first.get_attribute("lang") == lang, "the viewer's language comes first"


def expect_page(page: Page, seen: str = "button.tile") -> None:
    page.locator(seen).first.wait_for(timeout=WAIT_MS)
    expect(page.locator("#first-words")).to_be_hidden()


@pytest.mark.parametrize("fate", [Fate.BLOCK, Fate.PORTAL, Fate.HANG, Fate.DROP])
def test_where_no_websocket_opens_the_page_says_so_until_one_does(
    page: Page, network: HostileNetwork, fate: Fate
) -> None:
    network.rule = only(fate, STREAM)
    page.goto(f"{network.url}/join")
    expect_word(page, "socket")
    network.rule = open_network
    expect_page(page)


def test_facilitators_and_the_projector_hear_it_too_and_in_english(
    chromium: Browser, network: HostileNetwork
) -> None:
    network.rule = only(Fate.BLOCK, STREAM)
    context = screen(chromium, browsers.DESK)
    context.request.post(f"{network.url}/session/language", data={"lang": "en"}, headers=OWN)
    for path in ("/login", "/projector"):
        page = context.new_page()
        page.goto(network.url + path)
        expect_word(page, "socket", "en")
    context.close()


def test_scripts_that_are_blocked_are_told_and_tried_again(page: Page, network: HostileNetwork) -> None:
    network.rule = only(Fate.BLOCK, "/static/js/")
    page.goto(f"{network.url}/join")
    expect_word(page, "script")
    network.rule = open_network
    expect_page(page)


def test_a_filter_that_answers_for_the_whole_app_is_told(page: Page, network: HostileNetwork) -> None:
    network.rule = only(Fate.PORTAL, "/healthz", "/_stcore/", "/static/js/")
    page.goto(f"{network.url}/join")
    expect_word(page, "foreign")
    network.rule = open_network
    expect_page(page)


def test_an_app_that_is_away_is_waited_for(page: Page, network: HostileNetwork) -> None:
    network.rule = only(Fate.DROP, "/healthz", "/_stcore/")
    page.goto(f"{network.url}/join")
    expect_word(page, "server")
    network.rule = open_network
    expect_page(page)


def test_a_long_gap_ends_where_it_began(
    page: Page, network: HostileNetwork, school: School, figures: Figures
) -> None:
    """Longer than Streamlit keeps the session of a page that went away: group, page and label are there."""
    child = join(page.context, school.card(network))
    child.locator(".cam[data-word=live]").wait_for()
    network.rule = lambda _method, _path: Fate.DROP
    begin(network.cut()).result()
    child.wait_for_timeout(GAP_MS)
    network.rule = open_network
    came = time.monotonic()
    child.locator("[data-testid=stApp][data-test-connection-state=CONNECTED]").wait_for(timeout=WAIT_MS)
    child.locator(".cam[data-word=live]").wait_for()
    figures(f"a gap of {GAP_MS // 1000} s: back {time.monotonic() - came:.1f} s after it")
    assert "/collect" in child.url
    before = child.locator(".tile .count").first.inner_text()
    child.locator(".shutter").tap()
    expect(child.locator(".tile .count").first).not_to_have_text(before, timeout=WAIT_MS)


def test_without_scripts_the_page_says_so_in_both_languages(
    chromium: Browser, network: HostileNetwork
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{network.url}/join")
    text = page.locator("noscript #first-words, #first-words:visible").first.inner_text()
    for lang in i18n.LANGUAGES:
        assert says("first_noscript_adult", lang) in text
    assert "Streamlit" not in text
    context.close()


@pytest.mark.parametrize(("cookie", "lang"), [(None, "ja"), ("ja", "ja"), ("en", "en"), ("fr", "ja")])
def test_the_page_is_in_the_viewers_language_from_its_first_byte(
    chromium: Browser, network: HostileNetwork, cookie: str | None, lang: str
) -> None:
    context = ipad(chromium)
    if cookie:
        context.add_cookies([{"name": "lang", "value": cookie, "url": network.url}])
    page = context.new_page()
    answer = page.goto(f"{network.url}/join")
    assert answer is not None
    assert f'<html lang="{lang}" translate="no">' in answer.text()
    expect_page(page)
    settle(page)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.translate]") == [
        lang,
        False,
    ]
    context.close()


def test_a_browser_that_blocks_cookies_is_told(
    playwright: Playwright, network: HostileNetwork, school: School, tmp_path: Path
) -> None:
    profile = tmp_path / "Default"
    profile.mkdir()
    blocked = {
        "profile": {"default_content_setting_values": {"cookies": 2}, "block_third_party_cookies": True}
    }
    (profile / "Preferences").write_text(json.dumps(blocked))
    context = playwright.chromium.launch_persistent_context(
        str(tmp_path), executable_path=str(CHROMIUM), args=list(FLAGS)
    )
    try:
        page = context.new_page()
        page.goto(school.card(network))
        assert page.evaluate("(document.cookie = 'a=1', document.cookie)") == "", "they are blocked"
        expect_word(page, "cookies")
    finally:
        context.close()


def test_a_cookie_that_is_lost_on_the_way_is_no_circle(
    page: Page, network: HostileNetwork, school: School
) -> None:
    network.rule = only(Fate.NO_COOKIE, "/join/", "/session/")
    page.goto(school.card(network))
    expect(page.locator(".sorry")).to_contain_text("おとなの")  # by the card
    page.goto(f"{network.url}/join")
    page.locator("button.tile").nth(0).tap()
    for name in pictures(school):
        page.locator(f".pad button[aria-label='{name}']").tap()
    page.wait_for_url("**/join?problem=join_no_cookie", timeout=WAIT_MS)
    expect(page.locator(".sorry")).to_contain_text("おとなの")
    network.rule = open_network
    page.goto(school.card(network))
    page.locator(".st-key-big_yes button").wait_for()


def pictures(school: School) -> list[str]:
    """The first group's code, as the names of what has to be tapped."""
    names = {picture.key: plain(picture.name_ja) for picture in PICTURES}
    with closing(sqlite3.connect(school.app.data / "classroom.sqlite", timeout=30)) as database:
        asked = database.execute("SELECT picture_code FROM groups WHERE id = ?", (school.made.groups[0].id,))
        return [names[key] for key in json.loads(asked.fetchone()[0])]


def test_photos_outlive_a_filter_and_the_facilitator_sees_it(
    page: Page, chromium: Browser, network: HostileNetwork, school: School
) -> None:
    join(page.context, school.card(network, 1))
    child = page.context.pages[-1]
    child.locator(".cam[data-word=live]").wait_for()
    network.rule = only(Fate.BLOCK, "/photos", "/ipads/", method="POST")  # the websocket is let through
    child.locator(".shutter").tap()
    expect(child.locator(".news")).to_contain_text("ネットワークが", timeout=WAIT_MS)

    desk = screen(chromium, browsers.DESK)
    login = {"username": "facilitator", "password": PASSWORD}
    desk.request.post(f"{school.app.url}/session/facilitator", data=login, headers=OWN)
    facilitator = desk.new_page()
    facilitator.goto(f"{school.app.url}/facilitator")
    warning = facilitator.get_by_text("1台のiPadが写真を送れません")
    warning.wait_for(timeout=WAIT_MS)

    network.rule = open_network
    expect(child.locator(".progress.done")).to_be_visible(timeout=WAIT_MS)
    expect(child.locator(".news")).to_be_hidden()
    warning.wait_for(state="detached", timeout=WAIT_MS)
    desk.close()


@pytest.fixture
def app_on_postgres(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("CLASSROOM_DATABASE_URL", postgres.url(postgres.new_database()))
    with WebAlone(tmp_path) as app:
        yield app


def test_a_page_opened_while_the_database_is_away_comes_back_by_itself(
    page: Page, app_on_postgres: Running, postgres: Postgres
) -> None:
    login = {"username": "facilitator", "password": PASSWORD}
    page.context.request.post(f"{app_on_postgres.url}/session/facilitator", data=login, headers=OWN)
    facilitator = page.context.new_page()
    postgres.halt()
    try:
        page.goto(f"{app_on_postgres.url}/join")
        expect(page.locator(".sorry")).to_contain_text("すこし", timeout=WAIT_MS)
        facilitator.goto(f"{app_on_postgres.url}/facilitator")
        expect(facilitator.locator(".sorry")).to_be_visible(timeout=WAIT_MS)
        page.wait_for_timeout(8000)  # some tries that fail
        expect(page.locator(".sorry")).to_have_count(1)
    finally:
        postgres.run()
    page.locator(".big-message").wait_for(timeout=WAIT_MS)
    expect(page.locator(".sorry")).to_have_count(0)
    facilitator.locator(".st-key-bar").wait_for(timeout=WAIT_MS)
    expect(facilitator.locator(".sorry")).to_have_count(0)
