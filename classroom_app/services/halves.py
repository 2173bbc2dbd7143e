"""Which half of the challenge a photo belongs to: pictures that are alike stay in one half, together.

Pure functions. The same picture in both halves would tell the final's answer while practising.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from classroom_app.states import Half


@dataclass(frozen=True)
class Placed:
    """A challenge photo and its place. `kin`: the id that pictures alike share; None: it is like no other."""

    id: str
    label_id: str
    half: Half
    kin: str | None = None


def settled(photos: Sequence[Placed], alike: Iterable[tuple[str, str]]) -> dict[str, Placed]:
    """The photos whose place changes, by id. `photos`: the whole set, oldest first; `alike`: pairs of ids.

    All that are alike go where the oldest of them is; then each label that lost its balance gets it back,
    as far as whole families allow. Where nothing is torn apart, nothing moves.
    """
    together = families(photos, alike)
    after: dict[str, Placed] = {photo.id: photo for photo in photos}
    touched: set[str] = set()
    for members in together:
        if len(members) < 2:
            continue
        oldest = members[0]
        for photo in members:
            after[photo.id] = replace(photo, half=oldest.half, kin=oldest.id)
            if photo.half != oldest.half:
                touched.add(photo.label_id)
    for label_id in sorted(touched):
        _balance(label_id, together, after)
    return {photo.id: after[photo.id] for photo in photos if after[photo.id] != photo}


def smaller(photos: Iterable[Placed], label_id: str) -> Half:
    """The half that has fewer photos of the label, practice of equals."""
    counts = Counter(photo.half for photo in photos if photo.label_id == label_id)
    return min(Half, key=lambda half: counts[half])


def families(photos: Sequence[Placed], alike: Iterable[tuple[str, str]]) -> list[list[Placed]]:
    """Photos joined by pairs, or by the kin they have already; each family the oldest first."""
    root = {photo.id: photo.id for photo in photos}

    def find(photo_id: str) -> str:
        while root[photo_id] != photo_id:
            root[photo_id] = root[root[photo_id]]
            photo_id = root[photo_id]
        return photo_id

    first_of: dict[str, str] = {}
    known = [
        (photo.id, first_of.setdefault(photo.kin, photo.id)) for photo in photos if photo.kin is not None
    ]
    for one, other in [*known, *alike]:
        root[find(one)] = find(other)
    found: defaultdict[str, list[Placed]] = defaultdict(list)
    for photo in photos:
        found[find(photo.id)].append(photo)
    return list(found.values())


def _balance(label_id: str, families: Sequence[Sequence[Placed]], after: dict[str, Placed]) -> None:
    """Families that show this label alone change sides, the newest first, as long as that helps."""
    movable = [family for family in reversed(families) if all(photo.label_id == label_id for photo in family)]
    while True:
        difference = _difference(label_id, after)
        larger = Half.PRACTICE if difference > 0 else Half.FINAL
        fitting = [
            family
            for family in movable
            if after[family[0].id].half == larger and len(family) < abs(difference)
        ]
        if not fitting:
            return
        best = min(fitting, key=lambda family: abs(abs(difference) - 2 * len(family)))
        for photo in best:
            place = after[photo.id]
            after[photo.id] = replace(place, half=_other(place.half))


def _difference(label_id: str, after: Mapping[str, Placed]) -> int:
    counts = Counter(photo.half for photo in after.values() if photo.label_id == label_id)
    return counts[Half.PRACTICE] - counts[Half.FINAL]


def _other(half: Half) -> Half:
    return Half.FINAL if half is Half.PRACTICE else Half.PRACTICE
