"""What the command `web` tells its HTTP server, and what every command does first."""

from __future__ import annotations

import os
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner

from classroom_app.__main__ import cli, main
from classroom_app.settings import get_settings
from ml_core.contract import memory


@pytest.mark.parametrize(("asked", "expected"), [(None, 75), ("620", 620)])
def test_how_long_a_quiet_connection_is_kept_is_a_setting(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, expected: int
) -> None:
    started: list[dict[str, Any]] = []
    monkeypatch.setattr(uvicorn, "run", lambda *_, **options: started.append(options))
    if asked:
        monkeypatch.setenv("CLASSROOM_KEEP_ALIVE_SECONDS", asked)
    get_settings.cache_clear()
    try:
        assert CliRunner().invoke(cli, ["web"]).exit_code == 0
    finally:
        get_settings.cache_clear()
    assert started[0]["timeout_keep_alive"] == expected


def test_the_web_tiers_commands_overwrite_what_they_free(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    for name in ("forbid_dumps", "overwrite_freed"):
        monkeypatch.setattr(memory, name, lambda name=name: called.append(name))
    before = os.umask(0o022)
    try:
        main()
    finally:
        os.umask(before)
    assert called == ["forbid_dumps", "overwrite_freed"]
