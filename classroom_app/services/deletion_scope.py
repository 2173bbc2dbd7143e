"""What a deletion covers: worked out once, and then counted, deleted and recounted by."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from classroom_app.content import i18n
from classroom_app.data import blob_keys
from classroom_app.data.engine import Session
from classroom_app.data.repository import classes, deletions, photos, runs
from classroom_app.data.repository.photo_filter import PhotoFilter
from classroom_app.data.repository.runs import Lesson, RunFilter
from classroom_app.data.tables import Photo
from classroom_app.errors import NotFoundError
from classroom_app.states import DeletionScope
from classroom_app.views.deletion import DeletionTarget

SUBJECT_CHARS = 120  # of the receipt's column
WHOLE = frozenset({DeletionScope.GROUP_RESET, DeletionScope.GROUP, DeletionScope.EVENT})  # photos and AIs
OWNERS = frozenset({DeletionScope.GROUP, DeletionScope.EVENT})  # what photos and AIs are of goes too


@dataclass(frozen=True)
class Found:
    """`group_ids`: all whose photos or AIs may be among it; `keys` are known when the door is closed."""

    scope: DeletionScope
    event_id: str
    subject: str  # words for the receipt
    group_ids: tuple[str, ...]
    photos: PhotoFilter
    learnt: tuple[str, ...] = ()  # finished runs that learnt from the photos, where it does not take all
    keeps_learnt: bool = False  # they stay
    run_ids: tuple[str, ...] = ()  # all that go; known when the door is closed
    prefix: str | None = None  # of the files, where all under it go ...
    keys: tuple[str, ...] = ()  # ... else those of the photos, and of the models that go with them

    @property
    def whole(self) -> bool:
        return self.scope in WHOLE

    @property
    def takes_photos(self) -> bool:
        return self.scope != DeletionScope.RUNS

    @property
    def takes_runs(self) -> bool:
        """All of its groups."""
        return self.whole or self.scope == DeletionScope.RUNS

    @property
    def runs(self) -> RunFilter | None:
        """That go; None where none do."""
        if self.takes_runs:
            return RunFilter(group_ids=self.group_ids)
        return RunFilter(run_ids=self.learnt) if self.learnt and not self.keeps_learnt else None


def find(session: Session, target: DeletionTarget) -> Found:
    """Raises NotFoundError when the target, or what it should be part of, is not there."""
    subject = _subject(session, target)
    group_ids = _group_ids(session, target)
    which = PhotoFilter(
        group_ids=group_ids,
        label_id=target.label_id if target.scope == DeletionScope.LABEL else None,
        photo_ids=_photo_ids(target),
    )
    found = Found(target.scope, target.event_id, subject, group_ids, which)
    if found.takes_runs:
        return replace(found, prefix=_prefix(target))
    learnt = tuple(lesson.run_id for lesson in learnt_from(session, which))
    found = replace(found, learnt=learnt, keeps_learnt=target.keep_models)
    return replace(found, keys=keys_of(session, found))


def keys_of(session: Session, found: Found) -> tuple[str, ...]:
    """All files that the rows know."""
    keys: set[str] = set()
    if found.takes_photos:
        keys.update(photos.blob_keys(session, found.photos))
    if found.runs is not None:
        keys.update(deletions.model_keys(session, found.runs))
    if found.scope == DeletionScope.EVENT:
        keys.update(deletions.challenge_keys(session, found.event_id))
    return tuple(sorted(keys))


def learnt_from(session: Session, which: PhotoFilter) -> list[Lesson]:
    """The finished runs that learnt from any of these photos."""
    of_groups: dict[str, dict[str, dt.datetime]] = defaultdict(dict)
    for photo_id, group_id, saved_at in photos.owners(session, which):
        of_groups[group_id][photo_id] = saved_at
    return [
        lesson
        for lesson in runs.lessons(session, list(of_groups))
        if _has_learnt(lesson, of_groups[lesson.group_id])
    ]


def _has_learnt(lesson: Lesson, saved_at: Mapping[str, dt.datetime]) -> bool:
    if lesson.learnt_from is not None:
        return not lesson.learnt_from.isdisjoint(saved_at)
    return any(moment <= lesson.requested_at for moment in saved_at.values())


def _photo_ids(target: DeletionTarget) -> tuple[str, ...] | None:
    if target.scope == DeletionScope.PHOTOS:
        return target.photo_ids
    return (target.photo_id or "",) if target.scope == DeletionScope.PHOTO else None


def _group_ids(session: Session, target: DeletionTarget) -> tuple[str, ...]:
    if target.group_id is not None:
        return (target.group_id,)
    return tuple(group.id for group in classes.event(session, target.event_id).groups)


def _prefix(target: DeletionTarget) -> str:
    if target.scope == DeletionScope.EVENT or target.group_id is None:  # only a class has no group
        return blob_keys.event_prefix(target.event_id)
    if target.scope == DeletionScope.RUNS:
        return blob_keys.models_prefix(target.event_id, target.group_id)
    return blob_keys.group_prefix(target.event_id, target.group_id)


def _subject(session: Session, target: DeletionTarget) -> str:
    """Words for the receipt, such as `5の2 / 🐧 ペンギン / 🍎 りんご`. Raises NotFoundError."""
    event = classes.event(session, target.event_id)
    of_class = {DeletionScope.LABEL, DeletionScope.EVENT, DeletionScope.PHOTOS}
    if target.group_id is None and target.scope not in of_class:
        raise NotFoundError
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
