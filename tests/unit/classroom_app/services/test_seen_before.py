"""The same picture is known again by hash and features; another one of the same thing is not taken for it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from classroom_app.intake.measures import difference_hash
from classroom_app.services.seen_before import (
    MIRRORED_COSINE,
    NEAR_BITS,
    NEAR_COSINE,
    SAME_BITS,
    STRICT,
    KnownPicture,
    Pictures,
    mirrored_hashes,
    same_as,
    same_pairs,
)

LENGTH = 64
HASH = 0x5A5A_1234_0FF0_6677
hashes = st.integers(min_value=-(1 << 63), max_value=(1 << 63) - 1)


def bits_apart(number: int, seed: int = 0) -> int:
    """A hash that differs from HASH in so many bits."""
    places = np.random.default_rng(seed).permutation(62)[:number]
    return HASH ^ sum(1 << int(place) for place in places)


def unit(seed: int) -> npt.NDArray[np.float64]:
    vector: npt.NDArray[np.float64] = np.random.default_rng(seed).normal(size=LENGTH)
    vector /= np.linalg.norm(vector)
    return vector


def near(base: npt.NDArray[np.float64], cosine: float, seed: int) -> npt.NDArray[np.float64]:
    """A vector with this cosine to `base`."""
    other = unit(seed)
    other -= base * (other @ base)
    other /= np.linalg.norm(other)
    found: npt.NDArray[np.float64] = base * cosine + other * np.sqrt(1 - cosine**2)
    return found


BASE, MIRROR = unit(1), unit(2)


def picture(
    name: str,
    hashed: int,
    whole: npt.NDArray[np.float64] | None = None,
    mirrored: npt.NDArray[np.float64] | None = None,
    space: str = "s",
) -> KnownPicture:
    if whole is None:
        return KnownPicture(name, hashed)
    rows = np.stack([whole, unit(99) if mirrored is None else mirrored]).astype(np.float16)
    return KnownPicture(name, hashed, space, len(rows), rows.tobytes())


def is_same(new: KnownPicture, *known: KnownPicture) -> bool:
    return bool(same_as(Pictures([new]), Pictures(list(known))))


KNOWN = picture("known", HASH, BASE, MIRROR)


@pytest.mark.parametrize(
    ("bits", "cosine", "same"),
    [
        *((bits, cosine + 0.01, True) for bits, cosine in STRICT),
        (STRICT[-1][0], NEAR_COSINE - 0.02, False),  # the hash alone is not enough once features are there
        (0, 0.5, False),
        (NEAR_BITS, NEAR_COSINE + 0.01, True),  # photographed once more
        (NEAR_BITS + 1, NEAR_COSINE + 0.01, False),
        (NEAR_BITS, NEAR_COSINE - 0.01, False),
    ],
)
def test_the_nearer_the_features_the_more_bits_may_differ(bits: int, cosine: float, same: bool) -> None:
    assert is_same(picture("new", bits_apart(bits), near(BASE, cosine, 3)), KNOWN) is same


def test_without_features_the_hash_decides_strictly() -> None:
    assert is_same(picture("new", bits_apart(SAME_BITS)), KNOWN)
    assert not is_same(picture("new", bits_apart(SAME_BITS + 1)), KNOWN)


def test_features_of_two_spaces_are_not_compared() -> None:
    assert not is_same(picture("new", bits_apart(NEAR_BITS), BASE, space="another"), KNOWN)


def test_a_mirrored_picture_is_known_by_its_features_whatever_its_hash_is() -> None:
    mirrored = near(MIRROR, MIRRORED_COSINE + 0.01, 4)
    assert is_same(picture("new", bits_apart(40), mirrored), KNOWN)
    assert not is_same(picture("new", bits_apart(40), near(MIRROR, MIRRORED_COSINE - 0.01, 4)), KNOWN)


def test_where_all_photos_are_alike_a_burst_of_the_same_thing_is_no_copy() -> None:
    """In one place, before one ground, different photos have nearly the same features."""
    one_place = [picture(f"{n}", bits_apart(25, seed=n), near(BASE, 0.97, 100 + n)) for n in range(12)]
    burst = picture("burst", bits_apart(12), near(BASE, 0.97, 77))
    assert is_same(burst, picture("known", HASH, near(BASE, 0.98, 5)))
    known = picture("known", HASH, near(BASE, 0.98, 5))
    assert Pictures([known, *one_place]).near_limit > NEAR_COSINE + 0.02
    assert not is_same(burst, known, *one_place)
    copy = picture("copy", bits_apart(2), near(BASE, 0.98, 5))
    assert same_as(Pictures([copy]), Pictures([*one_place, known])) == {"copy": "known"}


def test_features_that_are_the_same_for_all_photos_tell_nothing() -> None:
    """Plain photos of one colour."""
    plain = [picture(f"{n}", bits_apart(14, seed=n), BASE) for n in range(6)]
    assert same_pairs(Pictures(plain)) == []


def test_a_picture_without_an_edge_is_like_no_other() -> None:
    assert not is_same(picture("new", 0, BASE), picture("known", 0, BASE))


def test_the_most_alike_is_named_and_the_first_of_equals() -> None:
    first, second = picture("first", HASH, BASE), picture("second", HASH, BASE)
    less = picture("less", bits_apart(4), near(BASE, 0.97, 8))
    new = picture("new", HASH, BASE)
    assert same_as(Pictures([new]), Pictures([less, first, second])) == {"new": "first"}
    assert same_as(Pictures([]), Pictures([first])) == same_as(Pictures([new]), Pictures([])) == {}


def test_pairs_within_a_set_name_each_pair_once() -> None:
    pictures = [
        picture("a", HASH, BASE),
        picture("b", bits_apart(1), BASE),
        picture("c", bits_apart(30), unit(9)),
    ]
    assert same_pairs(Pictures(pictures)) == [("a", "b")]


@given(hashes)
def test_a_hash_mirrored_twice_is_itself(hashed: int) -> None:
    once = mirrored_hashes(np.array([hashed % (1 << 64)], np.uint64))
    assert mirrored_hashes(once)[0] == hashed % (1 << 64)


def test_the_mirrored_hash_is_the_hash_of_the_mirrored_picture() -> None:
    pixels = (
        np.random.default_rng(5).permutation(72 * 64).reshape(64, 72) % 256
    )  # no equal neighbours to speak of
    image = Image.fromarray(pixels.astype(np.uint8)).resize((9, 8)).resize((90, 80), Image.Resampling.NEAREST)
    hashed, mirrored = (difference_hash(one) % (1 << 64) for one in (image, ImageOps.mirror(image)))
    assert int(np.bitwise_count(mirrored_hashes(np.array([hashed], np.uint64))[0] ^ np.uint64(mirrored))) <= 2


@given(st.lists(hashes, min_size=1, max_size=8), st.lists(hashes, max_size=8))
def test_who_is_found_does_not_hang_on_who_else_is_asked_about(new: list[int], known: list[int]) -> None:
    """A group's photos are compared a few at a time, as they come."""
    pictures = [KnownPicture(f"n{number}", hashed) for number, hashed in enumerate(new)]
    others = Pictures([KnownPicture(f"k{number}", hashed) for number, hashed in enumerate(known)])
    together = same_as(Pictures(pictures), others)
    one_by_one = {k: v for one in pictures for k, v in same_as(Pictures([one]), others).items()}
    assert together == one_by_one
