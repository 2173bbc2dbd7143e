"""What each rule for faces means for a photo, whoever found a face in it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from classroom_app.errors import BadInputError
from classroom_app.services import face_rule
from classroom_app.states import FaceRule


@dataclass
class Looked:
    face: float


FACE, NO_FACE = Looked(face_rule.FACE_FROM), Looked(face_rule.FACE_FROM - 0.01)


def test_a_rule_for_faces_is_one_of_three() -> None:
    assert [face_rule.face_rule(word) for word in ("allow", "warn", "block")] == list(FaceRule)
    with pytest.raises(BadInputError):
        face_rule.face_rule("sometimes")


def test_the_stricter_rule_holds_for_a_group() -> None:
    allow, warn, block = FaceRule.ALLOW, FaceRule.WARN, FaceRule.BLOCK
    assert [face_rule.stricter(rule, None) for rule in FaceRule] == list(FaceRule)
    assert [face_rule.stricter(rule, block) for rule in FaceRule] == [block] * 3
    assert [face_rule.stricter(rule, allow) for rule in FaceRule] == list(FaceRule)
    assert [face_rule.stricter(rule, warn) for rule in FaceRule] == [warn, warn, block]


@pytest.mark.parametrize("photo", [FACE, NO_FACE])
@pytest.mark.parametrize("rule", FaceRule)
def test_only_the_strict_rule_refuses_and_only_faces(rule: FaceRule, photo: Looked) -> None:
    if rule == FaceRule.BLOCK and photo is FACE:
        with pytest.raises(BadInputError, match="photo_has_face"):
            face_rule.refuse_faces(photo, rule)
    else:
        face_rule.refuse_faces(photo, rule)


def test_nobody_looks_for_faces_where_they_are_allowed() -> None:
    assert [rule for rule in FaceRule if face_rule.is_asked(rule)] == [FaceRule.WARN, FaceRule.BLOCK]
