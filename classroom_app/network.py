"""The names of this machine for itself, and a free port on it.

For whatever starts a server here, or must know whether one is here.
"""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what a user gives, to listen on every address of this machine
LOOPBACK_HOSTS = frozenset({LOOPBACK, "localhost", "::1"})


def is_loopback(url: str) -> bool:
    """Does the address lead to the very computer that it is opened on?"""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK_HOSTS or host.startswith("127.")


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
