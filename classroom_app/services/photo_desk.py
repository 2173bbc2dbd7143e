"""A group's photos in a facilitator's hands: several at once moved or deleted, with undo."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence

from classroom_app.data.acting import action
from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import classes, photos
from classroom_app.data.tables import Photo, utcnow
from classroom_app.errors import BadInputError, NotFoundError
from classroom_app.states import EmbedState, PhotoState
from classroom_app.views import StaffPhoto

AT_ONCE_MAX = 1000  # more than any group may have
_BY_FEATURES = {
    EmbedState.PENDING: PhotoState.WAITING,
    EmbedState.FAILED: PhotoState.UNREADABLE,
    EmbedState.READY: PhotoState.READY,
}


class PhotoDeskService:
    def __init__(self, db: Database, undo: dt.timedelta, wake_embedder: threading.Event) -> None:
        self._db = db
        self._undo = undo
        self._wake_embedder = wake_embedder

    @action("photos_deleted")
    def delete(self, event_id: str, group_id: str, photo_ids: Sequence[str]) -> int:
        """Out of sight at once and from the disk when the time for undo is over, as when children delete; but
        they cannot bring these back. Returns how many; those that are gone already are no error.
        """
        with self._db.write() as session:
            found = _these(session, event_id, group_id, photo_ids)
            now = utcnow()
            for photo in found:
                photo.deleted_at, photo.deleted_by_staff = now, True
            return len(found)

    @action("photos_moved")
    def move(self, event_id: str, group_id: str, photo_ids: Sequence[str], label_id: str) -> int:
        """To another label of the class, in whatever phase: a run takes what it finds when it fits."""
        with self._db.write() as session:
            found = _these(session, event_id, group_id, photo_ids)
            label = classes.label(session, event_id, label_id)
            moved = [photo for photo in found if photo.label_id != label.id]
            for photo in moved:
                photo.label_id = label.id
            return len(moved)

    @action("photos_brought_back")
    def undo_delete(self, event_id: str, group_id: str) -> int:
        """Bring back what facilitators deleted last in one go; 0 when there is nothing, or it is too late."""
        with self._db.write() as session:
            _these(session, event_id, group_id, ())
            found = photos.last_deleted_by_staff(session, group_id, utcnow() - self._undo)
            for photo in found:
                photo.deleted_at, photo.deleted_by_staff = None, False
        if found:
            self._wake_embedder.set()
        return len(found)

    def shown(self, session: Session, group_id: str) -> tuple[tuple[StaffPhoto, ...], int]:
        """Newest first; and how many an undo would bring back."""
        found = tuple(
            StaffPhoto(photo_id, label_id, PhotoState.SEEN if seen else _BY_FEATURES[features])
            for photo_id, label_id, features, seen in photos.with_states(session, group_id)
        )
        return found, len(photos.last_deleted_by_staff(session, group_id, utcnow() - self._undo))


def _these(session: Session, event_id: str, group_id: str, photo_ids: Sequence[str]) -> Sequence[Photo]:
    """The group locked, and those of the photos that are its own. Raises NotFoundError, BadInputError."""
    if len(photo_ids) > AT_ONCE_MAX:
        raise BadInputError
    if classes.group(session, group_id).event_id != event_id:
        raise NotFoundError("error_group_not_found")
    classes.lock_group(session, group_id)
    return photos.of_these(session, group_id, photo_ids)
