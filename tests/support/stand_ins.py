"""What tests share besides fixtures: a small stand-in for the compute tier, photos, a group's day."""

from __future__ import annotations

import functools
import io
import json
import random
import uuid
from collections.abc import Callable, Sequence
from hashlib import sha256

import numpy as np
import numpy.typing as npt
from PIL import Image

from classroom_app.compute.each_server import TierForgot
from classroom_app.compute.interface import (
    Embedded,
    EmbedSizes,
    Example,
    Explained,
    Features,
    FrameSeen,
    PhotoSource,
    Prediction,
    Trained,
)
from classroom_app.errors import MlRefusedError, ModelUnknownError, UnavailableError
from classroom_app.resources import App
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.training import CurvePoint

Vector = npt.NDArray[np.float64]
Scores = tuple[tuple[str, float], ...]

SPACE = "stand-in.1"
SIDE = 4
OTHER_LIGHT = 30.0  # of 255: from here on it is another place
COLORS = {"apple": (200, 40, 40), "banana": (230, 210, 60), "orange": (240, 140, 30)}


class StandInMl:
    """Learns the mean colours of each label: enough to tell a red photo from a yellow one.

    It keeps the contract of the real one: a model is bytes with their hash as the id, and `away`
    makes it unreachable.
    """

    def __init__(self) -> None:
        self.away = False
        self.sizes = EmbedSizes(per_call=64, at_once=8)
        self.embedded: list[str] = []
        self.known: set[str] = set()  # models in its memory, by id

    def _here(self) -> None:
        if self.away:
            raise UnavailableError

    def is_ready(self) -> bool:
        return not self.away

    def space(self) -> str:
        self._here()
        return SPACE

    def embed_sizes(self) -> EmbedSizes:
        self._here()
        return self.sizes

    def forget(self, models: Sequence[str]) -> TierForgot:
        if self.away:
            return TierForgot(not_done=1)
        gone = {name for name in self.known if name.startswith(tuple(models))}
        self.known -= gone
        return TierForgot(models=len(gone))

    def embed(self, photos: Sequence[PhotoSource]) -> list[Embedded]:
        self._here()
        self.embedded += [photo.id for photo in photos]
        return [Embedded(photo.id, _features(photo.image), "") for photo in photos]

    def train(
        self,
        labels: Sequence[str],
        examples: Sequence[Example],
        on_progress: Callable[[str, float], None],
    ) -> Trained:
        self._here()
        on_progress("looking", 0.1)
        on_progress("fitting", 0.5)
        means = {}
        for label in labels:
            vectors = [_vector(item.features) for item in examples if item.label == label]
            means[label] = np.mean(vectors, axis=0).tolist()
        on_progress("checking", 0.9)
        model = json.dumps(means, sort_keys=True).encode()
        point = CurvePoint(len(examples) // len(labels), len(examples), len(examples))
        self.known.add(sha256(model).hexdigest())
        return Trained(model, sha256(model).hexdigest(), "means", (point,), fit_seconds=0.01)

    def _scores(self, model_id: str, model: Callable[[], bytes], vector: Vector) -> Scores:
        self._here()
        data = model()
        if sha256(data).hexdigest() != model_id:
            raise ModelUnknownError
        self.known.add(model_id)
        distances = {label: np.linalg.norm(vector - mean) for label, mean in json.loads(data).items()}
        weights = {label: float(np.exp(-distance / 100)) for label, distance in distances.items()}
        total = sum(weights.values())
        scores = ((label, weight / total) for label, weight in weights.items())
        return tuple(sorted(scores, key=lambda score: -score[1]))

    def predict_features(
        self,
        model_id: str,
        model: Callable[[], bytes],
        featured: Sequence[tuple[str, Features]],
        look_around_on: Sequence[tuple[str, Features]] = (),
    ) -> list[Prediction]:
        """Looking around it takes off how much all of a place is darker or brighter than what it learnt."""
        self._here()
        light = 0.0
        if look_around_on:
            means = np.mean(list(json.loads(model()).values()), axis=0)
            light = float(np.mean([_vector(item) for _, item in look_around_on]) - means.mean())
        if abs(light) < OTHER_LIGHT:
            light = 0.0
        return [
            Prediction(photo_id, self._scores(model_id, model, _vector(item) - light), False, "")
            for photo_id, item in featured
        ]

    def predict_frame(
        self,
        model_id: str,
        model: Callable[[], bytes],
        jpeg: bytes,
        scene: bytes | None = None,
        look_around: bool = False,
    ) -> FrameSeen:
        """Its scene counts the frames; at the third it has looked around."""
        scores = self._scores(model_id, model, _vector(_features(jpeg)))
        prediction = Prediction("frame", scores, scores[0][1] < 0.4, "")
        if scene is None:
            return FrameSeen(prediction)
        frames = scene + b"."
        return FrameSeen(prediction, frames, min(1.0, len(frames) / 3), look_around and len(frames) >= 3)

    def explain(
        self,
        model_id: str,
        model: Callable[[], bytes],
        jpeg: bytes,
        candidates: Sequence[tuple[str, Features]],
        label: str = "",
    ) -> Explained:
        """Its heat is brighter the more it thinks of the label."""
        prediction = self.predict_frame(model_id, model, jpeg).prediction
        here = _vector(_features(jpeg))
        order = sorted(candidates, key=lambda item: float(np.linalg.norm(_vector(item[1]) - here)))
        shares = dict(prediction.scores)
        label = label or prediction.scores[0][0]
        if label not in shares:
            raise MlRefusedError(reason="unknown_label")
        heat = bytes([0, 128, 255, round(255 * shares[label])])
        return Explained(prediction, label, 2, 2, heat, tuple(name for name, _ in order[:3]))


def _features(jpeg: bytes) -> Features:
    small = Image.open(io.BytesIO(jpeg)).convert("RGB").resize((SIDE, SIDE))
    values = np.asarray(small, np.float16)
    return Features(SPACE, 1, values.size, values.tobytes())


def _vector(item: Features) -> Vector:
    return np.frombuffer(item.values, np.float16).astype(np.float64)


@functools.cache
def jpeg(color: tuple[int, int, int], seed: int = 0, side: int = 96) -> bytes:
    """A plain photo of one colour with noise, so that no two are the same."""
    chance = random.Random(f"{color}{seed}")  # repeatable photos
    image = Image.new("RGB", (side, side), color)
    for _ in range(side):
        spot = (chance.randrange(side), chance.randrange(side))
        image.putpixel(spot, (chance.randrange(256), chance.randrange(256), chance.randrange(256)))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def identity(app: App, event: EventView, index: int) -> GroupIdentity:
    """The group's identity, freshly read, as a request would get it."""
    found = app.access.group(group_cookie(app, event, index))
    assert found is not None
    return found


def group_cookie(app: App, event: EventView, index: int) -> str:
    return app.access.group_cookie_by_token(event.groups[index].join_path.removeprefix("/join/"))


def take(
    app: App,
    group: GroupIdentity,
    event: EventView,
    per_label: int,
    start: int = 0,
    labels: int | None = None,
) -> list[str]:
    """Save photos of every label, or of the first so many; returns their ids."""
    ids = []
    for label in event.labels[:labels]:
        for n in range(start, start + per_label):
            photo_id = str(uuid.uuid4())
            assert app.photos.take(group, label.id, photo_id, None, jpeg(COLORS[label.key], n))
            ids.append(photo_id)
    return ids


def train(app: App, group: GroupIdentity) -> str:
    """Run the workflow's steps one after another, as the queue would."""
    run_id = app.runs.request(group)
    assert app.training.start(run_id)
    app.training.prepare(run_id)
    app.training.finish(run_id, app.training.fit(run_id))
    return run_id
