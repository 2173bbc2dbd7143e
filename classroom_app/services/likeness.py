"""Holds photos beside the challenge set: groups' photos that are of it, and its own photos that are alike.

A photo of the challenge stays in its group's album and is not trained on. Found out in the background once
features are there, and made sure of before a run takes its photos.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import structlog

from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import challenge, classes, comparisons, embedding
from classroom_app.data.repository.photo_filter import PhotoFilter
from classroom_app.data.tables import ChallengePhoto, Photo
from classroom_app.errors import NotFoundError, StaleEpochError
from classroom_app.services.halves import Placed, settled
from classroom_app.services.seen_before import KnownPicture, Pictures, same_as, same_pairs
from classroom_app.states import Notice
from classroom_app.views.photos import SeenPhoto

PAIRS_SHOWN = 6  # of one group, side by side
ROUNDS_MAX = 20  # the set changed under each of them: whoever fills it has to come to an end first

_log = structlog.get_logger(__name__)


# Challenge sets by class and version, for as long as one look lasts: nothing of them stays in memory.
_Known = dict[tuple[str, int], Pictures]


@dataclass
class _Due:
    """What is to be looked at again."""

    groups: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)


class LikenessService:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._due = _Due()
        self._lock = threading.Lock()
        self._has_begun = False

    # -- what the embedding tells ----------------------------------------------------------------

    def features_came(self, group_ids: Iterable[str], event_ids: Iterable[str]) -> None:
        """Of photos of these groups, or of the challenge sets of these classes."""
        with self._lock:
            self._due.groups |= set(group_ids)
            self._due.classes |= set(event_ids)

    def compare_due(self) -> None:
        """All that has come since the last time; a step of a background thread."""
        if not self._has_begun:  # nobody knows what the process before us had still to do
            with self._db.read() as session:
                self.features_came((), comparisons.open_classes(session))
            self._has_begun = True
        with self._lock:
            due, self._due = self._due, _Due()
        try:
            for event_id in sorted(due.classes):
                self.settle(event_id)
                with self._db.read() as session:
                    due.groups |= set(comparisons.groups_of(session, event_id))
                due.classes.discard(event_id)
            known: _Known = {}
            for group_id in sorted(due.groups):
                self.compare_group(group_id, known=known)
                due.groups.discard(group_id)
        finally:
            self.features_came(due.groups, due.classes)  # what was not done is still due

    # -- groups' photos beside the set ------------------------------------------------------------

    def compare_group(
        self, group_id: str, until: dt.datetime | None = None, known: _Known | None = None
    ) -> None:
        """When this returns, every photo of the group is compared that has features and was saved by then."""
        for _ in range(ROUNDS_MAX):
            with self._db.read() as session:
                try:
                    event_id = classes.group(session, group_id).event_id
                except NotFoundError:
                    return  # deleted meanwhile
                version, _settled = comparisons.versions(session, event_id)
                rows = comparisons.not_compared(session, group_id, until)
                if not rows:
                    return
                challenge_set = self._set(session, event_id, version, {} if known is None else known)
                new = Pictures([picture_of(row) for row in rows])
            seen = same_as(new, challenge_set)
            if self._note(event_id, group_id, version, {name: seen.get(name) for name in new.ids}):
                return

    @staticmethod
    def _set(session: Session, event_id: str, version: int, known: _Known) -> Pictures:
        if (event_id, version) not in known:
            rows = challenge.photos(session, event_id, with_features=True)
            known[event_id, version] = Pictures([picture_of(row) for row in rows])
        return known[event_id, version]

    def _note(self, event_id: str, group_id: str, version: int, found: dict[str, str | None]) -> bool:
        """False when the set changed meanwhile."""
        with self._db.write() as session:
            try:
                group = classes.lock_group(session, group_id)
            except StaleEpochError:
                return True  # deleted meanwhile
            if comparisons.versions(session, event_id)[0] != version:
                return False
            comparisons.note(session, found)
            number = sum(name is not None for name in found.values())
            if number and group.seen_notice is None:
                group.seen_notice = Notice.DUE
        if number:
            _log.info("photos_of_the_challenge", group=group_id, photos=number)
        return True

    def seen(self, event_id: str) -> dict[str, tuple[int, tuple[SeenPhoto, ...]]]:
        """By group id: how many of its photos are of the challenge, and the newest ones; for facilitators."""
        with self._db.read() as session:
            return self.seen_in(session, event_id, [x.id for x in classes.event(session, event_id).groups])

    @staticmethod
    def seen_in(
        session: Session, event_id: str, ids: Sequence[str]
    ) -> dict[str, tuple[int, tuple[SeenPhoto, ...]]]:
        """The same, of these groups, in a transaction that is open."""
        counts = comparisons.counts(session, ids)
        if not any(map(any, counts.values())):
            return {}
        pairs = comparisons.pairs(session, event_id, PAIRS_SHOWN)
        found: dict[str, tuple[int, tuple[SeenPhoto, ...]]] = {}
        for group_id in ids:
            number = sum(counts[group_id].values())
            own = tuple(
                SeenPhoto(pair.photo_id, pair.challenge_id) for pair in pairs if pair.group_id == group_id
            )
            if number:
                found[group_id] = (number, own)
        return found

    # -- the set itself ---------------------------------------------------------------------------

    def settle(self, event_id: str) -> None:
        """Pictures of the set that are alike get into one half, once all have their features.

        Not after a run was scored: then groups know photos of the practice half.
        """
        for _ in range(ROUNDS_MAX):
            with self._db.read() as session:
                version, done = comparisons.versions(session, event_id)
                which = PhotoFilter(event_id=event_id)
                if version == done or embedding.any_pending(session, ChallengePhoto, which):
                    return
                rows = challenge.whole_set(session, event_id)
                placed = places(rows)
                pictures = Pictures([picture_of(row) for row in rows])
            # From the start: what two hashes alone made alike, at the upload, features may tell apart.
            fresh = [replace(place, kin=None) for place in placed]
            after = {place.id: place for place in fresh} | settled(fresh, same_pairs(pictures))
            moved = {place.id: after[place.id] for place in placed if after[place.id] != place}
            if self._write_places(event_id, version, moved):
                return

    def _write_places(self, event_id: str, version: int, moved: dict[str, Placed]) -> bool:
        with self._db.write() as session:
            try:
                challenge.lock(session, event_id)
            except NotFoundError:
                return True
            if comparisons.versions(session, event_id)[0] != version:
                return False
            if comparisons.is_scored(session, event_id):
                moved = {}
            challenge.place(session, {name: (place.half, place.kin) for name, place in moved.items()})
            comparisons.halves_are_right(session, event_id, version)
        if moved:
            _log.info("challenge_halves_settled", class_id=event_id, photos=len(moved))
        return True


def picture_of(row: Photo | ChallengePhoto) -> KnownPicture:
    """The row's features have to be loaded."""
    return KnownPicture(row.id, row.perceptual_hash, row.feature_space or "", row.feature_views, row.features)


def places(rows: Sequence[ChallengePhoto]) -> list[Placed]:
    return [Placed(row.id, row.label_id, row.half, row.kin) for row in rows]
