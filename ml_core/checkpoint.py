"""A trained model as bytes: safetensors with its meta in the header, and as meta.json beside it on disk.

Knows nothing of how it was trained or who asks. Equal models are equal bytes, so the hash is a name.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from ml_core.config import MAX_LABELS, MAX_MODEL_BYTES, VERSION
from ml_core.errors import MlError, ModelStateError
from ml_core.evaluate import softmax
from ml_core.head import Floats, LinearHead
from ml_core.trainer import Trained

FORMAT = 1
_HEADER_LENGTH_BYTES = 8


@dataclass(frozen=True)
class Meta:
    """What a model says about itself."""

    format: int
    version: str
    space: str
    labels: tuple[str, ...]
    recipe: str
    shrinkage: float
    temperature: float
    threshold: float
    photos: int

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True)
class Model:
    """A head ready to predict."""

    meta: Meta
    head: LinearHead

    @property
    def length(self) -> int:
        return int(self.head.weight.shape[1])

    def probabilities(self, rows: Floats) -> Floats:
        """One calibrated distribution per row; a row is the mean over a photo's views."""
        return softmax(self.head.scores(rows) * np.float32(self.meta.temperature))

    def unsure(self, probabilities: Floats) -> bool:
        return bool(probabilities.max() < self.meta.threshold)


def model_of(trained: Trained, space: str, labels: tuple[str, ...]) -> Model:
    meta = Meta(
        format=FORMAT,
        version=VERSION,
        space=space,
        labels=labels,
        recipe=trained.recipe,
        shrinkage=trained.shrinkage,
        temperature=trained.temperature,
        threshold=trained.threshold,
        photos=trained.photos,
    )
    return Model(meta, trained.head)


def to_bytes(model: Model) -> bytes:
    """Refuses numbers that are not finite: a broken model must not leave this tier."""
    tensors = {"bias": model.head.bias, "weight": model.head.weight}
    numbers = (model.meta.temperature, model.meta.threshold)
    if not all(np.isfinite(part).all() for part in (*tensors.values(), np.array(numbers))):
        raise MlError("model_not_finite", "the fit gave numbers that are not finite")
    # One metadata entry only: the library does not order several.
    return save(
        {k: np.ascontiguousarray(v) for k, v in tensors.items()}, metadata={"meta": model.meta.to_json()}
    )


def from_bytes(data: bytes) -> Model:
    """The model, or ModelStateError `model_corrupt` whatever is wrong with the bytes."""
    if len(data) > MAX_MODEL_BYTES:
        raise ModelStateError("model_corrupt", "too large")
    try:
        tensors = load(data)
        meta = _meta(data)
        head = LinearHead(tensors["weight"], tensors["bias"])
    except (SafetensorError, KeyError, ValueError, TypeError) as exc:
        raise ModelStateError("model_corrupt", f"{type(exc).__name__}: {exc}") from exc
    count = len(meta.labels)
    shapes_fit = head.weight.ndim == 2 and head.weight.shape[0] == count and head.bias.shape == (count,)
    types_fit = head.weight.dtype == np.float32 and head.bias.dtype == np.float32
    if meta.format != FORMAT or not 2 <= count <= MAX_LABELS or not shapes_fit or not types_fit:
        raise ModelStateError("model_corrupt", "the parts do not fit together")
    if not all(np.isfinite(part).all() for part in (head.weight, head.bias, np.array(meta.temperature))):
        raise ModelStateError("model_corrupt", "numbers that are not finite")
    return Model(meta, head)


def _meta(data: bytes) -> Meta:
    length = int.from_bytes(data[:_HEADER_LENGTH_BYTES], "little")
    header = json.loads(data[_HEADER_LENGTH_BYTES : _HEADER_LENGTH_BYTES + length])
    fields = json.loads(header["__metadata__"]["meta"])
    return Meta(**{**fields, "labels": tuple(map(str, fields["labels"]))})


def model_id(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def save_folder(folder: Path, data: bytes) -> None:
    """model.safetensors and, for people, meta.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(data)
    (folder / "meta.json").write_text(_meta(data).to_json() + "\n", encoding="utf-8")


def load_folder(folder: Path) -> Model:
    return from_bytes((folder / "model.safetensors").read_bytes())
