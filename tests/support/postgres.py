"""A real Postgres server on a temporary folder and port, started by the tests that want one."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import tempfile
import uuid
from pathlib import Path

import pg8000.dbapi
import pytest

from classroom_app.network import free_port
from classroom_app.onsite.tier_certificates import make_certificates
from tests.support.processes import descendants

USER = "classroom"
TEMPORARY_ROOT = "PYTEST_DEBUG_TEMPROOT"  # where pytest, too, makes its temporary folders


class Postgres:
    """Debian's server, run by its own user when we are root: it refuses to be root itself."""

    def __init__(self, tls: bool = False) -> None:
        """`tls`: a connection without it is refused, and addresses say with what the server is checked."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        if not found:
            pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
        self._bin = found[-1]
        self._user: int | None = None  # our own
        self._group: int | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="classroom-postgres-", dir=os.environ.get(TEMPORARY_ROOT)))
        if os.getuid() == 0:
            try:
                owner = pwd.getpwnam("postgres")
            except KeyError:
                pytest.skip("root may not run PostgreSQL, and there is no user postgres")
            self._user, self._group = owner.pw_uid, owner.pw_gid
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self.port = free_port()
        self._unused = ""
        self._tls = tls

    @property
    def _ca(self) -> Path:
        return self.folder / "certs" / "ca.pem"

    def start(self) -> None:
        make = [
            "initdb",
            "-D",
            "data",
            "-U",
            USER,
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        self._run(*make)
        if self._tls:
            self._take_nobody_without_tls()
        self.run()

    def _take_nobody_without_tls(self) -> None:
        certs, data = self._ca.parent, self.folder / "data"
        make_certificates(certs, ["127.0.0.1"], days=1, ca_days=2)
        (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 trust\n")
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(f"ssl = on\nssl_cert_file = '{certs}/server.pem'\n")
            settings.write(f"ssl_key_file = '{certs}/server.key'\n")
        if self._user is not None and self._group is not None:
            for path in (certs, *certs.iterdir()):
                os.chown(path, self._user, self._group)
        # The server's user needs its key alone; who tests is somebody else, and reads the CA's certificate.
        for path in (self.folder, certs):
            path.chmod(0o755)
        self._ca.chmod(0o644)

    def run(self) -> None:
        # Not synchronous_commit=off: what was committed just before `halt` would be gone.
        quick = "-c fsync=off -c full_page_writes=off -c max_connections=200"
        listen = f"-p {self.port} -h 127.0.0.1 -k {self.folder} {quick}"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", listen, "start")

    def halt(self) -> None:
        """As when its machine goes away: connections break in the middle."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def leave(self) -> None:
        """As for a maintenance: what was committed is on the disk."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "fast", "stop")

    def freeze(self) -> None:
        """It hangs: its connections stay open and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        # The one that would start others first.
        for pid in (first, *descendants(first)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / program), *arguments],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
            user=self._user,
            group=self._group,
        )

    def connect(self, database: str = "postgres") -> pg8000.dbapi.Connection:
        context = ssl.create_default_context(cafile=str(self._ca)) if self._tls else None
        connection = pg8000.dbapi.connect(
            USER, host="127.0.0.1", port=self.port, database=database, timeout=20, ssl_context=context
        )
        connection.autocommit = True
        return connection

    def new_database(self, template: str = "template1") -> str:
        """The name of an empty one, or of a copy of one that nobody is connected to."""
        name = f"test_{uuid.uuid4().hex}"
        connection = self.connect()
        connection.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        connection.close()
        return name

    def unused_database(self) -> str:
        """The name of an empty one for somebody who may never want it: until then others get the same."""
        if not self._unused or self._is_used(self._unused):
            self._unused = self.new_database()
        return self._unused

    def _is_used(self, name: str) -> bool:
        connection = self.connect(name)
        cursor = connection.cursor()
        cursor.execute(
            "SELECT count(*) FROM pg_class JOIN pg_namespace AS schema ON schema.oid = relnamespace"
            " WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'"
        )
        [count] = cursor.fetchone()
        connection.close()
        return bool(count)

    def drop_database(self, name: str) -> None:
        """Whoever is connected to it is thrown out."""
        connection = self.connect()
        connection.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.close()

    def url(self, database: str, driver: str = "postgresql+pg8000") -> str:
        query = f"?sslmode=verify-full&sslrootcert={self._ca}" if self._tls else ""
        return f"{driver}://{USER}@127.0.0.1:{self.port}/{database}{query}"
