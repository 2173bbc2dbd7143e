"""An engine for Cloud SQL: its connector brings the address, the encryption and, with IAM, the log-in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from classroom_app.data.engine import POSTGRES_TIMEOUT_S, postgres_engine


def cloud_sql_engine(instance: str, *, database: str, user: str, password: str | None) -> Engine:
    """`instance` is project:region:name. Without a password the service account logs in."""
    from google.cloud.sql.connector import Connector  # brings an HTTP stack that nobody else needs

    connector = Connector(
        ip_type="private",
        enable_iam_auth=password is None,
        # A quiet pod may get no processor time: certificates are renewed when asked for.
        refresh_strategy="lazy",
        timeout=POSTGRES_TIMEOUT_S,
    )
    login = {"user": user, "db": database} | ({"password": password} if password else {})

    def connect() -> Any:
        connection = connector.connect(instance, "pg8000", **login)
        # pg8000 sets its time limit on sockets that it opened itself; this one came from the connector.
        connection._usock.settimeout(POSTGRES_TIMEOUT_S)
        return connection

    return postgres_engine("postgresql+pg8000://", creator=connect)
