"""Options, starting and stopping an app of our own, and the output on a terminal and without one."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from classroom_app.network import free_port
from classroom_app.rehearsal import launch
from classroom_app.rehearsal.options import RehearsalOptions
from classroom_app.rehearsal.problems import AppStartError, OptionsError
from classroom_app.rehearsal.report import percentile
from classroom_app.rehearsal.terminal import ProgressWatcher

SERVER = """
import http.server, signal, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *args): pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


def start(code: str, *args: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *args], start_new_session=True)


def an_app(tmp_path: Path, port: int) -> launch.OwnApp:
    return launch.OwnApp(f"http://127.0.0.1:{port}", "x", tmp_path, tmp_path / "log")


def test_an_app_is_waited_for_and_stopped(tmp_path: Path) -> None:
    port = free_port()
    process = start(SERVER, str(port))
    try:
        launch.wait_until_ready(an_app(tmp_path, port), process, 20)
    finally:
        left_behind = launch.stop(process)
    assert not left_behind
    assert process.returncode == 0


def test_ready_means_the_compute_tier_too() -> None:
    assert launch.is_ready(httpx.Response(200, json={"database": True, "ml_core": True}))
    assert not launch.is_ready(httpx.Response(200, json={"database": True, "ml_core": False}))
    assert not launch.is_ready(httpx.Response(503, json={"database": False, "ml_core": True}))
    assert launch.is_ready(httpx.Response(200, text="ok"))


def test_an_own_app_gets_no_settings_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSROOM_DATABASE_URL", "postgresql://the-real-class")
    given = launch.environment("secret")
    assert "CLASSROOM_DATABASE_URL" not in given
    assert given["CLASSROOM_FIRST_PASSWORD"] == "secret"


def test_what_an_app_leaves_running_is_killed_and_told() -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    process = start(code)
    process.wait(20)
    assert launch.stop(process)


def test_an_app_that_ends_at_once_shows_its_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("the port is taken\n")
    process = start("raise SystemExit(3)")
    with pytest.raises(AppStartError, match=r"ended with 3(.|\n)*the port is taken"):
        launch.wait_until_ready(an_app(tmp_path, free_port()), process, 20)


def test_the_log_is_shortened_to_what_went_wrong(tmp_path: Path) -> None:
    line = json.dumps(
        {"message": "run_failed", "severity": "ERROR", "exception": "Traceback\n  File\nKeyError: 'x'"}
    )
    (tmp_path / "log").write_text(f"Starting\n{line}\n{line}\n[1]\n" + "y" * 1000)
    told = launch.log_tail(tmp_path / "log").splitlines()
    assert told[1:4] == ["Starting", "error: run_failed KeyError: 'x'", "[1]"]
    assert len(told[4]) == launch.LOG_LINE_CHARS
    assert "no log" in launch.log_tail(tmp_path / "none")


def test_an_app_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    process = start("import time; time.sleep(60)")
    try:
        with pytest.raises(AppStartError, match="not ready after 0 s"):
            launch.wait_until_ready(an_app(tmp_path, free_port()), process, 0)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (RehearsalOptions(Path(), groups=0), "--groups"),
        (RehearsalOptions(Path(), photos_per_label=5), "--photos-per-label must be 6"),
        (RehearsalOptions(Path(), url="example.org", password="x"), "http"),
        (RehearsalOptions(Path(), url="http://example.org"), "CLASSROOM_PASSWORD"),
        (RehearsalOptions(Path(), ca=Path("no-such.pem")), "--ca"),
        (RehearsalOptions(Path(), json_out=Path("no-such-folder/out.json")), "--json"),
    ],
)
def test_wrong_options_are_explained(options: RehearsalOptions, words: str) -> None:
    with pytest.raises(OptionsError, match=words):
        options.check()


def test_the_first_half_is_enough_to_train() -> None:
    assert RehearsalOptions(Path(), photos_per_label=6).first_half == 5
    assert RehearsalOptions(Path(), photos_per_label=20).first_half == 10


def test_the_password_is_in_no_repr() -> None:
    assert "hunter2" not in repr(RehearsalOptions(Path(), password="hunter2"))


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_on_a_terminal_and_in_a_log(terminal: bool) -> None:
    out = io.StringIO()
    with ProgressWatcher(Console(file=out, force_terminal=terminal, width=100)) as watch:
        watch.begin("upload", 2)
        watch.step("upload")
        watch.step("upload")
        watch.end("upload")
    assert "upload" in out.getvalue()
    assert ("\x1b[" in out.getvalue()) is terminal
    if not terminal:
        assert out.getvalue().count("\n") == 1


def test_percentiles_are_values_that_occurred() -> None:
    assert percentile([], 50) is None
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert percentile([float(value) for value in range(1, 101)], 95) == 95.0
