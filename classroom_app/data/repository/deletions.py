"""What deletions and sweeps look at over all classes: the files that rows know, the receipts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_app.data.tables import ChallengePhoto, Photo, Receipt, RunResult


def all_blob_keys(session: Session) -> set[str]:
    """Every file that a row knows, without the small pictures beside photos."""
    models = select(RunResult.model_key)
    return {
        *session.scalars(select(Photo.blob_key)),
        *session.scalars(select(ChallengePhoto.blob_key)),
        *session.scalars(models),
    }


def receipts(session: Session) -> Sequence[Receipt]:
    return session.scalars(select(Receipt).order_by(Receipt.created_at.desc())).all()
