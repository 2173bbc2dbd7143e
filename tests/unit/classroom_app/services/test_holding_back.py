"""Cross-validation on the challenge photos: every photo is tried, none by an AI that has learned from it."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from classroom_app.services.holding_back import HeldBackTally, rounds, tallies

sizes = st.lists(st.lists(st.integers(1, 3), min_size=3, max_size=25), min_size=2, max_size=4)


@given(sizes, st.integers(2, 10))
def test_each_photo_is_tried_and_no_twin_of_it_was_learned(by_label: list[list[int]], learned: int) -> None:
    labels = {
        f"l{label}": [[f"l{label}f{family}p{n}" for n in range(size)] for family, size in enumerate(families)]
        for label, families in enumerate(by_label)
    }
    found = rounds(labels, learned)
    if min(map(len, by_label)) <= learned:
        assert found == []
        return
    everything = {photo for families in labels.values() for family in families for photo in family}
    assert {photo for one in found for photo in one.tried} == everything
    for one in found:
        per_label = Counter(photo.split("f")[0] for photo in one.learned)
        assert set(per_label.values()) == {learned}
        families = {photo.split("p")[0] for photo in one.learned}
        assert not {photo.split("p")[0] for photo in one.tried} & families
    assert rounds(labels, learned) == found


def test_a_photo_is_right_when_most_tries_are_and_its_usual_mistake_is_named() -> None:
    guesses = [("a", "x"), ("a", "x"), ("a", "y"), ("b", "z"), ("b", "y"), ("b", "z"), ("c", "x"), ("c", "y")]
    found = tallies(guesses, {"a": "x", "b": "x", "c": "x"})
    assert found["a"] == HeldBackTally(3, 2, ("y",))
    assert [found[name].mostly_right for name in "abc"] == [True, False, False]
    assert found["b"].usual_mistake == "z"
