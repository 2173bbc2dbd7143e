"""Draws small photos of things on varied backgrounds, for a demo that needs nobody's photos.

The pictures carry the word "drawn" in a corner.
"""

from __future__ import annotations

import colorsys
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont

SIDE_PX = 320
CANVAS_PX = 400  # things are drawn larger than they are shown, so that edges come out smooth
JPEG_QUALITY = 85
MARK = "drawn"
Colour = tuple[int, int, int]
Thing = Callable[[ImageDraw.ImageDraw, random.Random], None]
Ground = Callable[[random.Random], Image.Image]

README = """These pictures are DRAWN by a program (classroom_app/rehearsal/drawn_photos.py), not photographed.
Each carries the word "drawn" in its lower right corner, the same for every label.
They are only for the demo and for tests: {labels}; seed {seed}.
train/ shows the things on desks and plain sheets; test/ on other backgrounds, as in another room.
"""


def make_drawn_photos(
    folder: Path,
    *,
    labels: Sequence[str] = ("apple", "pencil", "cup", "star"),
    train: int = 24,
    test: int = 12,
    seed: int = 0,
) -> None:
    """Fills folder/train/<label>/ and folder/test/<label>/; the same seed draws the same pictures."""
    unknown = sorted(set(labels) - set(THINGS))
    if unknown:
        raise ValueError(f"cannot draw {', '.join(unknown)}; can draw {', '.join(THINGS)}")
    for part, count, grounds in (("train", train, TRAIN_GROUNDS), ("test", test, TEST_GROUNDS)):
        for label in labels:
            below = folder / part / label
            below.mkdir(parents=True, exist_ok=True)
            for number in range(count):
                chance = random.Random(f"{seed}/{part}/{label}/{number}")  # repeatable drawing
                draw_photo(label, grounds, chance).save(below / f"{number:03d}.jpg", quality=JPEG_QUALITY)
    (folder / "README.txt").write_text(README.format(labels=", ".join(labels), seed=seed), encoding="utf-8")


def draw_photo(label: str, grounds: Sequence[Ground], chance: random.Random) -> Image.Image:
    """One picture: a background, often something else lying about, the thing, something in front, light."""
    picture = chance.choice(grounds)(chance)
    for _ in range(chance.choice((0, 1, 2, 3))):
        _put(picture, _clutter(chance), chance, size=chance.uniform(0.2, 0.5), spread=0.45)
    _put(picture, _cut_out(THINGS[label], chance), chance, size=chance.uniform(0.35, 0.9), spread=0.2)
    if chance.random() < 0.5:
        _cover_a_part(picture, chance)
    picture = _light(picture, chance)
    _mark(picture)
    return picture


# The things. Each is drawn upright on a square of CANVAS_PX; colour says nothing about the label.


