"""A group's AI to take home, where a facilitator has allowed it: whose, which version, and until when.

The link of a group is good while its class is at the reveal, after the group's own medal was shown, and no
longer than the group, its data and the class's permission are there. The door asks anew at each download.
"""

from __future__ import annotations

from collections.abc import Sequence

from classroom_app.data.acting import action
from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import classes
from classroom_app.data.tables import Event, Group, Run
from classroom_app.errors import ConflictError, NotAllowedError, StaleEpochError
from classroom_app.services.board import Standing, look_at
from classroom_app.services.classes import label_view
from classroom_app.services.model_store import ModelStore
from classroom_app.services.show import ShowService
from classroom_app.services.signing import Signer
from classroom_app.services.venue import is_inside
from classroom_app.states import Phase
from classroom_app.views.classes import GroupIdentity
from classroom_app.views.play import TakeHome

PURPOSE = "take-home"
SHOWN = {Phase.REVEAL, Phase.CLOSED}  # when a facilitator may take all: the results are no secret any more


class TakeHomeService:
    def __init__(
        self, db: Database, models: ModelStore, show: ShowService, signer: Signer, session_seconds: int
    ) -> None:
        """`session_seconds`: a link is never good for longer."""
        self._db = db
        self._models = models
        self._show = show
        self._signer = signer
        self._seconds = session_seconds

    def allowed(self, event_id: str) -> bool:
        with self._db.read() as session:
            return classes.event(session, event_id).take_home

    @action("take_home_set")
    def allow(self, event_id: str, allowed: bool) -> None:
        """Whether groups may take their AI home. Not at first: what it learnt leaves the building."""
        with self._db.write() as session:
            classes.event(session, event_id).take_home = allowed

    # -- a group -------------------------------------------------------------------------------

    def token(self, group: GroupIdentity) -> str | None:
        """What the group's link ends with; None while there is nothing for it."""
        with self._db.read() as session:
            row = session.get(Group, group.id)
            if row is None or row.epoch != group.epoch or not self._is_due(row):
                return None
            if _standing(session, row.event, row.id).version is None:
                return None
            return self._signer.sign(PURPOSE, {"g": row.id, "v": row.token_version, "n": row.epoch})

    def by_token(self, token: str, address: str) -> TakeHome:
        """Raises NotAllowedError: `take_home_over` for a link that is good no more, or never was;
        `venue_outside` for an address that is no place of the class. UnavailableError to try again.
        """
        payload = self._signer.read(PURPOSE, token, self._seconds) or {}
        with self._db.read() as session:
            row = session.get(Group, str(payload.get("g")))
            if row is None or (row.token_version, row.epoch) != (payload.get("v"), payload.get("n")):
                raise NotAllowedError("take_home_over")
            if not is_inside(row.event.networks, address):
                raise NotAllowedError("venue_outside")
            found = self._is_due(row) and self._of(session, row, _standing(session, row.event, row.id))
            if not found:
                raise NotAllowedError("take_home_over")
            return found

    def _is_due(self, row: Group) -> bool:
        """As the group's iPads show its medal."""
        if row.event.phase != Phase.REVEAL or not row.event.take_home:
            return False
        now = self._show.now(row.event_id)
        return now.over or row.id in now.shown_group_ids

    # -- a class -------------------------------------------------------------------------------

    @action("take_home_given")
    def of_class(self, event_id: str) -> Sequence[TakeHome]:
        """Of all groups that have an AI, in the order of the class. Raises ConflictError `th_not_now`: not
        allowed, or before the reveal.
        """
        with self._db.write() as session:  # nothing but the audit's line: what was learnt leaves the building
            event = classes.event(session, event_id)
            if not event.take_home or event.phase not in SHOWN:
                raise ConflictError("th_not_now")
            standings = look_at(session, event, live=True).standings
            found = (self._of(session, group, standings[group.id]) for group in event.groups)
            return [one for one in found if one is not None]

    def _of(self, session: Session, group: Group, standing: Standing) -> TakeHome | None:
        """None where the group has no AI, or it goes at this moment."""
        version = standing.version
        run = session.get(Run, version.run_id) if version is not None else None
        if version is None or run is None or run.result is None or run.epoch != group.epoch:
            return None
        try:
            model = self._models.get(run.result.model_key)
        except StaleEpochError:
            return None
        return TakeHome(
            class_name=group.event.name,
            day=group.event.created_at.date(),
            key=group.key,
            emoji=group.emoji,
            color=group.color,
            name_ja=group.name_ja,
            name_en=group.name_en,
            labels=tuple(label_view(label) for label in group.event.labels if version.photos.get(label.id)),
            version=version.number,
            versions=standing.versions,
            photos=version.photo_count,
            correct=version.final_correct,
            total=version.final_total,
            model=model,
        )


def _standing(session: Session, event: Event, group_id: str) -> Standing:
    return look_at(session, event, live=True).standings[group_id]
