"""The rule of a class, and of a group, for photos that show a face: what it means for a photo, and from
where on a face is one.

Knows nothing of pictures and how a face is found in them (`intake/faces`), or of who sets a rule.
"""

from __future__ import annotations

from typing import Protocol

from classroom_app.errors import BadInputError
from classroom_app.states import FaceRule

# Set on ordinary photos of fruit, hands and rubbish; tests/bench/coach.py counts false alarms.
FACE_FROM = 0.69


class Looked(Protocol):
    """What the face finder made of a photo."""

    @property
    def face(self) -> float: ...


def face_rule(text: str) -> FaceRule:
    """Raises BadInputError for a word that is no rule."""
    try:
        return FaceRule(text)
    except ValueError as exc:
        raise BadInputError from exc


def stricter(of_class: FaceRule, of_group: FaceRule | None) -> FaceRule:
    """What holds for a group: its own rule never lets through what the class's does not."""
    return max(of_class, of_group or of_class, key=list(FaceRule).index)


def has_face(photo: Looked) -> bool:
    return photo.face >= FACE_FROM


def is_asked(rule: FaceRule) -> bool:
    """Whether the face finder has to look at all."""
    return rule != FaceRule.ALLOW


def refuse_faces(photo: Looked, rule: FaceRule) -> None:
    """Raises BadInputError `photo_has_face`; call it before anything of the photo is stored."""
    if rule == FaceRule.BLOCK and has_face(photo):
        raise BadInputError("photo_has_face")
