"""Slows down guessing: tries are counted, fade with time, and with too many of them the next one waits.

The caller judges the try. It is counted before it is judged, so that many at once cannot slip through
together. None of the counts that a try has may be full:

- Of whoever tries, at what is guessed at: five tries, then about one every ten seconds. Whoever tries is the
  browser where it is known (services/known_browsers.py), else its address. A school has one address for
  everybody in it, so a child that guesses there must not use up what others have: a wrong user name counts
  for that name alone, and a browser that was let in before has counts of its own and shares none.
- Of an address, or such a browser, over all user names: thirty tries, then about two every three seconds.
  Checking a password takes a quarter of a second of a core, and inventing names must not make rows without
  end.
- Of what is guessed at (a user name, a group), over everybody: sixty tries, then about one and a half a
  second. A guess spread over many addresses, true or made up, is still slow. At a group's pictures browsers
  that keep cookies have a count of half the size beside it, so that a script without any keeps no iPad out;
  and an iPad that was in this class before has its own alone, so that one that collects them does not either.

A refused try is counted nowhere and leaves no row. All user names that do not exist are one subject. A row's
key is a keyed hash: whatever was typed (a password in the wrong field) and from which address cannot be read
from the table. After a day a row is swept.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass

from classroom_app.data.acting import bookkeeping
from classroom_app.data.engine import Database
from classroom_app.data.repository import access
from classroom_app.data.tables import utcnow
from classroom_app.errors import ThrottledError
from classroom_app.services.known_browsers import KnownBrowser
from classroom_app.services.signing import Signer

TRIES_OF_ONE = 5.0
TRIES_OF_ALL_NAMES = 30.0
TRIES_PER_SUBJECT = 60.0
TRIES_OF_BROWSERS = 30.0  # at a group's pictures: a script may collect cookies
HALF_LIFE_S = 30.0  # a wrong try counts half after this; a class is not locked out for long
KEPT = dt.timedelta(days=1)
_NETWORK_V6 = 64  # one device may take any address of its own network


@dataclass(frozen=True)
class PasswordGuess:
    """`username` as it was typed; `account` is its account's, empty where there is none."""

    username: str
    account: str
    address: str
    browser: KnownBrowser | None = None

    def limits(self) -> dict[tuple[str, ...], float]:
        """How many tries each count takes."""
        if self.browser is not None and self.browser.let_in:
            return {
                ("login", "own", self.username, self.browser.id): TRIES_OF_ONE,
                ("login", "browser", self.browser.id): TRIES_OF_ALL_NAMES,
            }
        place = _place(self.address)
        return {
            ("login", "near", self.username, place): TRIES_OF_ONE,
            ("login", "address", place): TRIES_OF_ALL_NAMES,
            ("login", "far", self.account): TRIES_PER_SUBJECT,
        }


@dataclass(frozen=True)
class PictureGuess:
    """`member`: the number of a cookie that this class gave the iPad before; empty: it is new to it."""

    group_id: str
    address: str
    browser: KnownBrowser | None = None
    member: str = ""

    def limits(self) -> dict[tuple[str, ...], float]:
        """How many tries each count takes."""
        if self.member:
            return {("group", "own", self.group_id, self.member): TRIES_OF_ONE}
        if self.browser is not None:
            return {
                ("group", "browser", self.group_id, self.browser.id): TRIES_OF_ONE,
                ("group", "far", self.group_id, "browsers"): TRIES_OF_BROWSERS,
            }
        return {
            ("group", "near", self.group_id, _place(self.address)): TRIES_OF_ONE,
            ("group", "far", self.group_id): TRIES_PER_SUBJECT,
        }


class GuessThrottle:
    def __init__(self, db: Database, signer: Signer) -> None:
        self._db = db
        self._signer = signer

    def count_try(self, guess: PasswordGuess | PictureGuess) -> None:
        """Raises ThrottledError."""
        now = utcnow()
        limits = self._limits(guess)
        with bookkeeping(), self._db.write() as session:
            # In one order for everybody: two callers never wait for each other.
            rows = {key: access.throttle(session, key) for key in sorted(limits)}
            for key, row in rows.items():
                age_s = max(0.0, (now - row.updated_at).total_seconds())
                row.failures, row.updated_at = row.failures * 0.5 ** (age_s / HALF_LIFE_S), now
                if row.failures >= limits[key] - 0.5:  # half a try has faded by the time of the next
                    raise ThrottledError(seconds=round(HALF_LIFE_S))
            for row in rows.values():
                row.failures += 1

    def was_right(self, guess: PasswordGuess | PictureGuess) -> None:
        """Whoever it was starts anew; counts of many lose this try alone, for others may be guessing."""
        limits = self._limits(guess)
        with bookkeeping(), self._db.write() as session:
            for key in sorted(limits):
                row = access.throttle(session, key)
                row.failures = 0.0 if limits[key] == TRIES_OF_ONE else max(0.0, row.failures - 1)

    def sweep(self) -> None:
        with self._db.write() as session:
            access.delete_throttles(session, utcnow() - KEPT)

    def _limits(self, guess: PasswordGuess | PictureGuess) -> dict[str, float]:
        """The same by the rows' keys."""
        # "door" is in hashes that are stored already: it stays as it is.
        return {
            f"{parts[0]}:{self._signer.digest('door', *parts)}": limit
            for parts, limit in guess.limits().items()
        }


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
