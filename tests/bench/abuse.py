"""`make abuse`: ten iPads at work while somebody tries to stop the app; what they feel, in figures.

Ends with an error when a photo was lost, an iPad got no answer, or the app stood still for longer than
`STOPPED_S`: a busy machine makes answers late, only an attack that works keeps them away.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin, Subprotocol

from classroom_app.network import LOOPBACK
from classroom_app.rehearsal.answers import CreatedClass
from classroom_app.rehearsal.client import GroupClient
from classroom_app.rehearsal.page_session import STREAM_PATH, PageSession
from classroom_app.rehearsal.problems import RehearsalError
from classroom_app.rehearsal.report import percentile
from tests.support.class_over_http import group_client, make_class, result_of
from tests.support.running import Running
from tests.support.stand_ins import COLORS, jpeg

IPADS = 10
TARGET_S = 1.0  # p95 of what an iPad waits for, whatever others do
STOPPED_S = 10.0
WARM_UP_S = 5.0  # the first pages import what all others use
THINK_S = 1.0  # between two things that a child does
PAGES = ("train", "results", "collect")
LABEL = next(iter(COLORS))


# -- the attacks, each in a process of its own ----------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """What an attacker knows; `join_path` and `cookie` are those of one group."""

    port: int
    seconds: float
    join_path: str
    cookie: str
    label_id: str

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def headers(self, *, group: bool = False) -> dict[str, str]:
        return {"Cookie": f"group={self.cookie}"} if group else {}

    def socket(self, origin: str | None = None, *, group: bool = False) -> connect:
        return connect(
            f"ws://{LOOPBACK}:{self.port}{STREAM_PATH}",
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin(origin or self.url),
            additional_headers=self.headers(group=group),
            open_timeout=self.seconds,
            close_timeout=1,
            proxy=None,
        )


Attack = Callable[[Target], Awaitable[object]]
REFUSED = (OSError, ConnectionClosed, InvalidHandshake, httpx.HTTPError)


async def again_and_again(number: int, target: Target, once: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    """So many at a time, as long as the attack lasts; what is refused is tried again."""
    end = time.monotonic() + target.seconds

    async def one() -> None:
        while time.monotonic() < end:
            with contextlib.suppress(*REFUSED):
                async with asyncio.timeout(max(0.1, end - time.monotonic())):
                    await once()
            await asyncio.sleep(0.01)

    await asyncio.gather(*(one() for _ in range(number)))


def asks_for_a_page() -> bytes:
    message = BackMsg()
    message.rerun_script.page_name = "join"
    return message.SerializeToString()


async def foreign_pages(target: Target) -> None:
    async def once() -> None:
        async with target.socket("http://evil.example"):
            pass

    await again_and_again(60, target, once)


async def flood(target: Target, sockets: int, *, group: bool) -> None:
    """Fifty tiny messages a second over each socket."""

    async def once() -> None:
        async with target.socket(group=group) as socket:
            while True:
                await socket.send(asks_for_a_page())
                await asyncio.sleep(0.02)

    await again_and_again(sockets, target, once)


async def strangers(target: Target) -> None:
    await flood(target, 60, group=False)


async def one_group(target: Target) -> None:
    await flood(target, 10, group=True)


async def idle_sockets(target: Target) -> None:
    held: list[ClientConnection] = []

    async def once() -> None:
        held.append(await target.socket())

    await again_and_again(20, target, once)


async def silent_connections(target: Target) -> None:
    """As many as this process may open, and not a word on any of them."""
    writers: list[asyncio.StreamWriter] = []
    with contextlib.suppress(OSError):
        while len(writers) < 3000:
            _, writer = await asyncio.open_connection(LOOPBACK, target.port)
            writers.append(writer)
    await asyncio.sleep(target.seconds)


async def slow_bodies(target: Target) -> None:
    """A photo a byte a second, on two hundred connections."""
    head = (
        f"POST /photos?label={target.label_id} HTTP/1.1\r\nHost: {LOOPBACK}:{target.port}\r\n"
        f"Cookie: group={target.cookie}\r\nX-Classroom: 1\r\nContent-Length: 1000000\r\n\r\n"
    )

    async def once() -> None:
        _, writer = await asyncio.open_connection(LOOPBACK, target.port)
        writer.write(head.encode())
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(1)

    await again_and_again(200, target, once)


async def joins(target: Target) -> None:
    async with httpx.AsyncClient(base_url=target.url, trust_env=False) as client:
        await again_and_again(50, target, lambda: client.get(target.join_path))


async def every_route(target: Target) -> None:
    paths = (
        "/",
        "/join",
        "/healthz",
        "/readyz",
        "/api/group",
        "/photos/1/thumb",
        "/assets/x.css",
        "/nothing",
    )
    async with httpx.AsyncClient(base_url=target.url, trust_env=False) as client:

        async def once() -> None:
            for path in paths:
                await client.get(path)
            await client.post("/runs", headers={"X-Classroom": "1"})

        await again_and_again(50, target, once)


async def guesses(target: Target) -> None:
    """Log-ins with a wrong password."""
    wrong = {"username": "facilitator", "password": "not-the-password"}
    async with httpx.AsyncClient(base_url=target.url, trust_env=False) as client:
        headers = {"X-Classroom": "1"}
        await again_and_again(
            20, target, lambda: client.post("/session/facilitator", json=wrong, headers=headers)
        )


ATTACKS: dict[str, Attack] = {
    "pages of other sites open sockets": foreign_pages,
    "60 strangers' sockets, 50 messages a second each": strangers,
    "10 sockets of one group, 50 messages a second each": one_group,
    "idle sockets, as many as are let in": idle_sockets,
    "3000 silent connections": silent_connections,
    "200 uploads of a byte a second": slow_bodies,
    "joins without a pause": joins,
    "every route without a pause": every_route,
    "wrong passwords": guesses,
}


# -- the iPads that go on working ------------------------------------------------------------------------


@dataclass
class Felt:
    """What ten iPads waited for, in seconds, and what went wrong."""

    photos_s: list[float] = field(default_factory=list)
    pages_s: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def slowest_s(self) -> float:
        return max([0.0, *self.photos_s, *self.pages_s])


async def work(url: str, ipad: GroupClient, label_id: str, number: int, felt: Felt, until: float) -> None:
    """A child takes a photo and goes on to another page, again and again."""
    step = number
    try:
        async with PageSession(url, "collect", ipad.http.cookies()) as page:
            await page.show()
            while time.monotonic() < until:
                begun = time.monotonic()
                await ipad.send_photo(label_id, jpeg(COLORS[LABEL], step))
                felt.photos_s.append(time.monotonic() - begun)
                felt.pages_s.append(await page.show(PAGES[step % len(PAGES)]))
                step += IPADS
                await asyncio.sleep(THINK_S)
    except (RehearsalError, httpx.HTTPError) as exc:
        felt.problems.append(str(exc))


async def feel(url: str, ipads: list[GroupClient], label_id: str, seconds: float, first: int) -> Felt:
    felt, until = Felt(), time.monotonic() + seconds
    await asyncio.gather(
        *(work(url, ipad, label_id, first + place, felt, until) for place, ipad in enumerate(ipads))
    )
    return felt


@contextlib.contextmanager
def under_attack(name: str, target: Target) -> Iterator[None]:
    """The attacker, in a process of its own; in a class it has a processor of its own too."""
    command = [sys.executable, "-m", "tests.bench.abuse", "--attack", name, "--port", str(target.port)]
    command += ["--seconds", str(target.seconds), "--join", target.join_path, "--label", target.label_id]
    env = {**os.environ, "ABUSE_COOKIE": target.cookie}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as attacker:
        assert attacker.stdout
        try:
            attacker.stdout.readline()  # until it has begun
            yield
        finally:
            attacker.terminate()


def run(seconds: float, only: str) -> int:
    console = Console(width=120)
    table = Table(title="What ten iPads felt, seconds", title_justify="left")
    for heading in ("while", "photos", "p95", "max", "pages", "p95", "max", ""):
        table.add_column(heading, justify="left" if heading in {"while", ""} else "right")
    failures = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="classroom-abuse-")))
        app = stack.enter_context(Running(folder))
        made = make_class(app.url, IPADS)
        ipads = [stack.enter_context(group_client(app.url, group.join_path)) for group in made.groups]
        label_id = made.label_ids[LABEL]
        sent = len(result_of(feel(app.url, ipads, label_id, WARM_UP_S, 0)).photos_s)
        for name in ("nobody attacks", *(name for name in ATTACKS if only in name)):
            with ExitStack() as attack:
                if name in ATTACKS:
                    attack.enter_context(under_attack(name, _target(app, made, ipads[0], seconds + 2)))
                felt = result_of(feel(app.url, ipads, label_id, seconds, sent * IPADS))
            sent += len(felt.photos_s)
            failures += [f"{name}: {problem}" for problem in felt.problems]
            if felt.slowest_s > STOPPED_S:
                failures.append(f"{name}: something took {felt.slowest_s:.1f} s")
            table.add_row(name, *_figures(felt.photos_s), *_figures(felt.pages_s), _verdict(felt))
        there = sum(sum(result_of(ipad.overview()).photos_by_key.values()) for ipad in ipads)
        if there != sent:
            failures.append(f"{sent} photos were saved, {there} are there")
        app.check()
    console.print(table)
    console.print(f"{sent} photos saved, {there} there; load {os.getloadavg()[0]:.1f}")
    for failure in failures:
        console.print(failure, style="red")
    return 1 if failures else 0


def _target(app: Running, made: CreatedClass, ipad: GroupClient, seconds: float) -> Target:
    cookie = ipad.http.cookies()["group"]
    return Target(app.port, seconds, made.groups[0].join_path, cookie, made.label_ids[LABEL])


def _figures(values: list[float]) -> tuple[str, str, str]:
    p95 = percentile(values, 95)
    return str(len(values)), "" if p95 is None else f"{p95:.2f}", f"{max(values, default=0):.2f}"


def _verdict(felt: Felt) -> str:
    if felt.problems:
        return "FAILED"
    p95 = max(percentile(values, 95) or 0.0 for values in (felt.photos_s, felt.pages_s))
    return "" if p95 <= TARGET_S else f"above {TARGET_S:.0f} s"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each attack")
    parser.add_argument("--only", default="", help="part of an attack's name")
    for hidden in ("--attack", "--join", "--label"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.attack:
        return run(options.seconds, options.only)
    target = Target(options.port, options.seconds, options.join, os.environ["ABUSE_COOKIE"], options.label)
    asyncio.run(_for_so_long(ATTACKS[options.attack], target))
    return 0


async def _for_so_long(attack: Attack, target: Target) -> None:
    print("begins", flush=True)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(attack(target), target.seconds + 1)


if __name__ == "__main__":
    sys.exit(main())
