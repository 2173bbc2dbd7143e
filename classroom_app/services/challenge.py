"""The hidden challenge set of a class: taken from a ZIP or files, split into two halves.

Only facilitators reach it.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import IO

from classroom_app.data import blob_keys
from classroom_app.data.acting import action
from classroom_app.data.engine import Database, Session
from classroom_app.data.files import Files
from classroom_app.data.repository import challenge, classes, comparisons, contest, photos, runs
from classroom_app.data.tables import ChallengePhoto, utcnow
from classroom_app.errors import (
    AlreadyThereError,
    BadInputError,
    ClassroomError,
    ConflictError,
    NotFoundError,
    UnavailableError,
)
from classroom_app.intake.decoder_pool import CleanPhoto, Intake
from classroom_app.services.challenge_zip import ChallengeZip
from classroom_app.services.classes import label_view
from classroom_app.services.folder_names import FolderNames
from classroom_app.services.halves import Placed, settled, smaller
from classroom_app.services.round_clock import RoundState
from classroom_app.services.seen_before import KnownPicture, Pictures, same_as
from classroom_app.services.zip_uploads import ZipUploads
from classroom_app.states import PHOTO_STATES, Half, Phase
from classroom_app.views.classes import LabelView
from classroom_app.views.console import StaffPhoto
from classroom_app.views.photos import AlikePhoto, ChallengeUpload, ZipUpload

ZIP_SECONDS_MAX = 540.0  # a program that sent it waits ten minutes
ZIP_BUSY_RETRY_S = 10
# What a copy has as the photo has it; its features are worked out anew, which takes moments.
_COPIED = (
    *("size_bytes", "width", "height", "brightness", "sharpness", "perceptual_hash"),
    *("taken_at", "created_at"),
)


class ChallengeService:
    def __init__(
        self,
        db: Database,
        files: Files,
        intake: Intake,
        *,
        max_photos: int,
        zip_bytes_max: int,
        wake_embedder: threading.Event,
        scrub: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._files = files
        self._intake = intake
        self._max_photos = max_photos
        self._zip_bytes_max = zip_bytes_max
        self._wake_embedder = wake_embedder
        self._scrub = scrub  # what every deletion does at its end
        self._clock = clock
        self._one_zip = threading.Lock()
        self._zips = ZipUploads()

    @action("challenge_added")
    def add_zip(self, event_id: str, file: IO[bytes], upload_id: str = "") -> ChallengeUpload:
        """Add `<label>/<file>` of a ZIP, at any depth, `<label>` being its key or a name; one ZIP at a time.
        `zip_upload` tells of it by the `upload_id` that its sender made.

        Raises BadInputError when it is no ZIP or holds too much, UnavailableError while there is another one.
        """
        labels = FolderNames(self._open_labels(event_id))
        if not self._one_zip.acquire(blocking=False):
            raise UnavailableError("challenge_zip_busy", seconds=ZIP_BUSY_RETRY_S)
        self._zips.reading(event_id, upload_id, 0, 0)
        try:
            archive = ChallengeZip(
                file, self._zip_bytes_max, lambda folders: labels.label_id(folders) is not None
            )
            with contextlib.closing(archive):
                upload = self._add_all(event_id, labels, archive, upload_id)
        except ClassroomError as exc:
            self._zips.failed(event_id, upload_id, exc)
            raise
        else:
            self._zips.read(event_id, upload_id, upload)
            return upload
        finally:
            self._zips.leave(event_id, upload_id)
            self._one_zip.release()
            self._wake_embedder.set()

    def zip_upload(self, event_id: str, upload_id: str) -> ZipUpload | None:
        """How far a ZIP is read, or what became of it in the last minutes; None for one that did not come, or
        not wholly, or to another process. Raises what ended it.
        """
        return self._zips.look(event_id, upload_id)

    def sweep(self) -> None:
        """Forgets what became of ZIPs that nobody asks about any more."""
        self._zips.sweep()

    def _add_all(
        self, event_id: str, labels: FolderNames, archive: ChallengeZip, upload_id: str
    ) -> ChallengeUpload:
        upload, until = ChallengeUpload(), self._clock() + ZIP_SECONDS_MAX
        for done, entry in enumerate(archive.entries):
            self._zips.reading(event_id, upload_id, done, len(archive.entries))
            label_id = labels.label_id(entry.folders)
            if entry.leads_out:
                upload.reject(entry.name, "challenge_path_strange")
            elif label_id is None:
                unknown = "challenge_folder_unknown" if entry.folders else "challenge_no_folder"
                upload.reject(entry.name, unknown)
            elif self._clock() > until:
                upload.reject(entry.name, "challenge_zip_late")
            else:
                try:
                    content = archive.read(entry)
                except BadInputError as exc:
                    upload.reject(entry.name, exc.key)
                else:
                    self._add(event_id, label_id, entry.name, content, upload)
        return upload

    def add_one(self, event_id: str, label_id: str, photo_id: str, data: bytes) -> bool:
        """One photo under an id that its sender made, which may be sent again; it is never there twice.
        True when it looks like another photo of the set.

        Raises AlreadyThereError, BadInputError for what cannot be used, ConflictError when the set is closed.
        """
        if label_id not in {label.id for label in self._open_labels(event_id)}:
            raise BadInputError("error_label_not_found")
        alike = self._keep(event_id, label_id, photo_id, self._intake.clean(data, any_format=True))
        self._wake_embedder.set()
        return alike

    @action("challenge_copied")
    def copy(self, event_id: str, from_id: str) -> int:
        """Give a class all challenge photos of another one whose labels it has; returns how many.

        They stand in the same halves. Raises ConflictError `challenge_locked`, or `challenge_not_empty`: two
        sets put together could hold one photo in both halves.
        """
        copies = self._copies(event_id, from_id)
        for key, row in copies:  # files that no row will know are swept later
            self._files.put_photo(
                row.blob_key, self._files.get_photo(key), self._files.get_photo(key, "thumb")
            )
        with self._db.write() as session:
            challenge.lock(session, event_id)
            if self.is_locked(session, event_id):
                raise ConflictError("challenge_locked")
            if challenge.count(session, event_id):
                raise ConflictError("challenge_not_empty")
            session.add_all(row for _, row in copies)
            comparisons.set_changed(session, event_id)
        self._wake_embedder.set()
        return len(copies)

    def _copies(self, event_id: str, from_id: str) -> list[tuple[str, ChallengePhoto]]:
        """Rows for the other class, each with the key of the photo that it is a copy of."""
        with self._db.read() as session:
            keys = {label.id: label.key for label in classes.event(session, from_id).labels}
            labels = {label.key: label.id for label in classes.event(session, event_id).labels}
            kin, copies = dict[str, str](), list[tuple[str, ChallengePhoto]]()
            for row in challenge.photos(session, from_id):
                label_id, copy_id = labels.get(keys[row.label_id]), str(uuid.uuid4())
                if label_id is None:
                    continue
                copied = ChallengePhoto(
                    id=copy_id,
                    event_id=event_id,
                    label_id=label_id,
                    half=row.half,
                    kin=kin.setdefault(row.kin, copy_id) if row.kin is not None else None,
                    blob_key=blob_keys.challenge_key(event_id, copy_id),
                    **{column: getattr(row, column) for column in _COPIED},
                )
                copies.append((row.blob_key, copied))
            return copies

    def counts(self, event_id: str) -> dict[tuple[str, Half], int]:
        """Photos by (label id, half)."""
        with self._db.read() as session:
            return challenge.counts(session, event_id)

    def photos(self, event_id: str) -> tuple[StaffPhoto, ...]:
        """All of them, the newest first; of none is told which half it is in."""
        with self._db.read() as session:
            found = challenge.with_states(session, event_id)
        return tuple(
            StaffPhoto(photo_id, label_id, taken_at, PHOTO_STATES[features])
            for photo_id, label_id, taken_at, features in found
        )

    def alike(self, event_id: str) -> tuple[tuple[AlikePhoto, ...], ...]:
        """Families of photos that look alike; each is in one half."""
        with self._db.read() as session:
            rows = challenge.alike(session, event_id)
        families = groupby(rows, key=lambda row: row.kin)
        return tuple(
            tuple(AlikePhoto(row.id, row.label_id, row.half) for row in family) for _, family in families
        )

    def picture(self, photo_id: str, size: str) -> bytes:
        """The JPEG, for facilitators alone. Raises NotFoundError."""
        with self._db.read() as session:
            row = session.get(ChallengePhoto, photo_id)
            if row is None:
                raise NotFoundError("error_photo_not_found")
            key = row.blob_key
        return self._files.get_photo(key, size)

    def complete(self, event_id: str) -> bool:
        """Does every label have photos in both halves?"""
        counts = self.counts(event_id)
        with self._db.read() as session:
            labels = [label.id for label in classes.event(session, event_id).labels]
        return all(counts.get((label_id, half)) for label_id in labels for half in Half)

    def locked(self, event_id: str) -> bool:
        """Was a run scored on the set? Then it may not change any more."""
        with self._db.read() as session:
            return self.is_locked(session, event_id)

    @action("challenge_took_out")
    def take_out(self, event_id: str, photo_ids: Sequence[str]) -> int:
        """These photos go for good; returns how many. Only before the class collects: sets are fair. A camera
        that sends one of them once more is told that it is gone.

        Raises NotFoundError where none of them is there, ConflictError.
        """
        with self._db.write() as session:
            event = challenge.lock(session, event_id)
            if self.is_locked(session, event_id):
                raise ConflictError("challenge_locked")
            if event.phase != Phase.LOBBY:
                raise ConflictError("challenge_not_in_lobby")
            keys = challenge.file_keys(session, event_id, photo_ids)
            if not keys:
                raise NotFoundError("error_photo_not_found")
            photos.bury(session, keys)
            challenge.delete_photos(session, list(keys))
            comparisons.set_changed(session, event_id)
        self._wake_embedder.set()  # it settles the halves anew
        try:
            self._files.delete_photos(keys.values())  # what is left of it the sweep takes: no row knows it
        finally:
            self._scrub()
        return len(keys)

    @staticmethod
    def is_locked(session: Session, event_id: str) -> bool:
        """Asked within a transaction that has to hold it to its end."""
        groups = classes.event(session, event_id).groups
        return bool(runs.of_groups(session, [group.id for group in groups]))

    def _open_labels(self, event_id: str) -> Sequence[LabelView]:
        """A run was scored on the set: then it is closed."""
        with self._db.read() as session:
            event = classes.event(session, event_id)
            if RoundState(contest.clock_of(event), utcnow()).class_has_ended:
                raise ConflictError("class_has_ended")
            if self.is_locked(session, event_id):
                raise ConflictError("challenge_locked")
            return [label_view(label) for label in event.labels]

    def _add(self, event_id: str, label_id: str, name: str, data: bytes, upload: ChallengeUpload) -> None:
        try:
            clean = self._intake.clean(data, any_format=True)
            upload.alike += self._keep(event_id, label_id, str(uuid.uuid4()), clean)
        except (ConflictError, NotFoundError):
            raise
        except ClassroomError as exc:
            upload.reject(name, exc.key)
        else:
            upload.added_to[label_id] = upload.added_to.get(label_id, 0) + 1

    def _keep(self, event_id: str, label_id: str, photo_id: str, clean: CleanPhoto) -> bool:
        # A name of its own: a photo that is sent twice at once must not lose its files to the one that fails.
        key = blob_keys.challenge_key(event_id, str(uuid.uuid4()))
        self._files.put_photo(key, clean.jpeg, clean.thumb)
        try:
            return self._insert(event_id, label_id, photo_id, key, clean)
        except (AlreadyThereError, BadInputError, ConflictError, NotFoundError):
            with contextlib.suppress(UnavailableError):  # the sweep for files without a row takes it later
                self._files.delete_photo(key)
            raise

    def _insert(self, event_id: str, label_id: str, photo_id: str, key: str, clean: CleanPhoto) -> bool:
        """True when it looks like another photo of the set."""
        with self._db.write() as session:
            # Asked again, and held to the end: a large ZIP takes minutes, and a run may have begun.
            challenge.lock(session, event_id)
            if self.is_locked(session, event_id):
                raise ConflictError("challenge_locked")
            if session.get(ChallengePhoto, photo_id) is not None:
                raise AlreadyThereError
            # The same photo in both halves would tell the final's answer while practising.
            if challenge.has_photo(
                session,
                event_id,
                perceptual_hash=clean.perceptual_hash,
                size_bytes=len(clean.jpeg),
                brightness=clean.brightness,
            ):
                raise BadInputError("challenge_photo_twice")
            looks = challenge.looks(session, event_id)
            if len(looks) >= self._max_photos:
                raise ConflictError("challenge_full", number=self._max_photos)
            placed = [Placed(look.id, look.label_id, look.half, look.kin) for look in looks]
            # The smaller half gets it: both halves hold the same labels in the same numbers. One that looks
            # like another goes where that one is; their features, once they are there, may tell more.
            new = Placed(photo_id, label_id, smaller(placed, label_id))
            session.add(
                ChallengePhoto(
                    id=photo_id,
                    event_id=event_id,
                    label_id=label_id,
                    half=new.half,
                    blob_key=key,
                    **clean.measures(),
                    taken_at=utcnow(),
                )
            )
            session.flush()
            comparisons.set_changed(session, event_id)
            found = same_as(
                Pictures([KnownPicture(photo_id, clean.perceptual_hash)]),
                Pictures([KnownPicture(look.id, look.perceptual_hash) for look in looks]),
            )
            if found:
                moved = settled([*placed, new], found.items())
                challenge.place(session, {name: (place.half, place.kin) for name, place in moved.items()})
            return photo_id in found
