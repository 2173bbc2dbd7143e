"""Drawn pictures for tests that need a face or no face: no photo of a person is in the repository."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFilter


def drawn_face(ground: tuple[int, int, int] = (90, 120, 140)) -> Image.Image:
    """A head with hair, eyes, nose and mouth before a plain wall, 640 px."""
    face = Image.new("RGB", (640, 640), ground)
    pen = ImageDraw.Draw(face)
    pen.rectangle((170, 520, 470, 640), fill=(60, 60, 110))
    pen.rectangle((270, 430, 370, 560), fill=(205, 150, 120))
    pen.ellipse((170, 90, 470, 420), fill=(60, 40, 30))
    pen.ellipse((195, 140, 445, 500), fill=(224, 172, 140))
    pen.ellipse((195, 90, 445, 230), fill=(60, 40, 30))
    for x in (265, 375):
        pen.ellipse((x - 32, 285, x + 32, 320), fill=(245, 240, 235))
        pen.ellipse((x - 15, 287, x + 15, 318), fill=(50, 30, 20))
        pen.rectangle((x - 38, 258, x + 38, 270), fill=(70, 45, 35))
    pen.polygon([(320, 300), (298, 382), (342, 382)], fill=(200, 145, 115))
    pen.ellipse((295, 365, 345, 392), fill=(190, 130, 105))
    pen.ellipse((270, 415, 370, 450), fill=(170, 70, 70))
    pen.line((272, 432, 368, 432), fill=(110, 40, 40), width=4)
    return face.filter(ImageFilter.GaussianBlur(3))


def drawn_things(seed: int = 0, side: int = 640) -> Image.Image:
    """Many small sharp shapes on a light table."""
    chance = random.Random(seed)  # repeatable pictures
    things = Image.new("RGB", (side, side), (215, 200, 180))
    pen = ImageDraw.Draw(things)
    for _ in range(60):
        x, y, size = chance.randrange(side), chance.randrange(side), chance.randrange(8, side // 8)
        color = tuple(chance.randrange(256) for _ in range(3))
        draw = pen.rectangle if chance.random() < 0.5 else pen.ellipse
        draw((x, y, x + size, y + size), fill=color)
    return things
