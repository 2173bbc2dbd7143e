"""So many requests a second from each party, and what is more waits for its turn: a flood slows itself down.

Nobody is turned away: forty iPads come from one address, and who waits here costs a place in memory and
nothing else. The websocket (see `socket_guard`) and files are not counted, and of pages only those whose
address begins as that of a route of ours does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.types import Scope

from classroom_app.resources import get_app
from classroom_app.web.pace import Pace
from classroom_app.web.routes.common import BROWSER_COOKIE, FACILITATOR_COOKIE, GROUP_COOKIE, PROJECTOR_COOKIE

PARTIES_KEPT = 200  # before those that nobody would miss are forgotten


@dataclass(frozen=True)
class RequestAllowance:
    """Requests a second, and how many at once."""

    per_second: float
    at_once: int


# A group has up to four iPads; each sends five photos or three live frames a second and asks twice a second.
KNOWN = RequestAllowance(per_second=60, at_once=240)
# Whoever has no cookie yet, of one address: forty iPads that join in the same minute, each with three or four
# requests, of which the join costs most; all in the same second, the last one waits for six.
ADDRESS = RequestAllowance(per_second=15, at_once=60)


class RequestPace:
    """`turn` for each request of our own routes. Parties are told apart by what their cookies are signed
    for: whether they still open anything is the route's business."""

    def __init__(
        self,
        signed_for: Callable[[Mapping[str, str]], str | None],
        known: RequestAllowance = KNOWN,
        address: RequestAllowance = ADDRESS,
    ) -> None:
        self._signed_for = signed_for
        self._known = known
        self._address = address
        self._paces: dict[str, Pace] = {}

    async def turn(self, scope: Scope) -> None:
        """Returns when it is this request's turn."""
        party = self._signed_for(HTTPConnection(scope).cookies)
        client = scope.get("client")
        name = party or f"address {client[0] if client else ''}"
        pace = self._paces.get(name)
        if pace is None:
            if len(self._paces) >= PARTIES_KEPT:
                self._paces = {key: kept for key, kept in self._paces.items() if not kept.is_rested}
            allowance = self._known if party else self._address
            pace = self._paces[name] = Pace(allowance.per_second, allowance.at_once)
        await pace.turn()


def party_signed_for(cookies: Mapping[str, str]) -> str | None:
    """The group, facilitator or projector, by the version of their cookies: copies from before a renewal
    slow nobody but each other down. A forged cookie is a stranger's. A browser on which somebody was let in
    before comes to the log-in without any of them, and is no stranger either."""
    for name in (GROUP_COOKIE, FACILITATOR_COOKIE, PROJECTOR_COOKIE):
        if holder := get_app().access.signed_for(name, cookies.get(name)):
            return f"{name} {holder}"
    return browser_let_in(cookies)


def browser_let_in(cookies: Mapping[str, str]) -> str | None:
    """One on which somebody was let in before; no browser that only opened a page, since a script may open
    many."""
    known = get_app().access.browsers.read(cookies.get(BROWSER_COOKIE))
    return f"{BROWSER_COOKIE} {known.id}" if known is not None and known.let_in else None
