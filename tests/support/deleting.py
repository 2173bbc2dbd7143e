"""What facilitators delete, as their pages ask for it."""

from __future__ import annotations

from collections.abc import Iterable

from classroom_app.resources import App
from classroom_app.states import DeletionScope
from classroom_app.views.deletion import DeletionTarget, PendingDeletion


def photos_deleted(app: App, event_id: str, photo_ids: Iterable[str]) -> PendingDeletion:
    """Several photos of any groups of the class; ids that are not of it are left out."""
    return app.deletions.begin(DeletionTarget(DeletionScope.PHOTOS, event_id, photo_ids=tuple(photo_ids)))
