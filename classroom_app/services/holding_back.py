"""Cross-validation on the challenge photos: train on some of each label, try the rest, so that each is tried.

Pure functions; who trains and who guesses is somebody else's.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ROUNDS_MIN = 3  # of one number of photos: which ones were trained on is chance

Families = Sequence[Sequence[str]]  # ids of photos; pictures alike are one family


@dataclass(frozen=True)
class Round:
    """One training: ids of the photos that it learns from, and of those that are tried on it."""

    learned: tuple[str, ...]
    tried: tuple[str, ...]


@dataclass(frozen=True)
class HeldBackTally:
    """How often a photo was tried and right, and what it was taken for when it was not."""

    tries: int
    right: int
    wrong_guesses: tuple[str, ...]

    @property
    def mostly_right(self) -> bool:
        return 2 * self.right > self.tries

    @property
    def usual_mistake(self) -> str:
        """The first in the alphabet of equals."""
        counts = Counter(self.wrong_guesses)
        return min(counts, key=lambda guess: (-counts[guess], guess))


def rounds(by_label: Mapping[str, Families], photos_per_label: int) -> list[Round]:
    """Trainings on so many photos of each label; none unless each label has a family more than that.

    Of a family one photo is learned from, and then none of it is tried: a twin of it would be no test.
    """
    ordered = {label: sorted(map(sorted, families)) for label, families in by_label.items()}
    sizes = {label: len(families) for label, families in ordered.items()}
    if not sizes or min(sizes.values()) <= photos_per_label:
        return []
    # The part held back moves around all photos without a gap.
    number = max(ROUNDS_MIN, *(math.ceil(size / (size - photos_per_label)) for size in sizes.values()))
    return [_round(ordered, sizes, photos_per_label, turn / number) for turn in range(number)]


def _round(
    ordered: Mapping[str, Families], sizes: Mapping[str, int], photos_per_label: int, where: float
) -> Round:
    learned: list[str] = []
    tried: list[str] = []
    for label, families in ordered.items():
        size = sizes[label]
        start = math.floor(where * size)
        window = {(start + step) % size for step in range(photos_per_label)}
        for place, family in enumerate(families):
            if place in window:
                learned.append(family[0])
            else:
                tried.extend(family)
    return Round(tuple(learned), tuple(tried))


def tallies(guesses: Sequence[tuple[str, str]], truth: Mapping[str, str]) -> dict[str, HeldBackTally]:
    """From (photo id, guessed label) of all rounds."""
    given: defaultdict[str, list[str]] = defaultdict(list)
    for photo_id, guess in guesses:
        given[photo_id].append(guess)
    return {
        photo_id: HeldBackTally(
            tries=len(own),
            right=sum(guess == truth[photo_id] for guess in own),
            wrong_guesses=tuple(guess for guess in own if guess != truth[photo_id]),
        )
        for photo_id, own in given.items()
    }
