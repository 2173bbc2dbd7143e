"""A class day in both tiers, watched from below: every connection that any of its processes asks for.

Python's own hooks would miss libraries in C, and these are the ones that report to their makers. Browsers are
watched twice: by what their pages ask for, and by a proxy to which all goes that is not for this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import re
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake
from websockets.typing import Origin, Subprotocol

from classroom_app.network import LOOPBACK
from classroom_app.rehearsal.answers import CreatedClass
from classroom_app.rehearsal.page_session import STREAM_PATH, PageSession
from classroom_app.ui.page_table import PAGES, Audience
from tests.e2e.browser import CHROMIUM, DESK, FLAGS, PROJECTOR, ipad, screen, settle
from tests.support.class_over_http import (
    facilitator_client,
    group_client,
    make_class,
    result_of,
    send_photos,
)
from tests.support.processes import descendants
from tests.support.running import OWN, PASSWORD, Running, wait_for
from tests.support.stand_ins import COLORS, jpeg

pytestmark = pytest.mark.slow

ADDRESS = re.compile(
    r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)'
    r'|sin6_port=htons\((\d+)\),.*?inet_pton\(AF_INET6, "([^"]+)"'
)
CALLS = "connect,sendto,sendmsg,sendmmsg"
PAGE_LOOKED_AT_MS = 1000
# What Chromium asks for itself, whatever is open. A page's fonts would come from another of these hosts.
BROWSERS_OWN = (
    "update.googleapis.com",
    "accounts.google.com",
    "android.clients.google.com",
    "content-autofill.googleapis.com",
)


class Watched(Running):
    """The app under strace, which writes down whom its processes talk to."""

    @property
    def calls(self) -> Path:
        return self.data / "calls"

    def command(self) -> list[str]:
        # -D: the app is our own child, and strace its relative: signals go where they always go.
        watch = ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-e", f"trace={CALLS}", "-o", str(self.calls)]
        return [*watch, *super().command()]

    def reached(self) -> set[str]:
        """Every address that is not this machine itself, with its port."""
        found = set()
        for ipv4_port, ipv4, ipv6_port, ipv6 in ADDRESS.findall(self.calls.read_text(errors="replace")):
            address = ipaddress.ip_address(ipv4 or ipv6)
            address = getattr(address, "ipv4_mapped", None) or address
            if not (address.is_loopback or address.is_unspecified):
                found.add(f"{address} port {ipv4_port or ipv6_port}")
        return found


class SilentProxy:
    """Where a school's settings would send everything; it answers nothing and counts who comes."""

    def __init__(self) -> None:
        self._listener = socket.create_server((LOOPBACK, 0))
        self.url = f"http://{LOOPBACK}:{self._listener.getsockname()[1]}"
        self.heard: list[bytes] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return  # closed
            with caller, contextlib.suppress(OSError):
                caller.settimeout(2)  # a browser connects before it has something to say
                if said := caller.recv(200):
                    self.heard.append(said)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def proxy() -> Iterator[SilentProxy]:
    proxy = SilentProxy()
    yield proxy
    proxy.close()


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """Where libraries leave things without being asked: home with its caches, temporary files."""
    places = {"HOME": tmp_path / "home", "TMPDIR": tmp_path / "temporary"}
    for place in places.values():
        place.mkdir()
    return places


def surroundings(places: dict[str, Path], proxy: str = "") -> dict[str, str]:
    proxies = {
        name: proxy
        for kind in ("http", "https", "all")
        for name in (f"{kind}_proxy", f"{kind.upper()}_PROXY")
    }
    nowhere = dict.fromkeys(("no_proxy", "NO_PROXY", "XDG_CACHE_HOME"), "")
    return {**{name: str(place) for name, place in places.items()}, **proxies, **nowhere}


def left_in(places: dict[str, Path]) -> list[Path]:
    return [path for place in places.values() for path in place.rglob("*") if path.is_file()]


