"""Slows down guessing: tries at a door fade with time, and a door with too many of them waits.

Knows nothing of passwords or picture codes: the caller judges the try.

A try is counted before it is judged, so that many at once cannot slip through together. Each counts at
two doors, and both have to be free:

- the near door, of the caller's own address: five tries, then about one every ten seconds. An iPad that
  hammers at the log-in closes this door for itself; the facilitator's computer has another.
- the far door, of what is guessed at (a user name, a group), over all addresses: sixty tries, then about
  one and a half a second. A guess spread over many addresses, true or made up, is still slow.

A try that finds one of them closed is counted nowhere and leaves no row: a single address cannot fill
the far door. All user names that do not exist are one name here, so inventing names opens no new doors.
A door is stored as a keyed hash: whatever was typed (a password in the wrong field) and from which
address cannot be read from the table. After a day a row is swept.
"""

from __future__ import annotations

import datetime as dt
import ipaddress

from classroom_app.data.engine import Database
from classroom_app.data.repository import access
from classroom_app.data.tables import utcnow
from classroom_app.errors import ThrottledError
from classroom_app.services.signing import Signer

NEAR_TRIES = 5.0
FAR_TRIES = 60.0
HALF_LIFE_S = 30.0  # a wrong try counts half after this; a class is not locked out for long
KEPT = dt.timedelta(days=1)
_NETWORK_V6 = 64  # one device may take any address of its own network


class Doors:
    def __init__(self, db: Database, signer: Signer) -> None:
        self._db = db
        self._signer = signer

    def enter(self, kind: str, subject: str, address: str, *, apart: bool = True) -> None:
        """Count a try. Raises ThrottledError. `apart`: the near door is of this subject alone."""
        now = utcnow()
        tries = self._tries(kind, subject, address, apart)
        with self._db.write() as session:
            # In one order for everybody: two callers never wait for each other.
            rows = {door: access.throttle(session, door) for door in sorted(tries)}
            for door, row in rows.items():
                age_s = max(0.0, (now - row.updated_at).total_seconds())
                row.failures, row.updated_at = row.failures * 0.5 ** (age_s / HALF_LIFE_S), now
                if row.failures >= tries[door] - 0.5:  # half a try has faded by the time of the next
                    raise ThrottledError(seconds=round(HALF_LIFE_S))
            for row in rows.values():
                row.failures += 1

    def was_right(self, kind: str, subject: str, address: str, *, apart: bool = True) -> None:
        """The near door is as new; the far one takes back this try alone, for others may be guessing."""
        tries = self._tries(kind, subject, address, apart)
        with self._db.write() as session:
            for door in sorted(tries):
                row = access.throttle(session, door)
                row.failures = 0.0 if tries[door] == NEAR_TRIES else max(0.0, row.failures - 1)

    def sweep(self) -> None:
        with self._db.write() as session:
            access.delete_throttles(session, utcnow() - KEPT)

    def _tries(self, kind: str, subject: str, address: str, apart: bool) -> dict[str, float]:
        """How many tries each door of the caller takes."""
        near = self._signer.digest("door", kind, "near", subject if apart else "", _place(address))
        far = self._signer.digest("door", kind, "far", subject)
        return {f"{kind}:{near}": NEAR_TRIES, f"{kind}:{far}": FAR_TRIES}


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
