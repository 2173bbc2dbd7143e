"""What the services ask of the compute tier and what comes back: dataclasses.

Knows nothing of gRPC and of where servers are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from classroom_app.compute.each_server import TierForgot
from classroom_app.views.training import CurvePoint


@dataclass(frozen=True)
class Features:
    """Views of one photo: float16, little endian, C order [views, length]."""

    space: str
    views: int
    length: int
    values: bytes


@dataclass(frozen=True)
class PhotoSource:
    """A photo to look at: its bytes, or where the compute tier finds it."""

    id: str
    image: bytes = b""
    uri: str = ""


@dataclass(frozen=True)
class Embedded:
    id: str
    features: Features | None
    error_key: str


@dataclass(frozen=True)
class EmbedSizes:
    """`per_call`: what a server takes in one call; `at_once`: what keeps it busy, in one or several calls."""

    per_call: int
    at_once: int

    @property
    def batch(self) -> int:
        return min(self.per_call, self.at_once)

    @property
    def calls(self) -> int:
        """So many calls of a batch keep it busy."""
        return max(1, self.at_once // self.batch)


@dataclass(frozen=True)
class Example:
    id: str
    label: str
    features: Features
    taken_at_ms: int
    perceptual_hash: int  # signed 64-bit


@dataclass(frozen=True)
class Trained:
    model: bytes
    model_id: str
    recipe: str
    curve: tuple[CurvePoint, ...]
    fit_seconds: float


@dataclass(frozen=True)
class Prediction:
    id: str
    scores: tuple[tuple[str, float], ...]  # (label, probability), highest first
    unsure: bool
    error_key: str


@dataclass(frozen=True)
class FrameSeen:
    """What a model says of a frame of a camera. `scene` goes back with the next frame: means of features, no
    picture. `variety`: 0 to 1, how much of what looking around takes has been seen."""

    prediction: Prediction
    scene: bytes = b""
    variety: float = 0.0
    looked_around: bool = False


@dataclass(frozen=True)
class Explained:
    """`heat`: one byte a cell, [rows, columns] row by row; 255 where the most spoke for the label."""

    prediction: Prediction
    label: str
    rows: int
    columns: int
    heat: bytes
    nearest: tuple[str, ...]  # ids of the candidates most like the photo, the nearest first


class MlClient(Protocol):
    """What the services need of the compute tier. Where it does not answer in time, all but `is_ready` and
    `forget` raise UnavailableError. A model is named by its SHA-256; `model` fetches its bytes for a server
    that has not seen it.
    """

    def embed(self, photos: Sequence[PhotoSource]) -> list[Embedded]:
        """Features of each photo or its error key, in the photos' order."""

    def embed_sizes(self) -> EmbedSizes:
        """How many photos are worth sending."""

    def train(
        self,
        labels: Sequence[str],
        examples: Sequence[Example],
        on_progress: Callable[[str, float], None],
    ) -> Trained:
        """`on_progress`: the stage, and 0 to 1 of it; called in this thread. Raises MlRefusedError."""

    def predict_features(
        self,
        model_id: str,
        model: Callable[[], bytes],
        featured: Sequence[tuple[str, Features]],
        look_around_on: Sequence[tuple[str, Features]] = (),
    ) -> list[Prediction]:
        """Of photos by id, in their order, each by itself. `look_around_on`: photos of their place that the
        model looks around on first, without labels. Raises MlRefusedError.
        """

    def predict_frame(
        self,
        model_id: str,
        model: Callable[[], bytes],
        jpeg: bytes,
        scene: bytes | None = None,
        look_around: bool = False,
    ) -> FrameSeen:
        """`scene`: what the last answer gave, empty for a stream's first frame, None for a frame by itself.
        Raises MlRefusedError.
        """

    def explain(
        self,
        model_id: str,
        model: Callable[[], bytes],
        jpeg: bytes,
        candidates: Sequence[tuple[str, Features]],
        label: str = "",
    ) -> Explained:
        """Where `label` was seen, by default the guessed one. Raises MlRefusedError `unknown_label`."""

    def is_ready(self) -> bool:
        """Within two seconds; raises nothing."""

    def space(self) -> str:
        """The feature space that photos are embedded in now."""

    def forget(self, models: Sequence[str]) -> TierForgot:
        """Every server drops the models whose ids begin so; who could not be asked is counted."""
