"""Deletion with a count before and a receipt after, and the sweeps that keep the promise.

Knows nothing of pages; a receipt names no person and no photo.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from classroom_app.content import i18n
from classroom_app.data import blob_keys
from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import challenge, classes, deletions, photos, runs
from classroom_app.data.repository.photo_filter import PhotoFilter
from classroom_app.data.tables import Photo, Receipt, utcnow
from classroom_app.errors import NotFoundError, UnavailableError
from classroom_app.services.play import PlayService
from classroom_app.states import DeletionScope, Phase, RunState
from classroom_app.views import DeletionTarget, ReceiptView
from ml_core.contract.blobs import BlobError, BlobStore, delete_prefix

SUBJECT_CHARS = 120  # of the receipt's column
BURIED_FOR = dt.timedelta(days=1)  # no iPad sends a photo again after its class


class PrivacyService:
    def __init__(
        self,
        db: Database,
        blobs: BlobStore,
        play: PlayService,
        undo: dt.timedelta,
        forget_runs: Callable[[Sequence[str]], int],
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._play = play
        self._undo = undo
        self._forget_runs = forget_runs  # drops their workflows; returns how many are left
        self._orphans_seen: set[str] = set()

    # -- counting ------------------------------------------------------------------------------

    def count(self, target: DeletionTarget) -> dict[str, int]:
        """What a deletion would remove, counted in database, blob store and cache."""
        with self._db.read() as session:
            self._subject(session, target)  # raises NotFoundError
            group_ids = self._group_ids(session, target)
            counts = {"photos": photos.count(session, self._photos(target, group_ids))}
            if target.scope in {DeletionScope.GROUP_RESET, DeletionScope.GROUP, DeletionScope.EVENT}:
                counts |= runs.count(session, group_ids)
            if target.scope == DeletionScope.GROUP:
                counts["groups"] = len(group_ids)
            if target.scope == DeletionScope.EVENT:
                counts |= {
                    "groups": len(group_ids),
                    "challenge_photos": len(challenge.photos(session, target.event_id)),
                    "classes": 1,
                }
            keys = self._photo_blobs(session, target, group_ids)
        return counts | self._stored(target, keys)

    def _stored(self, target: DeletionTarget, keys: Sequence[str]) -> dict[str, int]:
        """Files and cached models, as they are right now."""
        prefix = self._prefix(target)
        try:
            if prefix is None:
                present = set(self._blobs.keys(blob_keys.event_prefix(target.event_id)))
                return {"files": len(present.intersection(keys))}
            files = sum(1 for _ in self._blobs.keys(prefix))
            return {"files": files, "cached_models": self._play.cached(prefix)}
        except BlobError as exc:
            raise UnavailableError from exc

    # -- deleting ------------------------------------------------------------------------------

    def delete(self, target: DeletionTarget) -> ReceiptView:
        """Delete, then count again what is left. Safe to repeat after any failure on the way."""
        with self._db.read() as session:
            subject = self._subject(session, target)
            group_ids = self._group_ids(session, target)
            keys = self._photo_blobs(session, target, group_ids)
            run_ids = [run.id for run in runs.of_groups(session, group_ids)]
        before = self.count(target)
        whole = target.scope in {DeletionScope.GROUP_RESET, DeletionScope.GROUP, DeletionScope.EVENT}
        if whole:
            self._close_the_door(target, group_ids)
        try:
            # Blobs before rows: if this stops half-way, the rows still lead to what is left.
            prefix = self._prefix(target)
            if prefix is not None:
                delete_prefix(self._blobs, prefix)
                self._play.forget(prefix)
            else:
                for key in keys:
                    self._blobs.delete(key)
        except BlobError as exc:
            raise UnavailableError from exc
        with self._db.write() as session:
            self._delete_rows(session, target, group_ids)
        workflows_left = self._forget_runs(run_ids) if whole else 0
        self._db.scrub()
        left = self._left(target, group_ids, keys) | ({"queue_entries": workflows_left} if whole else {})
        return self._receipt(target.scope, subject, before, left)

    def _close_the_door(self, target: DeletionTarget, group_ids: Sequence[str]) -> None:
        """Nothing that is on its way may commit from here on."""
        with self._db.write() as session:
            classes.raise_epoch(session, group_ids)
            if target.scope == DeletionScope.EVENT:
                classes.event(session, target.event_id).phase = Phase.CLOSED
            for run in runs.active(session, group_ids):
                run.state, run.finished_at = RunState.CANCELLED, utcnow()
                run.error_key = "run_was_reset"

    def _delete_rows(self, session: Session, target: DeletionTarget, group_ids: Sequence[str]) -> None:
        if target.scope == DeletionScope.EVENT:
            session.delete(classes.event(session, target.event_id))
        elif target.scope == DeletionScope.GROUP:
            session.delete(classes.group(session, group_ids[0]))
        else:
            photos.delete_rows(session, self._photos(target, group_ids))
            if target.scope == DeletionScope.GROUP_RESET:
                runs.delete_all(session, group_ids)

    def _left(self, target: DeletionTarget, group_ids: Sequence[str], keys: Sequence[str]) -> dict[str, int]:
        with self._db.read() as session:
            left = {"photos": photos.count(session, self._photos(target, group_ids))}
            if target.scope in {DeletionScope.GROUP_RESET, DeletionScope.GROUP, DeletionScope.EVENT}:
                left |= runs.count(session, group_ids)
            if target.scope in {DeletionScope.GROUP, DeletionScope.EVENT}:
                left["groups"] = classes.count_groups(session, group_ids)
            if target.scope == DeletionScope.EVENT:
                left["challenge_photos"] = len(challenge.photos(session, target.event_id))
                left["classes"] = sum(row.id == target.event_id for row in classes.events(session))
        return left | self._stored(target, keys)

    def _receipt(
        self, scope: DeletionScope, subject: str, before: dict[str, int], left: dict[str, int]
    ) -> ReceiptView:
        deleted = {name: number - left.get(name, 0) for name, number in before.items()}
        with self._db.write() as session:
            row = Receipt(scope=scope, subject=subject, deleted=deleted, left=left)
            session.add(row)
            session.flush()
            return ReceiptView(scope, subject, deleted, left, row.created_at)

    def receipts(self) -> list[ReceiptView]:
        """Newest first."""
        with self._db.read() as session:
            return [
                ReceiptView(row.scope, row.subject, row.deleted, row.left, row.created_at)
                for row in deletions.receipts(session)
            ]

    # -- what a target covers ------------------------------------------------------------------

    @staticmethod
    def _group_ids(session: Session, target: DeletionTarget) -> list[str]:
        if target.group_id is not None:
            return [target.group_id]
        return [group.id for group in classes.event(session, target.event_id).groups]

    @staticmethod
    def _photos(target: DeletionTarget, group_ids: Sequence[str]) -> PhotoFilter:
        return PhotoFilter(
            group_ids=tuple(group_ids),
            label_id=target.label_id if target.scope == DeletionScope.LABEL else None,
            photo_ids=(target.photo_id or "",) if target.scope == DeletionScope.PHOTO else None,
        )

    def _photo_blobs(self, session: Session, target: DeletionTarget, group_ids: Sequence[str]) -> list[str]:
        if target.scope not in {DeletionScope.PHOTO, DeletionScope.LABEL}:
            return []
        keys = photos.blob_keys(session, self._photos(target, group_ids))
        return [name for key in keys for name in (key, blob_keys.thumb_key(key))]

    @staticmethod
    def _prefix(target: DeletionTarget) -> str | None:
        if target.scope == DeletionScope.EVENT:
            return blob_keys.event_prefix(target.event_id)
        if target.scope in {DeletionScope.GROUP, DeletionScope.GROUP_RESET} and target.group_id is not None:
            return blob_keys.group_prefix(target.event_id, target.group_id)
        return None

    @staticmethod
    def _subject(session: Session, target: DeletionTarget) -> str:
        """Words for the receipt, such as `5の2 / 🐧 ペンギン / 🍎 りんご`. Raises NotFoundError."""
        event = classes.event(session, target.event_id)
        parts = [event.name]
        if target.group_id is not None:
            group = classes.group(session, target.group_id)
            if group.event_id != event.id:
                raise NotFoundError
            parts.append(f"{group.emoji} {i18n.kanji(group.name_ja)}")
        if target.scope == DeletionScope.LABEL:
            label = classes.label(session, event.id, target.label_id or "")
            parts.append(f"{label.emoji} {i18n.kanji(label.name_ja)}")
        if target.scope == DeletionScope.PHOTO:
            photo = session.get(Photo, target.photo_id)
            if photo is None or photo.group_id != target.group_id:
                raise NotFoundError("error_photo_not_found")
        return " / ".join(parts)[:SUBJECT_CHARS]

    # -- sweeps --------------------------------------------------------------------------------

    def sweep(self) -> int:
        """Purge photos whose time for undo is over, and files that no row knows; returns how many."""
        with self._db.read() as session:
            past_undo = photos.deleted_before(session, utcnow() - self._undo)
            due = [(photo.id, photo.blob_key) for photo in past_undo]
        try:
            for _, key in due:
                self._blobs.delete(key)
                self._blobs.delete(blob_keys.thumb_key(key))
            orphans = self._delete_orphans()
        except BlobError as exc:
            raise UnavailableError from exc
        if due:
            with self._db.write() as session:
                photos.delete_rows(session, PhotoFilter(photo_ids=tuple(photo_id for photo_id, _ in due)))
            self._db.scrub()
        with self._db.write() as session:
            photos.forget_buried(session, utcnow() - BURIED_FOR)
        return len(due) + orphans

    def _delete_orphans(self) -> int:
        """A file may wait a moment for its row, so only what was an orphan last time too goes now."""
        stored = set(self._blobs.keys("events/"))
        with self._db.read() as session:
            known = deletions.all_blob_keys(session)
            at_work = {run.id for run in runs.active(session)}
        self._play.keep_only(known)
        known |= {blob_keys.thumb_key(key) for key in known}
        # The model of a run that is not finished has no row yet.
        orphans = {key for key in stored - known if not any(run_id in key for run_id in at_work)}
        doomed = orphans & self._orphans_seen
        self._orphans_seen = orphans - doomed
        return sum(self._blobs.delete(key) for key in doomed)
