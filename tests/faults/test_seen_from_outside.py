"""What a running app says of itself: nothing secret in its log, its figures on their own port alone."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from classroom_app.network import LOOPBACK, free_port
from tests.support.class_over_http import group_client, make_class, result_of
from tests.support.running import Running

pytestmark = pytest.mark.slow


@pytest.fixture
def metrics_port(monkeypatch: pytest.MonkeyPatch) -> int:
    port = free_port()
    monkeypatch.setenv("CLASSROOM_METRICS_PORT", str(port))
    return port


@pytest.fixture
def running(tmp_path: Path, metrics_port: int) -> Iterator[Running]:
    with Running(tmp_path) as app:
        yield app


def test_the_log_has_no_tokens_cookies_or_addresses_and_the_figures_have_a_port_of_their_own(
    running: Running, metrics_port: int
) -> None:
    made = make_class(running.url)
    token = made.groups[0].join_path.removeprefix("/join/")
    with group_client(running.url, made.groups[0].join_path) as ipad:
        cookie = ipad.http.cookies()["group"]
        for path in (f"/projector/{token}", "/join/an-unknown-token-0123456789"):
            result_of(ipad.http.once("GET", path))
        no_id = {"X-Photo-Id": "not-a-photo-id"}
        result_of(ipad.http.once("POST", f"/photos?label={token}", headers=no_id, content=b"no photo"))
        for path in ("/metrics", "/_stcore/metrics"):
            assert result_of(ipad.http.once("GET", path)).status_code == 404
    for broken in (
        b"\0\0 nonsense\r\n\r\n",
        f"GET /join/{token} HTTP/9.9\r\nCookie: group={cookie}\r\n\r\n".encode(),
    ):
        with socket.create_connection((LOOPBACK, running.port)) as connection:
            connection.sendall(broken)
            connection.recv(1024)

    web, ml = (
        httpx.get(f"http://{LOOPBACK}:{port}/metrics").text for port in (metrics_port, metrics_port + 1)
    )
    assert 'classroom_http_requests_total{method="GET",route="/join/{token}",status="3xx"}' in web
    assert 'classroom_part_up{part="queue"} 1.0' in web
    assert "classroom_streamlit_sessions 0.0" in web
    assert "ml_core_models_cached 0.0" in ml
    for secret in (token, cookie, made.id):
        assert secret not in web + ml

    log = (running.data / "log").read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["message"] for line in lines} >= {"request"}
    assert all(line["severity"] and line["time"] for line in lines)
    structured = "\n".join(line for line in log.splitlines() if line.startswith("{"))
    for secret in (token, cookie, "an-unknown-token", LOOPBACK):
        assert secret not in structured
    assert token not in log
    assert cookie not in log