def _apple(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    skin = _vivid(chance)
    squash = chance.uniform(-15, 20)
    top, bottom = 110 + squash, 355
    draw.ellipse((60, top, 230, bottom), fill=skin)
    draw.ellipse((170, top, 340, bottom), fill=skin)
    draw.ellipse((95, top + 45, 305, bottom + 12), fill=skin)
    draw.ellipse((100, top + 40, 150, top + 105), fill=_mixed(skin, (255, 255, 255), 0.45))
    lean = chance.uniform(-30, 30)
    draw.line((200, top + 30, 200 + lean, top - 50), fill=(92, 60, 32), width=14)
    if chance.random() < 0.75:
        leaf = (chance.randint(40, 110), chance.randint(120, 180), 50)
        draw.ellipse((205, top - 50, 285, top - 12), fill=leaf)


def _pencil(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    body = _vivid(chance)
    half = chance.uniform(20, 38)
    left, right, tip = 200 - half, 200 + half, 20.0
    neck = tip + half * 3.0
    draw.polygon(((left, neck), (200, tip), (right, neck)), fill=(222, 184, 135))
    lead = tip + half * 1.1
    draw.polygon(
        ((200 - half * 0.37, lead), (200, tip), (200 + half * 0.37, lead)),
        fill=_mixed(body, (30, 30, 30), 0.7),
    )
    draw.rectangle((left, neck, right, 330), fill=body)
    draw.rectangle(
        (left + half * 0.65, neck, right - half * 0.65, 330), fill=_mixed(body, (255, 255, 255), 0.35)
    )
    if chance.random() < 0.6:
        draw.rectangle((left, 330, right, 350), fill=(170, 170, 176))
        draw.rounded_rectangle((left, 350, right, 385), radius=12, fill=_vivid(chance))


def _cup(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    body = _vivid(chance)
    dark = _mixed(body, (0, 0, 0), 0.35)
    narrow = chance.uniform(0, 35)
    top, bottom = chance.uniform(80, 120), 340.0
    ring = chance.randint(18, 30)
    draw.ellipse((240, top + 40, 370, bottom - 50), outline=dark, width=ring)
    draw.polygon(((70, top), (290, top), (290 - narrow, bottom), (70 + narrow, bottom)), fill=body)
    draw.ellipse((70 + narrow, bottom - 22, 290 - narrow, bottom + 22), fill=body)
    if chance.random() < 0.5:
        band = _vivid(chance)
        draw.polygon(((74, top + 90), (286, top + 90), (282, top + 140), (78, top + 140)), fill=band)
    draw.ellipse((70, top - 28, 290, top + 28), fill=_mixed(body, (255, 255, 255), 0.3))
    draw.ellipse((84, top - 20, 276, top + 20), fill=chance.choice(((70, 42, 26), (235, 235, 228), dark)))


def _star(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    colour = _vivid(chance)
    inner = chance.uniform(0.38, 0.55)
    draw.polygon(_star_points(200, 205, 180, inner), fill=_mixed(colour, (0, 0, 0), 0.25))
    draw.polygon(_star_points(200, 205, 155, inner), fill=colour)
    if chance.random() < 0.5:
        draw.polygon(_star_points(200, 205, 70, inner), fill=_vivid(chance))


def _book(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    cover = _vivid(chance)
    draw.rectangle((80, 40, 320, 360), fill=_mixed(cover, (0, 0, 0), 0.3))
    draw.rectangle((300, 52, 330, 348), fill=(245, 242, 230))
    draw.rectangle((100, 40, 312, 360), fill=cover)
    draw.rectangle((140, 90, 275, chance.uniform(140, 190)), fill=_mixed(cover, (255, 255, 255), 0.6))


def _scissors(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    grip = _vivid(chance)
    open_by = chance.uniform(25, 75)
    for side in (-1, 1):
        blade = ((200 - side * 8, 215), (200 + side * open_by, 20), (200 + side * 22, 225))
        draw.polygon(blade, fill=(185 + 15 * side, 190, 196))
        draw.line((200, 215, 200 - side * 55, 290), fill=grip, width=26)
        x = 200 - side * (60 + open_by * 0.2)
        draw.ellipse((x - 52, 275, x + 52, 385), outline=grip, width=24)
    draw.ellipse((190, 205, 210, 225), fill=(90, 90, 96))


THINGS: dict[str, Thing] = {
    "apple": _apple, "pencil": _pencil, "cup": _cup, "star": _star, "book": _book, "scissors": _scissors,
}  # fmt: skip


# The backgrounds.


def _wood(chance: random.Random) -> Image.Image:
    base = (chance.randint(120, 205), chance.randint(85, 140), chance.randint(45, 90))
    picture = Image.new("RGB", (SIDE_PX, SIDE_PX), base)
    draw = ImageDraw.Draw(picture)
    y = 0.0
    while y < SIDE_PX:
        shade = _mixed(base, (50, 28, 10), chance.uniform(0.0, 0.4))
        bend = chance.uniform(-8, 8)
        draw.line((0, y, SIDE_PX / 2, y + bend, SIDE_PX, y), fill=shade, width=chance.randint(1, 4))
        y += chance.uniform(2, 9)
    return picture.filter(ImageFilter.GaussianBlur(0.7)).rotate(chance.choice((0, 90)))


def _sheet(chance: random.Random) -> Image.Image:
    return _gradient(_pale(chance), _pale(chance), chance)


def _blackboard(chance: random.Random) -> Image.Image:
    green = (chance.randint(25, 55), chance.randint(70, 100), chance.randint(55, 80))
    picture = _gradient(green, _mixed(green, (0, 0, 0), 0.35), chance)
    return Image.blend(picture, _grain(SIDE_PX, chance), 0.1)


def _checks(chance: random.Random) -> Image.Image:
    one, two = _pale(chance), _mixed(_vivid(chance), (255, 255, 255), 0.3)
    picture = Image.new("RGB", (SIDE_PX, SIDE_PX), one)
    draw = ImageDraw.Draw(picture)
    step = chance.randint(16, 48)
    for row in range(SIDE_PX // step + 1):
        for column in range(row % 2, SIDE_PX // step + 1, 2):
            draw.rectangle((column * step, row * step, (column + 1) * step, (row + 1) * step), fill=two)
    return picture


def _carpet(chance: random.Random) -> Image.Image:
    noise = ImageEnhance.Contrast(_grain(SIDE_PX // 2, chance)).enhance(chance.uniform(0.5, 1.0))
    tint = Image.new("RGB", (SIDE_PX, SIDE_PX), _mixed(_vivid(chance), (128, 128, 128), 0.4))
    return ImageChops.overlay(tint, noise.resize((SIDE_PX, SIDE_PX)))


def _stripes(chance: random.Random) -> Image.Image:
    one, two = _vivid(chance), _pale(chance)
    side = SIDE_PX * 2
    picture = Image.new("RGB", (side, side), one)
    draw = ImageDraw.Draw(picture)
    step = chance.randint(12, 40)
    for x in range(0, side, step * 2):
        draw.rectangle((x, 0, x + step, side), fill=two)
    picture = picture.rotate(chance.uniform(0, 180), resample=Image.Resampling.BILINEAR)
    return picture.crop((SIDE_PX // 2, SIDE_PX // 2, SIDE_PX // 2 + SIDE_PX, SIDE_PX // 2 + SIDE_PX))


def _lawn(chance: random.Random) -> Image.Image:
    green = (chance.randint(50, 95), chance.randint(110, 160), chance.randint(35, 75))
    picture = Image.new("RGB", (SIDE_PX, SIDE_PX), green)
    draw = ImageDraw.Draw(picture)
    for _ in range(900):
        x, y = chance.uniform(0, SIDE_PX), chance.uniform(0, SIDE_PX)
        blade = _mixed(green, chance.choice(((20, 50, 10), (200, 230, 120))), chance.uniform(0.1, 0.6))
        draw.line((x, y, x + chance.uniform(-6, 6), y - chance.uniform(6, 20)), fill=blade, width=2)
    return picture


TRAIN_GROUNDS: tuple[Ground, ...] = (_wood, _sheet, _blackboard)
TEST_GROUNDS: tuple[Ground, ...] = (_checks, _carpet, _stripes, _lawn)


# Putting it together.


def _cut_out(thing: Thing, chance: random.Random) -> Image.Image:
    layer = Image.new("RGBA", (CANVAS_PX, CANVAS_PX), (0, 0, 0, 0))
    thing(ImageDraw.Draw(layer), chance)
    return layer


def _clutter(chance: random.Random) -> Image.Image:
    """Something that is none of the labels: a coin, a note, a rubber band."""
    layer = Image.new("RGBA", (CANVAS_PX, CANVAS_PX), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    kind = chance.randrange(3)
    if kind == 0:
        draw.ellipse((60, 60, 340, 340), fill=_mixed(_vivid(chance), (150, 150, 150), 0.5))
    elif kind == 1:
        draw.rectangle((50, 90, 350, 310), fill=_pale(chance))
        for y in range(130, 300, 34):
            draw.line((80, y, 320, y), fill=(140, 140, 150), width=6)
    else:
        draw.ellipse((40, 120, 360, 280), outline=_vivid(chance), width=16)
    return layer


def _put(
    picture: Image.Image, layer: Image.Image, chance: random.Random, *, size: float, spread: float
) -> None:
    """Turns, leans and scales a layer, gives it a shadow and lays it near the middle."""
    small = round(SIDE_PX * size)
    layer = layer.resize((small, small), Image.Resampling.LANCZOS)  # first: turning a large layer is slow
    lean = chance.uniform(-0.25, 0.25)
    layer = layer.transform(
        layer.size, Image.Transform.AFFINE, (1, lean, -lean * small / 2, 0, 1, 0), Image.Resampling.BILINEAR
    )
    layer = layer.rotate(chance.uniform(-180, 180), resample=Image.Resampling.BICUBIC, expand=True)
    side = layer.width
    x = round(SIDE_PX / 2 - side / 2 + chance.uniform(-spread, spread) * SIDE_PX)
    y = round(SIDE_PX / 2 - side / 2 + chance.uniform(-spread, spread) * SIDE_PX)
    shadow = layer.getchannel("A").point(lambda value: value * 0.45).filter(ImageFilter.GaussianBlur(5))
    fall = chance.randint(3, 12)
    picture.paste((20, 20, 25), (x + fall, y + fall), shadow)
    picture.paste(layer, (x, y), layer)


def _cover_a_part(picture: Image.Image, chance: random.Random) -> None:
    """A finger or a sheet of paper that lies over the thing's edge."""
    draw = ImageDraw.Draw(picture)
    angle = chance.uniform(0, 2 * math.pi)
    inner = SIDE_PX * chance.uniform(0.1, 0.22)
    start = (SIDE_PX / 2 + inner * math.cos(angle), SIDE_PX / 2 + inner * math.sin(angle))
    end = (SIDE_PX / 2 + SIDE_PX * math.cos(angle), SIDE_PX / 2 + SIDE_PX * math.sin(angle))
    colour = chance.choice(((224, 172, 140), (150, 102, 74), _pale(chance)))
    width = chance.randint(34, 80)
    draw.line((*start, *end), fill=colour, width=width)
    draw.ellipse(
        (start[0] - width / 2, start[1] - width / 2, start[0] + width / 2, start[1] + width / 2), fill=colour
    )


def _light(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A lamp on one side, a colour cast, a camera that is a little dark, soft or noisy."""
    picture = ImageEnhance.Brightness(picture).enhance(chance.uniform(0.6, 1.3))
    picture = ImageEnhance.Contrast(picture).enhance(chance.uniform(0.6, 1.15))
    cast = Image.new("RGB", picture.size, (255, chance.randint(205, 250), chance.randint(160, 250)))
    picture = ImageChops.multiply(picture, cast)
    lamp = _gradient((255, 255, 255), (chance.randint(140, 235),) * 3, chance)
    picture = ImageChops.multiply(picture, lamp)
    picture = picture.filter(ImageFilter.GaussianBlur(chance.choice((0.0, 0.6, 1.2, 2.0))))
    return Image.blend(picture, _grain(SIDE_PX, chance), chance.uniform(0.0, 0.08))


def _grain(side: int, chance: random.Random) -> Image.Image:
    """Noise that follows our seed, which Pillow's own cannot."""
    return Image.frombytes("L", (side, side), chance.randbytes(side * side)).convert("RGB")


def _mark(picture: Image.Image) -> None:
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(16)
    left, top, right, bottom = draw.textbbox((0, 0), MARK, font=font)
    x, y = SIDE_PX - (right - left) - 6, SIDE_PX - (bottom - top) - 6
    draw.rectangle((x - 4, y - 4, SIDE_PX, SIDE_PX), fill=(255, 255, 255))
    draw.text((x - left, y - top), MARK, fill=(60, 60, 60), font=font)


def _gradient(one: Colour, two: Colour, chance: random.Random) -> Image.Image:
    mask = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270))).resize((SIDE_PX, SIDE_PX))
    return Image.composite(
        Image.new("RGB", (SIDE_PX, SIDE_PX), one), Image.new("RGB", (SIDE_PX, SIDE_PX), two), mask
    )


def _star_points(x: float, y: float, radius: float, inner: float) -> list[tuple[float, float]]:
    points = []
    for corner in range(10):
        length = radius * (1.0 if corner % 2 == 0 else inner)
        angle = math.pi * corner / 5 - math.pi / 2
        points.append((x + length * math.cos(angle), y + length * math.sin(angle)))
    return points


def _vivid(chance: random.Random) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(
        chance.random(), chance.uniform(0.45, 0.95), chance.uniform(0.55, 0.98)
    )
    return round(red * 255), round(green * 255), round(blue * 255)


def _pale(chance: random.Random) -> Colour:
    return chance.randint(185, 250), chance.randint(185, 250), chance.randint(185, 250)


def _mixed(one: Colour, two: Colour, part: float) -> Colour:
    red, green, blue = (round(a * (1 - part) + b * part) for a, b in zip(one, two, strict=True))
    return red, green, blue
