"""Frozen settings; the only reader of the environment (prefix CLASSROOM_)."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from classroom_app.network import LOOPBACK, LOOPBACK_HOSTS

SECRETS_DIR = Path("/run/secrets/classroom")  # a file a secret, named like its variable, in any case


class Settings(BaseSettings):
    """Every setting has a default that fits one machine; the README's table is made from here."""

    # A refused value is not shown: it may be a secret.
    model_config = SettingsConfigDict(
        env_prefix="CLASSROOM_",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    def __init__(self, **given: Any) -> None:
        asked = os.environ.get("CLASSROOM_SECRETS_DIR")
        folder = Path(asked or SECRETS_DIR)
        # Going on would mean a secret key of our own, in each process another one.
        if asked and not folder.is_dir():
            raise ValueError(f"CLASSROOM_SECRETS_DIR is no folder: {folder}")
        super().__init__(**{"_secrets_dir": folder if folder.is_dir() else None, **given})

    data_dir: Path = Field(Path("var"), description="database, photos, keys and logs of one machine")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder")
    database_pooled: bool = Field(
        False,
        description="both addresses are a pooler's in transaction mode; `migrate` needs the database's own",
    )
    queue_database_url: str = Field("", description="DBOS system database; empty: SQLite in the data folder")
    blobs: str = Field("", description="gs://bucket or a folder; empty: `blobs` in the data folder")
    cloud_sql_instance: str = Field(
        "", description="project:region:instance; the tables lie there, over its private address"
    )
    cloud_sql_database: str = Field("classroom", description="database of the Cloud SQL instance")
    cloud_sql_user: str = Field("classroom", description="its user; with IAM the account without its ending")
    cloud_sql_password: SecretStr = Field(
        SecretStr(""), description="the user's password; empty: the service account logs in (IAM)"
    )
    ml_targets: str = Field(
        "127.0.0.1:50051",
        description="ml_core addresses, `host:port` or `dns:///name:port`, comma-separated",
    )
    ml_tls_ca: Path | None = Field(None, description="PEM of the CA of the compute tier (`make certs`)")
    ml_tls_cert: Path | None = Field(None, description="PEM of our certificate for the compute tier")
    ml_tls_key: Path | None = Field(None, description="PEM of its key")
    ml_tls_name: str = Field(
        "", description="name in the compute tier's certificates; empty: host of the first address"
    )
    ml_backbone: str = Field(
        "",
        description="network of the compute tier started here; empty: `ML_CORE_BACKBONE`, or the small one",
    )
    host: str = Field(LOOPBACK, description="address the web app listens on")
    port: int = Field(8501, ge=1, le=65535, description="port of the web app")
    staff_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="port of this computer alone for facilitators: their log-in, pages and routes are "
        "answered there and nowhere else, so not on the class's Wi-Fi; 0: off",
    )
    staff_host: str = Field(
        "",
        description="the same by a host name, behind a load balancer that guards it; empty: off",
    )
    ca_port: int = Field(8500, ge=1, le=65535, description="plain-HTTP port of the certificate page")
    tls: Literal["auto", "on", "off"] = Field(
        "auto", description="HTTPS from the private CA; auto: on unless the host is loopback"
    )
    public_url: str = Field("", description="address that QR codes show; empty: found out at start")
    trusted_proxies: str = Field(
        "",
        description="addresses and networks of the load balancer, with commas: its X-Forwarded-For counts",
    )
    keep_alive_seconds: int = Field(
        75,
        ge=5,
        description="seconds that a quiet connection is kept; behind a load balancer longer than its own",
    )
    time_zone: str = Field(
        "", description="zone of the dates that grown-ups read, as Asia/Tokyo; empty: this computer's own"
    )
    language: Literal["ja", "en"] = Field("ja", description="language of people who have not chosen one")
    secret_key: SecretStr = Field(
        SecretStr(""), description="signs cookies and links, 32 characters or more; empty: made and kept"
    )
    first_password: SecretStr = Field(
        SecretStr(""), description="first facilitator password; empty: a random one, printed once"
    )
    executor_id: str = Field("local", description="name of this web process in the training queue")
    session_hours: float = Field(10, gt=0, le=12, description="how long a cookie lasts")
    live_guesses: Literal["device", "server"] = Field(
        "device", description="where frames are guessed: on the iPad where that works, or on the server"
    )
    max_groups: int = Field(30, ge=1, le=60, description="groups of one class")
    max_photos_per_group: int = Field(1000, ge=10, description="photos of one group")
    max_challenge_photos: int = Field(1000, ge=10, description="challenge photos of one class")
    undo_minutes: float = Field(10, gt=0, description="how long a deletion can be undone")
    class_days: float = Field(
        7, gt=0, le=366, description="a new class ends so long after it was made; its page can change that"
    )
    keep_closed_days: float = Field(
        7,
        ge=0,
        description="a class is deleted by itself so long after its end, or sooner; 0: by hand",
    )
    training_workers: int = Field(2, ge=1, le=32, description="runs that one web process works on at once")
    photo_bytes_max: int = Field(8 * 1024 * 1024, description="largest photo that is taken in, bytes")
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Prometheus metrics on a port of their own, never the app's; 0: off"
    )
    metrics_host: str = Field(LOOPBACK, description="address of the metrics port")
    zip_bytes_max: int = Field(
        200 * 1024 * 1024,
        ge=1024 * 1024,
        description="largest challenge ZIP, on the page and over HTTP, bytes",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        tls = (self.ml_tls_ca, self.ml_tls_cert, self.ml_tls_key)
        if any(tls) and not all(tls):
            raise ValueError("set all of CLASSROOM_ML_TLS_CA, _CERT and _KEY, or none of them")
        if self.time_zone and self.time_zone not in available_timezones():
            raise ValueError("CLASSROOM_TIME_ZONE is no zone, such as Asia/Tokyo")
        if self.staff_port and self.staff_host:
            raise ValueError("set CLASSROOM_STAFF_PORT or CLASSROOM_STAFF_HOST, not both")
        if self.staff_port and self.staff_port in {self.port, self.ca_port, self.metrics_port}:
            raise ValueError("CLASSROOM_STAFF_PORT is the port of something else")
        if self.cloud_sql_instance and self.database_url:
            raise ValueError("set CLASSROOM_CLOUD_SQL_INSTANCE or CLASSROOM_DATABASE_URL, not both")
        return self

    @property
    def database(self) -> str:
        """Empty when the tables lie in Cloud SQL."""
        if self.cloud_sql_instance:
            return ""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'classroom.sqlite'}"

    @property
    def queue_database(self) -> str:
        """With the password of the tables where the address has a user and none: it is the same instance."""
        url = self.queue_database_url or f"sqlite:///{self.data_dir.resolve() / 'queue.sqlite'}"
        parts, password = urlsplit(url), self.cloud_sql_password.get_secret_value()
        if not (password and parts.username and parts.password is None):
            return url
        user, _, host = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))

    @property
    def blobs_emulated(self) -> bool:
        """Is the bucket an emulator's? Google's library takes its address from this variable, and no bucket
        of Google's then.
        """
        return self.blobs.startswith("gs://") and bool(os.environ.get("STORAGE_EMULATOR_HOST"))

    @property
    def zip_megabytes_max(self) -> int:
        """As people are told."""
        return self.zip_bytes_max // (1024 * 1024)

    @property
    def uses_tls(self) -> bool:
        return self.tls == "on" or (self.tls == "auto" and self.host not in LOOPBACK_HOSTS)


@cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
