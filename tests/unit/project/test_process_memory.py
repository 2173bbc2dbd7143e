"""The search of memory finds what is there: nothing else in this project would notice if it did not."""

from __future__ import annotations

import os

import numpy as np
import pytest

from tests.support.process_memory import Needles, kinds_found


@pytest.mark.parametrize("place", [0, 1, 2, 3, 999_961])
def test_needles_are_found_wherever_they_begin(place: int) -> None:
    hay = bytearray(np.random.default_rng(1).bytes(1_000_000))
    needle, other = bytes(range(1, 41)), bytes(range(41, 81))
    hay[place : place + 39] = needle[:39]
    needles = Needles({"one": [needle[:39]], "other": [other]})
    assert list(needles.found_in(bytes(hay))) == [("one", needle[:39])]


def test_what_a_process_holds_is_found_and_what_it_does_not_is_not() -> None:
    held = os.urandom(5_000)
    try:
        found = kinds_found(os.getpid(), {"held": [held[2_000:2_040]], "not": [os.urandom(40)]})
    except PermissionError:
        pytest.skip("this process may not look into its own memory")
    assert "held" in found


def test_zeros_are_no_needle_though_needles_have_zeros() -> None:
    """Together they would fit an empty page everywhere, which is most of a memory."""
    starts = [bytes([*range(1, 1 + at), *bytes(4), *range(1 + at, 37)]) for at in (0, 2, 3, 5, 6)]
    needles = Needles({"with zeros": starts})
    assert len(needles.places(np.zeros(1 << 16, np.uint16))) == 0
    hay = bytes(1 << 16) + starts[2] + bytes(1 << 10)
    assert list(needles.found_in(hay)) == [("with zeros", starts[2].lstrip(b"\0"))]
