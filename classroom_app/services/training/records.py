"""What a run's steps hand on and what a result keeps, as dataclasses here and as JSON where it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from classroom_app.states import Half
from classroom_app.views.training import CurvePoint


@dataclass(frozen=True)
class ChallengeAnswer:
    """What a model said of one challenge photo."""

    photo: str
    half: Half
    label: str
    guess: str
    p: float
    unsure: bool


@dataclass(frozen=True)
class FittedModel:
    """What the fit step hands on: all of a training but the model's bytes, which lie under `model_key`."""

    model_id: str
    model_key: str
    recipe: str
    fit_seconds: float
    photos: dict[str, int]  # by label id
    curve: tuple[CurvePoint, ...]
    left_out: int = 0  # photos that are of the challenge
    photo_ids: tuple[str, ...] = ()  # that it was fitted on; the release before does not write them


_ANSWERS = TypeAdapter(list[ChallengeAnswer])
_FITTED = TypeAdapter(FittedModel)


def answers_to_json(answers: Sequence[ChallengeAnswer]) -> list[Any]:
    stored: list[Any] = _ANSWERS.dump_python(list(answers), mode="json")
    return stored


def answers_from_json(stored: list[Any]) -> list[ChallengeAnswer]:
    """Raises ValueError that names what is missing or wrong."""
    return _ANSWERS.validate_python(stored)


def fitted_to_json(fitted: FittedModel) -> dict[str, Any]:
    stored: dict[str, Any] = _FITTED.dump_python(fitted, mode="json")
    # The release before reads these: it may take a run over while pods are replaced. The next one drops them.
    return {**stored, "labels": [], "self_check": []}


def fitted_from_json(stored: dict[str, Any]) -> FittedModel:
    """Raises ValueError that names what is missing or wrong: a run may go on in a newer release."""
    return _FITTED.validate_python(stored)
