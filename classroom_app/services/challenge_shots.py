"""Challenge photos that a facilitator takes with a camera, one by one, and takes back."""

from __future__ import annotations

from collections.abc import Callable

from classroom_app.data.acting import action
from classroom_app.data.engine import Database
from classroom_app.data.files import Files
from classroom_app.data.repository import challenge, comparisons, photos
from classroom_app.data.tables import ChallengePhoto
from classroom_app.errors import AlreadyThereError, BadInputError, ConflictError, NotFoundError
from classroom_app.services.challenge import ChallengeService
from classroom_app.services.photos import uuid4_of
from classroom_app.states import Phase


class ChallengeShotService:
    """`scrub`: what every deletion does at its end; `wake_embedder`: it settles the halves anew."""

    def __init__(
        self,
        db: Database,
        files: Files,
        challenge_set: ChallengeService,
        wake_embedder: Callable[[], object],
        scrub: Callable[[], None],
    ) -> None:
        self._db = db
        self._files = files
        self._set = challenge_set
        self._wake_embedder = wake_embedder
        self._scrub = scrub

    @action("challenge_added")
    def take(self, event_id: str, label_id: str, photo_id: str, data: bytes) -> bool:
        """Keep a shot under the browser's id, with the checks of every challenge photo; false when it was
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
                return False
            if photos.is_buried(session, photo_id):
                raise ConflictError("photo_was_deleted")
        try:
            self._set.add_one(event_id, label_id, photo_id, data)
        except AlreadyThereError:
            return False
        return True

    def newest(self, event_id: str, label_id: str) -> str | None:
        """The photo of the label that came last, however it came; what `take_out` would be shown for."""
        with self._db.read() as session:
            return challenge.newest(session, event_id, label_id)

    @action("challenge_took_out")
    def take_out(self, event_id: str, photo_id: str) -> None:
        """One photo goes for good; as `ChallengeService.clear`, only before the class collects.

        Raises NotFoundError, ConflictError.
        """
        with self._db.write() as session:
            event = challenge.lock(session, event_id)
            if self._set.is_locked(session, event_id):
                raise ConflictError("challenge_locked")
            if event.phase != Phase.LOBBY:
                raise ConflictError("challenge_not_in_lobby")
            row = session.get(ChallengePhoto, photo_id)
            if row is None or row.event_id != event_id:
                raise NotFoundError("error_photo_not_found")
            key = row.blob_key
            photos.bury(session, [photo_id])
            session.delete(row)
            comparisons.set_changed(session, event_id)
        try:
            self._files.delete_photo(key)  # if this fails, the sweep takes what no row knows
        finally:
            self._scrub()
        self._wake_embedder()
