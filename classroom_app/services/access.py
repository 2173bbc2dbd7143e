"""Who may come in: groups' cookies, picture codes, the projector's link, one-time tickets.

It takes and gives the values of cookies; the routes set them. Facilitators' log-ins are `staff_logins`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
import time
from collections.abc import Sequence
from typing import Any

from classroom_app.data.acting import Actor, ActorKind, acting, action
from classroom_app.data.engine import Database
from classroom_app.data.repository import access, classes, group_now
from classroom_app.data.tables import Event, Group, Ticket, utcnow
from classroom_app.errors import BadInputError, NotAllowedError
from classroom_app.services.face_rule import stricter
from classroom_app.services.known_browsers import KnownBrowsers
from classroom_app.services.signing import COOKIE_ID_BYTES, Signer
from classroom_app.services.staff_logins import StaffLoginService
from classroom_app.services.staff_words import said_now, waits_for
from classroom_app.services.throttle import GuessThrottle, PictureGuess
from classroom_app.services.venue import is_inside
from classroom_app.states import Phase
from classroom_app.views.classes import GroupIdentity

TICKET_SECONDS = 60
SEEN_EVERY_S = 30
NOTED_EVERY_S = 15
NOTED_MAX = 1000
_DERIVED = {"joined", "faces", "said", "waits"}
_IDENTITY_COLUMNS = tuple(
    field.name for field in dataclasses.fields(GroupIdentity) if field.name not in _DERIVED
)
_HOLDERS = {"group": "g", "facilitator": "u", "projector": "e"}  # where each kind of cookie says whose it is


@dataclasses.dataclass(frozen=True)
class RememberedGroup:
    """`event_id` and `animal` are empty in a cookie of the release before."""

    id: str
    token_version: object
    event_id: str
    animal: str  # the key of its template


class AccessService:
    def __init__(
        self,
        db: Database,
        signer: Signer,
        session_hours: float,
        logins: StaffLoginService,
    ) -> None:
        self._db = db
        self._logins = logins
        self._signer = signer
        self._throttle = GuessThrottle(db, signer)
        self._noted_at: dict[str, float] = {}  # by group id, the clock of this process
        self.session_seconds = int(session_hours * 3600)
        self.browsers = KnownBrowsers(signer, self.session_seconds)

    # -- by the signature alone ----------------------------------------------------------------

    def signed_for(self, purpose: str, cookie: str | None) -> str | None:
        """Whose cookie it is, and its version, by its signature alone; whether it still opens anything, the
        database knows.

        `purpose`: group, facilitator or projector.
        """
        payload = self._signer.read(purpose, cookie, self.session_seconds)
        return None if payload is None else f"{payload.get(_HOLDERS[purpose])} {payload.get('v')}"

    def class_signed_for(self, purpose: str, cookie: str | None) -> str | None:
        """Of which class a cookie is, by its signature alone. `purpose`: group or projector."""
        payload = self._signer.read(purpose, cookie, self.session_seconds)
        return None if payload is None or "e" not in payload else str(payload["e"])

    # -- groups --------------------------------------------------------------------------------

    def group_cookie_by_token(self, join_token: str, address: str | None = None) -> str:
        """Raises NotAllowedError: `join_token_unknown`; `join_class_over` for a closed class's card;
        `venue_outside` for an `address` that is no place of the class.
        """
        if not join_token.isprintable():  # no database takes every character
            raise NotAllowedError("join_token_unknown")
        with self._db.read() as session:
            group = classes.group_by_token(session, join_token)
            if group is None:
                raise NotAllowedError("join_token_unknown")
            if group.event.phase == Phase.CLOSED:
                raise NotAllowedError("join_class_over")
            if address is not None and not is_inside(group.event.networks, address):
                raise NotAllowedError("venue_outside")
            return self._group_cookie(group)

    def _group_cookie(self, group: Group) -> str:
        # Each cookie has an id of its own: of a group's iPads one may leave while the others stay.
        cookie_id = secrets.token_urlsafe(COOKIE_ID_BYTES)
        # Class and animal are for the good-bye after a deletion: nothing else knows of them then.
        whose = {"g": group.id, "v": group.token_version, "e": group.event_id, "a": group.key}
        return self._signer.sign("group", {**whose, "c": cookie_id})

    def group(self, cookie: str | None) -> GroupIdentity | None:
        """The group behind the cookie; None when it is not valid, or the class is closed."""
        payload = self._signer.read("group", cookie, self.session_seconds)
        if payload is None:
            return None
        with self._db.read() as session:
            row = group_now.identity(session, str(payload.get("g")), _cookie_id(payload))
        if row is None or row["has_left"] or row["token_version"] != payload.get("v"):
            return None
        if row["phase"] == Phase.CLOSED:
            return None
        columns = {name: row[name] for name in _IDENTITY_COLUMNS}
        return GroupIdentity(
            **columns,
            joined=row["joined_at"] is not None,
            faces=stricter(row["class_faces"], row["own_faces"]),
            said=said_now(row["said_word"], row["said_text"], row["said_at"], row["said_read_at"], utcnow()),
            waits=waits_for(row["locked_word"], row["locked_text"], row["locked_at"]),
        )

    def leave_group(self, cookie: str | None) -> None:
        """This cookie and its copies open nothing any more; the group's other iPads stay in."""
        payload = self._signer.read("group", cookie, self.session_seconds)
        if payload is None or not _cookie_id(payload):  # of the release before: it ends by its age
            return
        with self._db.write() as session:
            expires = utcnow() + dt.timedelta(seconds=self.session_seconds)
            access.end_cookie(session, _cookie_id(payload), expires)

    @action("group_joined")
    def confirm_group(self, group_id: str) -> None:
        """The children said "that is us"."""
        with acting(Actor(ActorKind.GROUP, group_id)), self._db.write() as session:
            row = classes.lock_group(session, group_id)
            row.joined_at = row.joined_at or utcnow()
            row.seen_at = utcnow()

    def note_seen(self, group_id: str) -> None:
        """For the facilitators' monitor; written at most twice a minute, and looked up little more often."""
        noted = self._noted_at.get(group_id)
        if noted is not None and time.monotonic() - noted < NOTED_EVERY_S:
            return
        if len(self._noted_at) > NOTED_MAX:
            self._noted_at.clear()
        limit = utcnow() - dt.timedelta(seconds=SEEN_EVERY_S)
        with self._db.read() as session:
            row = session.get(Group, group_id)
        if row is not None and (row.seen_at is None or row.seen_at <= limit):
            with self._db.write() as session:
                row = session.get(Group, group_id)
                if row is not None:
                    row.seen_at = utcnow()
        self._noted_at[group_id] = time.monotonic()

    def groups_to_join(self, address: str = "") -> list[tuple[str, list[GroupIdentity]]]:
        """Open classes that take somebody from this address, by name, with the tiles to tap."""
        with self._db.read() as session:
            opened = [
                event
                for event in classes.events(session)
                if event.phase != Phase.CLOSED and is_inside(event.networks, address)
            ]
            return [(event.name, [_identity(group) for group in event.groups]) for event in opened]

    def ticket_by_picture_code(
        self,
        group_id: str,
        code: Sequence[str],
        address: str = "",
        browser: str | None = None,
        before: str | None = None,
    ) -> str:
        """A ticket for the group's cookie. `browser`: the cookie by which the iPad is known; `before`: its
        last one of a group, which may open nothing any more.

        Raises BadInputError, ThrottledError, and NotAllowedError (`venue_outside`).
        """
        with self._db.read() as session:
            group = classes.group(session, group_id)
            wanted, phase, event_id = list(group.picture_code), group.event.phase, group.event_id
            if not is_inside(group.event.networks, address):
                raise NotAllowedError("venue_outside")
        member = self._member(event_id, before)
        guess = PictureGuess(group_id, address, self.browsers.read(browser), member)
        self._throttle.count_try(guess)
        if phase == Phase.CLOSED or not secrets.compare_digest(
            "-".join(code).encode(), "-".join(wanted).encode()
        ):
            raise BadInputError("join_code_wrong")
        self._throttle.was_right(guess)
        return self.issue_ticket("group", group_id)

    def _member(self, event_id: str, cookie: str | None) -> str:
        """The number of a cookie that this class gave out, whatever became of it; empty for all else."""
        payload = self._signer.read("group", cookie, self.session_seconds)
        return _cookie_id(payload) if payload is not None and payload.get("e") == event_id else ""

    def remembered(self, cookie: str | None) -> RememberedGroup | None:
        """What the cookie says by its signature alone, whatever became of the group."""
        payload = self._signer.read("group", cookie, self.session_seconds)
        if payload is None:
            return None
        group_id, version = str(payload.get("g")), payload.get("v")
        return RememberedGroup(group_id, version, str(payload.get("e", "")), str(payload.get("a", "")))

    # -- the projector -------------------------------------------------------------------------

    def projector_link(self, event_id: str) -> str:
        """The signed part of the link; `rotate_projector` ends all that were given out."""
        with self._db.read() as session:
            event = classes.event(session, event_id)
            return self._signer.sign("projector", {"e": event.id, "v": event.projector_version})

    def projector_event(self, value: str | None) -> str | None:
        payload = self._signer.read("projector", value, self.session_seconds)
        if payload is None:
            return None
        with self._db.read() as session:
            event = session.get(Event, str(payload.get("e")))
            return event.id if event is not None and event.projector_version == payload.get("v") else None

    @action("projector_renewed")
    def rotate_projector(self, event_id: str) -> None:
        with self._db.write() as session:
            classes.event(session, event_id).projector_version += 1

    # -- tickets: a page cannot set an HttpOnly cookie, a route can ----------------------------

    def issue_ticket(self, kind: str, subject: str) -> str:
        ticket = secrets.token_urlsafe(32)
        expires = utcnow() + dt.timedelta(seconds=TICKET_SECONDS)
        with self._db.write() as session:
            session.add(Ticket(id=ticket, kind=kind, subject=subject, expires_at=expires))
        return ticket

    def redeem_ticket(self, kind: str, ticket: str, device: str = "") -> str:
        """The cookie's value for a ticket, once. `device`: a facilitator's, in words.

        Raises NotAllowedError.
        """
        with self._db.write() as session:
            row = session.get(Ticket, ticket, with_for_update=True)
            if row is None:
                raise NotAllowedError
            session.delete(row)
            subject, valid = row.subject, row.kind == kind and row.expires_at > utcnow()
        if not valid:
            raise NotAllowedError
        if kind == "facilitator":
            return self._logins.facilitator_cookie(subject, device)
        with self._db.read() as session:
            return self._group_cookie(classes.group(session, subject))

    def sweep(self) -> None:
        """Tickets nobody redeemed, cookies past their age, counts unchanged for a day."""
        with self._db.write() as session:
            access.delete_tickets(session, utcnow())
            access.delete_ended_cookies(session, utcnow())
        self._throttle.sweep()


def _identity(group: Group) -> GroupIdentity:
    return GroupIdentity(
        id=group.id,
        event_id=group.event_id,
        event_name=group.event.name,
        phase=group.event.phase,
        epoch=group.epoch,
        key=group.key,
        emoji=group.emoji,
        color=group.color,
        name_ja=group.name_ja,
        name_en=group.name_en,
        joined=group.joined_at is not None,
        faces=stricter(group.event.faces, group.faces),
    )


def _cookie_id(payload: dict[str, Any]) -> str:
    """Empty for a cookie of the release before."""
    return str(payload.get("c", ""))
