"""The cloud on one machine: Postgres over TLS, a bucket, web and compute processes with mutual TLS between.

The topology of `compose.yaml` and of production, by hand: as many of each tier as asked for.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from classroom_app.network import LOOPBACK, free_port
from classroom_app.onsite.tier_certificates import make_certificates
from tests.support.gcs import gcs_emulator
from tests.support.invariants import must_hold
from tests.support.postgres import Postgres
from tests.support.processes import kill_tree
from tests.support.root import ROOT
from tests.support.running import PASSWORD, wait_for

BUCKET = "class"
NAME = "ml.classroom.internal"


@dataclass
class TierProcess:
    """One process of a tier, on a port of its own."""

    name: str
    command: list[str]
    port: int
    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text()

    def start(self) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", *self.command],
                cwd=ROOT,
                env={**os.environ, **self.env},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def send(self, number: signal.Signals) -> None:
        assert self.running is not None
        self.running.send_signal(number)

    def wait(self, seconds: float) -> int:
        assert self.running is not None
        return self.running.wait(seconds)


class LoadBalancer(httpx.AsyncBaseTransport):
    """Each request of an iPad goes to the next of the web processes that are up."""

    def __init__(self, up: list[TierProcess]) -> None:
        self._up = up
        self._turn = 0
        self._network = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._turn += 1
        request.url = request.url.copy_with(port=self._up[self._turn % len(self._up)].port)
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()


@dataclass
class CloudHere:
    """Its processes, and ways to look into its database, queue and bucket."""

    web: list[TierProcess]
    ml: list[TierProcess]
    postgres: Postgres
    tables: str
    queue: str
    gcs: str

    def ask(self, database: str, query: str) -> list[tuple[Any, ...]]:
        connection = self.postgres.connect(database)
        try:
            cursor = connection.cursor()
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            connection.close()

    def count(self, *tables: str) -> dict[str, int]:
        return {table: self.ask(self.tables, f"SELECT count(*) FROM {table}")[0][0] for table in tables}

    def files(self) -> list[str]:
        listed = httpx.get(f"{self.gcs}/storage/v1/b/{BUCKET}/o").json()
        return [item["name"] for item in listed.get("items", [])]

    def is_ready(self, web: TierProcess) -> bool:
        return _ready(web, [*self.ml, web])


def executor_of(cloud: CloudHere, run_id: str) -> str | None:
    """Who is in the middle of the run."""
    rows = cloud.ask(
        cloud.queue,
        "SELECT executor_id FROM dbos.workflow_status "
        f"WHERE workflow_uuid = '{run_id}' AND status = 'PENDING'",
    )
    return str(rows[0][0]) if rows else None


@contextmanager
def cloud_here(
    postgres: Postgres,
    folder: Path,
    *,
    web: int = 2,
    ml: int = 2,
    settings: Mapping[str, str] | None = None,
    way_to_bucket: Callable[[str], AbstractContextManager[str]] = nullcontext,
) -> Iterator[CloudHere]:
    """All of it, ready. `settings`: more of the web tier's, without their prefix; `way_to_bucket` gives the
    address by which both tiers reach the bucket's. At its end all that must hold holds."""
    certs = folder / "certs"
    make_certificates(certs, [NAME], days=1, ca_days=2)
    with gcs_emulator() as gcs, way_to_bucket(gcs) as reached:
        httpx.post(f"{gcs}/storage/v1/b", json={"name": BUCKET}).raise_for_status()
        made = CloudHere([], [], postgres, postgres.new_database(), postgres.new_database(), gcs)
        made.ml = [_ml(number, certs, reached, folder) for number in range(1, ml + 1)]
        made.web = [
            _web(number, made, certs, reached, folder, settings or {}) for number in range(1, web + 1)
        ]
        everything = [*made.ml, *made.web]
        try:
            for process in everything:  # all at once, as after a roll-out: the tables are made by one of them
                process.start()
            for one in made.web:
                wait_for(partial(_ready, one, everything), 180, f"{one.name} is ready")
            yield made
            must_hold(made.web[0].env | {"CLASSROOM_EXECUTOR_ID": "check"})
        finally:
            for process in everything:
                if process.running is not None:
                    kill_tree(process.running)


def _ready(web: TierProcess, everything: list[TierProcess]) -> bool:
    for process in everything:
        assert process.running is not None
        if process.running.poll() is not None:
            pytest.fail(f"{process.name}: {process.log}")
    checks = httpx.get(f"{web.url}/readyz").json()
    return all(value for value in checks.values() if isinstance(value, bool))


def _ml(number: int, certs: Path, gcs: str, folder: Path) -> TierProcess:
    port = free_port()
    command = ["ml_core", "serve", "--port", str(port), "--blobs", f"gs://{BUCKET}", "--threads", "1"]
    command += ["--tls-key", f"{certs}/server.key", "--tls-cert", f"{certs}/server.pem"]
    command += ["--tls-ca", f"{certs}/ca.pem", "--device", "cpu"]
    return TierProcess(f"ml{number}", command, port, folder, {"STORAGE_EMULATOR_HOST": gcs})


def _web(
    number: int, cloud: CloudHere, certs: Path, gcs: str, folder: Path, more: Mapping[str, str]
) -> TierProcess:
    port = free_port()
    env = {
        "DATA_DIR": str(folder / f"web{number}"),
        "DATABASE_URL": cloud.postgres.url(cloud.tables),
        "QUEUE_DATABASE_URL": cloud.postgres.url(cloud.queue, "postgresql"),
        "BLOBS": f"gs://{BUCKET}",
        "ML_TARGETS": ",".join(f"{LOOPBACK}:{ml.port}" for ml in cloud.ml),
        "ML_TLS_CA": f"{certs}/ca.pem",
        "ML_TLS_CERT": f"{certs}/client.pem",
        "ML_TLS_KEY": f"{certs}/client.key",
        "ML_TLS_NAME": NAME,
        "PORT": str(port),
        "EXECUTOR_ID": f"web{number}",
        "SECRET_KEY": "one-key-for-all-web-processes-of-a-class",
        "FIRST_PASSWORD": PASSWORD,
        "TLS": "off",
    }
    settings = {f"CLASSROOM_{name}": value for name, value in (env | dict(more)).items()}
    return TierProcess(
        f"web{number}",
        ["classroom_app", "web"],
        port,
        folder,
        {**settings, "STORAGE_EMULATOR_HOST": gcs},
    )
