"""What keeps an app from starting is said as it is, in a sentence."""

from __future__ import annotations

import errno
import fcntl
import socket
from pathlib import Path

import pytest

from classroom_app.onsite import launcher
from classroom_app.onsite.launcher import LaunchError
from classroom_app.settings import Settings


def test_only_a_lock_that_somebody_holds_means_that_the_app_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = launcher._only_one(tmp_path)
    with launcher._only_one(tmp_path), pytest.raises(LaunchError, match="running already"), again:
        pass

    def no_locks(_file: object, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(OSError, match="No locks"), launcher._only_one(tmp_path):
        pass


def test_only_a_port_in_use_is_called_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(LaunchError, match="is taken"):
            launcher._check_port("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(LaunchError, match="cannot be used"):
        launcher._check_port("192.0.2.1", 8501)  # no address of this machine


def test_a_short_first_password_is_said_in_a_sentence(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, first_password="x", secret_key="k" * 40)
    with pytest.raises(LaunchError, match="CLASSROOM_FIRST_PASSWORD is too short"):
        launcher._prepare_database(settings)
