"""What keeps an app from starting is said as it is, in a sentence."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from classroom_app.onsite import launcher
from classroom_app.onsite.launcher import Child, LaunchError
from classroom_app.settings import Settings


def test_only_a_lock_that_somebody_holds_means_that_the_app_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = launcher.only_one(tmp_path)
    with launcher.only_one(tmp_path), pytest.raises(LaunchError, match="running already"), again:
        pass

    def no_locks(_file: object, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(OSError, match="No locks"), launcher.only_one(tmp_path):
        pass


def test_only_a_port_in_use_is_called_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(LaunchError, match="is taken"):
            launcher.check_port("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(LaunchError, match="cannot be used"):
        launcher.check_port("192.0.2.1", 8501)  # no address of this machine


def test_a_short_first_password_is_said_in_a_sentence(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, first_password="x", secret_key="k" * 40)
    with pytest.raises(LaunchError, match="CLASSROOM_FIRST_PASSWORD is too short"):
        launcher.prepare_database(settings)


def test_a_child_that_waits_begins_when_it_is_told(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    program = "import pathlib, sys; assert sys.argv[1] == '--wait'; sys.stdin.buffer.read(1); "
    child = Child("x", ["-c", f"{program}pathlib.Path({str(begun)!r}).touch()"], {}, waits=True)
    child.start()
    assert child.process is not None
    with pytest.raises(subprocess.TimeoutExpired):
        child.process.wait(0.5)
    assert not begun.exists()
    child.go()
    assert child.process.wait(30) == 0
    assert begun.exists()
    child.go()  # it has ended: nothing happens
    child.start()  # anew, as after a fall
    child.go()
    assert child.process.wait(30) == 0


def test_the_web_process_leaves_the_data_alone_until_it_is_told(tmp_path: Path) -> None:
    """And ends when whoever started it is gone."""
    done = subprocess.run(
        [sys.executable, "-m", "classroom_app", "web", "--wait"],
        env={**os.environ, "CLASSROOM_DATA_DIR": str(tmp_path / "data")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert not (tmp_path / "data").exists()


def test_a_closed_window_stops_the_app() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run under nohup
    try:
        with launcher.signals_as_interrupt(), pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with launcher.signals_as_interrupt():  # started by nohup
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