@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace")
def test_a_class_day_asks_nobody_for_anything(
    tmp_path: Path, places: dict[str, Path], proxy: SilentProxy
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with Watched(data, env=surroundings(places, proxy.url)) as app:
        made = make_class(app.url, groups=2)
        with group_client(app.url, made.groups[0].join_path) as ipad, facilitator_client(app.url) as adult:
            send_photos(ipad, made.label_ids, range(6))
            run = result_of(ipad.start_run())
            result_of(ipad.wait_for_run(run.id, limit_s=120))
            frame = jpeg(next(iter(COLORS.values())), 77)
            result_of(ipad.http.ask("POST", "/predict", content=frame))
            result_of(adult.cards(made.id))
            asyncio.run(_look_at_pages(app.url, dict(ipad.http.cookies()), dict(adult.http.cookies())))
            asyncio.run(_foreign_page(app))
            for phase in ("final", "reveal"):
                result_of(adult.move_phase(made.id, phase))
            result_of(adult.delete_class(made.id))
        assert app.reached() == set()
    assert app.reached() == set()
    assert proxy.heard == []
    assert left_in(places) == []


async def _look_at_pages(url: str, group: dict[str, str], adult: dict[str, str]) -> None:
    for cookies, pages in ((group, ("collect", "train", "play", "results", "mistakes")),
                           (adult, ("facilitator", "reset"))):  # fmt: skip
        async with PageSession(url, pages[0], cookies) as page:
            for name in pages:
                await page.show(name)


async def _foreign_page(app: Running) -> None:
    """Streamlit alone would ask an outside service for this machine's address, to compare it with."""
    with pytest.raises(InvalidHandshake):
        async with connect(
            f"ws://{LOOPBACK}:{app.port}{STREAM_PATH}",
            origin=Origin("http://evil.example"),
            subprotocols=[Subprotocol("streamlit")],
            proxy=None,
        ):
            pass


@dataclass
class Asked:
    """Whom pages asked for anything: origins of requests and of websockets, and the pages themselves."""

    requests: set[str] = field(default_factory=set)
    sockets: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)

    def listen(self, context: BrowserContext) -> BrowserContext:
        context.on("request", lambda asked: self.requests.add(origin_of(asked.url)))
        context.on("page", self._listen_to)
        return context

    def _listen_to(self, page: Page) -> None:
        page.on("websocket", lambda socket: self.sockets.add(origin_of(socket.url)))

    def look(self, context: BrowserContext, url: str, names: list[str], query: str) -> None:
        page = context.new_page()
        for name in names:
            page.goto(f"{url}/{'' if name == 'home' else name}?{query}")
            settle(page)
            page.wait_for_timeout(PAGE_LOOKED_AT_MS)  # what it asks for later: the camera's scripts, the AI
            self.pages.add(name)
        page.close()


def origin_of(url: str) -> str:
    """Of what the page made itself nothing, or its own."""
    parts = urlsplit(url.removeprefix("blob:"))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else parts.scheme


def host_of(heard: bytes) -> str:
    """Whom a browser wants the proxy to reach."""
    target = heard.decode(errors="replace").split(" ")[1]
    return (urlsplit(target).hostname or "") if "//" in target else target.partition(":")[0]


def pages_for(*audiences: Audience) -> list[str]:
    return [page.name for page in PAGES if page.audience in audiences]


def look_around(asked: Asked, chromium: Browser, url: str, made: CreatedClass) -> None:
    """Every page of the table in a real browser: an iPad's, a facilitator's, the projector."""
    query = f"event={made.id}&group={made.groups[0].id}"
    child = asked.listen(ipad(chromium))
    child.request.get(url + made.groups[0].join_path)
    asked.look(child, url, pages_for(Audience.GROUP), "")
    asked.look(asked.listen(ipad(chromium)), url, pages_for(Audience.ANYBODY), "")
    desk = asked.listen(screen(chromium, DESK))
    login = {"username": "facilitator", "password": PASSWORD}
    desk.request.post(f"{url}/session/facilitator", data=login, headers=OWN)
    asked.look(desk, url, pages_for(Audience.FACILITATOR), query)
    wall = asked.listen(screen(chromium, PROJECTOR))
    wall.request.get(url + urlsplit(made.projector_path).path)
    asked.look(wall, url, pages_for(Audience.PROJECTOR), "")


@pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no chromium")
def test_no_page_in_a_real_browser_asks_anybody_else(running: Running, proxy: SilentProxy) -> None:
    made = make_class(running.url, groups=2)
    with group_client(running.url, made.groups[0].join_path) as client:
        send_photos(client, made.label_ids, range(6))
        result_of(client.wait_for_run(result_of(client.start_run()).id, limit_s=120))
    asked, outside = Asked(), "http://outside.example/"
    # Not Playwright's own option, which sends what is for this machine to the proxy too.
    flags = [*FLAGS, f"--proxy-server={proxy.url}", "--use-fake-device-for-media-stream"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        look_around(asked, chromium, running.url, made)
        heard = list(proxy.heard)
        page = asked.listen(chromium.new_context()).new_page()
        page.goto(f"{running.url}/join")
        refused = page.evaluate(f"fetch('{outside}').then(() => 'sent', () => 'refused')")
        stopped = list(proxy.heard)
        page.goto("about:blank")
        page.evaluate(f"fetch('{outside}', {{mode: 'no-cors'}}).catch(() => null), null")
        wait_for(lambda: "outside.example" in map(host_of, proxy.heard), 20, "it hears what does go out")
        chromium.close()
    assert asked.pages == {page.name for page in PAGES}
    assert asked.sockets == {running.url.replace("http", "ws", 1)}
    assert asked.requests - {"data", "about", outside.rstrip("/")} == {running.url}
    assert {host for host in map(host_of, heard) if not host.endswith(BROWSERS_OWN)} == set()
    assert refused == "refused", "the pages' policy lets nothing out either"
    assert "outside.example" not in map(host_of, stopped)


def test_a_crash_leaves_nothing_outside_the_data_folder(tmp_path: Path, places: dict[str, Path]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with Running(data, env=surroundings(places)) as app:
        made = make_class(app.url)
        with group_client(app.url, made.groups[0].join_path) as ipad:
            send_photos(ipad, made.label_ids, range(5))
            result_of(ipad.start_run())
            assert app.process is not None
            family = descendants(app.process.pid)
            for pid in [app.process.pid, *family]:
                os.kill(pid, signal.SIGKILL)
            app.process.wait()
            wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), what="all have ended")
    assert left_in(places) == []
