"""How often the photo coach is right: false alarms on a folder of ordinary photos, hits on spoilt copies.

python -m tests.bench.coach --photos DIR
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image, ImageFilter

from classroom_app.intake.decoder_pool import CleanPhoto, Intake
from classroom_app.rehearsal.photos import PHOTO_SUFFIXES
from classroom_app.services import face_rule, photo_coach

SIDE_PX = 640  # as an iPad sends them
COPIES = 4  # of a still thing, by a hand that is never quite still

Label = list[Image.Image]


def main(
    photos: Annotated[Path, typer.Option(help="ordinary photos, a folder per label, at any depth")],
    faces: Annotated[Path | None, typer.Option(help="photos that all show a face")] = None,
    every: Annotated[int, typer.Option(min=1, help="look at one photo in so many")] = 1,
) -> None:
    """Print the share of photos that get each advice."""
    labels = [label for folder in _folders(photos) if (label := _read(folder, every))]
    if not labels:
        raise typer.BadParameter(f"no photos in {photos}", param_hint="--photos")
    intake = Intake(workers=2)
    try:
        _ordinary(intake, labels)
        _spoilt(intake, labels)
        if faces is not None:
            found = [_measure(intake, face) for folder in _folders(faces) for face in _read(folder, 1)]
            _print("a face", "hits", [face_rule.has_face(photo) for photo in found])
    finally:
        intake.close()


def _folders(root: Path) -> list[Path]:
    return sorted({path.parent for path in root.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES})


def _read(folder: Path, every: int) -> Label:
    label = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)[::every]:
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        scale = SIDE_PX / max(image.size)
        label.append(image.resize((round(image.width * scale), round(image.height * scale))))
    return label


def _measure(intake: Intake, image: Image.Image) -> CleanPhoto:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return intake.clean(out.getvalue(), measure=True, find_face=True)


def _ordinary(intake: Intake, labels: Sequence[Label]) -> None:
    measured = [[_measure(intake, image) for image in label] for label in labels]
    photos = [photo for label in measured for photo in label]
    _print("a face", "false alarms", [face_rule.has_face(photo) for photo in photos])
    _print("dark", "false alarms", [photo_coach.is_dark(photo) for photo in photos])
    _print("blurry", "false alarms", [photo_coach.is_blurry(photo) for photo in photos])
    same = [
        photo_coach.is_same(photo.tiny, before) for label in measured for photo, before in _in_turn(label)
    ]
    _print("same", "false alarms", same)
    # In front of everything a class has: a folder of photos from one table would be no false alarm.
    random.Random(1).shuffle(photos)  # repeatable
    _print("background", "false alarms, places mixed", _background(photos))
    _print("background", "share within a label", [hit for label in measured for hit in _background(label)])


def _spoilt(intake: Intake, labels: Sequence[Label]) -> None:
    every = [image for label in labels for image in label]

    def hits(spoil: Callable[[Image.Image], Image.Image], rule: Callable[[CleanPhoto], bool]) -> list[bool]:
        return [rule(_measure(intake, spoil(image))) for image in every]

    _print("dark", "hits, a quarter of the light", hits(_darkened, photo_coach.is_dark))
    _print(
        "blurry",
        "hits, out of focus",
        hits(lambda x: x.filter(ImageFilter.GaussianBlur(6)), photo_coach.is_blurry),
    )
    _print("blurry", "hits, moved by 24 px", hits(_moved, photo_coach.is_blurry))
    chance = np.random.default_rng(1)
    same = []
    for image in every:
        *before, last = (_measure(intake, _again(image, chance)).tiny for _ in range(COPIES))
        same.append(photo_coach.is_same(last, before[::-1]))
    _print("same", "hits", same)
    on_one_table = [[_measure(intake, _on(label[0], image, chance)) for image in label] for label in labels]
    _print("background", "hits", [hit for label in on_one_table for hit in _background(label)])


def _in_turn(label: Sequence[CleanPhoto]) -> Iterator[tuple[CleanPhoto, list[bytes]]]:
    """Each photo with those before it, newest first."""
    for number, photo in enumerate(label):
        yield photo, [old.tiny for old in reversed(label[max(0, number - photo_coach.LOOK_BACK) : number])]


def _background(label: Sequence[CleanPhoto]) -> list[bool]:
    turns = [turn for turn in _in_turn(label) if len(turn[1]) + 1 >= photo_coach.BACKGROUND_FROM]
    return [photo_coach.is_same_background(photo.tiny, before) for photo, before in turns]


def _darkened(image: Image.Image) -> Image.Image:
    return image.point(lambda value: value // 4)


def _moved(image: Image.Image) -> Image.Image:
    pixels = np.asarray(image, np.float32)
    return Image.fromarray(np.mean([np.roll(pixels, n, 1) for n in range(24)], axis=0).astype(np.uint8))


def _again(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    """The same thing once more: 1 % aside, half a degree turned, a little lighter or darker, with noise."""
    turned = image.rotate(chance.uniform(-0.5, 0.5), Image.Resampling.BILINEAR)
    width, height = image.size
    left, top = (0.02 + chance.uniform(-0.01, 0.01, 2)) * (width, height)
    box = (int(left), int(top), int(left + 0.96 * width), int(top + 0.96 * height))
    light, noise = chance.uniform(0.97, 1.03), chance.normal(0, 3, (height, width, 3))
    pixels = np.asarray(turned.crop(box).resize(image.size), np.float32) * light + noise
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _on(table: Image.Image, image: Image.Image, chance: np.random.Generator) -> Image.Image:
    """The middle of a photo in the middle of another: many things on one table."""
    ground = _again(table.resize((SIDE_PX, SIDE_PX)), chance)
    side = round(SIDE_PX * chance.uniform(0.5, 0.75))
    thing = image.resize((SIDE_PX, SIDE_PX)).crop((80, 80, 560, 560)).resize((side, side))
    ground.paste(thing, ((SIDE_PX - side) // 2, (SIDE_PX - side) // 2))
    return ground


def _print(advice: str, what: str, found: Sequence[bool]) -> None:
    share = sum(found) / max(len(found), 1)
    typer.echo(f"{advice:11}{what:30}{sum(found):5} of {len(found):5}{share:8.1%}")


if __name__ == "__main__":
    typer.run(main)
