"""How long the tiers still trust each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509

WARN_DAYS = 10  # a week to mend it in, and a weekend


def ends_soon(files: Iterable[Path], now: dt.datetime, days: float = WARN_DAYS) -> list[tuple[str, float]]:
    """(file's name, days left) of certificates that end within `days`. Raises OSError, ValueError."""
    found = []
    for path in files:
        for certificate in x509.load_pem_x509_certificates(path.read_bytes()):
            left = (certificate.not_valid_after_utc - now) / dt.timedelta(days=1)
            if left < days:
                found.append((path.name, round(left, 1)))
    return found
