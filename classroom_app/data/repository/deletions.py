"""What deletions and sweeps look at over all classes: the files that rows know, deletions that can still be
undone, the receipts.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom_app.data.repository.runs import RunFilter
from classroom_app.data.tables import (
    ChallengePhoto,
    Deletion,
    Facilitator,
    Photo,
    Receipt,
    ReceiptAccount,
    Run,
    RunResult,
)


def all_blob_keys(session: Session) -> set[str]:
    """Every file that a row knows, without the small pictures beside photos; rows set aside know theirs."""
    models = select(RunResult.model_key)
    return {
        *set_aside_keys(session),
        *session.scalars(select(Photo.blob_key)),
        *session.scalars(select(ChallengePhoto.blob_key)),
        *session.scalars(models),
    }


def set_aside_keys(session: Session) -> set[str]:
    """Photos and models whose deletion can still be undone."""
    return {key for keys in session.scalars(select(Deletion.keys)) for key in keys}


def kept_model_keys(session: Session) -> set[str]:
    """Models that somebody may still use."""
    return set(session.scalars(select(RunResult.model_key)))


def model_keys(session: Session, which: RunFilter) -> list[str]:
    query = select(RunResult.model_key).join(Run, Run.id == RunResult.run_id)
    return list(session.scalars(query.where(which.condition())))


def challenge_keys(session: Session, event_id: str) -> list[str]:
    return list(session.scalars(select(ChallengePhoto.blob_key).where(ChallengePhoto.event_id == event_id)))


def lock(session: Session, deletion_id: str) -> Deletion | None:
    return session.get(Deletion, deletion_id, with_for_update=True, populate_existing=True)


def pending(session: Session) -> Sequence[Deletion]:
    """Newest first."""
    return session.scalars(select(Deletion).order_by(Deletion.asked_at.desc())).all()


def due(session: Session, now: dt.datetime) -> list[str]:
    """Deletions whose time for undo is over, and that nobody is finishing."""
    free = Deletion.held_until.is_(None) | (Deletion.held_until <= now)
    return list(session.scalars(select(Deletion.id).where(Deletion.due_at <= now, free)))


def receipts(session: Session) -> Sequence[Receipt]:
    return session.scalars(select(Receipt).order_by(Receipt.created_at.desc())).all()


def receipts_since(session: Session, moment: dt.datetime) -> Sequence[Receipt]:
    return session.scalars(select(Receipt).where(Receipt.created_at >= moment)).all()


def receipt_accounts(session: Session) -> dict[str, frozenset[str]]:
    """By a receipt's id, the user names whose class it was of."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in session.scalars(select(ReceiptAccount)):
        found[row.receipt_id].add(row.username)
    return {receipt_id: frozenset(names) for receipt_id, names in found.items()}


def give_receipt(session: Session, receipt_id: str, usernames: Collection[str]) -> None:
    """To those of them that there still are."""
    known = session.scalars(select(Facilitator.username).where(Facilitator.username.in_(usernames)))
    session.add_all(ReceiptAccount(receipt_id=receipt_id, username=name) for name in known)


def receipt(session: Session, receipt_id: str) -> Receipt | None:
    return session.get(Receipt, receipt_id)
