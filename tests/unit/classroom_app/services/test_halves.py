"""Pictures alike stay in one half, whatever comes in whichever order, and the halves stay even."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from classroom_app.services.halves import Placed, settled, smaller
from classroom_app.states import Half

PRACTICE, FINAL = Half.PRACTICE, Half.FINAL


def placed(*halves: Half, label: str = "apple") -> list[Placed]:
    return [Placed(f"{label}{number}", label, half) for number, half in enumerate(halves)]


def applied(photos: list[Placed], changed: dict[str, Placed]) -> list[Placed]:
    return [changed.get(photo.id, photo) for photo in photos]


def difference(photos: list[Placed], label: str = "apple") -> int:
    counts = Counter(photo.half for photo in photos if photo.label_id == label)
    return abs(counts[PRACTICE] - counts[FINAL])


def test_two_alike_in_both_halves_go_to_the_older_ones_and_another_makes_up_for_it() -> None:
    photos = placed(PRACTICE, FINAL, PRACTICE, FINAL)
    after = applied(photos, settled(photos, [("apple1", "apple2")]))
    assert [photo.half for photo in after] == [PRACTICE, FINAL, FINAL, PRACTICE]
    assert [photo.kin for photo in after] == [None, "apple1", "apple1", None]


def test_where_nothing_is_torn_apart_nothing_moves() -> None:
    photos = placed(PRACTICE, PRACTICE, PRACTICE, FINAL)
    changed = settled(photos, [("apple0", "apple2")])
    assert {name: (place.half, place.kin) for name, place in changed.items()} == {
        "apple0": (PRACTICE, "apple0"),
        "apple2": (PRACTICE, "apple0"),
    }


def test_one_that_is_like_two_families_joins_them() -> None:
    photos = applied(
        placed(PRACTICE, PRACTICE, FINAL, FINAL, PRACTICE),
        {
            "apple0": Placed("apple0", "apple", PRACTICE, "x"),
            "apple1": Placed("apple1", "apple", PRACTICE, "x"),
        },
    )
    after = {
        photo.id: photo
        for photo in applied(photos, settled(photos, [("apple4", "apple2"), ("apple4", "apple1")]))
    }
    assert {after[f"apple{n}"].half for n in (0, 1, 2, 4)} == {PRACTICE}
    assert after["apple3"].half == FINAL


def test_photos_alike_of_two_labels_are_in_one_half_too() -> None:
    photos = [*placed(PRACTICE, FINAL), *placed(PRACTICE, FINAL, label="cup")]
    after = {photo.id: photo for photo in applied(photos, settled(photos, [("apple0", "cup1")]))}
    assert after["cup1"].half == after["apple0"].half
    assert difference(list(after.values()), "cup") == 0


def test_the_smaller_half_is_of_the_label() -> None:
    photos = [*placed(PRACTICE, PRACTICE, FINAL), *placed(FINAL, label="cup")]
    assert smaller(photos, "apple") == FINAL
    assert smaller(photos, "cup") == PRACTICE
    assert smaller(photos, "star") == PRACTICE


LABELS = ("apple", "cup")
sets = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(list(Half))), min_size=1, max_size=14)


@given(sets, st.data())
def test_no_family_is_torn_apart_and_a_second_look_changes_nothing(
    given_set: list[tuple[str, Half]], data: st.DataObject
) -> None:
    photos = [Placed(f"p{number}", label, half) for number, (label, half) in enumerate(given_set)]
    names = st.sampled_from([photo.id for photo in photos])
    alike = data.draw(st.lists(st.tuples(names, names), max_size=8))
    after = applied(photos, settled(photos, alike))
    half = {photo.id: photo.half for photo in after}
    assert all(half[one] == half[other] for one, other in alike)
    for kin in {photo.kin for photo in after if photo.kin}:
        assert len({photo.half for photo in after if photo.kin == kin}) == 1
    assert settled(after, alike) == {}
    assert [replace(photo, half=PRACTICE, kin=None) for photo in after] == [
        replace(photo, half=PRACTICE, kin=None) for photo in photos
    ]


@given(st.integers(min_value=2, max_value=16), st.integers(min_value=2, max_value=5), st.randoms())
def test_the_halves_are_as_even_as_the_families_allow(
    singles: int, family: int, chance: random.Random
) -> None:
    """One family of one label, torn apart at first; the others can make up for it."""
    photos = placed(*[Half.PRACTICE if n % 2 else Half.FINAL for n in range(singles + family)])
    names = [photo.id for photo in photos]
    chance.shuffle(names)
    alike = [(names[0], other) for other in names[1:family]]
    changed = settled(photos, alike)
    after = applied(photos, changed)
    moved = any(
        changed[name].half != photo.half for photo in photos for name in [photo.id] if name in changed
    )
    if moved:
        assert difference(after) <= max(1, 2 * family - len(photos))


@given(sets, st.data())
def test_a_set_filled_one_by_one_keeps_those_alike_together_at_every_step(
    given_set: list[tuple[str, Half]], data: st.DataObject
) -> None:
    """As a ZIP does it, and a later one: each photo goes to the smaller half, or to those like it."""
    photos: list[Placed] = []
    pairs: list[tuple[str, str]] = []
    for number, (label, _) in enumerate(given_set):
        new = Placed(f"p{number}", label, smaller(photos, label))
        is_alike: bool = data.draw(st.booleans())
        if photos and is_alike:
            pairs.append((new.id, data.draw(st.sampled_from(photos)).id))
        found = [pair for pair in pairs if pair[0] == new.id]
        photos = applied([*photos, new], settled([*photos, new], found))
        half = {photo.id: photo.half for photo in photos}
        assert all(half[one] == half[other] for one, other in pairs)
