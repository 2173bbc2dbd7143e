"""Challenge photos for tests, put in one by one. Knows nothing of routes, nor of who may send them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from classroom_app.errors import ClassroomError, ConflictError, NotFoundError
from classroom_app.services.challenge import ChallengeService
from classroom_app.views.photos import ChallengeUpload


def put_in(
    challenge: ChallengeService, event_id: str, label_id: str, files: Iterable[tuple[str, bytes]]
) -> ChallengeUpload:
    """Photos of one label as (name, bytes); what was refused is in the report. Raises as `add_one` does where
    the set takes none at all.
    """
    upload = ChallengeUpload()
    for name, data in files:
        try:
            upload.alike += challenge.add_one(event_id, label_id, str(uuid.uuid4()), data)
        except (ConflictError, NotFoundError):
            raise
        except ClassroomError as exc:
            upload.reject(name, exc.key)
        else:
            upload.added_to[label_id] = upload.added_to.get(label_id, 0) + 1
    return upload
