"""A harness server and a headless Chromium with a moving drawn picture as its camera."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from classroom_app.network import free_port
from tests.e2e.browser import film, launch_chromium
from tests.e2e.widgets.support import Harness, Ipad, fresh_ipad, rolling_ball, start_server
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
    return film(tmp_path_factory.mktemp("camera") / "moving.y4m", rolling_ball())


@pytest.fixture(scope="module")
def launch(playwright: Playwright, camera: Path) -> Iterator[Callable[..., Browser]]:
    """Starts Chromium; one camera shows the moving picture; two show the test pattern of Chromium."""
    started: list[Browser] = []

    def start(*, cameras: int = 1) -> Browser:
        seen = camera if cameras == 1 else None
        started.append(launch_chromium(playwright, seen, cameras=cameras))
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
def ipad_refused(chromium: Browser, harness: Harness) -> Iterator[Ipad]:
    """An iPad on which somebody refused the camera."""
    yield from fresh_ipad(chromium, harness, permissions=[])


@pytest.fixture
def ipad_plain_http(chromium: Browser, harness: Harness) -> Iterator[Ipad]:
    """An iPad that got the page by plain http from another machine: no camera, no crypto.randomUUID."""
    plain = Harness(harness.url.replace("127.0.0.1", "classroom.test"), harness.url)
    yield from fresh_ipad(chromium, plain, permissions=[])
