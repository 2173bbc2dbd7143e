"""Asks Compute Engine's metadata server whether this machine is about to stop, and says so once.

Knows nothing of gRPC or of what is done about it.
"""

from __future__ import annotations

import http.client
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable

import structlog

log = structlog.get_logger()

METADATA_URL = "http://metadata.google.internal"
POLL_SECONDS = 300  # the server answers after this long when nothing changed
ANSWER_SECONDS = POLL_SECONDS + 30
RETRY_SECONDS = 5.0

# A machine with a GPU is never moved alive: it is stopped. MIGRATE_ON_HOST_MAINTENANCE is no reason to go.
_STOPS = {
    "maintenance-event": "TERMINATE_ON_HOST_MAINTENANCE",
    "preempted": "TRUE",
}


def watch_machine(metadata_url: str, on_stop: Callable[[], None]) -> None:
    """Call `on_stop` when the machine is going to stop; the watching is done by threads of its own."""
    for name, value in _STOPS.items():
        arguments = (f"{metadata_url}/computeMetadata/v1/instance/{name}", value, on_stop)
        threading.Thread(target=_watch, args=arguments, name=f"watch-{name}", daemon=True).start()


def _watch(url: str, value: str, on_stop: Callable[[], None]) -> None:
    etag: str | None = None
    while True:
        try:
            found, etag = _ask(url, etag)
        except (OSError, http.client.HTTPException, ValueError) as exc:
            log.warning("metadata_away", url=url, why=str(exc))
            time.sleep(RETRY_SECONDS)
            continue
        if found == value:
            log.warning("machine_stops", value=found, url=url)
            on_stop()
            return


def _ask(url: str, etag: str | None) -> tuple[str, str]:
    """The value and its etag: at once the first time, then when it is another one than before."""
    asked = {} if etag is None else {"wait_for_change": "true", "timeout_sec": str(POLL_SECONDS)}
    if etag:
        asked["last_etag"] = etag
    request = urllib.request.Request(  # noqa: S310 - the scheme is ours
        f"{url}?{urllib.parse.urlencode(asked)}" if asked else url, headers={"Metadata-Flavor": "Google"}
    )
    # Whatever proxy the environment names: the metadata server is this machine's own.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=ANSWER_SECONDS) as answer:
        return answer.read().decode().strip(), answer.headers.get("ETag", "")
