"""Settings that only make sense together, secrets from files, and errors that show no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from classroom_app.__main__ import cli
from classroom_app.settings import Settings, get_settings

SECRET = "never-shown-never-shown-never-shown"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"ml_tls_ca": "ca.pem"}, "CLASSROOM_ML_TLS_CA, _CERT and _KEY"),
        ({"ml_tls_cert": "c.pem", "ml_tls_key": "c.key"}, "CLASSROOM_ML_TLS_CA, _CERT and _KEY"),
        ({"cloud_sql_instance": "p:r:i", "database_url": "sqlite://"}, "not both"),
    ],
)
def test_halves_are_refused_in_words_that_show_no_secret(given: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        Settings(secret_key=SECRET, **given)
    assert SECRET not in str(caught.value)


def test_secrets_come_from_files_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "CLASSROOM_SECRET_KEY").write_text(f"{SECRET}\n")
    (tmp_path / "CLASSROOM_CLOUD_SQL_PASSWORD").write_text("from-a-file")
    monkeypatch.setenv("CLASSROOM_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("CLASSROOM_CLOUD_SQL_PASSWORD", "from-the-environment")
    settings = Settings()
    assert settings.secret_key.get_secret_value() == SECRET
    assert settings.cloud_sql_password.get_secret_value() == "from-the-environment"
    monkeypatch.setenv("CLASSROOM_SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(ValueError, match="CLASSROOM_SECRETS_DIR is no folder"):
        Settings()


def test_only_named_proxies_are_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, Any]] = []
    monkeypatch.setattr("uvicorn.run", lambda *_, **options: started.append(options))
    for value in ("", "35.191.0.0/16,192.0.2.10"):
        monkeypatch.setenv("CLASSROOM_TRUSTED_PROXIES", value)
        get_settings.cache_clear()
        assert CliRunner().invoke(cli, ["web"]).exit_code == 0
    get_settings.cache_clear()
    assert [options["proxy_headers"] for options in started] == [False, True]
    assert started[1]["forwarded_allow_ips"] == "35.191.0.0/16,192.0.2.10"


def test_the_queue_logs_in_with_the_password_of_the_tables() -> None:
    url = "postgresql://classroom@10.0.0.2/queue?sslmode=require"
    given = Settings(queue_database_url=url, cloud_sql_password="p@ss/word")
    assert given.queue_database == "postgresql://classroom:p%40ss%2Fword@10.0.0.2/queue?sslmode=require"
    assert Settings(queue_database_url=url).queue_database == url
    own = "postgresql://classroom:own@10.0.0.2/queue"
    assert Settings(queue_database_url=own, cloud_sql_password="other").queue_database == own


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CLASSROOM_ML_TARGETS", "10.0.0.5:50051", "10.0.0.5 is another machine"),
        ("CLASSROOM_ML_TARGETS", "ml.internal", "host:port"),
        ("CLASSROOM_ML_TLS_KEY", "client.key", "or none of them"),
    ],
)
def test_the_web_tier_does_not_start_with_addresses_it_cannot_use(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    found = CliRunner().invoke(cli, ["web"])
    get_settings.cache_clear()
    assert found.exit_code == 1
    assert told in " ".join(found.output.split())
