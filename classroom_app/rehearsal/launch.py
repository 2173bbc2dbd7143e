"""Starts an app of our own for a rehearsal, waits until it is ready, and stops it again.

Its settings are none of those of the machine: a rehearsal must never reach a real class.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from classroom_app.network import LOOPBACK, free_port
from classroom_app.rehearsal.problems import AppStartError

LOG_TAIL_LINES = 40
LOG_LINE_CHARS = 400
STOP_GRACE_S = 60.0  # the app gives each of its parts its own time to end
ENV_PREFIX = "CLASSROOM_"
READY_POLL_S = 0.5
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class OwnApp:
    """A running app of our own; `left_behind` is filled when it is stopped."""

    url: str
    password: str = field(repr=False)
    data_dir: Path
    log: Path
    pid: int = 0
    left_behind: bool = False


@contextlib.contextmanager
def own_app(
    *, start_limit_s: float, keep: bool, settings: Mapping[str, str] | None = None
) -> Iterator[OwnApp]:
    """`python -m classroom_app run` on a free port and a data folder of its own.

    `settings`: what shall be other than by default, by their names without the prefix.
    """
    data_dir = Path(tempfile.mkdtemp(prefix="classroom-rehearsal-"))
    with contextlib.ExitStack() as at_the_end:
        if not keep:
            at_the_end.callback(shutil.rmtree, data_dir, ignore_errors=True)
        password = secrets.token_urlsafe(18)
        port = free_port()
        app = OwnApp(f"http://{LOOPBACK}:{port}", password, data_dir, data_dir / "rehearsal.log")
        command = [
            sys.executable, "-m", "classroom_app", "run",
            "--host", LOOPBACK, "--port", str(port), "--data", str(data_dir),
        ]  # fmt: skip
        with app.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=environment(password)
                | {f"{ENV_PREFIX}{name}": value for name, value in (settings or {}).items()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours: the day ends first, then the app
            )
        app.pid = process.pid
        try:
            wait_until_ready(app, process, start_limit_s)
            yield app
        finally:
            killed = stop(process)
            app.left_behind = killed or answers(port)


def wait_until_ready(app: OwnApp, process: subprocess.Popen[bytes], limit_s: float) -> None:
    """Asks /readyz until it says yes; an app that ended, or took too long, shows its log."""
    until = time.monotonic() + limit_s
    with httpx.Client(base_url=app.url, timeout=5.0, trust_env=False) as client:
        while True:
            if process.poll() is not None:
                raise AppStartError(
                    f"The app ended with {process.returncode} at its start.\n{log_tail(app.log)}"
                )
            with contextlib.suppress(httpx.TransportError):
                if is_ready(client.get("/readyz")):
                    return
            if time.monotonic() > until:
                raise AppStartError(f"The app was not ready after {limit_s:.0f} s.\n{log_tail(app.log)}")
            time.sleep(READY_POLL_S)


def is_ready(response: httpx.Response) -> bool:
    """Everything is there; the app alone would also answer yes while its compute tier still starts."""
    try:
        checks = response.json()
    except (ValueError, RecursionError):
        checks = {}
    return response.is_success and (not isinstance(checks, dict) or all(checks.values()))


def stop(process: subprocess.Popen[bytes]) -> bool:
    """SIGTERM, then the end of all it started. True if something had to be killed. (Not SIGINT: whoever was
    started in the background of a shell ignores it, and so would the child.)"""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_GRACE_S)
    try:
        os.killpg(process.pid, signal.SIGKILL)  # the session's leader: its id is the group's id
    except ProcessLookupError:
        return False
    process.wait()
    return True


def log_tail(log: Path) -> str:
    """The last lines of the app's log, for a person."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as exc:
        return f"(no log: {exc})"
    told = list(dict.fromkeys(_short(line) for line in lines))  # one fault often comes many times
    return "\n".join(["The end of its log:", *told[-LOG_TAIL_LINES:]])


def _short(line: str) -> str:
    """A structured line as its event and the last line of its traceback."""
    try:
        entry = json.loads(line)
        last = str(entry.get("exception", "")).strip().splitlines()[-1:]
        said = " ".join([str(entry["message"]), *last])
        return f"{entry['severity'].lower()}: {said}"[:LOG_LINE_CHARS]
    except (ValueError, KeyError, AttributeError):
        return line[:LOG_LINE_CHARS]


def answers(port: int) -> bool:
    """Whether something still listens there."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0


def environment(password: str) -> dict[str, str]:
    """Ours without the settings of any other app: a rehearsal must never reach a real class's database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}
    return kept | {f"{ENV_PREFIX}FIRST_PASSWORD": password, "PYTHONUNBUFFERED": "1"}
