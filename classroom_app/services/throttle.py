"""Slows down guessing: tries are counted, fade with time, and with too many of them the next one waits.

The caller judges the try. It is counted before it is judged, so that many at once cannot slip through
together. Each try counts twice, and neither count may be full:

- per address, of whoever tries: five tries, then about one every ten seconds. An iPad that hammers at the
  log-in keeps out itself alone; the facilitator's computer has another address.
- per subject, of what is guessed at (a user name, a group), over all addresses: sixty tries, then about
  one and a half a second. A guess spread over many addresses, true or made up, is still slow.

A refused try is counted nowhere and leaves no row: a single address cannot fill the count of a subject.
All user names that do not exist are one subject, so inventing names starts no new counts. A row's key is
a keyed hash: whatever was typed (a password in the wrong field) and from which address cannot be read
from the table. After a day a row is swept.
"""

from __future__ import annotations

import datetime as dt
import ipaddress

from classroom_app.data.engine import Database
from classroom_app.data.repository import access
from classroom_app.data.tables import utcnow
from classroom_app.errors import ThrottledError
from classroom_app.services.signing import Signer

TRIES_PER_ADDRESS = 5.0
TRIES_PER_SUBJECT = 60.0
HALF_LIFE_S = 30.0  # a wrong try counts half after this; a class is not locked out for long
KEPT = dt.timedelta(days=1)
_NETWORK_V6 = 64  # one device may take any address of its own network


class GuessThrottle:
    def __init__(self, db: Database, signer: Signer) -> None:
        self._db = db
        self._signer = signer

    def count_try(self, kind: str, subject: str, address: str, *, apart: bool = True) -> None:
        """Raises ThrottledError. `apart`: an address has a count for each subject, not one for all."""
        now = utcnow()
        limits = self._limits(kind, subject, address, apart)
        with self._db.write() as session:
            # In one order for everybody: two callers never wait for each other.
            rows = {key: access.throttle(session, key) for key in sorted(limits)}
            for key, row in rows.items():
                age_s = max(0.0, (now - row.updated_at).total_seconds())
                row.failures, row.updated_at = row.failures * 0.5 ** (age_s / HALF_LIFE_S), now
                if row.failures >= limits[key] - 0.5:  # half a try has faded by the time of the next
                    raise ThrottledError(seconds=round(HALF_LIFE_S))
            for row in rows.values():
                row.failures += 1

    def was_right(self, kind: str, subject: str, address: str, *, apart: bool = True) -> None:
        """The address starts anew; the subject's count loses this try alone, for others may be guessing."""
        limits = self._limits(kind, subject, address, apart)
        with self._db.write() as session:
            for key in sorted(limits):
                row = access.throttle(session, key)
                row.failures = 0.0 if limits[key] == TRIES_PER_ADDRESS else max(0.0, row.failures - 1)

    def sweep(self) -> None:
        with self._db.write() as session:
            access.delete_throttles(session, utcnow() - KEPT)

    def _limits(self, kind: str, subject: str, address: str, apart: bool) -> dict[str, float]:
        """How many tries each of the two counts takes, by its row's key."""
        # "door", "near" and "far" are in hashes that are stored already: they stay as they are.
        per_address = self._signer.digest("door", kind, "near", subject if apart else "", _place(address))
        per_subject = self._signer.digest("door", kind, "far", subject)
        return {f"{kind}:{per_address}": TRIES_PER_ADDRESS, f"{kind}:{per_subject}": TRIES_PER_SUBJECT}


def _place(address: str) -> str:
    """What counts as one device. This computer itself is "", however it is written."""
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(given, ipaddress.IPv6Address):
        if given.ipv4_mapped is None and not given.is_loopback:
            return str(ipaddress.ip_network((int(given), _NETWORK_V6), strict=False).network_address)
        given = given.ipv4_mapped or given
    return "" if given.is_loopback else str(given)
