"""Deletion with a count before and a receipt after, and the sweeps that keep the promise.

A receipt names no person and no photo.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

from classroom_app.data import blob_keys
from classroom_app.data.acting import action
from classroom_app.data.engine import Database, Session
from classroom_app.data.files import Files
from classroom_app.data.incoming import Incoming
from classroom_app.data.repository import (
    accounts,
    challenge,
    classes,
    deletions,
    finals,
    photos,
    runs,
    swap,
)
from classroom_app.data.repository.photo_filter import PhotoFilter
from classroom_app.data.repository.runs import RunFilter
from classroom_app.data.tables import Receipt, utcnow
from classroom_app.errors import NotFoundError
from classroom_app.services import deletion_scope
from classroom_app.services.deletion_scope import OWNERS, Found
from classroom_app.services.forgetting import Forgetting
from classroom_app.services.workflows import Workflows
from classroom_app.states import DeletionScope, Phase, RunState
from classroom_app.views.deletion import (
    COMPUTE_SERVERS,
    LEARNT_KEPT,
    NO_REST,
    OTHER_PROCESSES,
    DeletionTarget,
    Learnt,
    ReceiptView,
)

BURIED_FOR = dt.timedelta(days=1)  # no iPad sends a photo again after its class
# An upload between its files and its row when the door closes takes its files away by itself, in far less.
RECOUNTS = 10
RECOUNT_WAIT_S = 0.3
HALF_WRITTEN_S = 10.0  # a file is written in a tenth of a second; who is slower gets the photo sent again


class PrivacyService:
    def __init__(
        self,
        db: Database,
        files: Files,
        undo: dt.timedelta,
        queue: Workflows,
        forgetting: Forgetting,
        incoming: Incoming,
    ) -> None:
        self._db = db
        self._files = files
        self._undo = undo
        self._queue = queue
        self._forgetting = forgetting
        self._incoming = incoming
        self._orphans_seen: set[str] = set()

    # -- counting ------------------------------------------------------------------------------

    def count(self, target: DeletionTarget) -> dict[str, int]:
        """What a deletion would remove, counted in database, blob store and cache."""
        return self.counted(self._find(target))

    def learnt(self, target: DeletionTarget) -> Learnt:
        """Which AIs learnt from the photos of a deletion; none for one that takes all AIs anyway."""
        with self._db.read() as session:
            found = deletion_scope.find(session, target)
            counted = finals.count_entries(session, RunFilter(run_ids=found.learnt)) if found.learnt else 0
            return Learnt(len(found.learnt), counted)

    def _find(self, target: DeletionTarget) -> Found:
        with self._db.read() as session:
            return deletion_scope.find(session, target)

    def counted(self, found: Found) -> dict[str, int]:
        """As it is right now: the same before a deletion and after it."""
        with self._db.read() as session:
            counts: dict[str, int] = {}
            if found.takes_photos:
                counts["photos"] = photos.count(session, found.photos)
                counts["features"] = photos.count_features(session, found.photos)
            if found.takes_runs:
                counts["fooled_ais"] = swap.count(session, found.group_ids)
            if found.runs is not None:
                counts |= runs.count(session, found.runs)
                counts["final_entries"] = finals.count_entries(session, found.runs)
            elif found.keeps_learnt and found.learnt:
                kept = RunFilter(run_ids=found.learnt)
                counts[LEARNT_KEPT] = runs.count(session, kept)["results"]
            if found.scope in OWNERS:
                counts["groups"] = classes.count_groups(session, found.group_ids)
            if found.scope == DeletionScope.EVENT:
                counts["challenge_photos"] = challenge.count(session, found.event_id)
                counts["features"] += challenge.count_features(session, found.event_id)
                counts["classes"] = classes.count_events(session, found.event_id)
        if found.prefix is not None:
            counts["files"] = len(self._files.keys(found.prefix))
        else:
            counts["files"] = len(self._files.of_photos(found.keys))
        if found.runs is not None:
            counts["cached_models"] = self._forgetting.cached(found.prefix, found.keys)
        counts["file_versions"] = self._files.old_versions(found.prefix, found.keys)
        if found.scope == DeletionScope.EVENT:
            counts["temporary_files"] = self._incoming.left_behind()
        return counts

    # -- deleting ------------------------------------------------------------------------------

    @action("deleted_now")
    def delete(self, target: DeletionTarget) -> ReceiptView:
        """Delete, then count again what is left. Safe to repeat after any failure on the way."""
        found = self._find(target)
        with self._db.read() as session:
            whose = accounts.of_class(session, found.event_id)
        before = self.counted(found)
        found = self._close_the_door(target)
        # Files before rows: if this stops half-way, the rows still lead to what is left.
        models = self._delete_files(found)
        found = self._delete_rows(found)
        workflows = {"queue_entries": self._queue.forget(found.run_ids)} if found.runs is not None else {}
        self.scrub()
        left = self._left(found) | workflows
        return self.receipt_of(found.scope, found.subject, before, left, models, whose)

    def scrub(self) -> None:
        """What was deleted goes from SQLite's log and, as far as can be, from the memory of our processes."""
        self._forgetting.here()

    def _close_the_door(self, target: DeletionTarget) -> Found:
        """Nothing that is on its way may commit from here on; returns what is there at this moment."""
        with self._db.write() as session:
            found = close_the_door(session, target)
            if found.scope == DeletionScope.EVENT:
                classes.event(session, found.event_id).phase = Phase.CLOSED
            if not found.takes_runs:
                photos.put_beyond_undo(session, found.photos)
            return found

    def _delete_files(self, found: Found) -> list[str]:
        """Returns the keys of models that went: a folder may have some that no row knows."""
        keys = list(found.keys)
        if found.prefix is None:
            self._files.delete_photos(keys)
        else:
            keys += self._files.keys(found.prefix)
            self._files.delete_prefix(found.prefix)
        self._forgetting.forget(found.prefix, keys, found.group_ids if found.takes_runs else ())
        self._files.drop_old_versions(found.prefix, keys)
        self._incoming.drop_left()
        return keys

    def _delete_rows(self, found: Found) -> Found:
        """Returns the files as well of photos that came since: a label's door stays open to new ones."""
        with self._db.write() as session:
            if found.scope == DeletionScope.EVENT:
                classes.delete_event(session, found.event_id)
                return found
            if found.scope == DeletionScope.GROUP:
                classes.delete_group(session, found.group_ids[0])
                return found
            classes.lock_groups(session, found.group_ids)  # first, as whoever writes anything of them does
            gone = photos.delete_rows(session, found.photos) if found.takes_photos else []
            if found.takes_runs:
                swap.delete_all(session, found.group_ids)
            if found.runs is not None:
                runs.delete_these(session, found.runs, anew=found.whole)
                finals.delete_entries(session, found.runs)
        return found if found.takes_runs else replace(found, keys=tuple({*found.keys, *gone}))

    def _left(self, found: Found) -> dict[str, int]:
        """What a recount finds; for a moment it is deleted and counted again: it may have been on its way."""
        left = self.counted(found)
        for _ in range(RECOUNTS):
            if not any(number for kind, number in left.items() if kind not in NO_REST):
                break
            time.sleep(RECOUNT_WAIT_S)
            self._delete_files(found)
            found = self._delete_rows(found)
            self.scrub()
            left = self.counted(found)
        return left

    def receipt_of(
        self,
        scope: DeletionScope,
        subject: str,
        before: Mapping[str, int],
        left: dict[str, int],
        keys: Iterable[str],
        whose: frozenset[str],
    ) -> ReceiptView:
        """Write down what a deletion of so much has left; it stays. First all other processes are asked to
        forget what lay under `keys`. `whose`: accounts that have the class.
        """
        deleted = {name: number - left.get(name, 0) for name, number in before.items()}
        tier, waits = self._forgetting.elsewhere(keys)
        deleted["compute_models"] = tier.models
        left = {**left, "compute_models": 0}
        left |= {COMPUTE_SERVERS: tier.not_done} if tier.not_done else {}
        left |= {OTHER_PROCESSES: waits} if waits else {}
        with self._db.write() as session:
            row = Receipt(scope=scope, subject=subject, deleted=deleted, left=left)
            session.add(row)
            session.flush()
            deletions.give_receipt(session, row.id, whose)
            return _receipt_view(row, whose)

    def receipts(self) -> list[ReceiptView]:
        """Newest first."""
        with self._db.read() as session:
            whose = deletions.receipt_accounts(session)
            return [_receipt_view(row, whose.get(row.id)) for row in deletions.receipts(session)]

    def receipt(self, receipt_id: str) -> ReceiptView:
        """Raises NotFoundError."""
        with self._db.read() as session:
            row = deletions.receipt(session, receipt_id)
            if row is None:
                raise NotFoundError
            return _receipt_view(row, deletions.receipt_accounts(session).get(row.id))

    # -- sweeps --------------------------------------------------------------------------------

    def sweep(self) -> int:
        """Purge photos past their undo, half-written files, files that no row knows; returns how many."""
        half_written = self._files.drop_half_written(HALF_WRITTEN_S)
        with self._db.read() as session:
            past_undo = photos.deleted_before(session, utcnow() - self._undo)
            due = [(photo.id, photo.blob_key) for photo in past_undo]
        self._files.delete_photos(key for _, key in due)
        orphans = self._delete_orphans()
        with self._db.write() as session:
            if due:
                photos.delete_rows(session, PhotoFilter(photo_ids=tuple(photo_id for photo_id, _ in due)))
            photos.forget_buried(session, utcnow() - BURIED_FOR)
        if due:
            self.scrub()
        else:  # a process may have been killed after a deletion, or somebody was reading then
            self._db.scrub()
        return len(due) + orphans + half_written

    def _delete_orphans(self) -> int:
        """A file may wait a moment for its row, so only what was an orphan last time too goes now."""
        stored = set(self._files.keys("events/"))
        with self._db.read() as session:
            known = deletions.all_blob_keys(session)
            at_work = {run.id for run in runs.active(session)}
        known |= {blob_keys.thumb_key(key) for key in known}
        # The model of a run that is not finished has no row yet.
        orphans = {key for key in stored - known if not any(run_id in key for run_id in at_work)}
        doomed = orphans & self._orphans_seen
        self._orphans_seen = orphans - doomed
        return sum(self._files.delete(key) for key in doomed)


def _receipt_view(row: Receipt, whose: frozenset[str] | None = None) -> ReceiptView:
    return ReceiptView(
        row.scope, row.subject, row.deleted, row.left, row.created_at, row.id, whose or frozenset()
    )


def close_the_door(session: Session, target: DeletionTarget) -> Found:
    """Nothing that is on its way to these groups may commit from here on; returns what is there now.

    Of a deletion of AIs alone photos that are on their way may come: the epoch stays. A run that learns from
    photos that go finds them gone when it wants to write.
    """
    found = deletion_scope.find(session, target)
    classes.lock_groups(session, found.group_ids)
    found = deletion_scope.find(session, target)  # a run may have ended before the lock
    if found.takes_runs:
        if found.whole:
            classes.raise_epoch(session, found.group_ids)
        for run in runs.active(session, found.group_ids):
            run.state, run.finished_at = RunState.CANCELLED, utcnow()
            run.error_key = "run_was_reset"
    if found.runs is None:
        return found
    return replace(found, run_ids=tuple(sorted(runs.ids(session, found.runs))))
