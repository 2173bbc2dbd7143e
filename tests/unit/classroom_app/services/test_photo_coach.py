"""The photo coach's rules on tiny pictures made here, and what the intake measures for them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from classroom_app.intake import measures
from classroom_app.intake.decoder_pool import Intake
from classroom_app.services import face_rule, photo_coach
from classroom_app.states import AdviceKind, FaceRule
from classroom_app.views.training import Advice
from tests.support.drawn_pictures import drawn_face, drawn_things


@dataclass(frozen=True)
class MeasuredPhoto:
    brightness: float = 140.0
    highlights: float = 220.0
    blur: float = 0.3
    face: float = 0.1
    tiny: bytes = b""


def tiny(ground: int, thing: int) -> bytes:
    """A border of one grey around a middle of another."""
    pixels = np.full((measures.TINY_PX, measures.TINY_PX, 3), ground, np.uint8)
    pixels[1:-1, 1:-1] = thing
    return pixels.tobytes()


WARN = FaceRule.WARN
GOOD = MeasuredPhoto(tiny=tiny(200, 90))
BALANCED = {"apple": 5, "banana": 4}


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    intake = Intake(workers=1)
    yield intake
    intake.close()


def test_a_good_photo_gets_no_advice() -> None:
    assert photo_coach.advise(GOOD, [], BALANCED, "apple", WARN) is None


def test_a_face_is_told_first_and_only_where_the_class_wants_it() -> None:
    photo = replace(GOOD, face=0.95, brightness=10.0, highlights=30.0)
    assert photo_coach.advise(photo, [], BALANCED, "apple", WARN) == Advice(AdviceKind.FACE)
    assert photo_coach.advise(photo, [], BALANCED, "apple", FaceRule.ALLOW) == Advice(AdviceKind.DARK)


def test_dark_is_a_dark_photo_and_not_a_bright_thing_on_a_dark_table() -> None:
    assert photo_coach.advise(
        replace(GOOD, brightness=30.0, highlights=70.0), [], BALANCED, "apple", WARN
    ) == Advice(AdviceKind.DARK)
    assert not photo_coach.is_dark(replace(GOOD, brightness=30.0, highlights=230.0))


def test_blurry_comes_before_same() -> None:
    photo = replace(GOOD, blur=0.8)
    assert photo_coach.advise(photo, [GOOD.tiny] * 4, BALANCED, "apple", WARN) == Advice(AdviceKind.BLURRY)


def test_the_third_photo_of_the_same_view_is_told_and_the_second_is_not() -> None:
    other = tiny(60, 200)
    assert photo_coach.advise(GOOD, [GOOD.tiny, other], BALANCED, "apple", WARN) is None
    assert photo_coach.advise(GOOD, [GOOD.tiny, other, tiny(202, 91)], BALANCED, "apple", WARN) == Advice(
        AdviceKind.SAME
    )
    assert photo_coach.advise(GOOD, [other] * 4 + [GOOD.tiny] * 4, BALANCED, "apple", WARN) is None, (
        "long ago"
    )


def test_a_little_lighter_or_darker_is_still_the_same() -> None:
    assert photo_coach.difference(tiny(200, 90), tiny(190, 85)) < photo_coach.SAME_BELOW
    assert photo_coach.difference(tiny(200, 90), tiny(90, 200)) > photo_coach.SAME_BELOW


def test_a_label_with_far_fewer_photos_is_named() -> None:
    wanted = {"apple": 15, "banana": 5, "orange": 9}
    assert photo_coach.advise(GOOD, [], wanted, "apple", WARN) == Advice(AdviceKind.FEW, "banana")
    assert photo_coach.label_in_need(wanted, "banana") is None
    assert photo_coach.label_in_need({**wanted, "banana": 6}, "apple") is None
    assert photo_coach.label_in_need({"apple": 14, "banana": 0}, "apple") is None, "too early to mention"


def test_the_same_background_is_told_from_the_eighth_photo_on() -> None:
    things = [tiny(200, 20 * n) for n in range(1, 8)]
    assert photo_coach.advise(MeasuredPhoto(tiny=tiny(204, 230)), things, BALANCED, "apple", WARN) == Advice(
        AdviceKind.BACKGROUND
    )
    assert not photo_coach.is_same_background(tiny(204, 230), things[1:])
    elsewhere = [tiny(20, 100), tiny(90, 100)]
    assert not photo_coach.is_same_background(tiny(204, 230), [*things[2:], *elsewhere])
    assert photo_coach.is_same_background(tiny(204, 230), [*things, elsewhere[0]]), "one of nine is a sleeve"


def test_photos_from_before_the_coach_are_left_out() -> None:
    assert photo_coach.advise(GOOD, [b"", b"", b""], BALANCED, "apple", WARN) is None


# -- what the intake measures --------------------------------------------------------------------


def encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def test_spoilt_copies_of_a_photo_are_told_from_it(intake: Intake) -> None:
    things = drawn_things()
    good = intake.clean(encoded(things), measure=True)
    assert not photo_coach.is_dark(good)
    assert not photo_coach.is_blurry(good)
    assert len(good.tiny) == measures.TINY_BYTES
    assert photo_coach.is_dark(intake.clean(encoded(things.point(lambda value: value // 5)), measure=True))
    assert photo_coach.is_blurry(
        intake.clean(encoded(things.filter(ImageFilter.GaussianBlur(8))), measure=True)
    )


def test_a_plain_wall_is_not_a_blurred_photo() -> None:
    assert measures.blur(measures.small(Image.new("L", (640, 640), 180))) == 0.0
    wall = np.random.default_rng(1).normal(180, 4, (640, 640)).clip(0, 255).astype(np.uint8)
    assert measures.blur(measures.small(Image.fromarray(wall))) < photo_coach.BLURRY_FROM
    assert measures.blur(Image.new("L", (32, 400))) == 0.0


def test_a_drawn_face_is_found_and_drawn_things_are_not(intake: Intake) -> None:
    face = drawn_face()
    assert face_rule.has_face(intake.clean(encoded(face), measure=True, find_face=True))
    assert intake.clean(encoded(face), measure=True).face == 0.0, "not looked for unless asked"
    assert face_rule.has_face(intake.clean(encoded(face.crop((0, 0, 640, 560))), find_face=True))
    assert not face_rule.has_face(intake.clean(encoded(drawn_things()), find_face=True))
    hand = Image.new("RGB", (640, 640), (40, 130, 60))
    pen = ImageDraw.Draw(hand)
    pen.ellipse((200, 250, 460, 560), fill=(224, 172, 140))
    for finger in range(4):
        pen.rounded_rectangle((205 + 65 * finger, 80, 255 + 65 * finger, 330), 25, fill=(224, 172, 140))
    assert not face_rule.has_face(intake.clean(encoded(hand), find_face=True))


def test_a_real_face_is_found() -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image brings a free portrait")
    portrait = Image.fromarray(data.astronaut())
    assert measures.face(portrait) >= face_rule.FACE_FROM
    assert measures.face(portrait.crop((100, 0, 350, 250))) >= face_rule.FACE_FROM
    assert measures.face(portrait.crop((0, 300, 200, 500))) < face_rule.FACE_FROM
