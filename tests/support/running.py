"""A real app in processes of its own, and a class in it, made over HTTP alone.

Knows nothing of the app's insides but the names of its processes.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from tests.support.processes import end, kill_tree
from tests.support.stand_ins import COLORS, jpeg

ROOT = Path(__file__).parents[2]
PASSWORD = "a-long-password-for-tests"
OWN = {"X-Classroom": "1"}
START_LIMIT_S = 120.0
STOP_LIMIT_S = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    limit = time.monotonic() + seconds
    while True:
        try:
            if value := condition():
                return value
        except httpx.TransportError:
            pass  # it is starting again
        assert time.monotonic() < limit, f"in {seconds} s: {what}"
        time.sleep(0.05)


@dataclass
class Running:
    """One `python -m classroom_app run`."""

    data: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    start_limit_s: float = START_LIMIT_S

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()

    def command(self) -> list[str]:
        run = [sys.executable, "-m", "classroom_app", "run"]
        return [*run, "--data", str(self.data), "--port", str(self.port)]

    def start(self) -> None:
        """Returns when it is ready; when it is not in time, nothing of it is left behind."""
        with (self.data / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env={**os.environ, "CLASSROOM_FIRST_PASSWORD": PASSWORD},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_for(self._is_ready, self.start_limit_s, "the app is ready")
        except BaseException:
            kill_tree(self.process)
            raise

    def _is_ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            pytest.fail((self.data / "log").read_text())
        return bool(httpx.get(f"{self.url}/readyz").json().get("ml_core"))

    def child(self, name: str) -> int:
        """The pid of a process that the launcher keeps running."""
        assert self.process is not None
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            if name in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
                return int(pid)
        raise AssertionError(f"no {name} is running")

    def stop(self) -> int:
        assert self.process is not None
        return end(self.process, signal.SIGINT, STOP_LIMIT_S)


@dataclass
class Day:
    """A class with one group, made over HTTP."""

    app: Running
    ipad: httpx.Client
    event_id: str
    labels: dict[str, str]

    def send(self, per_label: int, start: int = 0) -> None:
        for key, label_id in self.labels.items():
            for n in range(start, start + per_label):
                answer = self.ipad.post(
                    f"/photos?label={label_id}",
                    content=jpeg(COLORS[key], n),
                    headers={"X-Photo-Id": str(uuid.uuid4())},
                )
                assert answer.status_code == 201, answer.text

    def run(self, run_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.ipad.get(f"/runs/{run_id}").json()
        return answer


def make_class(app: Running, colors: Mapping[str, tuple[int, int, int]], groups: int = 1) -> dict[str, Any]:
    """Log in and make a collecting fruit class with a challenge set over HTTP; what POST /api/events said."""
    with httpx.Client(base_url=app.url, headers=OWN, timeout=30) as teacher:
        login = {"username": "facilitator", "password": PASSWORD}
        assert teacher.post("/session/facilitator", json=login).status_code == 204
        asked = {"name": "Test class", "template": "fruit", "groups": groups}
        event: dict[str, Any] = teacher.post("/api/events", json=asked).json()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for key, color in colors.items():
                for n in range(4):
                    archive.writestr(f"{key}/{n}.jpg", jpeg(color, 500 + n))
        upload = teacher.post(f"/api/events/{event['id']}/challenge", content=packed.getvalue()).json()
        assert upload["added"] == 4 * len(colors)
        asked = {"phase": "collect"}
        assert teacher.post(f"/api/events/{event['id']}/phase", json=asked).status_code == 204
    return event
