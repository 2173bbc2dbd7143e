"""The hidden challenge set of a class: taken from a ZIP or files, split into two halves.

Knows nothing of groups; only facilitators reach it.
"""

from __future__ import annotations

import io
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from sqlalchemy.orm import Session

from classroom_app import repository
from classroom_app.db import Database
from classroom_app.errors import BadInputError, ClassroomError, ConflictError, UnavailableError
from classroom_app.intake import CleanPhoto, Intake
from classroom_app.models import ChallengePhoto, utcnow
from classroom_app.services import layout
from ml_core.blobs import BlobError, BlobStore

FILE_BYTES_MAX = 40 * 1024 * 1024
HALVES = ("practice", "final")
Progress = Callable[[int, int], None]  # files done, files in all


def _unwatched(_done: int, _total: int) -> None:
    """Nobody looks at the progress."""


@dataclass(frozen=True)
class Rejected:
    name: str
    error_key: str


@dataclass
class Upload:
    """What became of each file."""

    added: int = 0
    rejected: list[Rejected] = field(default_factory=list)


class ChallengeService:
    def __init__(
        self,
        db: Database,
        blobs: BlobStore,
        intake: Intake,
        *,
        max_photos: int,
        wake_embedder: threading.Event,
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._intake = intake
        self._max_photos = max_photos
        self._wake_embedder = wake_embedder

    def add_zip(self, event_id: str, data: bytes, on_progress: Progress = _unwatched) -> Upload:
        """Add `<label key>/<file>` of a ZIP, at any depth. Raises BadInputError when it is no ZIP."""
        labels = self._open_labels(event_id)
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except zipfile.BadZipFile as exc:
            raise BadInputError("challenge_not_zip") from exc
        upload = Upload()
        with archive:
            total = len(archive.infolist())  # folders too: near enough for a progress bar
            for done, (name, folder, content) in enumerate(_zip_files(archive)):
                on_progress(done, total)
                label_id = labels.get(folder.casefold())
                if label_id is None:
                    upload.rejected.append(Rejected(name, "challenge_folder_unknown"))
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
    ) -> Upload:
        """Add photos of one label."""
        if label_id not in self._open_labels(event_id).values():
            raise BadInputError("error_label_not_found")
        upload = Upload()
        for done, (name, data) in enumerate(files):
            on_progress(done, len(files))
            self._add(event_id, label_id, name, data, upload)
        self._wake_embedder.set()
        return upload

    def counts(self, event_id: str) -> dict[tuple[str, str], int]:
        """Photos by (label id, half)."""
        with self._db.read() as session:
            return repository.challenge_counts(session, event_id)

    def complete(self, event_id: str) -> bool:
        """Does every label have photos in both halves?"""
        counts = self.counts(event_id)
        with self._db.read() as session:
            labels = [label.id for label in repository.event(session, event_id).labels]
        return all(counts.get((label_id, half)) for label_id in labels for half in HALVES)

    def locked(self, event_id: str) -> bool:
        """Was a run scored on the set? Then it may not change any more."""
        with self._db.read() as session:
            return self._is_locked(session, event_id)

    @staticmethod
    def _is_locked(session: Session, event_id: str) -> bool:
        groups = repository.event(session, event_id).groups
        return bool(repository.runs(session, [group.id for group in groups]))

    def _open_labels(self, event_id: str) -> dict[str, str]:
        """Label ids by the names a folder may have. A run was scored on the set: then it is closed."""
        with self._db.read() as session:
            event = repository.event(session, event_id)
            if self._is_locked(session, event_id):
                raise ConflictError("challenge_locked")
            names: dict[str, str] = {}
            for label in event.labels:
                for name in (label.key, label.name_en, label.name_ja):
                    names[name.casefold()] = label.id
            return names

    def _add(self, event_id: str, label_id: str, name: str, data: bytes, upload: Upload) -> None:
        try:
            clean = self._intake.clean(data, heic=True)
            self._keep(event_id, label_id, clean)
        except ConflictError:
            raise
        except ClassroomError as exc:
            upload.rejected.append(Rejected(name, exc.key))
        else:
            upload.added += 1

    def _keep(self, event_id: str, label_id: str, clean: CleanPhoto) -> None:
        photo_id = str(uuid.uuid4())
        key = layout.challenge_key(event_id, photo_id)
        try:
            self._blobs.put(key, clean.jpeg, "image/jpeg")
            self._blobs.put(layout.thumb_key(key), clean.thumb, "image/jpeg")
        except BlobError as exc:
            raise UnavailableError from exc
        with self._db.write() as session:
            counts = repository.challenge_counts(session, event_id)
            if sum(counts.values()) >= self._max_photos:
                raise ConflictError("challenge_full", number=self._max_photos)
            # The smaller half gets it: both halves hold the same labels in the same numbers.
            half = min(HALVES, key=lambda name: counts.get((label_id, name), 0))
            session.add(
                ChallengePhoto(
                    id=photo_id,
                    event_id=event_id,
                    label_id=label_id,
                    half=half,
                    blob_key=key,
                    size_bytes=len(clean.jpeg),
                    width=clean.width,
                    height=clean.height,
                    brightness=clean.brightness,
                    sharpness=clean.sharpness,
                    perceptual_hash=clean.perceptual_hash,
                    taken_at=utcnow(),
                )
            )


def _zip_files(archive: zipfile.ZipFile) -> Iterator[tuple[str, str, bytes]]:
    """(name, folder, bytes) of each file; no path is ever written to disk."""
    for info in archive.infolist():
        path = PurePosixPath(info.filename)
        hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in path.parts)
        if info.is_dir() or hidden or path.name in {"Thumbs.db"}:
            continue
        if info.file_size > FILE_BYTES_MAX:
            yield info.filename, path.parent.name, b""
            continue
        try:
            with archive.open(info) as file:
                content = file.read(FILE_BYTES_MAX + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError):
            content = b""  # encrypted or broken: the intake says so for this one file
        yield info.filename, path.parent.name, content
