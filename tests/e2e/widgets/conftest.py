"""A harness server and a headless Chromium with a moving drawn picture as its camera."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from classroom_app.network import free_port
from tests.e2e.browser import CHROMIUM
from tests.e2e.widgets.support import (
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
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The moving picture that the camera sees."""
    picture = tmp_path_factory.mktemp("camera") / "moving.mjpeg"
    moving_picture(picture)
    return picture


@pytest.fixture(scope="module")
def launch(playwright: Playwright, camera: Path) -> Iterator[Callable[..., Browser]]:
    """Starts Chromium; one camera shows the moving picture; two show the test pattern of Chromium."""
    started: list[Browser] = []

    def start(*, cameras: int = 1) -> Browser:
        args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        args += ["--disable-component-update", "--host-resolver-rules=MAP classroom.test 127.0.0.1"]
        args += [f"--use-fake-device-for-media-stream=device-count={cameras}"]
        if cameras == 1:
            args += [f"--use-file-for-fake-video-capture={camera}"]
        started.append(playwright.chromium.launch(executable_path=str(CHROMIUM), args=args))
        return started[-1]

    yield start
    for browser in started:
        browser.close()


@pytest.fixture(scope="module")
def chromium(launch: Callable[..., Browser]) -> Browser:
    """One browser with a camera a module; each test gets its own context."""
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
