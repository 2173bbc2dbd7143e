"""Who somebody is, looked up once for a redraw of a page or for a request, which call many services.

A right that is taken away counts from the next redraw or request on: each begins with a look-up of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from classroom_app.views.accounts import Account

# What a tap calls before its page has looked anew may meet the look-up of the redraw before, but none older.
KEPT_S = 2.0


@dataclass(frozen=True)
class _LookedUp:
    cookie: str
    account: Account
    at_s: float


_last: ContextVar[_LookedUp | None] = ContextVar("looked_up", default=None)  # of this thread or request


def begin(cookie: str, account: Account) -> None:
    """A redraw or request of this account begins, with this fresh look-up."""
    _last.set(_LookedUp(cookie, account, time.monotonic()))


def forget() -> None:
    """The next call looks anew."""
    _last.set(None)


def account(cookie: str, look_up: Callable[[], Account]) -> Account:
    """As it was looked up in this redraw or request, or else now. What `look_up` raises is not kept."""
    known = _last.get()
    if known is not None and known.cookie == cookie and time.monotonic() - known.at_s < KEPT_S:
        return known.account
    found = look_up()
    begin(cookie, found)
    return found
