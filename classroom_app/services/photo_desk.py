"""A group's photos in a facilitator's hands: several at once moved. `deletions` deletes them."""

from __future__ import annotations

from collections.abc import Sequence

from classroom_app.data.acting import action
from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import classes, photos
from classroom_app.data.tables import Photo
from classroom_app.errors import BadInputError, NotFoundError
from classroom_app.states import PHOTO_STATES, PhotoState
from classroom_app.views.console import StaffPhoto

AT_ONCE_MAX = 1000  # more than any group may have


class PhotoDeskService:
    def __init__(self, db: Database) -> None:
        self._db = db

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

    @staticmethod
    def shown(session: Session, group_id: str) -> tuple[StaffPhoto, ...]:
        """Newest first."""
        return tuple(
            StaffPhoto(photo_id, label_id, taken_at, PhotoState.SEEN if seen else PHOTO_STATES[features])
            for photo_id, label_id, taken_at, features, seen in photos.with_states(session, group_id)
        )


def _these(session: Session, event_id: str, group_id: str, photo_ids: Sequence[str]) -> Sequence[Photo]:
    """The group locked, and those of the photos that are its own. Raises NotFoundError, BadInputError."""
    if len(photo_ids) > AT_ONCE_MAX:
        raise BadInputError
    if classes.group(session, group_id).event_id != event_id:
        raise NotFoundError("error_group_not_found")
    classes.lock_group(session, group_id)
    return photos.of_these(session, group_id, photo_ids)
