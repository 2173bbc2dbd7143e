"""Accounts of grown-ups: who there is, with what role and classes, and where they are logged in."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from classroom_app.data.acting import action
from classroom_app.data.engine import Database
from classroom_app.data.repository import access as facilitators
from classroom_app.data.repository import accounts
from classroom_app.data.tables import Facilitator
from classroom_app.errors import BadInputError, ConflictError, NotFoundError
from classroom_app.services.staff_logins import StaffLoginService
from classroom_app.states import Role
from classroom_app.views.accounts import AccountView, SessionView

USERNAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?")


class AccountService:
    """Who may call what, `services/allowed_calls.py` says."""

    def __init__(self, db: Database, logins: StaffLoginService) -> None:
        self._db = db
        self._logins = logins

    def all(self) -> list[AccountView]:
        """By user name."""
        with self._db.read() as session:
            classes, seen = accounts.all_class_ids(session), accounts.last_seen(session)
            return [
                AccountView(
                    row.username, row.role, classes.get(row.username, frozenset()), seen.get(row.username)
                )
                for row in facilitators.facilitators(session)
            ]

    @action("account_added")
    def add(self, username: str, role: str, event_ids: Collection[str] = ()) -> str:
        """Returns the password, once. Raises BadInputError (`account_name_wrong`) and ConflictError
        (`account_name_taken`).
        """
        name, wanted = username.strip().lower(), _role(role)
        if not USERNAME.fullmatch(name):
            raise BadInputError("account_name_wrong")
        password, password_hash = self._logins.new_password()
        with self._db.write() as session:
            if session.get(Facilitator, name) is not None:
                raise ConflictError("account_name_taken")
            session.add(Facilitator(username=name, password_hash=password_hash, role=wanted))
            session.flush()
            accounts.set_classes(session, name, event_ids)
        return password

    @action("account_changed")
    def change(self, username: str, role: str, event_ids: Collection[str]) -> None:
        """Another role, other classes, from the next call on. Raises ConflictError for the last owner."""
        wanted = _role(role)
        with self._db.write() as session:
            owners = accounts.owners(session)
            row = _known(session.get(Facilitator, username))
            if wanted is not Role.OWNER:
                _another_than(row, owners)
            row.role = wanted
            accounts.set_classes(session, username, event_ids)

    @action("password_set")
    def renew_password(self, username: str) -> str:
        """Returns it, once; every log-in of the account ends."""
        with self._db.read() as session:
            _known(session.get(Facilitator, username))
        return self._logins.set_password(username)

    @action("account_removed")
    def remove(self, username: str) -> None:
        """Its classes stay. Raises ConflictError (`account_last_owner`)."""
        with self._db.write() as session:
            owners = accounts.owners(session)
            row = _known(session.get(Facilitator, username))
            _another_than(row, owners)
            session.delete(row)

    # -- one's own -----------------------------------------------------------------------------

    def sessions(self, username: str) -> list[SessionView]:
        """Where the account is logged in, the newest first."""
        with self._db.read() as session:
            return [
                SessionView(row.id, row.device, row.begun_at, row.seen_at)
                for row in accounts.sessions(session, username)
            ]

    @action("session_ended")
    def end_session(self, username: str, session_id: str) -> None:
        """No copy of its cookie opens anything from now on."""
        with self._db.write() as session:
            accounts.end_sessions(session, username, session_id=session_id)

    @action("password_set")
    def change_password(
        self, username: str, old: str, new: str, address: str = "", browser: str | None = None
    ) -> None:
        """Every log-in of the account ends, this one too. Raises BadInputError (`account_password_wrong`),
        PasswordTooShortError, and ThrottledError after several wrong tries.
        """
        if not self._logins.check_password(username, old, address, browser):
            raise BadInputError("account_password_wrong")
        self._logins.set_password(username, new)


def _role(word: str) -> Role:
    try:
        return Role(word)
    except ValueError as exc:
        raise BadInputError from exc


def _known(row: Facilitator | None) -> Facilitator:
    if row is None:
        raise NotFoundError
    return row


def _another_than(row: Facilitator, owners: Sequence[Facilitator]) -> None:
    """Somebody has to be left who can open every class and make accounts."""
    if [owner.username for owner in owners] == [row.username]:
        raise ConflictError("account_last_owner")
