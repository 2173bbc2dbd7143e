"""The protocol of "I don't know" on small drawn features: what is near and far, what others are held to."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from ml_core.bench.unknowns import (
    ONE_BY_ONE,
    ONE_THING,
    PEERS,
    STREAM,
    STREAMS,
    UnknownFigure,
    area,
    calibration_error,
    judged_in_streams,
    unknown_figures,
)
from ml_core.vision.features import Embedder
from tests.support.drawn_features import DrawnEmbedder, drawn_photos


def figures(k: int, move: float = 0.0) -> dict[tuple[str, str], UnknownFigure]:
    train, tests = drawn_photos(10, seed=0), drawn_photos(8, seed=1, move=move)
    others = drawn_photos(6, seed=2, labels=6)
    far = [replace(photo, views=photo.views * np.float16(3)) for photo in others.photos if photo.label > 2]
    kinds = np.array([photo.label for photo in far], np.int64)
    embedder = cast("Embedder", DrawnEmbedder())
    found = unknown_figures(embedder, train, tests, replace(others, photos=far, labels=kinds), k, seeds=1)
    return {(one.rule, one.seen): one for one in found}


def test_known_are_answered_and_far_ones_are_not() -> None:
    found = figures(10)
    assert found.keys() == {
        *(("ours", seen) for seen in (ONE_BY_ONE, STREAM, ONE_THING)),
        *((rule, ONE_BY_ONE) for rule in PEERS),
    }
    ours = found["ours", ONE_BY_ONE]
    assert (ours.backbone, ours.k) == ("drawn", 10)
    assert ours.known_answered > 0.9
    assert ours.right_among_answered > 0.9
    assert ours.far_rejected == ours.far_area == 1
    assert 0.5 < ours.near_area <= 1


def test_other_rules_answer_as_many_known_ones_as_ours() -> None:
    found = figures(10)
    known = 16  # of two labels, with one left out
    for rule in PEERS:
        there = found[rule, ONE_BY_ONE].known_answered
        assert there == pytest.approx(found["ours", ONE_BY_ONE].known_answered, abs=1.01 / known), rule


def test_a_stream_finds_that_another_place_is_no_other_thing() -> None:
    found = figures(10, move=2.0)
    assert found["ours", ONE_BY_ONE].known_answered < 0.2
    assert found["ours", STREAM].known_answered > found["ours", ONE_BY_ONE].known_answered + 0.3


def test_too_few_photos_have_no_figures() -> None:
    assert figures(2) == {}


def test_streams_are_judged_at_evenly_many_photos() -> None:
    assert judged_in_streams(3).tolist() == [0, 1, 2]
    many = judged_in_streams(1_000)
    assert (len(many), many[0], many[-1]) == (STREAMS, 0, 999)


def test_the_area_counts_pairs_and_halves_those_that_are_equal() -> None:
    known = np.array([0.0, 1.0], np.float32)
    assert area(known, np.array([2.0, 3.0], np.float32)) == 1
    assert area(known, np.array([-1.0], np.float32)) == 0
    assert area(known, np.array([1.0], np.float32)) == 0.75


def test_the_calibration_error_is_how_far_shares_lie_from_what_they_are_worth() -> None:
    sure = np.tile(np.array([0.95, 0.05], np.float32), (20, 1))
    labels = np.zeros(20, np.int64)
    assert calibration_error(sure, labels) == pytest.approx(0.05, abs=1e-5)
    labels[:10] = 1
    assert calibration_error(sure, labels) == pytest.approx(0.45, abs=1e-5)
    half = np.full((20, 2), 0.55, np.float32)
    both = np.concatenate([sure, half])
    assert calibration_error(both, np.concatenate([labels, np.zeros(20, np.int64)])) == pytest.approx(
        0.45, abs=1e-5
    )
