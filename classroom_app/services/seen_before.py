"""Is it the same picture as one that was there before? Alike, not only identical, by hash and features.

Pure functions. The thresholds are measured on ordinary photos: tests/bench/seen_before.py prints hits and
false alarms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

HASH_BITS = 64
_ROW_BITS = 8
# Without features, by the difference hash alone: cropped by a hair, compressed, made smaller.
SAME_BITS = 5
# Of 64 bits that differ at most, and cosine of the features at least. Smaller copies keep their hash and
# lose some of their features; the nearer the features, the more bits may differ.
STRICT = ((2, 0.80), (4, 0.955))
# Photographed once more, in other light, a little from the side: by the features, unless the hash says that
# it is something else altogether. Where all is photographed in one place, features differ little from photo
# to photo: the limit moves half of the way from what different photos of the set have to all alike.
NEAR_BITS = 20
NEAR_COSINE = 0.92
NEAR_SHARE = 0.5
USUAL_PERCENT = 99  # of the pairs of different photos have less in common
USUAL_MAX = 0.99  # features that are the same for all photos tell nothing
# Mirrored: the hash of a plain ground cannot be mirrored, the features are.
MIRRORED_COSINE = 0.985

Floats = npt.NDArray[np.float32]
Hashes = npt.NDArray[np.uint64]
Bits = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class KnownPicture:
    """What is known of a stored photo. `features`: float16, C order [views, length]; the first view is the
    whole picture, the second one the same mirrored. None: they are not there yet.
    """

    id: str
    perceptual_hash: int  # signed 64-bit
    space: str = ""
    views: int = 0
    features: bytes | None = None


class Pictures:
    """Many pictures at once, ready to be held beside others."""

    def __init__(self, pictures: Sequence[KnownPicture]) -> None:
        self.ids = tuple(picture.id for picture in pictures)
        self.hashes = np.array(
            [picture.perceptual_hash % (1 << HASH_BITS) for picture in pictures], np.uint64
        )
        self.spaces = np.array([_space(picture) for picture in pictures], np.str_)
        vectors = [_views(picture) for picture in pictures]
        length = max((whole.size for whole, _ in vectors), default=0)
        self.whole = _stacked([whole for whole, _ in vectors], length)
        self.mirrored = _stacked([mirrored for _, mirrored in vectors], length)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def near_limit(self) -> float:
        """The cosine from which on another picture is the same as one of these."""
        if len(self) < 2 or not self.whole.shape[1]:
            return NEAR_COSINE
        pairs = np.triu_indices(len(self), k=1)
        bits = _bits_apart(self.hashes, self.hashes)[pairs]
        cosine = (self.whole @ self.whole.T)[pairs]
        different = cosine[~_strictly(bits, cosine)]
        if not len(different):
            return NEAR_COSINE
        usual = float(np.percentile(different, USUAL_PERCENT))
        if usual > USUAL_MAX:
            return math.inf
        return max(NEAR_COSINE, usual + NEAR_SHARE * (1 - usual))


def same_as(new: Pictures, known: Pictures) -> dict[str, str]:
    """For each new picture that is the same as a known one, the id of the known one most like it."""
    if not len(new) or not len(known):
        return {}
    likeness = _likeness(new, known)
    best = likeness.argmax(axis=1)  # the first of equals: the same answer each time
    found = likeness[np.arange(len(new)), best] > 0
    return {new.ids[row]: known.ids[best[row]] for row in np.flatnonzero(found)}


def same_pairs(pictures: Pictures) -> list[tuple[str, str]]:
    """Pairs of the same picture within one set."""
    if not len(pictures):
        return []
    likeness = np.triu(_likeness(pictures, pictures), k=1)
    return [(pictures.ids[row], pictures.ids[column]) for row, column in np.argwhere(likeness > 0)]


def usual_cosine(pictures: Pictures) -> float:
    """Of two different pictures of the set; 0 where there are none with features."""
    if len(pictures) < 2 or not pictures.whole.shape[1]:
        return 0.0
    cosines = pictures.whole @ pictures.whole.T
    return float(np.median(cosines[np.triu_indices(len(pictures), k=1)]))


def mirrored_hashes(hashes: Hashes) -> Hashes:
    """The difference hashes of the mirrored pictures; inexact where neighbours are equally bright."""
    bits = np.unpackbits(hashes.astype(">u8").view(np.uint8).reshape(-1, _ROW_BITS), axis=1)
    rows = 1 - bits.reshape(-1, HASH_BITS // _ROW_BITS, _ROW_BITS)[:, :, ::-1]
    packed = np.packbits(rows.reshape(-1, HASH_BITS), axis=1)
    return np.ascontiguousarray(packed).view(">u8").astype(np.uint64).ravel()


def _likeness(new: Pictures, known: Pictures) -> Floats:
    """[new, known]: 0 for another picture; else the higher the more alike."""
    upright = _bits_apart(new.hashes, known.hashes)
    mirrored = _bits_apart(mirrored_hashes(new.hashes), known.hashes)
    comparable = (new.spaces[:, None] == known.spaces[None, :]) & (new.spaces[:, None] != "")
    near, turned = _cosines(new, known)
    by_features = turned >= max(MIRRORED_COSINE, known.near_limit)
    for bits, cosine in ((upright, near), (mirrored, turned)):
        by_features |= _strictly(bits, cosine) | ((bits <= NEAR_BITS) & (cosine >= known.near_limit))
    bits = np.minimum(upright, mirrored)
    same = np.where(comparable, by_features, bits <= SAME_BITS)
    # A picture without any edge has no hash to speak of, and no shape to know it by.
    same &= (new.hashes != 0)[:, None] & (known.hashes != 0)[None, :]
    score = 1 + np.where(comparable, np.maximum(near, turned), 0) - bits / HASH_BITS
    return np.where(same, score, 0).astype(np.float32)


def _strictly(bits: Bits, cosine: Floats) -> Flags:
    """The same picture whatever else is in the set."""
    found = np.zeros(bits.shape, np.bool_)
    for bits_max, cosine_min in STRICT:
        found |= (bits <= bits_max) & (cosine >= cosine_min)
    return found


def _bits_apart(one: Hashes, other: Hashes) -> Bits:
    return np.asarray(np.bitwise_count(one[:, None] ^ other[None, :]), np.uint8)


def _cosines(new: Pictures, known: Pictures) -> tuple[Floats, Floats]:
    """Of the pictures as they are, and of the one with the other mirrored; 0 where there is none.

    To four places: the last ones of a product hang on how many are multiplied at once.
    """
    nothing = np.zeros((len(new), len(known)), np.float32)
    if new.whole.shape[1] != known.whole.shape[1] or not new.whole.shape[1]:
        return nothing, nothing
    return np.round(new.whole @ known.whole.T, 4), np.round(new.whole @ known.mirrored.T, 4)


def _space(picture: KnownPicture) -> str:
    return picture.space if picture.features and picture.views else ""


def _views(picture: KnownPicture) -> tuple[Floats, Floats]:
    """Both of length one; without features both are empty, without a mirrored view that one is zero."""
    if not picture.features or not picture.views:
        return np.empty(0, np.float32), np.empty(0, np.float32)
    rows = np.frombuffer(picture.features, np.float16).reshape(picture.views, -1)[:2].astype(np.float32)
    whole = _unit(rows[0])
    return whole, _unit(rows[1]) if len(rows) > 1 else np.zeros_like(whole)


def _unit(vector: Floats) -> Floats:
    length = float(np.linalg.norm(vector))
    return vector / np.float32(max(length, 1e-6))


def _stacked(vectors: Sequence[Floats], length: int) -> Floats:
    rows = np.zeros((len(vectors), length), np.float32)
    for row, vector in zip(rows, vectors, strict=True):
        row[: vector.size] = vector
    return rows
