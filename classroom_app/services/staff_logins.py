"""Grown-ups' log-ins: passwords, and the cookies that stand for an account until they are ended.

It takes and gives the values of cookies; the routes set them. What an account may do is in `rights`, accounts
themselves are made and changed in `accounts`.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from classroom_app.data.acting import Actor, ActorKind, acting, action, bookkeeping, network_of
from classroom_app.data.engine import Database
from classroom_app.data.repository import access, accounts
from classroom_app.data.tables import AccountSession, Facilitator, utcnow
from classroom_app.errors import AlreadyThereError, NotAllowedError
from classroom_app.services import passwords
from classroom_app.services.known_browsers import KnownBrowsers
from classroom_app.services.signing import COOKIE_ID_BYTES, Signer
from classroom_app.services.throttle import GuessThrottle, PasswordGuess
from classroom_app.states import Role
from classroom_app.views.accounts import Account

FIRST_FACILITATOR = "facilitator"
LOGIN_SEEN_EVERY_S = 60  # as exact as the list of log-ins is


class StaffLoginService:
    def __init__(
        self,
        db: Database,
        signer: Signer,
        session_hours: float,
        password_rounds: int = passwords.PASSWORD_ROUNDS,
    ) -> None:
        self._db = db
        self._rounds = password_rounds
        # Unknown user names take as long as known ones.
        self._nobody = passwords.nobodys(password_rounds)
        self._signer = signer
        self._throttle = GuessThrottle(db, signer)
        self.session_seconds = int(session_hours * 3600)
        self.browsers = KnownBrowsers(signer, self.session_seconds)

    def first_start(self, password: str | None = None) -> str | None:
        """Make the first facilitator; returns the password once, None when there is one already.

        Raises PasswordTooShortError.
        """
        try:
            with self._db.write() as session:
                if access.facilitators(session):
                    return None
                password = passwords.long_enough(
                    password or passwords.easy_to_type(), "CLASSROOM_FIRST_PASSWORD"
                )
                session.add(Facilitator(username=FIRST_FACILITATOR, password_hash=self._hash(password)))
        except AlreadyThereError:
            return None  # another web process that starts at the same moment was faster
        return password

    @action("password_set")
    def set_password(self, username: str, password: str | None = None) -> str:
        """Make the facilitator or give a new password; every session of theirs ends.

        Raises PasswordTooShortError.
        """
        password = passwords.long_enough(password or passwords.easy_to_type())
        username = username.strip().lower()
        with self._db.write() as session:
            row = session.get(Facilitator, username)
            if row is None:
                session.add(Facilitator(username=username, password_hash=self._hash(password)))
            else:
                row.password_hash = self._hash(password)
                row.session_version += 1
                accounts.end_sessions(session, username)
        return password

    def new_password(self) -> tuple[str, str]:
        """A random one, and what is stored of it."""
        password = passwords.easy_to_type()
        return password, self._hash(password)

    def check_password(
        self, username: str, password: str, address: str = "", browser: str | None = None
    ) -> bool:
        """`browser`: the cookie by which the browser is known.

        Raises ThrottledError after several wrong tries on it; from its address where nobody was let in on it.
        """
        row = self._facilitator(username)
        account = row.username if row else ""
        guess = PasswordGuess(username.strip().lower(), account, address, self.browsers.read(browser))
        self._throttle.count_try(guess)
        stored = row.password_hash.encode() if row else self._nobody
        right = passwords.is_right(password, stored) and row is not None
        if right:
            self._throttle.was_right(guess)
        return right

    def _hash(self, password: str) -> str:
        return passwords.hashed(password, self._rounds)

    def _facilitator(self, username: str) -> Facilitator | None:
        username = username.strip().lower()
        if not username.isprintable():  # no database takes every character
            return None
        with self._db.read() as session:
            return session.get(Facilitator, username)

    def facilitator_cookie(self, username: str, device: str = "") -> str:
        """A log-in of its own, which is in the account's list; `device`: its words there."""
        row = self._facilitator(username)
        if row is None:
            raise NotAllowedError
        session_id = secrets.token_urlsafe(COOKIE_ID_BYTES)
        with self._db.write() as session:
            session.add(AccountSession(id=session_id, username=row.username, device=device))
        return self._signer.sign(
            "facilitator", {"u": row.username, "v": row.session_version, "s": session_id}
        )

    def facilitator(self, cookie: str | None) -> str | None:
        """The user name behind the cookie, None when it is not valid (any more)."""
        account = self.account(cookie)
        return None if account is None else account.username

    def account(self, cookie: str | None) -> Account | None:
        """Who is logged in with this cookie, and as what; None when it is not valid (any more)."""
        payload = self._signer.read("facilitator", cookie, self.session_seconds)
        if payload is None:
            return None
        session_id = _session_id(payload)
        with self._db.read() as session:
            row = session.get(Facilitator, str(payload.get("u")))
            if row is None or row.session_version != payload.get("v"):
                return None
            if session_id:
                login = session.get(AccountSession, session_id)
                if login is None or login.username != row.username:
                    return None
                seen = login.seen_at
            everything = row.role is Role.OWNER
            ids = frozenset[str]() if everything else accounts.class_ids(session, row.username)
        if session_id and utcnow() - seen > dt.timedelta(seconds=LOGIN_SEEN_EVERY_S):
            with bookkeeping(), self._db.write() as session:
                accounts.note_seen(session, session_id, utcnow())
        return Account(row.username, row.role, ids, session_id)

    @action("logged_out")
    def log_out(self, cookie: str | None) -> None:
        """No copy of this cookie opens anything any more; the account's other log-ins stay."""
        account = self.account(cookie)
        if account is None:
            return
        if not account.session_id:  # of the release before: it has no number to be ended by
            self.log_out_everywhere(account.username)
            return
        with self._db.write() as session:
            accounts.end_sessions(session, account.username, session_id=account.session_id)

    @action("logged_in")
    def note_login(self, username: str, address: str) -> None:
        """For the audit: the cookie itself needs no row."""
        with acting(Actor(ActorKind.FACILITATOR, username, network_of(address))), self._db.write():
            pass

    @action("logged_out")
    def log_out_everywhere(self, username: str) -> None:
        with self._db.write() as session:
            row = session.get(Facilitator, username)
            if row is not None:
                row.session_version += 1
                accounts.end_sessions(session, username)

    def sweep(self) -> None:
        """Log-ins past their age."""
        with self._db.write() as session:
            accounts.delete_old_sessions(session, utcnow() - dt.timedelta(seconds=self.session_seconds))


def _session_id(payload: dict[str, Any]) -> str:
    """Empty for a cookie of the release before."""
    return str(payload.get("s", ""))
