"""A trained model as bytes: safetensors with its meta in the header, and as meta.json beside it on disk.

Equal models are equal bytes, so the hash is a name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import fields as dataclass_fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from ml_core.config import MAX_LABELS, MAX_MODEL_BYTES, VERSION
from ml_core.errors import MlError, ModelStateError
from ml_core.learn.calibration import softmax
from ml_core.learn.fit import CLOSED_FORM, TrainingOutcome
from ml_core.learn.head import Floats, LabelSpace, LinearHead, Reach, Spread, label_space
from ml_core.learn.unknown import Rule, StrangenessRule, UnlikeRule, UnsureRule

FORMAT = 3
# Those that are read: classes keep their models. Format 1 has no spread, 2 no `UnlikeRule`.
FORMATS = (1, 2, FORMAT)
_HEADER_LENGTH_BYTES = 8
# What odd bytes lead to on the way: JSON that nests too deep is a RecursionError, a number beyond any
# float an OverflowError.
_ODD_BYTES = (SafetensorError, KeyError, ValueError, TypeError, AttributeError, RecursionError, OverflowError)
_TYPES: dict[str, type] = {
    "format": int,
    "version": str,
    "space": str,
    "labels": list,
    "recipe": str,
    "final_only": bool,
    "shrinkage": float,
    "temperature": float,
    "rule": dict,
    "photos": int,
}
_RULES = (StrangenessRule, UnlikeRule, UnsureRule)
_SPREAD = {"spread_directions", "spread_pull", "spread_numbers"}
_TENSORS = {"bias", "reach_basis", "reach_means", "weight"}


@dataclass(frozen=True)
class Meta:
    """What a model says about itself."""

    format: int
    version: str
    space: str
    labels: tuple[str, ...]
    recipe: str
    final_only: bool
    shrinkage: float
    temperature: float
    rule: Rule
    photos: int

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True)
class Model:
    """A head ready to predict on features of its space."""

    meta: Meta
    head: LinearHead
    reach: Reach
    spread: Spread | None = None

    @property
    def length(self) -> int:
        return int(self.head.weight.shape[1])

    def probabilities(self, rows: Floats) -> Floats:
        """One calibrated distribution per row; a row is the mean over a photo's views."""
        return softmax(self.head.scores(rows) * np.float32(self.meta.temperature))

    def guesses(self, rows: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """The probabilities, and which rows are "I don't know": of photos by themselves, of which nothing is
        known but what they show. Frames of a camera are judged by `scene.judged`."""
        probabilities = self.probabilities(rows)
        return probabilities, self.meta.rule.unsure(
            probabilities, self.reach.distances(rows), self.strengths(rows), self.unlikeness(rows)
        )

    def unlikeness(self, rows: Floats) -> Floats:
        """How unlike all labels each row is, as `Reach` says it; 0 where the rule does not ask."""
        rule = self.meta.rule
        if not isinstance(rule, UnlikeRule):
            return np.zeros(len(rows), np.float32)
        return self.reach.unlikeness(rows, int(rule.final_length))

    def strengths(self, rows: Floats) -> Floats:
        """How strongly each row speaks for its guess, as `LabelSpace` says it."""
        return self.label_space.strengths(rows @ self.head.weight.T)

    def places(self, rows: Floats) -> Floats:
        """Rows as points between the labels, as `LabelSpace` says it."""
        return self.label_space.places(rows @ self.head.weight.T)

    @cached_property
    def label_space(self) -> LabelSpace:
        return label_space(np.asarray(self.head.weight @ self.reach.means.T, np.float32))

    @cached_property
    def spoken_of(self) -> Floats:
        """Orthonormal directions, [up to twice the labels, length]: what the labels' means differ in and what
        the head looks at. What lies outside of them can change no guess."""
        weight = self.head.weight - self.head.weight.mean(0)
        means = self.reach.means - self.reach.means.mean(0)
        parts = [part / max(float(np.linalg.norm(part)), 1e-12) for part in (weight, means)]
        _, values, directions = np.linalg.svd(np.concatenate(parts), full_matrices=False)
        return np.asarray(directions[values > 1e-5 * max(float(values[0]), 1e-12)], np.float32)


def model_of(outcome: TrainingOutcome, space: str, labels: tuple[str, ...]) -> Model:
    meta = Meta(
        format=FORMAT,
        version=VERSION,
        space=space,
        labels=labels,
        recipe=CLOSED_FORM,
        final_only=outcome.check.choice.final_only,
        shrinkage=outcome.check.choice.shrinkage,
        temperature=outcome.check.temperature,
        rule=outcome.check.rule,
        photos=outcome.photos,
    )
    return Model(meta, outcome.head, outcome.reach, outcome.spread)


def to_bytes(model: Model) -> bytes:
    """Refuses numbers that are not finite: a broken model must not leave this tier."""
    if not _finite(model):
        raise MlError("model_not_finite", "the fit gave numbers that are not finite")
    tensors = {
        "bias": model.head.bias,
        "reach_basis": model.reach.basis.astype(np.float16),
        "reach_means": model.reach.means,
        "weight": model.head.weight,
    }
    if model.spread is not None:
        tensors |= {
            "spread_directions": model.spread.directions.astype(np.float16),
            "spread_pull": model.spread.pull,
            "spread_numbers": np.array([model.spread.ridge, model.spread.photo_variance], np.float32),
        }
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
        if unknown := tensors.keys() - _TENSORS - _SPREAD:
            # A head that was fitted with more than these would guess wrongly without it.
            raise ValueError(f"unknown parts: {', '.join(sorted(unknown))}")
        parts = {name: part.astype(np.float32) for name, part in tensors.items()}
        head = LinearHead(parts["weight"], parts["bias"])
        spread = _spread(parts) if tensors.keys() & _SPREAD else None
        model = Model(_meta(data), head, Reach(parts["reach_means"], parts["reach_basis"]), spread)
        if not _fits_together(model) or not _finite(model):
            raise ValueError("the parts do not fit together")
    except _ODD_BYTES as exc:
        raise ModelStateError("model_corrupt", f"{type(exc).__name__}: {exc}") from exc
    return model


def _spread(parts: Mapping[str, Floats]) -> Spread:
    ridge, photo_variance = (float(number) for number in parts["spread_numbers"])
    return Spread(parts["spread_directions"], parts["spread_pull"], ridge, photo_variance)


def _fits_together(model: Model) -> bool:
    head, reach, spread, count = model.head, model.reach, model.spread, len(model.meta.labels)
    return (
        model.meta.format in FORMATS
        and (
            spread is None
            or (
                spread.directions.ndim == 2
                and spread.directions.shape == (len(spread.pull), model.length)
                and spread.ridge > 0
                and spread.photo_variance > 0
            )
        )
        and 2 <= count <= MAX_LABELS
        and head.weight.ndim == reach.basis.ndim == 2
        and head.weight.shape == reach.means.shape == (count, model.length)
        and head.bias.shape == (count,)
        and reach.basis.shape[1] == model.length
        and (
            not isinstance(model.meta.rule, UnlikeRule)
            or (
                model.meta.rule.final_length.is_integer()
                and 1 <= model.meta.rule.final_length <= model.length
            )
        )
    )


def _finite(model: Model) -> bool:
    numbers = (model.meta.shrinkage, model.meta.temperature, *asdict(model.meta.rule).values())
    parts: list[npt.NDArray[Any]] = [
        model.head.weight,
        model.head.bias,
        model.reach.means,
        model.reach.basis,
        np.array(numbers, np.float64),
    ]
    if model.spread is not None:
        parts += [
            model.spread.directions,
            model.spread.pull,
            np.array([model.spread.ridge, model.spread.photo_variance]),
        ]
    return all(np.isfinite(part).all() for part in parts)


def _meta(data: bytes) -> Meta:
    length = int.from_bytes(data[:_HEADER_LENGTH_BYTES], "little")
    header = json.loads(data[_HEADER_LENGTH_BYTES : _HEADER_LENGTH_BYTES + length])
    told = json.loads(header["__metadata__"]["meta"])
    fields = _typed(told, _TYPES)
    rule = _rule(fields["rule"])
    if not all(isinstance(label, str) for label in fields["labels"]):
        raise TypeError("a label is no str")
    return Meta(**{**fields, "labels": tuple(fields["labels"]), "rule": rule})


def _rule(told: Any) -> Rule:
    for kind in _RULES:
        names = [field.name for field in dataclass_fields(kind)]
        if isinstance(told, dict) and told.keys() == set(names):
            return kind(**_typed(told, dict.fromkeys(names, float)))
    raise TypeError("the rule is none that is known")


def _typed(fields: Any, types: Mapping[str, type]) -> dict[str, Any]:
    """The fields, each of its type, and no other. Raises TypeError: JSON can say anything."""
    if not isinstance(fields, dict) or fields.keys() != types.keys():
        raise TypeError(f"other fields than {', '.join(types)}")
    for name, kind in types.items():
        value = fields[name]
        # A whole number is a float as well; True is an int to Python alone.
        fits = isinstance(value, (int, float) if kind is float else kind) and (
            kind is bool or not isinstance(value, bool)
        )
        if not fits:
            raise TypeError(f"{name} is no {kind.__name__}")
    return fields


def model_id(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def save_folder(folder: Path, data: bytes) -> None:
    """model.safetensors and, for people, meta.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(data)
    (folder / "meta.json").write_text(_meta(data).to_json() + "\n", encoding="utf-8")


def load_folder(folder: Path) -> Model:
    return from_bytes((folder / "model.safetensors").read_bytes())
