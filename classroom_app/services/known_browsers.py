"""Browsers by a signed cookie of theirs: one that guesses slows down itself, and not its whole network.

The cookie opens nothing. It says which browser this is, by a random number, and whether somebody was let in
on it before: then its tries are counted alone, and no stranger's guesses keep it out.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from classroom_app.services.signing import Signer

LET_IN_SECONDS: Final = 180 * 24 * 3600  # a facilitator's computer is known from one class to the next
_ID_BYTES: Final = 12
_LET_IN, _SEEN = "browser", "seat"  # what each kind is signed for


@dataclass(frozen=True)
class KnownBrowser:
    """`let_in`: a right password was typed on it before, whoever's."""

    id: str
    let_in: bool


class KnownBrowsers:
    def __init__(self, signer: Signer, seen_seconds: int) -> None:
        """`seen_seconds`: how long an iPad is known that only opened a page."""
        self._signer = signer
        self._ages = {_LET_IN: LET_IN_SECONDS, _SEEN: seen_seconds}

    def read(self, cookie: str | None) -> KnownBrowser | None:
        """None for a cookie that is changed, too old or not there."""
        for purpose, age_s in self._ages.items():
            payload = self._signer.read(purpose, cookie, age_s)
            if payload is not None:
                return KnownBrowser(str(payload.get("b")), let_in=purpose == _LET_IN)
        return None

    def seen(self, cookie: str | None) -> str | None:
        """A cookie for a browser that has none; None when it has one."""
        return self._sign(_SEEN, _new_id()) if self.read(cookie) is None else None

    def let_in(self, cookie: str | None) -> str:
        """The cookie of a browser on which somebody was let in just now: known from now on."""
        known = self.read(cookie)
        # A number that only a page had given may be many browsers': who is let in gets a number of its own.
        return self._sign(_LET_IN, known.id if known and known.let_in else _new_id())

    def _sign(self, purpose: str, browser_id: str) -> str:
        return self._signer.sign(purpose, {"b": browser_id})


def _new_id() -> str:
    return secrets.token_urlsafe(_ID_BYTES)
