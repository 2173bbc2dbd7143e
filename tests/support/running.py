"""A real app in processes of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import httpx
import pytest

from classroom_app.network import LOOPBACK, free_port
from tests.support.invariants import must_hold
from tests.support.processes import end, kill_tree
from tests.support.root import ROOT

PASSWORD = "a-long-password-for-tests"
OWN = {"X-Classroom": "1"}
START_LIMIT_S = 120.0
STOP_LIMIT_S = 80.0  # the launcher gives each of its two processes 35


def wait_for(condition: Callable[[], Any], seconds: float = 60, what: str = "it happens") -> Any:
    """What the condition gives when it is true; an app that is starting again is not there yet."""
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
    env: dict[str, str] = field(default_factory=dict)  # beside that of the tests
    is_checked: ClassVar[bool] = False  # at its end; tests of faults turn it on for all that they start

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()
        if self.is_checked and kind is None:
            self.check()

    def check(self) -> None:
        """All that must hold of its data holds, also while it runs."""
        must_hold(self.env, "--data", str(self.data))

    def command(self) -> list[str]:
        run = [sys.executable, "-m", "classroom_app", "run"]
        return [*run, "--data", str(self.data), "--port", str(self.port)]

    def start(self) -> None:
        """Returns when it is ready; when it is not in time, nothing of it is left behind."""
        with (self.data / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env={**os.environ, "CLASSROOM_FIRST_PASSWORD": PASSWORD, **self.env},
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
        answer = httpx.get(f"{self.url}/readyz")  # 200 says nothing of the compute tier: a class goes on
        return answer.status_code == 200 and bool(answer.json().get("ml_core"))

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
class WebAlone(Running):
    """The web tier without a compute tier: most pages need none, and it starts much sooner."""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "classroom_app", "web"]

    def __post_init__(self) -> None:
        self.env |= {
            "CLASSROOM_DATA_DIR": str(self.data),
            "CLASSROOM_PORT": str(self.port),
            "CLASSROOM_TLS": "off",
        }

    def _is_ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            pytest.fail((self.data / "log").read_text())
        return httpx.get(f"{self.url}/readyz").status_code == 200
