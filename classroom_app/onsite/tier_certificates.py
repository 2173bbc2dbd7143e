"""Certificates for mutual TLS between the tiers: a private CA, a pair for servers, a pair for clients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from classroom_app.onsite import private_ca

SERVER, CLIENT = "server", "client"


class CertsError(Exception):
    """Nothing was written; the text says why and what to do."""


def make_certificates(
    folder: Path, names: Sequence[str], *, days: float, ca_days: float, new_ca: bool = False
) -> private_ca.Authority:
    """Fresh pairs signed by the folder's CA, which is made when there is none, or when asked for.

    A CA is never replaced unasked: both tiers would refuse each other until they had the new one.
    """
    names = [name.strip().lower() for name in names if name.strip()]
    if not names:
        raise CertsError("A server's certificate needs a name: --names ml.classroom.internal,127.0.0.1")
    # Every certificate begins a little earlier: the skew is taken off at the beginning.
    authority = _authority(folder, timedelta(days=ca_days) + private_ca.CLOCK_SKEW, new_ca)
    lifetime = timedelta(days=days) + private_ca.CLOCK_SKEW
    if datetime.now(UTC) + timedelta(days=days) > authority.certificate.not_valid_after_utc:
        raise CertsError(
            f"The CA of {folder} ends on {authority.certificate.not_valid_after_utc:%Y-%m-%d}, before its "
            "certificates would: fewer --days, or --new-ca for both tiers"
        )
    # A stolen server key must not pass as a client, nor the other way round.
    server = private_ca.issue(authority, names[0], names=names, server=True, lifetime=lifetime)
    client = private_ca.issue(authority, "classroom-web", client=True, lifetime=lifetime)
    private_ca.save_authority(folder, authority)
    private_ca.save_issued(folder, SERVER, server)
    private_ca.save_issued(folder, CLIENT, client)
    return authority


def _authority(folder: Path, lifetime: timedelta, new_ca: bool) -> private_ca.Authority:
    if new_ca:
        return private_ca.new_authority(lifetime)
    try:
        found = private_ca.read_authority(folder)
    except ValueError as exc:
        raise CertsError(f"{folder} holds a CA that cannot be read; --new-ca replaces it") from exc
    if found is None and any((folder / name).exists() for name in (private_ca.CA_KEY, private_ca.CA_CERT)):
        raise CertsError(
            f"{folder} holds half of a CA: bring its other file back, or replace it with --new-ca"
        )
    return found or private_ca.new_authority(lifetime)
