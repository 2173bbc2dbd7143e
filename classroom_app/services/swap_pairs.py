"""Whose AI each group tries in a swap round, and what counts as having fooled it: pure functions."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classroom_app.states import FoolCheck

# What keeps a count from being made of one thing shown again and again, or of taps alone.
SOON: Final = dt.timedelta(seconds=4)  # from one find of a group to its next
SAME_MIX_UP: Final = dt.timedelta(minutes=1)
SAME_A_MINUTE: Final = 2  # finds of one pair of labels
SAME_MAX: Final = 5  # of one pair of labels with one group's AIs
FINDS_MAX: Final = 40  # of a group in its class
SAME_FOR_AWARD: Final = 3  # of one pair of labels with one group's AIs count for the award


@dataclass(frozen=True)
class Find:
    """`owner_id`: the group whose AI took a thing of `label_id` for `guess_id`."""

    owner_id: str
    label_id: str
    guess_id: str
    at: dt.datetime

    @property
    def mix_up(self) -> tuple[str, str, str]:
        return self.owner_id, self.label_id, self.guess_id


def rotation(group_ids: Sequence[str], able: Collection[str], turn: int) -> dict[str, str]:
    """By the id of each group that of the group whose AI it tries in this turn, from 1.

    Among the groups that have an AI nobody gets its own, and no AI is with two of them; after as many turns
    as there are others each has tried all. Who has none tries one too. Who is alone with an AI has nobody's.
    """
    owners = [group_id for group_id in group_ids if group_id in able]
    if not owners:
        return {}
    pairs: dict[str, str] = {}
    if len(owners) > 1:
        step = 1 + (turn - 1) % (len(owners) - 1)
        pairs = {owner: owners[(at + step) % len(owners)] for at, owner in enumerate(owners)}
    others = [group_id for group_id in group_ids if group_id not in able]
    return pairs | {group_id: owners[(at + turn - 1) % len(owners)] for at, group_id in enumerate(others)}


def given(group_ids: Sequence[str], able: Collection[str], stored: Mapping[str, str]) -> dict[str, str]:
    """Who tries whose AI now: as it is stored; who came later, or whose owner has no AI any more, gets the
    one that the fewest try. The same for everybody who asks.
    """
    pairs = {
        group_id: stored[group_id]
        for group_id in group_ids
        if stored.get(group_id) in able and stored[group_id] != group_id
    }
    tried = Counter(pairs.values())
    for group_id in group_ids:
        owners = [owner for owner in group_ids if owner in able and owner != group_id]
        if group_id not in pairs and owners:
            pairs[group_id] = min(owners, key=lambda owner: tried[owner])
            tried[pairs[group_id]] += 1
    return pairs


def check(found: Iterable[Find], new: Find) -> FoolCheck:
    """Does a group's new find count, after those that it has? None of them is later than the new one."""
    before = list(found)
    if len(before) >= FINDS_MAX:
        return FoolCheck.ENOUGH
    same = [find for find in before if find.mix_up == new.mix_up]
    if len(same) >= SAME_MAX:
        return FoolCheck.AGAIN
    if any(new.at - find.at < SOON for find in before):
        return FoolCheck.SOON
    if sum(new.at - find.at < SAME_MIX_UP for find in same) >= SAME_A_MINUTE:
        return FoolCheck.AGAIN
    return FoolCheck.COUNTED


def for_award(found: Iterable[Find]) -> int:
    """A group's finds, each kind of mix-up up to a few times: many different ones are the feat."""
    return sum(min(times, SAME_FOR_AWARD) for times in Counter(find.mix_up for find in found).values())
