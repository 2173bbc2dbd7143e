"""A group's photos: taken in, shown, moved, deleted with undo."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import uuid

import structlog

from classroom_app.data import blob_keys
from classroom_app.data.acting import action
from classroom_app.data.engine import Database, Session
from classroom_app.data.files import Files
from classroom_app.data.repository import classes, contest, photos, unread
from classroom_app.data.repository.photo_filter import PhotoFilter
from classroom_app.data.tables import Photo, utcnow
from classroom_app.errors import (
    AlreadyThereError,
    BadInputError,
    ConflictError,
    NotFoundError,
    PhotoUnreadError,
    StaleEpochError,
    UnavailableError,
)
from classroom_app.intake.decoder_pool import CleanPhoto, Intake
from classroom_app.services import face_rule, metrics, photo_coach
from classroom_app.services.access import SEEN_EVERY_S
from classroom_app.services.classes import label_view
from classroom_app.services.embedding import UploadBurst
from classroom_app.services.round_clock import RoundState, taken_by_our_clock
from classroom_app.services.staff_words import check_not_waiting, check_photo_of_waiting
from classroom_app.states import AdviceKind, Notice
from classroom_app.views.classes import GroupIdentity
from classroom_app.views.photos import PhotoAlbum, PhotoView, TakenPhoto

POSTS_OF_UNREAD_MAX = (
    3  # each is tried on two decoders; then it is the photo, and its iPad has better things to do
)

_log = structlog.get_logger(__name__)


class PhotoService:
    def __init__(
        self,
        db: Database,
        files: Files,
        intake: Intake,
        *,
        max_photos_per_group: int,
        undo: dt.timedelta,
        wake_embedder: threading.Event,
        burst: UploadBurst,
    ) -> None:
        self._db = db
        self._files = files
        self._intake = intake
        self._max_photos = max_photos_per_group
        self._undo = undo
        self._wake_embedder = wake_embedder
        self._burst = burst

    def take(
        self,
        group: GroupIdentity,
        label_id: str,
        photo_id: str,
        taken_at_ms: int | None,
        data: bytes,
        *,
        sent_at_ms: int | None = None,
    ) -> TakenPhoto:
        """Keep a photo under the client's id; false when it was there already.

        `sent_at_ms`: when this post began, by the same clock as `taken_at_ms`. Together they tell whether a
        photo that comes after the end of the round was taken in it.

        Raises BadInputError for what is no photo, has a face that the class or its group does not allow or
        was set aside, UnavailableError when it could not be read this time or the group has to wait,
        ConflictError outside the collect phase or its round, or for a photo that was deleted since it was
        first sent, StaleEpochError when the group is reset meanwhile.
        """
        photo_id = uuid4_of(photo_id)
        taken_at = taken_by_our_clock(taken_at_ms, sent_at_ms, utcnow())
        with self._db.read() as session:
            if self._arrival(session, group, label_id, photo_id, taken_at) is None:
                return TakenPhoto(fresh=False)
        self._burst.photo_came()
        try:
            clean = self._intake.clean(data, measure=True, find_face=face_rule.is_asked(group.faces))
        except PhotoUnreadError:
            self._note_unread(group, label_id, photo_id)
            raise
        face_rule.refuse_faces(clean, group.faces)
        key = blob_keys.photo_key(group.event_id, group.id, photo_id)
        self._files.put_photo(key, clean.jpeg, clean.thumb)
        try:
            told = self._insert(group, label_id, photo_id, taken_at_ms, taken_at, key, clean)
        except (StaleEpochError, ConflictError, NotFoundError, BadInputError):
            with contextlib.suppress(UnavailableError):  # the sweep for files without a row takes it later
                self._files.delete_photo(key)
            raise
        self._wake_embedder.set()
        if told is None:
            return TakenPhoto(fresh=False)
        if told:
            return TakenPhoto(fresh=True, advice=AdviceKind.SEEN)
        return self._advised(group, label_id, photo_id, clean)

    def _advised(self, group: GroupIdentity, label_id: str, photo_id: str, clean: CleanPhoto) -> TakenPhoto:
        with self._db.read() as session:
            counts = photos.label_counts(session, group.event_id, group.id)
            before = photos.tiny_pictures(session, group.id, label_id, photo_id, photo_coach.LOOK_BACK)
            advice = photo_coach.advise(clean, before, counts, label_id, group.faces)
            if advice is None:
                return TakenPhoto(fresh=True)
            if advice.label_id is None:
                return TakenPhoto(True, advice.kind)
            wanted = classes.label(session, group.event_id, advice.label_id)
            return TakenPhoto(True, advice.kind, label_view(wanted))

    def _note_unread(self, group: GroupIdentity, label_id: str, photo_id: str) -> None:
        """Raises BadInputError `photo_set_aside` when it came often enough: a file that kills every decoder
        would come back for days.
        """
        with self._db.write() as session:
            classes.lock_group(session, group.id, group.epoch)
            # A second post of it may have got through, or been deleted, while this one hung.
            found = photos.arrival(session, photo_id, label_id, group.id)
            if found.owner is not None or found.buried:
                return
            last = unread.count_post(session, photo_id, group.id, label_id, POSTS_OF_UNREAD_MAX)
        if last:
            metrics.PHOTOS_SET_ASIDE.inc()
            _log.warning("photo_set_aside", posts=POSTS_OF_UNREAD_MAX)
            raise BadInputError("photo_set_aside")

    def _arrival(
        self,
        session: Session,
        group: GroupIdentity,
        label_id: str,
        photo_id: str,
        taken_at: dt.datetime | None,
    ) -> photos.Arrival | None:
        """None when the photo is there already; raises when it may not come, or no longer."""
        found = photos.arrival(session, photo_id, label_id, group.id)
        if found.owner is not None:
            if found.owner != group.id:
                raise BadInputError  # an id of somebody else's; a real client never makes one
            return None
        if found.buried:
            raise ConflictError("photo_was_deleted")
        if found.set_aside:
            raise BadInputError("photo_set_aside")
        check_photo_of_waiting(found.locked_at, taken_at)
        RoundState(contest.clock(session, group.event_id), utcnow()).check_photo(taken_at)
        if found.label_event != group.event_id:
            raise NotFoundError("error_label_not_found")
        if found.photos >= self._max_photos:
            raise ConflictError("photos_full", number=self._max_photos)
        return found

    def _insert(
        self,
        group: GroupIdentity,
        label_id: str,
        photo_id: str,
        taken_at_ms: int | None,
        taken_at: dt.datetime | None,
        key: str,
        clean: CleanPhoto,
    ) -> bool | None:
        """None when it was there already; true when the group is to read now, once, that photos of the
        challenge are not trained on. Which photo it is about is seen after its features: one of those before.
        """
        try:
            with self._db.write() as session:
                row = classes.lock_group(session, group.id, group.epoch)
                arrival = self._arrival(session, group, label_id, photo_id, taken_at)
                if arrival is None:
                    return None  # the same photo came twice at once, and the other one was faster
                if arrival.unread_posts:
                    unread.delete_rows(session, PhotoFilter(photo_ids=(photo_id,)))
                # It may have become stricter while the photo was decoded.
                face_rule.refuse_faces(clean, face_rule.stricter(row.event.faces, row.faces))
                now = utcnow()
                row.joined_at = row.joined_at or now
                if row.seen_at is None or row.seen_at < now - dt.timedelta(seconds=SEEN_EVERY_S):
                    row.seen_at = now
                photo = {"id": photo_id, "group_id": group.id, "label_id": label_id, "blob_key": key}
                more = {"tiny": clean.tiny, "taken_at": _taken_at(taken_at_ms)}
                photos.add(session, {**photo, **more, **clean.measures()})
                to_tell = row.seen_notice == Notice.DUE
                if to_tell:
                    row.seen_notice = Notice.TOLD
        except AlreadyThereError as exc:
            with self._db.read() as session:
                if session.get(Photo, photo_id) is None:
                    raise UnavailableError from exc  # not ours to explain: the iPad asks again
            return None  # as above, where the database does not make the second one wait
        return to_tell

    def album(self, group: GroupIdentity, label_id: str | None = None) -> PhotoAlbum:
        with self._db.read() as session:
            event = classes.event(session, group.event_id)
            rows = photos.of_group(session, group.id, label_id)
            since = utcnow() - self._undo
            return PhotoAlbum(
                labels=tuple(label_view(label) for label in event.labels),
                counts=photos.counts(session, [group.id])[group.id],
                photos=tuple(PhotoView(row.id, row.label_id, row.taken_at) for row in rows),
                can_undo=photos.newest_deleted(session, group.id, since) is not None,
            )

    def of_group(self, event_id: str, group_id: str) -> tuple[PhotoView, ...]:
        """A group's photos for a facilitator, newest first."""
        with self._db.read() as session:
            if classes.group(session, group_id).event_id != event_id:
                raise NotFoundError("error_group_not_found")
            rows = photos.of_group(session, group_id)
            return tuple(PhotoView(row.id, row.label_id, row.taken_at) for row in rows)

    @action("photo_moved")
    def move(self, group: GroupIdentity, photo_id: str, label_id: str) -> None:
        with self._db.write() as session:
            check_not_waiting(classes.lock_group(session, group.id, group.epoch))
            self._changeable(session, group)
            photo = self._own(session.get(Photo, photo_id), group)
            photo.label_id = classes.label(session, group.event_id, label_id).id

    @action("photo_deleted")
    def delete(self, group: GroupIdentity, photo_id: str) -> None:
        """Gone for the children at once; from the disk when the time for undo is over."""
        with self._db.write() as session:
            check_not_waiting(classes.lock_group(session, group.id, group.epoch))
            self._changeable(session, group)
            self._own(session.get(Photo, photo_id), group).deleted_at = utcnow()

    @action("photo_brought_back")
    def undo_delete(self, group: GroupIdentity) -> bool:
        """Bring the photo back that was deleted last; False when there is none."""
        with self._db.write() as session:
            check_not_waiting(classes.lock_group(session, group.id, group.epoch))
            self._changeable(session, group)
            photo = photos.newest_deleted(session, group.id, utcnow() - self._undo)
            if photo is None:
                return False
            photo.deleted_at = None
        self._wake_embedder.set()
        return True

    def picture(self, photo_id: str, size: str, *, group: GroupIdentity | None) -> bytes:
        """The JPEG. `group` None is a facilitator; a group sees only its own photos."""
        with self._db.read() as session:
            row = session.get(Photo, photo_id)
            if row is None or row.deleted_at is not None or (group is not None and row.group_id != group.id):
                raise NotFoundError
            key = row.blob_key
        return self._files.get_photo(key, size)

    @staticmethod
    def _own(row: Photo | None, group: GroupIdentity) -> Photo:
        if row is None or row.group_id != group.id or row.deleted_at is not None:
            raise NotFoundError("error_photo_not_found")
        return row

    @staticmethod
    def _changeable(session: Session, group: GroupIdentity) -> None:
        RoundState(contest.clock(session, group.event_id), utcnow()).check_open(
            ConflictError("phase_no_photos")
        )


def uuid4_of(text: str) -> str:
    """The same id, written the usual way; raises BadInputError for all that is no random UUID."""
    try:
        value = uuid.UUID(text)
    except ValueError as exc:
        raise BadInputError from exc
    if value.version != 4:
        raise BadInputError
    return str(value)


def _taken_at(taken_at_ms: int | None) -> dt.datetime:
    """The iPad's clock when it is sensible; it only orders photos and keeps bursts together."""
    now = utcnow()
    if taken_at_ms is None:
        return now
    try:
        taken = dt.datetime.fromtimestamp(taken_at_ms / 1000, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return taken if now - dt.timedelta(days=2) < taken < now + dt.timedelta(minutes=10) else now
