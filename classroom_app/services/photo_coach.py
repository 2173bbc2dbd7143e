"""One friendly advice for a photo just taken, or none: light, blur, a face, variety, balance.

Every rule is a pure function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from classroom_app.intake.measures import TINY_PX
from classroom_app.services import face_rule
from classroom_app.states import AdviceKind, FaceRule
from classroom_app.views.training import Advice

# Thresholds are set on ordinary photos of fruit, hands and rubbish; tests/bench/coach.py counts false alarms.
DARK_BELOW = 60.0  # mean brightness ...
DARK_HIGHLIGHTS_BELOW = 110.0  # ... unless something bright stands before a dark background
BLURRY_FROM = 0.57
SAME_LOOK_BACK, SAME_NUMBER, SAME_BELOW = 4, 2, 7.5  # 2 of the last 4; mean difference per pixel of 255
FEW_FROM, FEW_TIMES = 15, 3  # from 15 photos of a label on, another has not even a third of them
BACKGROUND_FROM = 8  # photos of the label
BACKGROUND_BELOW = 28.0  # mean difference of the border to the usual border
BACKGROUND_ONE_IN = 8  # one photo in eight may differ: a sleeve, a shadow
LOOK_BACK = 23  # photos of the label before this one; older ones say little

Floats = npt.NDArray[np.float32]


class Measured(Protocol):
    """What the intake has measured."""

    @property
    def brightness(self) -> float: ...
    @property
    def highlights(self) -> float: ...
    @property
    def blur(self) -> float: ...
    @property
    def face(self) -> float: ...
    @property
    def tiny(self) -> bytes: ...


def advise(
    photo: Measured, before: Sequence[bytes], counts: Mapping[str, int], label_id: str, faces: FaceRule
) -> Advice | None:
    """The most helpful advice. `before`: tiny pictures of this label's photos, newest first, without this
    one; `counts`: photos by label id in the order of the class, with this one.
    """
    if face_rule.is_asked(faces) and face_rule.has_face(photo):
        return Advice(AdviceKind.FACE)
    if is_dark(photo):
        return Advice(AdviceKind.DARK)
    if is_blurry(photo):
        return Advice(AdviceKind.BLURRY)
    if is_same(photo.tiny, before):
        return Advice(AdviceKind.SAME)
    wanted = label_in_need(counts, label_id)
    if wanted is not None:
        return Advice(AdviceKind.FEW, wanted)
    return Advice(AdviceKind.BACKGROUND) if is_same_background(photo.tiny, before) else None


def is_dark(photo: Measured) -> bool:
    return photo.brightness < DARK_BELOW and photo.highlights < DARK_HIGHLIGHTS_BELOW


def is_blurry(photo: Measured) -> bool:
    return photo.blur >= BLURRY_FROM


def is_same(tiny: bytes, before: Sequence[bytes]) -> bool:
    """Nearly the same as several of the last photos: a second look is fine, a third helps little."""
    recent = [old for old in before if old][:SAME_LOOK_BACK]
    return sum(difference(tiny, old) < SAME_BELOW for old in recent) >= SAME_NUMBER


def difference(tiny: bytes, other: bytes) -> float:
    """Mean difference of two tiny pictures, 0 to 255, after making the other one as bright."""
    one, two = _pixels(tiny), _pixels(other)
    return float(np.abs(one - two * (one.mean() / max(float(two.mean()), 1.0))).mean())


def label_in_need(counts: Mapping[str, int], label_id: str) -> str | None:
    """The label with far fewer photos than the one at hand."""
    own = counts.get(label_id, 0)
    if own < FEW_FROM:
        return None
    fewest = min(counts, key=lambda label: counts[label])
    return fewest if counts[fewest] * FEW_TIMES <= own else None


def is_same_background(tiny: bytes, before: Sequence[bytes]) -> bool:
    """The borders of the label's photos all look alike: the AI may learn the table instead of the thing."""
    known = [old for old in before if old][:LOOK_BACK]
    if len(known) + 1 < BACKGROUND_FROM:
        return False
    borders = np.stack([_border(picture) for picture in (tiny, *known)])
    away = np.abs(borders - np.median(borders, axis=0)).mean(axis=(1, 2))
    return int((away >= BACKGROUND_BELOW).sum()) <= len(borders) // BACKGROUND_ONE_IN


def _pixels(tiny: bytes) -> Floats:
    return np.frombuffer(tiny, np.uint8).astype(np.float32).reshape(TINY_PX, TINY_PX, 3)


def _border(tiny: bytes) -> Floats:
    inside = np.zeros((TINY_PX, TINY_PX), bool)
    inside[1:-1, 1:-1] = True
    return _pixels(tiny)[~inside]
