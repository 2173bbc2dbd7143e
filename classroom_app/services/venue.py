"""From where the iPads and projectors of a class may come: networks that a facilitator writes down.

An address is the one of the connection, behind the proxies that the settings trust. What grown-ups do is not
asked for its network: whoever sets a wrong one can still set it right.
"""

from __future__ import annotations

import ipaddress
import re
import time
import unicodedata
from collections.abc import Iterable
from typing import Final

from classroom_app.data.acting import action
from classroom_app.data.engine import Database
from classroom_app.data.repository import classes
from classroom_app.data.tables import Event
from classroom_app.errors import BadInputError
from classroom_app.states import Phase

NETWORKS_MAX: Final = 20
KEPT_S: Final = 2.0  # every request of an iPad asks: what was found out just now will do
CLASSES_KEPT: Final = 500
_BETWEEN: Final = re.compile(r"[\s,;、]+")


class VenueService:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: dict[
            str, tuple[float, str]
        ] = {}  # by class: until when by this process's clock, networks

    def networks(self, event_id: str) -> tuple[str, ...]:
        """None means from anywhere."""
        with self._db.read() as session:
            return listed(classes.event(session, event_id).networks)

    @action("networks_set")
    def set_networks(self, event_id: str, text: str) -> tuple[str, ...]:
        """Addresses and blocks, with commas, spaces or line ends between them. Raises BadInputError
        (`venue_wrong`, with the part that is wrong; `venue_many`).
        """
        found = parsed(text)
        with self._db.write() as session:
            classes.event(session, event_id).networks = stored(found)
        self._kept.pop(event_id, None)
        return found

    def lets_in(self, event_id: str, address: str) -> bool:
        """A class that is over or gone keeps nobody out: its cookies open nothing, and say so themselves."""
        known = self.known(event_id)
        if known is None:
            with self._db.read() as session:
                row = session.get(Event, event_id)
            known = row.networks if row is not None and row.phase != Phase.CLOSED else ""
            if len(self._kept) >= CLASSES_KEPT:
                self._kept.clear()
            self._kept[event_id] = (time.monotonic() + KEPT_S, known)
        return is_inside(known, address)

    def known(self, event_id: str) -> str | None:
        """The networks as they were a moment ago, without a look into the database; None: it takes one."""
        until, networks = self._kept.get(event_id, (0.0, ""))
        return networks if until > time.monotonic() else None


def parsed(text: str) -> tuple[str, ...]:
    """In the usual spelling, each once. Raises BadInputError."""
    found: list[str] = []
    for part in filter(None, _BETWEEN.split(unicodedata.normalize("NFKC", text))):
        try:
            network = str(ipaddress.ip_network(part, strict=False))
        except ValueError as exc:
            raise BadInputError("venue_wrong", text=part[:40]) from exc
        if network not in found:
            found.append(network)
    if len(found) > NETWORKS_MAX:
        raise BadInputError("venue_many", number=NETWORKS_MAX)
    return tuple(found)


def is_inside(networks: str, address: str) -> bool:
    """`networks` as stored. An address that is none is outside, unless there is no limit."""
    if not networks:
        return True
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(given, ipaddress.IPv6Address) and given.ipv4_mapped is not None:
        given = given.ipv4_mapped
    return any(given in ipaddress.ip_network(one) for one in listed(networks))


def stored(networks: Iterable[str]) -> str:
    """As the column of a class has them."""
    return ",".join(networks)


def listed(networks: str) -> tuple[str, ...]:
    return tuple(networks.split(",")) if networks else ()
