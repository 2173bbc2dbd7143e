"""`python -m classroom_app migrate`, which a release runs before its pods."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from classroom_app.__main__ import cli
from classroom_app.data.engine import Database, make_engine
from classroom_app.data.repository import access
from classroom_app.settings import get_settings


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLASSROOM_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def facilitators(data: Path) -> list[tuple[str, str]]:
    get_settings.cache_clear()
    done = CliRunner().invoke(cli, ["migrate"])
    get_settings.cache_clear()
    assert done.exit_code == 0, done.output
    assert done.output == ""  # above all no password
    db = Database(make_engine(f"sqlite:///{data / 'classroom.sqlite'}"))
    with db.read() as session:
        found = [(row.username, row.password_hash) for row in access.facilitators(session)]
    db.close()
    return found


def test_tables_alone_without_a_password(data: Path) -> None:
    assert facilitators(data) == []


def test_the_first_facilitator_is_made_once(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSROOM_FIRST_PASSWORD", "a-long-password")
    [(name, first)] = facilitators(data)
    assert name == "facilitator"
    monkeypatch.setenv("CLASSROOM_FIRST_PASSWORD", "another-long-password")
    assert facilitators(data) == [("facilitator", first)]  # a release changes nobody's password


def test_a_short_first_password_is_said_in_a_sentence(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSROOM_FIRST_PASSWORD", "x")
    get_settings.cache_clear()
    done = CliRunner().invoke(cli, ["migrate"])
    get_settings.cache_clear()
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert said == "CLASSROOM_FIRST_PASSWORD is too short: it needs 10 characters or more."
