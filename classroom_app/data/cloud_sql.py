"""An engine for Cloud SQL: its connector brings the address, the encryption and, with IAM, the log-in."""

from __future__ import annotations

from sqlalchemy import Engine

from classroom_app.data.postgres import SESSION, SILENT_SERVER_S, postgres_engine_of


def cloud_sql_engine(instance: str, *, database: str, user: str, password: str | None) -> Engine:
    """`instance` is project:region:name. Without a password the service account logs in."""
    from google.cloud.sql.connector import Connector  # brings an HTTP stack that nobody else needs

    connector = Connector(
        ip_type="private",
        enable_iam_auth=password is None,
        # A quiet pod may get no processor time: certificates are renewed when asked for.
        refresh_strategy="lazy",
        timeout=SILENT_SERVER_S,
    )
    login = {"user": user, "db": database} | ({"password": password} if password else {})
    return postgres_engine_of(
        lambda: connector.connect(instance, "pg8000", startup_params=dict(SESSION), **login)
    )
