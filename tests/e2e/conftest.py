"""Fixtures of the browser tests: Chromium where it is installed, and the class that all pages are seen in."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.e2e import browser
from tests.e2e.browser import CHROMIUM, launch_chromium, what_pages_show
from tests.e2e.page_views import PageVisitor
from tests.e2e.webkit import WebKit, missing, webkit_browser
from tests.support.class_over_http import delete_classes
from tests.support.prepared_class import PreparedClass, prepare_class
from tests.support.running import Running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a failed test waited for in vain says little: what its pages showed instead is told too."""
    report = yield
    if report.when == "call" and report.failed and (shown := what_pages_show()):
        report.sections.append(("what the pages showed", shown))
    return report


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """One a module, for every room of the browser tests: two at the same time do not get on in one thread."""
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed (apt-get install chromium)")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def webkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebKit]:
    if wanting := missing():
        pytest.skip(f"not installed: {', '.join(wanting)} (make debian, make test)")
    with webkit_browser(tmp_path_factory.mktemp("webkit") / "driver.log") as started:
        yield started


@pytest.fixture(scope="module")
def launch(playwright: Playwright) -> Iterator[Callable[..., Browser]]:
    """Starts browsers, each with a camera that sees a film."""
    started: list[Browser] = []

    def start(camera: Path | None = None) -> Browser:
        started.append(launch_chromium(playwright, camera))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One running app for all tests with classes of their own: starting it takes longer than most of them."""
    with Running(tmp_path_factory.mktemp("shared_app"), start_limit_s=240) as app:
        yield app


@pytest.fixture
def running(shared_app: Running) -> Iterator[Running]:
    """The whole app; a test's classes are gone after it, for some pages show every open one."""
    yield shared_app
    delete_classes(shared_app)


@pytest.fixture(scope="session")
def prepared_class(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PreparedClass]:
    """One running app with one class for all tests that only look: starting it takes longer than a test."""
    with Running(tmp_path_factory.mktemp("prepared_class")) as app, prepare_class(app, photos=5) as prepared:
        yield prepared


@pytest.fixture(scope="module")
def visitor(
    prepared_class: PreparedClass, launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PageVisitor]:
    camera = browser.drawn_film(tmp_path_factory.mktemp("camera") / "apple.y4m", "apple")
    opened = PageVisitor(prepared_class, launch(camera))
    yield opened
    opened.close()
