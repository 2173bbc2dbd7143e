"""Awards beside the ranks, so that more than one group wins something.

`awards` is a pure function over what the versions of a class did. What keeps an award from being won with
nonsense: the version that counts has to be clearly better than a coin toss and trained on some photos of
every label; mistakes and versions count only where something was really tried. Equals share an award.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from classroom_app.data.engine import Database
from classroom_app.data.repository import classes, finals
from classroom_app.data.tables import Final
from classroom_app.services.ranking import Version
from classroom_app.states import PHOTOS_TO_TRAIN, AwardKind, Half
from classroom_app.views.contest import Award

ABOVE_CHANCE = Fraction(1, 4)  # of the way from a coin toss to all right: who is below wins no award
IMPROVED_BY = Fraction(1, 10)  # of the final half, at least
NEAR_THE_BEST = Fraction(9, 10)  # of the best score: good enough for "with the fewest photos"
MENDED_MIN = 2  # mistakes
BALANCE_MIN = Fraction(3, 4)  # photos of the rarest label to those of the commonest
USUAL_PHOTOS = Fraction(1, 2)  # of what the class's groups used (their median): a balance of few is no feat
BRAVE_MIN = 3  # versions
FOOLED_MIN = 3  # things that another group's AI took for something else
NEW_PHOTOS_MIN = 3  # come or gone since the version before: else nothing was tried


@dataclass(frozen=True)
class Played:
    """A group's day. `wrong`: ids of the practice photos that a version got wrong, by the run's id; `fooled`:
    things with which it fooled others' AIs in swap rounds, as far as they count.
    """

    group_id: str
    counted: Version
    versions: Sequence[Version]  # up to the end, oldest first
    wrong: Mapping[str, frozenset[str]]
    fooled: int = 0


Value = tuple[Fraction, ...]  # more is better
Judge = Callable[[Played], tuple[Value, str] | None]  # how good, and the figure to show


class AwardService:
    def __init__(self, db: Database) -> None:
        self._db = db

    def awards(self, event_id: str) -> tuple[Award, ...]:
        """As they were written down at the reveal; none before. Groups that are gone since are left out."""
        with self._db.read() as session:
            classes.event(session, event_id)
            written = finals.current(session, event_id)
            if written is None:
                return ()
            return awards_of(written)


def awards(
    groups: Sequence[Played], labels: Sequence[str], champions: Iterable[str] = ()
) -> tuple[Award, ...]:
    """In the order of the show. `labels`: ids of the class's labels; `champions`: they have won already.

    An award goes to the best who qualify; but first to somebody who has nothing yet, where there is one.
    """
    able = [group for group in groups if _is_sound(group, labels)]
    judges = _judges(able, labels)
    steps = {kind: _best_first(able, judge) for kind, judge in judges.items()}
    won = set(champions)
    given: dict[AwardKind, Award] = {}
    # Where few qualify there is the least choice: those awards are given first.
    for kind in sorted(steps, key=lambda kind: sum(len(step.group_ids) for step in steps[kind])):
        new = (step for step in steps[kind] if not won.issuperset(step.group_ids))
        step = next(new, next(iter(steps[kind]), None))
        if step is not None:
            given[kind] = Award(kind, step.group_ids, step.figure)
            won.update(step.group_ids)
    return tuple(given[kind] for kind in AwardKind if kind in given)


def awards_of(written: Final) -> tuple[Award, ...]:
    """Those of a final; a group that was reset or deleted has no entry in it any more."""
    return given_to(awards_from_json(written.awards), [entry.group_id for entry in written.entries])


def given_to(found: Iterable[Award], here: Iterable[str]) -> tuple[Award, ...]:
    """The awards without groups that are gone, and without those that nobody is left for."""
    kept = set(here)
    left = [(award, tuple(group for group in award.group_ids if group in kept)) for award in found]
    return tuple(Award(award.kind, ids, award.figure) for award, ids in left if ids)


def awards_from_json(stored: Sequence[Mapping[str, object]]) -> tuple[Award, ...]:
    found = []
    for item in stored:
        ids = item["group_ids"]
        names = tuple(map(str, ids)) if isinstance(ids, list | tuple) else ()
        found.append(Award(str(item["kind"]), names, str(item["figure"])))
    return tuple(found)


def awards_to_json(found: Iterable[Award]) -> list[dict[str, object]]:
    return [
        {"kind": str(award.kind), "group_ids": list(award.group_ids), "figure": award.figure}
        for award in found
    ]


# -- who qualifies ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Step:
    """Groups that did equally well."""

    group_ids: tuple[str, ...]
    figure: str


def _best_first(groups: Sequence[Played], judge: Judge) -> list[_Step]:
    judged = [(found[0], found[1], group.group_id) for group in groups if (found := judge(group)) is not None]
    steps = []
    for value in sorted({item[0] for item in judged}, reverse=True):
        equals = [(figure, group_id) for other, figure, group_id in judged if other == value]
        figure = " / ".join(sorted({figure for figure, _ in equals}))
        steps.append(_Step(tuple(sorted(group_id for _, group_id in equals)), figure))
    return steps


def _judges(able: Sequence[Played], labels: Sequence[str]) -> dict[AwardKind, Judge]:
    chance = Fraction(1, len(labels)) if labels else Fraction(1)
    best = max((_final(group.counted) for group in able), default=Fraction(0))
    usual = _median([group.counted.photo_count for group in able])
    return {
        AwardKind.IMPROVED: lambda group: _improved(group, chance),
        AwardKind.DATA: lambda group: _data(group, able, best, usual),
        AwardKind.DETECTIVE: lambda group: _detective(group, chance),
        AwardKind.BALANCE: lambda group: _balance(group, labels, usual),
        AwardKind.BRAVE: _brave,
        AwardKind.TRICKSTER: _trickster,
    }


def _is_sound(group: Played, labels: Sequence[str]) -> bool:
    """Is the AI that counts worth an award at all?"""
    fewest = min((group.counted.photos.get(label, 0) for label in labels), default=0)
    chance = Fraction(1, len(labels)) if labels else Fraction(1)
    return fewest >= PHOTOS_TO_TRAIN and _is_good(group.counted, Half.FINAL, chance)


def _is_good(version: Version, half: Half, chance: Fraction) -> bool:
    share = version.share(half)
    return share is not None and share >= chance + ABOVE_CHANCE * (1 - chance)


def _final(version: Version) -> Fraction:
    return version.share(Half.FINAL) or Fraction(0)


def _median(numbers: Sequence[int]) -> Fraction:
    if not numbers:
        return Fraction(0)
    in_order, middle = sorted(numbers), len(numbers) // 2
    if len(in_order) % 2:
        return Fraction(in_order[middle])
    return Fraction(in_order[middle - 1] + in_order[middle], 2)


def _improved(group: Played, chance: Fraction) -> tuple[Value, str] | None:
    """From the first version to the one that counts, on photos that nobody has seen: nobody can aim at them.

    A first version below a coin toss counts as one: a bad begin on purpose brings nothing.
    """
    first, last = group.versions[0], group.counted
    gain = _final(last) - max(_final(first), chance)
    if first.number == last.number or gain < IMPROVED_BY:
        return None
    figure = f"{first.final_correct}/{first.final_total} → {last.final_correct}/{last.final_total}"
    return (gain,), figure


def _data(group: Played, able: Sequence[Played], best: Fraction, usual: Fraction) -> tuple[Value, str] | None:
    """Right answers per photo, among those who are near the best with no more photos than is usual in the
    class: few photos alone are no feat, and many are not few. Both figures are on the wall in the same show:
    nobody gets it while another did better by one of them and no worse by the other, whatever that one won.
    """
    version = group.counted
    if _final(version) < NEAR_THE_BEST * best or version.photo_count > usual:
        return None
    if any(_needed_less(other.counted, version) for other in able):
        return None
    figure = f"{version.photo_count} → {version.final_correct}/{version.final_total}"
    return (_final(version) / version.photo_count,), figure


def _needed_less(one: Version, other: Version) -> bool:
    """Was it as good with fewer photos, or better with no more?"""
    if one.photo_count > other.photo_count or _final(one) < _final(other):
        return False
    return (one.photo_count, _final(one)) != (other.photo_count, _final(other))


def _detective(group: Played, chance: Fraction) -> tuple[Value, str] | None:
    """Practice photos that a good version got wrong, and that are right in the version that counts.

    Mistakes of a version that was near a coin toss were not found, they were made.
    """
    before = [item for item in group.versions if item.number < group.counted.number]
    found: set[str] = set()
    for version in before:
        if _is_good(version, Half.PRACTICE, chance):
            found |= group.wrong.get(version.run_id, frozenset())
    mended = len(found - group.wrong.get(group.counted.run_id, frozenset()))
    return ((Fraction(mended),), str(mended)) if mended >= MENDED_MIN else None


def _balance(group: Played, labels: Sequence[str], usual: Fraction) -> tuple[Value, str] | None:
    """Photos of the rarest label to those of the commonest, of a fair number of them; of equals the more."""
    numbers = [group.counted.photos.get(label, 0) for label in labels]
    share = Fraction(min(numbers), max(numbers))
    if share < BALANCE_MIN or sum(numbers) < USUAL_PHOTOS * usual:
        return None
    return (share, Fraction(sum(numbers))), " · ".join(str(number) for number in numbers)


def _brave(group: Played) -> tuple[Value, str] | None:
    """Versions that tried something: so many photos came or went since the one before."""
    tried, before = 0, None
    for version in group.versions:
        if before is None or _changed(before, version) >= NEW_PHOTOS_MIN:
            tried, before = tried + 1, version
    return ((Fraction(tried),), str(tried)) if tried >= BRAVE_MIN else None


def _trickster(group: Played) -> tuple[Value, str] | None:
    """Who fooled others' AIs most; one kind of mix-up shown again and again is counted up to a few times."""
    return ((Fraction(group.fooled),), str(group.fooled)) if group.fooled >= FOOLED_MIN else None


def _changed(before: Version, now: Version) -> int:
    labels = {*before.photos, *now.photos}
    return sum(abs(now.photos.get(label, 0) - before.photos.get(label, 0)) for label in labels)
