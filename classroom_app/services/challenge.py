"""The hidden challenge set of a class: taken from a ZIP or files, split into two halves.

Only facilitators reach it.
"""

from __future__ import annotations

import io
import lzma
import struct
import threading
import unicodedata
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath

from classroom_app.content import i18n
from classroom_app.data import blob_keys
from classroom_app.data.engine import Database, Session
from classroom_app.data.files import Files
from classroom_app.data.repository import challenge, classes, runs
from classroom_app.data.tables import ChallengePhoto, Label, utcnow
from classroom_app.errors import BadInputError, ClassroomError, ConflictError, NotFoundError
from classroom_app.intake.decoder_pool import CleanPhoto, Intake
from classroom_app.states import Half, Phase
from classroom_app.views import ChallengeUpload, RejectedFile

FILE_BYTES_MAX = 40 * 1024 * 1024
# What the zip module lets through when a file is encrypted, broken or packed in a way it does not know.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error,
               EOFError, OSError, RuntimeError, ValueError)  # fmt: skip
Progress = Callable[[int, int], None]  # files done, files in all


def _unwatched(_done: int, _total: int) -> None:
    """Nobody looks at the progress."""


class ChallengeService:
    def __init__(
        self,
        db: Database,
        files: Files,
        intake: Intake,
        *,
        max_photos: int,
        wake_embedder: threading.Event,
    ) -> None:
        self._db = db
        self._files = files
        self._intake = intake
        self._max_photos = max_photos
        self._wake_embedder = wake_embedder

    def add_zip(self, event_id: str, data: bytes, on_progress: Progress = _unwatched) -> ChallengeUpload:
        """Add `<label key>/<file>` of a ZIP, at any depth. Raises BadInputError when it is no ZIP."""
        labels = self._open_labels(event_id)
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except _ZIP_ERRORS as exc:
            raise BadInputError("challenge_not_zip") from exc
        upload = ChallengeUpload()
        with archive:
            total = len(archive.infolist())  # folders too: near enough for a progress bar
            for done, (name, folder, content) in enumerate(_zip_files(archive)):
                on_progress(done, total)
                label_id = labels.get(_same(folder))
                if label_id is None:
                    upload.rejected.append(RejectedFile(name, "challenge_folder_unknown"))
                else:
                    self._add(event_id, label_id, name, content, upload)
        self._wake_embedder.set()
        return upload

    def add_files(
        self,
        event_id: str,
        label_id: str,
        files: list[tuple[str, bytes]],
        on_progress: Progress = _unwatched,
    ) -> ChallengeUpload:
        """Add photos of one label."""
        if label_id not in self._open_labels(event_id).values():
            raise BadInputError("error_label_not_found")
        upload = ChallengeUpload()
        for done, (name, data) in enumerate(files):
            on_progress(done, len(files))
            self._add(event_id, label_id, name, data, upload)
        self._wake_embedder.set()
        return upload

    def counts(self, event_id: str) -> dict[tuple[str, Half], int]:
        """Photos by (label id, half)."""
        with self._db.read() as session:
            return challenge.counts(session, event_id)

    def complete(self, event_id: str) -> bool:
        """Does every label have photos in both halves?"""
        counts = self.counts(event_id)
        with self._db.read() as session:
            labels = [label.id for label in classes.event(session, event_id).labels]
        return all(counts.get((label_id, half)) for label_id in labels for half in Half)

    def locked(self, event_id: str) -> bool:
        """Was a run scored on the set? Then it may not change any more."""
        with self._db.read() as session:
            return self._is_locked(session, event_id)

    def clear(self, event_id: str, label_id: str) -> int:
        """Take out all photos of a label; returns how many. Only before the class collects: sets are fair."""
        with self._db.write() as session:
            event = challenge.lock(session, event_id)
            if self._is_locked(session, event_id):
                raise ConflictError("challenge_locked")
            if event.phase != Phase.LOBBY:
                raise ConflictError("challenge_not_in_lobby")
            keys = challenge.delete_label(session, event_id, label_id)
        try:
            for key in keys:  # if this stops half-way, the sweep takes files that no row knows
                self._files.delete_photo(key)
        finally:
            self._db.scrub()
        return len(keys)

    @staticmethod
    def _is_locked(session: Session, event_id: str) -> bool:
        groups = classes.event(session, event_id).groups
        return bool(runs.of_groups(session, [group.id for group in groups]))

    def _open_labels(self, event_id: str) -> dict[str, str]:
        """Label ids by the names a folder may have. A run was scored on the set: then it is closed."""
        with self._db.read() as session:
            event = classes.event(session, event_id)
            if self._is_locked(session, event_id):
                raise ConflictError("challenge_locked")
            return _folder_names(event.labels)

    def _add(self, event_id: str, label_id: str, name: str, data: bytes, upload: ChallengeUpload) -> None:
        try:
            clean = self._intake.clean(data, heic=True)
            self._keep(event_id, label_id, clean)
        except (ConflictError, NotFoundError):
            raise
        except ClassroomError as exc:
            upload.rejected.append(RejectedFile(name, exc.key))
        else:
            upload.added += 1

    def _keep(self, event_id: str, label_id: str, clean: CleanPhoto) -> None:
        photo_id = str(uuid.uuid4())
        key = blob_keys.challenge_key(event_id, photo_id)
        self._files.put_photo(key, clean.jpeg, clean.thumb)
        with self._db.write() as session:
            # Asked again, and held to the end: a large ZIP takes minutes, and a run may have begun.
            challenge.lock(session, event_id)
            if self._is_locked(session, event_id):
                raise ConflictError("challenge_locked")
            # The same photo in both halves would tell the final's answer while practising.
            if challenge.has_photo(
                session,
                event_id,
                perceptual_hash=clean.perceptual_hash,
                size_bytes=len(clean.jpeg),
                brightness=clean.brightness,
            ):
                raise BadInputError("challenge_photo_twice")
            counts = challenge.counts(session, event_id)
            if sum(counts.values()) >= self._max_photos:
                raise ConflictError("challenge_full", number=self._max_photos)
            # The smaller half gets it: both halves hold the same labels in the same numbers.
            half = min(Half, key=lambda half: counts.get((label_id, half), 0))
            session.add(
                ChallengePhoto(
                    id=photo_id,
                    event_id=event_id,
                    label_id=label_id,
                    half=half,
                    blob_key=key,
                    **clean.measures(),
                    taken_at=utcnow(),
                )
            )


