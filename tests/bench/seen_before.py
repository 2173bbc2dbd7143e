"""How often the same picture is known again, and how often another one is taken for it, on photos of yours.

python -m tests.bench.seen_before --photos DIR, with DIR/train and DIR/test, a folder a label in each. The
test photos play the challenge set, the training photos those of a group.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image, ImageEnhance

from classroom_app.intake.decoder_pool import Intake
from classroom_app.rehearsal.photos import PHOTO_SUFFIXES
from classroom_app.services.seen_before import KnownPicture, Pictures, same_as, usual_cosine
from ml_core.config import DEFAULT_BACKBONE
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views

VIEWS = 2  # the whole picture, and mirrored: what is compared
BURST = 3  # photos of one burst beside the first
Change = Callable[[Image.Image, random.Random], Image.Image]


def main(
    photos: Annotated[Path, typer.Option(help="train/ and test/ in it, with a folder per label")],
    every: Annotated[int, typer.Option(min=1, help="look at one photo in so many")] = 1,
    copies: Annotated[int, typer.Option(min=1, help="how many of the test photos are copied")] = 40,
) -> None:
    """Print hits on copies of challenge photos, and false alarms on other photos."""
    bench = Bench(random.Random(1))  # repeatable
    try:
        challenge = [bench.look(path, _read(path)) for path in _paths(photos / "test", every)]
        own = [(path, _read(path)) for path in _paths(photos / "train", every)]
        some = sorted(bench.chance.sample(challenge, min(copies, len(challenge))), key=lambda one: one.path)
        for name, change in COPIES.items():
            bench.hits(name, change, some, challenge)
        bench.false_alarms("photos of one's own", [bench.look(path, image) for path, image in own], challenge)
        bursts = [
            bench.look(path, _moved(image, bench.chance))
            for path, image in bench.chance.sample(own, min(copies, len(own)))
            for _ in range(BURST)
        ]
        bench.false_alarms("bursts of one's own", bursts, challenge)
        bench.within(challenge)
    finally:
        bench.close()


@dataclass(frozen=True)
class Looked:
    path: Path
    label: str
    picture: KnownPicture
    brightness: float


class Bench:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._intake = Intake(workers=1)
        self._embedder = Embedder(DEFAULT_BACKBONE)

    def close(self) -> None:
        self._intake.close()

    def look(self, path: Path, image: Image.Image) -> Looked:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=85)
        clean = self._intake.clean(out.getvalue())
        rows = self._embedder.embed(photo_views(clean.jpeg, VIEWS, self._embedder.input_side))
        picture = KnownPicture(str(path), clean.perceptual_hash, self._embedder.space, VIEWS, rows.tobytes())
        return Looked(path, path.parent.name, picture, clean.brightness)

    def hits(self, name: str, change: Change, some: Sequence[Looked], challenge: Sequence[Looked]) -> None:
        """Copies of challenge photos; a hit counts also when a twin in the set is the one that is found."""
        copied = [self.look(one.path, change(_read(one.path), self.chance)) for one in some]
        _print(name, "found", copied, challenge)

    @staticmethod
    def false_alarms(name: str, own: Sequence[Looked], challenge: Sequence[Looked]) -> None:
        for one, other in sorted(_print(name, "alarms", own, challenge).items()):
            print(f"    {one} ~ {other}")

    @staticmethod
    def within(challenge: Sequence[Looked]) -> None:
        """What the hints of the forecast go by."""
        dark, bright = np.percentile([one.brightness for one in challenge], (10, 90))
        labels = sorted({one.label for one in challenge})
        usual = [
            usual_cosine(_pictures([one for one in challenge if one.label == label])) for label in labels
        ]
        print(f"light {bright - dark:.0f} of 255, usual cosine within a label {np.mean(usual):.3f}")


def _print(name: str, what: str, new: Sequence[Looked], challenge: Sequence[Looked]) -> dict[str, str]:
    """With features, and by the hash alone, as before a challenge photo has its features."""
    found = same_as(_pictures(new), _pictures(challenge))
    bare = same_as(_pictures(new, bare=True), _pictures(challenge, bare=True))
    print(f"{name:<32}{what} {_share(len(found), len(new))}   by hash {_share(len(bare), len(new))}")
    return found


def _pictures(looked: Sequence[Looked], *, bare: bool = False) -> Pictures:
    if bare:
        return Pictures([KnownPicture(one.picture.id, one.picture.perceptual_hash) for one in looked])
    return Pictures([one.picture for one in looked])


def _share(number: int, total: int) -> str:
    return f"{number:>4} of {total:<4} ({number / total:.1%})"


def _paths(root: Path, every: int) -> list[Path]:
    folders = sorted({path.parent for path in root.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES})
    return [
        path
        for folder in folders
        for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in PHOTO_SUFFIXES)[::every]
    ]


def _read(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        return opened.convert("RGB")


def _cropped(image: Image.Image, _chance: random.Random) -> Image.Image:
    return image.crop((2, 2, image.width - 2, image.height - 2))


def _compressed(image: Image.Image, _chance: random.Random) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return Image.open(out).convert("RGB")


def _resized(image: Image.Image, _chance: random.Random) -> Image.Image:
    return image.resize((image.width // 2, image.height // 2))


def _mirrored(image: Image.Image, _chance: random.Random) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _brighter(image: Image.Image, chance: random.Random) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(chance.choice((0.7, 0.8, 1.25, 1.4)))


def _aside(part: float) -> Change:
    """Photographed from a screen: each corner up to `part` of the side away, in other light."""

    def change(image: Image.Image, chance: random.Random) -> Image.Image:
        dx, dy = part * image.width, part * image.height
        x = [chance.uniform(0, dx) for _ in range(4)]
        y = [chance.uniform(0, dy) for _ in range(4)]
        right, low = image.width, image.height
        corners = (x[0], y[0], x[1], low - y[1], right - x[2], low - y[2], right - x[3], y[3])
        turned = image.transform(image.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
        return _brighter(turned, chance)

    return change


def _moved(image: Image.Image, chance: random.Random) -> Image.Image:
    """The next photo of a burst: the hand has moved a little."""
    turned = image.rotate(chance.uniform(-4, 4), Image.Resampling.BICUBIC)
    return _aside(0.05)(turned, chance)


COPIES: dict[str, Change] = {
    "cropped by 2 px": _cropped,
    "JPEG at 70": _compressed,
    "half the size": _resized,
    "mirrored": _mirrored,
    "other light": _brighter,
    "photographed again, 3 % aside": _aside(0.03),
    "photographed again, 6 % aside": _aside(0.06),
}

if __name__ == "__main__":
    typer.run(main)
