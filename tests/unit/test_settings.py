"""Where settings come from: what is given, then the environment, then a folder of secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic_settings import SettingsError

from classroom_app.settings import Settings


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLASSROOM_SECRETS_DIR", str(tmp_path))
    return tmp_path


def test_a_secret_is_read_from_its_file_without_the_line_end(secrets: Path) -> None:
    (secrets / "classroom_secret_key").write_text("k" * 40 + "\n")
    (secrets / "classroom_first_password").write_text("a-long-password")
    settings = Settings()
    assert settings.secret_key.get_secret_value() == "k" * 40
    assert settings.first_password.get_secret_value() == "a-long-password"
    assert "k" * 40 not in repr(settings)


def test_the_environment_goes_before_the_files(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (secrets / "classroom_secret_key").write_text("f" * 40)
    monkeypatch.setenv("CLASSROOM_SECRET_KEY", "e" * 40)
    assert Settings().secret_key.get_secret_value() == "e" * 40
    assert Settings(secret_key="g" * 40).secret_key.get_secret_value() == "g" * 40


def test_a_folder_that_is_not_there_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLASSROOM_SECRETS_DIR", str(tmp_path / "nothing"))
    with pytest.raises(SettingsError, match="is not a folder"):
        Settings()
