"""Who works with classes: accounts, what is signed in, what was done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from classroom_app.states import (
    Role,
)


@dataclass(frozen=True)
class Account:
    """Who is logged in, as the database knows it at this moment."""

    username: str
    role: Role
    event_ids: frozenset[str]  # of the classes that it sees; an owner sees all, whatever stands here
    session_id: str = ""  # of this log-in; empty for a cookie of the release before

    @property
    def is_owner(self) -> bool:
        return self.role is Role.OWNER

    @property
    def may_change(self) -> bool:
        """Anything at all of a class, beside its show."""
        return self.role is not Role.INSTRUCTOR


@dataclass(frozen=True)
class AccountView:
    username: str
    role: Role
    event_ids: frozenset[str]
    seen_at: dt.datetime | None  # its last log-in that is still one


@dataclass(frozen=True)
class SessionView:
    """A log-in on one browser."""

    id: str
    device: str  # "Safari, iPad"; empty where the browser says nothing
    begun_at: dt.datetime
    seen_at: dt.datetime


@dataclass(frozen=True)
class AuditLine:
    """`kind`: of who; `origin`: a network."""

    at: dt.datetime
    kind: str
    who: str
    did: str
    origin: str
    event_id: str | None
    group_id: str | None
