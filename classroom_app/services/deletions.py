"""Deletions that can be undone for some minutes.

At once the rows are taken out of their tables and kept aside, so that nobody sees them anywhere: children,
board, screens, exports. Files stay until the time for undo is over, or somebody says "delete now"; then all
of it goes, is counted again, and leaves a receipt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import structlog

from classroom_app.data import acting
from classroom_app.data.acting import action
from classroom_app.data.engine import Database, Session
from classroom_app.data.files import Files
from classroom_app.data.incoming import Incoming
from classroom_app.data.repository import accounts, classes, deletions, finals, photos, runs, set_aside, swap
from classroom_app.data.reserve import Reserve
from classroom_app.data.tables import Deletion, new_id, utcnow
from classroom_app.errors import AlreadyThereError, ClassroomError, ConflictError, NotFoundError
from classroom_app.services import deletion_scope
from classroom_app.services.deletion_scope import Found
from classroom_app.services.forgetting import Forgetting
from classroom_app.services.privacy import PrivacyService, close_the_door
from classroom_app.services.workflows import Workflows
from classroom_app.states import DeletionScope
from classroom_app.views.deletion import LEARNT_KEPT, DeletionTarget, PendingDeletion, ReceiptView

HELD_FOR = dt.timedelta(minutes=5)  # by the process that finishes it; a dead one's is taken over then
TABLES = {
    "photos": ("photos",),
    "features": ("photos", "challenge_photos"),  # they lie in these rows
    "runs": ("runs",),
    "results": ("run_results",),
    "final_entries": ("final_entries",),
    "fooled_ais": ("fooled_ais",),
    "groups": ("groups",),
    "challenge_photos": ("challenge_photos",),
    "classes": ("events",),
}

_log = structlog.get_logger(__name__)


class DeletionService:
    def __init__(
        self,
        db: Database,
        files: Files,
        privacy: PrivacyService,
        forgetting: Forgetting,
        undo: dt.timedelta,
        queue: Workflows,
        wake_embedder: Callable[[], object],
        incoming: Incoming,
        reserve: Reserve,
    ) -> None:
        self._db = db
        self._files = files
        self._privacy = privacy
        self._forgetting = forgetting
        self._undo = undo
        self._queue = queue
        self._wake_embedder = wake_embedder
        self._incoming = incoming
        self._reserve = reserve

    # -- asking --------------------------------------------------------------------------------

    @action("deletion_begun")
    def begin(self, target: DeletionTarget) -> PendingDeletion:
        """Out of sight at once; `undo` brings it back, `finish` or time ends it. Raises NotFoundError."""
        with self._reserve.given_away():
            return self._begin(target)

    def _begin(self, target: DeletionTarget) -> PendingDeletion:
        with self._db.read() as session:
            found = deletion_scope.find(session, target)
        counts = self._privacy.counted(found)
        with self._db.write() as session:
            found = close_the_door(session, target)
            now = utcnow()
            row = Deletion(
                id=new_id(),
                scope=found.scope,
                event_id=found.event_id,
                group_id=target.group_id,
                subject=found.subject,
                counts=counts,
                # Of an emptied group new photos may come to the same place meanwhile.
                prefix=found.prefix if found.scope in deletion_scope.OWNERS else None,
                keys=list(deletion_scope.keys_of(session, found)),
                group_ids=list(found.group_ids),
                run_ids=list(found.run_ids),
                asked_at=now,
                due_at=now + self._undo,
            )
            session.add(row)
            session.flush()
            _take_out(session, row.id, found)
            pending = _view(row)
        self._forgetting.forget(found.prefix, found.keys, found.group_ids if found.takes_runs else ())
        return pending

    def pending(self, event_id: str | None = None) -> list[PendingDeletion]:
        """What can still be undone, newest first."""
        now = utcnow()
        with self._db.read() as session:
            rows = [row for row in deletions.pending(session) if row.due_at > now]
            return [_view(row) for row in rows if event_id in {None, row.event_id}]

    # -- back ----------------------------------------------------------------------------------

    @action("deletion_undone")
    def undo(self, deletion_id: str) -> None:
        """All is there again as it was; runs that waited then are cancelled. In an emptied group numbers of
        AIs that had been deleted before it was may be given again.

        Raises ConflictError: `deletion_too_late`, `deletion_owner_gone` when what it was of was deleted
        later, `deletion_undo_blocked` when something new stands in its place.
        """
        try:
            with self._db.write() as session:
                row = deletions.lock(session, deletion_id)
                now = utcnow()
                if row is None or row.due_at <= now or (row.held_until is not None and row.held_until > now):
                    raise ConflictError("deletion_too_late")
                acting.about(row.event_id, row.group_id)
                if not set_aside.owners_are_there(session, row.event_id, row.group_ids, row.id):
                    raise ConflictError("deletion_owner_gone")
                but = () if row.scope == DeletionScope.EVENT else (set_aside.COMPARISONS,)
                set_aside.put_back(session, row.id, row.asked_at, but=but)
                session.delete(row)
        except AlreadyThereError as exc:
            raise ConflictError("deletion_undo_blocked") from exc
        self._wake_embedder()

    # -- for real ------------------------------------------------------------------------------

    @action("deleted_now")
    def delete_now(self, target: DeletionTarget) -> ReceiptView:
        """In one go and without an undo, as a privacy request wants it.

        What was deleted of the same groups before and could still be undone goes for good too.
        """
        with self._db.read() as session:
            found = deletion_scope.find(session, target)
            touched = {found.event_id} if found.scope == DeletionScope.EVENT else set(found.group_ids)
            earlier = [
                row.id
                for row in deletions.pending(session)
                if found.takes_runs and touched & {row.event_id, *row.group_ids}
            ]
        with self._reserve.given_away():
            for deletion_id in earlier:
                self.finish(deletion_id)
            return self._privacy.delete(target)

    @action("deletion_finished")
    def finish(self, deletion_id: str) -> ReceiptView:
        """Bytes and rows go now. Safe to repeat. Raises NotFoundError; ConflictError `deletion_is_going`
        while another process is at it.
        """
        with self._reserve.given_away():
            return self._finish(deletion_id)

    def _finish(self, deletion_id: str) -> ReceiptView:
        with self._db.write() as session:
            row = deletions.lock(session, deletion_id)
            if row is None:
                raise NotFoundError
            now = utcnow()
            if row.held_until is not None and row.held_until > now:
                raise ConflictError("deletion_is_going")
            acting.about(row.event_id, row.group_id)
            whose = accounts.of_class(session, row.event_id)
            row.held_until = now + HELD_FOR
            row.due_at = min(row.due_at, now)
            session.flush()
            session.expunge(row)
        keys = self._delete_files(row)
        with self._db.write() as session:
            set_aside.drop(session, deletion_id)
        queue_entries = self._queue.forget(row.run_ids) if row.run_ids else 0
        self._privacy.scrub()
        left = self._left(row) | ({"queue_entries": queue_entries} if row.run_ids else {})
        with self._db.write() as session:
            kept = deletions.lock(session, deletion_id)
            if kept is not None:
                session.delete(kept)
        return self._privacy.receipt_of(row.scope, row.subject, row.counts, left, keys, whose)

    def sweep(self) -> int:
        """Finish what can be undone no more; returns how many."""
        with self._db.read() as session:
            due = deletions.due(session, utcnow())
        done = 0
        for deletion_id in due:
            try:
                receipt = self.finish(deletion_id)
            except (NotFoundError, ConflictError):  # another process is faster
                continue
            except ClassroomError as exc:  # the store is away: the next sweep goes on with it
                _log.warning("deletion_waits", reason=exc.key)
                continue
            done += 1
            if not receipt.clean:
                _log.error("deletion_left_something", left=receipt.left)
        return done

    def _delete_files(self, row: Deletion) -> list[str]:
        """Returns the keys of what went: a folder may have models that no row knew."""
        keys = list(row.keys)
        if row.prefix is not None:
            keys += self._files.keys(row.prefix)
            self._files.delete_prefix(row.prefix)
        self._files.delete_photos(row.keys)
        with_cameras = row.scope in {*deletion_scope.WHOLE, DeletionScope.RUNS}
        self._forgetting.forget(row.prefix, keys, row.group_ids if with_cameras else ())
        self._files.drop_old_versions(row.prefix, row.keys)
        self._incoming.drop_left()
        return keys

    def _left(self, row: Deletion) -> dict[str, int]:
        """Counted anew; of the kinds that were counted before."""
        with self._db.read() as session:
            left = {
                kind: set_aside.count(session, row.id, *tables)
                for kind, tables in TABLES.items()
                if kind in row.counts
            }
        under = self._files.keys(row.prefix) if row.prefix is not None else []
        left["files"] = len({*under, *self._files.of_photos(row.keys)})
        left["file_versions"] = self._files.old_versions(row.prefix, row.keys)
        if "temporary_files" in row.counts:
            left["temporary_files"] = self._incoming.left_behind()
        if "cached_models" in row.counts:
            left["cached_models"] = self._forgetting.cached(None, row.keys)
        if LEARNT_KEPT in row.counts:
            left[LEARNT_KEPT] = row.counts[LEARNT_KEPT]
        return left


def _take_out(session: Session, deletion_id: str, found: Found) -> None:
    if found.scope == DeletionScope.EVENT:
        set_aside.take_out(session, deletion_id, [("events", "id", [found.event_id])])
        classes.delete_event(session, found.event_id)
        return
    if found.scope == DeletionScope.GROUP:
        set_aside.take_out(session, deletion_id, [("groups", "id", found.group_ids)])
        classes.delete_group(session, found.group_ids[0])
        return
    roots: list[set_aside.Root] = []
    if found.takes_photos:
        roots.append(("photos", "id", photos.ids(session, found.photos)))
    if found.runs is not None:
        roots.append(("runs", "id", sorted(runs.ids(session, found.runs))))
    if found.takes_runs:
        roots.append(("final_entries", "group_id", found.group_ids))
        roots.append(("fooled_ais", "id", swap.ids(session, found.group_ids)))
    set_aside.take_out(session, deletion_id, roots)
    if found.takes_photos:
        photos.delete_rows(session, found.photos)
    if found.takes_runs:
        swap.delete_all(session, found.group_ids)
    if found.runs is not None:
        runs.delete_these(session, found.runs, anew=found.whole)
        finals.delete_entries(session, found.runs)


def _view(row: Deletion) -> PendingDeletion:
    return PendingDeletion(
        row.id,
        row.scope,
        row.event_id,
        row.subject,
        dict(row.counts),
        row.asked_at,
        row.due_at,
        row.group_id,
    )
