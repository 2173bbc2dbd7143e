"""The engine for Cloud SQL, with a connector that leads to a real Postgres instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pg8000.dbapi
import pytest
from sqlalchemy import text

from classroom_app.data import migrate
from classroom_app.data.postgres import SESSION, SILENT_SERVER_S
from classroom_app.resources import open_db
from classroom_app.settings import Settings
from tests.support.postgres import USER, Postgres

INSTANCE = "project:region:instance"


@pytest.fixture
def connector(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the connector was made with, and what each connection asked it for."""
    asked: list[dict[str, Any]] = []

    class Connector:
        def __init__(self, **options: Any) -> None:
            asked.append(options)

        def connect(self, instance: str, driver: str, **login: Any) -> Any:
            asked.append({"instance": instance, "driver": driver, **login})
            return pg8000.dbapi.connect(
                USER,
                host="127.0.0.1",
                port=postgres.port,
                database=login["db"],
                timeout=60,
                startup_params=login["startup_params"],
            )

    monkeypatch.setattr("google.cloud.sql.connector.Connector", Connector)
    return asked


@pytest.mark.parametrize(
    ("password", "iam", "sent"), [("", True, {}), ("secret", False, {"password": "secret"})]
)
def test_tables_come_up_through_the_connector(
    postgres: Postgres, connector: list[dict[str, Any]], password: str, iam: bool, sent: dict[str, str]
) -> None:
    name = postgres.new_database()
    db = open_db(
        Settings(
            cloud_sql_instance=INSTANCE,
            cloud_sql_database=name,
            cloud_sql_user=USER,
            cloud_sql_password=password,
        )
    )
    try:
        migrate.upgrade(db.engine)
        with db.read() as session:
            assert session.execute(text("SELECT count(*) FROM photos")).scalar_one() == 0
            assert session.scalar(text("SHOW lock_timeout")) == SESSION["lock_timeout"]
        # A lost server is noticed: the connector's own sockets would wait for ever.
        connection = db.engine.raw_connection()
        timeout: Callable[[], float] = connection.driver_connection._usock.gettimeout  # type: ignore[union-attr]  # only an open connection is asked
        assert timeout() == SILENT_SERVER_S
        connection.close()
    finally:
        db.close()
    assert connector[0]["ip_type"] == "private"
    assert connector[0]["enable_iam_auth"] is iam
    expected = {"instance": INSTANCE, "driver": "pg8000", "user": USER, "db": name, "startup_params": SESSION}
    expected |= sent
    assert all(made == expected for made in connector[1:])
    assert len(connector) > 1