def _folder_names(labels: Sequence[Label]) -> dict[str, str]:
    """Label ids by what a label's folder may be called: its key first, then any of its names."""
    names: dict[str, str] = {}
    for label in reversed(labels):
        for name in (label.name_en, i18n.kanji(label.name_ja), i18n.plain(label.name_ja), label.name_ja):
            names[_same(name)] = label.id
    return names | {_same(label.key): label.id for label in labels}


def _same(name: str) -> str:
    """Full-width and capital letters do not matter, nor how a Mac takes ga apart into ka and a mark."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()


def _zip_files(archive: zipfile.ZipFile) -> Iterator[tuple[str, str, bytes]]:
    """(name, folder, bytes) of each file; no path is ever written to disk."""
    for info in archive.infolist():
        path = PurePosixPath(info.filename)
        hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in path.parts)
        if info.filename.endswith("/") or hidden or path.name in {"Thumbs.db"}:
            continue
        if info.file_size > FILE_BYTES_MAX:
            yield info.filename, path.parent.name, b""
            continue
        try:
            with archive.open(info) as file:
                content = file.read(FILE_BYTES_MAX + 1)
        except _ZIP_ERRORS:
            content = b""  # encrypted or broken: the intake says so for this one file
        yield info.filename, path.parent.name, content
