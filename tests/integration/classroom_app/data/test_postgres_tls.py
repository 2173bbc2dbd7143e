"""A database that takes nobody without TLS: an address says how its certificate is checked, as libpq's do."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbos import DBOSClient
from sqlalchemy import text

from classroom_app.data.engine import Database, make_engine
from classroom_app.data.postgres import queue_url
from classroom_app.onsite.tier_certificates import make_certificates
from classroom_app.services.training import queue
from tests.support.postgres import Postgres


def answers(url: str) -> bool:
    db = Database(make_engine(url))
    try:
        return db.is_ready()
    finally:
        db.close()


def test_both_drivers_get_in_with_the_same_words(encrypted_postgres: Postgres) -> None:
    tables, jobs = encrypted_postgres.new_database(), encrypted_postgres.new_database()
    url = encrypted_postgres.url(tables)
    assert "sslmode=verify-full" in url
    db = Database(make_engine(url))
    with db.read() as session:
        assert session.scalar(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) is True
        assert session.scalar(text("SHOW lock_timeout")) == "10s"
    db.close()
    address = encrypted_postgres.url(jobs, "postgresql")
    queue.make_tables(address)
    client = DBOSClient(system_database_url=queue_url(address))
    assert client.list_workflows() == []
    client.destroy()


def test_without_tls_nobody_gets_in(encrypted_postgres: Postgres) -> None:
    url = encrypted_postgres.url(encrypted_postgres.new_database())
    assert answers(url)
    assert answers(url.partition("?")[0])  # without a word it is taken where the server has it
    assert not answers(url.replace("verify-full", "disable"))


def test_a_server_of_another_authority_or_name_is_refused(
    encrypted_postgres: Postgres, tmp_path: Path
) -> None:
    url = encrypted_postgres.url(encrypted_postgres.new_database())
    make_certificates(tmp_path, ["127.0.0.1"], days=1, ca_days=2)
    other, _, _ = url.partition("sslrootcert=")
    stranger = f"{other}sslrootcert={tmp_path}/ca.pem"
    assert not answers(stranger)
    assert not answers(stranger.replace("verify-full", "verify-ca"))
    assert answers(stranger.replace("verify-full", "require"))  # it says so: encrypted, and nobody is asked
    by_name = url.replace("@127.0.0.1", "@localhost")
    assert not answers(by_name)
    assert answers(by_name.replace("verify-full", "verify-ca"))


def test_a_word_that_libpq_does_not_know_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="sslmode is one of"):
        make_engine("postgresql+pg8000://x@127.0.0.1/x?sslmode=verified")
