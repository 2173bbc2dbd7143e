"""A harness server and a headless Chromium with a moving drawn picture as its camera."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from classroom_app.network import free_port
from tests.e2e.widgets.support import (
    CHROMIUM,
    Harness,
    Ipad,
    fresh_ipad,
    moving_picture,
    start_server,
)
from tests.support.processes import end


@pytest.fixture(scope="session")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """The harness server for all tests."""
    port = free_port()
    server = start_server(port, tmp_path_factory.mktemp("harness") / "ledger")
    yield Harness.at(port)
    end(server, signal.SIGTERM, 10)


@pytest.fixture(scope="session")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Browser]]:
    """Starts Chromium; one camera shows the moving picture; two show the test pattern of Chromium."""
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed (apt-get install chromium)")
    picture = tmp_path_factory.mktemp("camera") / "moving.mjpeg"
    moving_picture(picture)
    started: list[Browser] = []
    with sync_playwright() as playwright:

        def start(*, cameras: int = 1) -> Browser:
            args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            args += ["--disable-component-update", "--host-resolver-rules=MAP classroom.test 127.0.0.1"]
            args += [f"--use-fake-device-for-media-stream=device-count={cameras}"]
            if cameras == 1:
                args += [f"--use-file-for-fake-video-capture={picture}"]
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=args)
            started.append(browser)
            return browser

        yield start
        for browser in started:
            browser.close()


@pytest.fixture(scope="session")
def chromium(launch: Callable[..., Browser]) -> Browser:
    """One browser with a camera for all tests; each test gets its own context."""
    return launch()


@pytest.fixture
def ipad(chromium: Browser, harness: Harness) -> Iterator[Ipad]:
    """A fresh iPad in portrait that has allowed the camera, and an empty server."""
    yield from fresh_ipad(chromium, harness, permissions=["camera"])


@pytest.fixture
def ipad_refused(launch: Callable[..., Browser], harness: Harness) -> Iterator[Ipad]:
    """An iPad on which somebody refused the camera."""
    yield from fresh_ipad(launch(), harness, permissions=[])


@pytest.fixture
def ipad_plain_http(chromium: Browser, harness: Harness) -> Iterator[Ipad]:
    """An iPad that got the page by plain http from another machine: no camera, no crypto.randomUUID."""
    plain = Harness(harness.url.replace("127.0.0.1", "classroom.test"), harness.url)
    yield from fresh_ipad(chromium, plain, permissions=[])
