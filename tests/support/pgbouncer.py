"""A real PgBouncer in transaction mode before a Postgres of the tests: what a pooler breaks, breaks here."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from classroom_app.network import LOOPBACK, free_port
from tests.support.postgres import TEMPORARY_ROOT, USER, Postgres
from tests.support.processes import end
from tests.support.running import wait_for


@contextlib.contextmanager
def pgbouncer(postgres: Postgres, connections: int) -> Iterator[int]:
    """Its port; each database gets so many connections of the server, however many clients there are."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("PgBouncer is not installed: apt-get install pgbouncer")
    folder = Path(tempfile.mkdtemp(prefix="classroom-pgbouncer-", dir=os.environ.get(TEMPORARY_ROOT)))
    port = free_port()
    (folder / "users.txt").write_text(f'"{USER}" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={LOOPBACK} port={postgres.port} user={USER}\n"
        f"[pgbouncer]\nlisten_addr = {LOOPBACK}\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = any\nauth_file = {folder}/users.txt\n"
        f"pool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 500\n"
        # As Debian's own does: what a client asks for is not handed on, and refused where it is unknown.
        "ignore_startup_parameters = extra_float_digits\n"
        f"logfile = {folder}/log\nquery_wait_timeout = 30\n"
    )
    owner = pwd.getpwnam("postgres") if os.getuid() == 0 else None
    if owner is not None:
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    process = subprocess.Popen(
        [program, str(folder / "pgbouncer.ini")],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
    )
    try:
        wait_for(lambda: _listens(port), 20, "PgBouncer listens")
        yield port
    finally:
        end(process, signal.SIGTERM, 10)
        shutil.rmtree(folder, ignore_errors=True)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
        return True
    return False
