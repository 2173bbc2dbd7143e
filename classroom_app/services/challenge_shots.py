"""Challenge photos that a facilitator sends one by one: shots of a camera, and files of one label."""

from __future__ import annotations

from classroom_app.data.acting import action
from classroom_app.data.engine import Database
from classroom_app.data.repository import challenge, photos
from classroom_app.data.tables import ChallengePhoto
from classroom_app.errors import AlreadyThereError, BadInputError, ConflictError
from classroom_app.services.challenge import ChallengeService
from classroom_app.services.photos import uuid4_of
from classroom_app.views.photos import TakenShot


class ChallengeShotService:
    def __init__(self, db: Database, challenge_set: ChallengeService) -> None:
        self._db = db
        self._set = challenge_set

    @action("challenge_added")
    def take(self, event_id: str, label_id: str, photo_id: str, data: bytes) -> TakenShot:
        """Keep a shot under the browser's id, with the checks of every challenge photo, also where it was
        there already.

        Raises BadInputError for what cannot be used, ConflictError when the set is closed, or for a shot
        that was taken back since it was first sent.
        """
        photo_id = uuid4_of(photo_id)
        with self._db.read() as session:
            known = session.get(ChallengePhoto, photo_id)
            if known is not None and known.event_id != event_id:
                raise BadInputError  # an id of another class's; a real browser never makes one
            if known is not None:
                return TakenShot(fresh=False, alike=known.kin is not None)
            if photos.is_buried(session, photo_id):
                raise ConflictError("photo_was_deleted")
        try:
            alike = self._set.add_one(event_id, label_id, photo_id, data)
        except AlreadyThereError:  # from the same browser, at the same moment
            return TakenShot(fresh=False, alike=False)
        return TakenShot(fresh=True, alike=alike)

    def newest(self, event_id: str, label_id: str) -> str | None:
        """The photo of the label that came last, however it came."""
        with self._db.read() as session:
            return challenge.newest(session, event_id, label_id)
