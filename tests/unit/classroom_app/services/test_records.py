"""What steps hand on and results keep: the same there and back, and clear where a field is missing."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from classroom_app.services.training.records import (
    ChallengeAnswer,
    FittedModel,
    answers_from_json,
    answers_to_json,
    fitted_from_json,
    fitted_to_json,
)
from classroom_app.states import Half
from classroom_app.views.training import CurvePoint

FITTED = FittedModel("id", "events/e/model", "head", 0.5, {"apple": 5}, (CurvePoint(5, 3, 6),))
ANSWERS = [ChallengeAnswer("p", Half.FINAL, "apple", "pear", 0.75, unsure=True)]


def test_a_fitted_model_is_the_same_after_json() -> None:
    stored = fitted_to_json(FITTED)
    assert json.loads(json.dumps(stored)) == stored
    assert fitted_from_json(stored) == FITTED


def test_a_run_that_a_release_before_began_says_which_field_is_missing() -> None:
    stored = fitted_to_json(FITTED)
    del stored["model_key"]
    with pytest.raises(ValueError, match=r"model_key\n.*required"):
        fitted_from_json(stored)


def test_the_release_before_finds_what_it_reads() -> None:
    """It takes runs over while pods are replaced: version 1.0.0 reads these two of a fit."""
    stored = fitted_to_json(FITTED)
    assert (stored["labels"], stored["self_check"]) == ([], [])


def test_a_field_that_is_no_longer_used_does_no_harm() -> None:
    assert fitted_from_json(fitted_to_json(FITTED) | {"labels": [], "self_check": [[1]]}) == FITTED


def test_answers_are_kept_as_they_always_were() -> None:
    stored = answers_to_json(ANSWERS)
    assert stored == [json.loads(json.dumps(asdict(answer))) for answer in ANSWERS]
    assert stored[0] == {
        "photo": "p", "half": "final", "label": "apple", "guess": "pear", "p": 0.75, "unsure": True,
    }  # fmt: skip
    assert answers_from_json(stored) == ANSWERS


def test_an_answer_of_an_unknown_half_is_refused() -> None:
    with pytest.raises(ValueError, match="half"):
        answers_from_json([answers_to_json(ANSWERS)[0] | {"half": "middle"}])
