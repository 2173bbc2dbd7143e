"""Frozen settings; the only reader of the environment (prefix CLASSROOM_).

Knows nothing of what the values are used for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting has a default that fits one machine; the README's table is made from here."""

    model_config = SettingsConfigDict(env_prefix="CLASSROOM_", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("var"), description="database, photos, keys and logs of one machine")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder")
    queue_database_url: str = Field("", description="DBOS system database; empty: SQLite in the data folder")
    blobs: str = Field("", description="gs://bucket or a folder; empty: `blobs` in the data folder")
    ml_targets: str = Field("127.0.0.1:50051", description="ml_core addresses, comma-separated")
    host: str = Field("127.0.0.1", description="address the web app listens on")
    port: int = Field(8501, ge=1, le=65535, description="port of the web app")
    ca_port: int = Field(8500, ge=1, le=65535, description="plain-HTTP port of the certificate page")
    tls: Literal["auto", "on", "off"] = Field(
        "auto", description="HTTPS from the private CA; auto: on unless the host is loopback"
    )
    public_url: str = Field("", description="address that QR codes show; empty: found out at start")
    trust_proxy: bool = Field(
        False, description="behind a load balancer that sets X-Forwarded-For and -Proto"
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
    max_groups: int = Field(30, ge=1, le=60, description="groups of one class")
    max_photos_per_group: int = Field(1000, ge=10, description="photos of one group")
    max_challenge_photos: int = Field(1000, ge=10, description="challenge photos of one class")
    undo_minutes: float = Field(10, gt=0, description="how long a child's deleted photo can be brought back")
    training_workers: int = Field(2, ge=1, le=32, description="runs that one web process works on at once")
    photo_bytes_max: int = Field(8 * 1024 * 1024, description="largest photo that is taken in, bytes")
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Prometheus metrics on a port of their own, never the app's; 0: off"
    )
    metrics_host: str = Field("127.0.0.1", description="address of the metrics port")
    zip_bytes_max: int = Field(500 * 1024 * 1024, description="largest challenge ZIP, bytes")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'classroom.sqlite'}"

    @property
    def queue_database(self) -> str:
        return self.queue_database_url or f"sqlite:///{self.data_dir.resolve() / 'queue.sqlite'}"

    @property
    def uses_tls(self) -> bool:
        loopback = self.host in {"127.0.0.1", "localhost", "::1"}
        return self.tls == "on" or (self.tls == "auto" and not loopback)


@cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
