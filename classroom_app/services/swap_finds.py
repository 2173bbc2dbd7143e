"""What was found in a class's swap rounds, as its rules and its award judge it."""

from __future__ import annotations

from classroom_app.data.engine import Session
from classroom_app.data.repository import swap
from classroom_app.data.repository.swap import FoundRow
from classroom_app.services import swap_pairs
from classroom_app.services.swap_pairs import Find


def award_counts(session: Session, event_id: str) -> dict[str, int]:
    """What counts for the award, by the id of each group that found something."""
    by_group: dict[str, list[Find]] = {}
    for item in swap.found(session, event_id):
        by_group.setdefault(item.group_id, []).append(find_of(item))
    return {group_id: swap_pairs.for_award(found) for group_id, found in by_group.items()}


def find_of(item: FoundRow) -> Find:
    return Find(item.owner_id, item.label_id, item.guess_id, item.at)
