"""Models as bytes: round trip, equal bytes, damaged bytes, numbers that are not finite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import save

from ml_core.bench.taps import FINAL_LENGTH, LABELS, drawn_set
from ml_core.errors import MlError, ModelStateError
from ml_core.learn.checkpoint import (
    FORMAT,
    Meta,
    Model,
    from_bytes,
    load_folder,
    model_id,
    model_of,
    save_folder,
    to_bytes,
)
from ml_core.learn.fit import train
from ml_core.learn.head import Floats, LinearHead, Reach, Spread
from ml_core.learn.unknown import Rule, StrangenessRule, UnlikeRule, UnsureRule

META = Meta(
    FORMAT,
    "1",
    "space.1",
    ("りんご", "banana"),
    "closed-form",
    False,
    0.5,
    0.1,
    UnsureRule(1.0, 0.5, 0.2, 1.1),
    10,
)


def model(meta: Meta = META, weight: Floats | None = None) -> Model:
    rng = np.random.default_rng(1)
    filled = rng.normal(size=(2, 5)).astype(np.float32) if weight is None else weight
    reach = Reach(np.ones((2, 5), np.float32), np.ones((3, 5), np.float32))
    spread = Spread(np.eye(2, 5, dtype=np.float32), np.full(2, 0.5, np.float32), 0.25, 1.5)
    return Model(meta, LinearHead(filled, np.zeros(2, np.float32)), reach, spread)


def test_round_trip_and_equal_bytes() -> None:
    data = to_bytes(model())
    back = from_bytes(data)
    assert back.meta == META
    assert np.array_equal(back.head.weight, model().head.weight)
    assert back.spread is not None
    assert np.array_equal(back.spread.directions, np.eye(2, 5))
    assert (back.spread.ridge, back.spread.photo_variance) == (0.25, 1.5)
    assert to_bytes(back) == data
    assert len(model_id(data)) == 64


def test_folder_has_a_readable_meta_file(tmp_path: Path) -> None:
    save_folder(tmp_path / "out", to_bytes(model()))
    assert json.loads((tmp_path / "out" / "meta.json").read_text())["labels"] == ["りんご", "banana"]
    assert load_folder(tmp_path / "out").meta == META


def test_not_finite_is_never_saved() -> None:
    with pytest.raises(MlError):
        to_bytes(model(weight=np.full((2, 5), np.nan, np.float32)))


def parts(
    labels: int, value: float = 0.0, bias: bool = True, meta: str | None = None, more: Sequence[str] = ()
) -> bytes:
    tensors: dict[str, npt.NDArray[Any]] = {
        "weight": np.full((labels, 5), value, np.float32),
        "reach_basis": np.ones((3, 5), np.float16),
    }
    tensors["reach_means"] = np.ones((labels, 5), np.float32)
    if bias:
        tensors["bias"] = np.zeros(labels, np.float32)
    tensors |= {name: np.zeros(3, np.float16) for name in more}
    text = META.to_json() if meta is None else meta
    return save(tensors, metadata={"meta": text} if text else None)


GOOD = to_bytes(model())


def test_a_model_of_an_earlier_version_is_read() -> None:
    """The layout of format 1, written out: models that classes keep."""
    meta = (
        '{"final_only": false, "format": 1, "labels": ["りんご", "banana"], "photos": 10, '
        '"recipe": "closed-form", '
        '"rule": {"distance_weight": 1.0, "far": 1.1, "margin_weight": 0.5, "threshold": 0.2}, '
        '"shrinkage": 0.5, "space": "space.1", "temperature": 0.1, "version": "1"}'
    )
    read = from_bytes(parts(labels=2, meta=meta))
    assert read.meta == replace(META, format=1)
    assert read.spread is None
    assert read.guesses(np.ones((1, 5), np.float32))[1].shape == (1,)
    assert replace(META, format=1).to_json() == meta


@pytest.mark.parametrize(
    "rule",
    [StrangenessRule(0.5, 0.2, 0.9, 0.3, 1.5), UnlikeRule(0.5, 0.2, 0.9, 0.3, 1.5, 3.0, 0.54)],
    ids=["strangeness", "unlike"],
)
def test_any_rule_comes_back(rule: Rule) -> None:
    meta = replace(META, rule=rule)
    assert from_bytes(to_bytes(model(meta))).meta == meta


@pytest.mark.parametrize("final_length", [0.0, 2.5, 6.0])
def test_final_features_that_are_not_there_are_no_model(final_length: float) -> None:
    meta = replace(META, rule=UnlikeRule(0.5, 0.2, 0.9, 0.3, 1.5, final_length, 0.54))
    with pytest.raises(ModelStateError):
        from_bytes(to_bytes(model(meta)))


def test_a_rule_that_asks_for_unlikeness_looks_at_the_final_features_alone() -> None:
    means = np.array([[1, 0, 0, 0, 0], [0, 1, 0, 0, 0]], np.float32)
    made = replace(model(), reach=replace(model().reach, means=means))
    rows = np.array([[2, 0, 9, 0, 0], [1, 1, 0, 9, 0]], np.float32)
    assert made.unlikeness(rows).tolist() == [0, 0]
    asks = replace(made, meta=replace(META, rule=UnlikeRule(0.5, 0.2, 0.9, 0.3, 1.5, 2.0, 0.54)))
    np.testing.assert_allclose(asks.unlikeness(rows), [0, 1 - np.sqrt(0.5)], atol=1e-6)


@pytest.mark.parametrize("broken", ["one direction more than pulls", "another length", "no ridge", "nan"])
def test_a_spread_that_does_not_fit_is_no_model(broken: str) -> None:
    spread = {
        "one direction more than pulls": Spread(np.eye(3, 5, dtype=np.float32), np.ones(2, np.float32), 1, 1),
        "another length": Spread(np.eye(2, 4, dtype=np.float32), np.ones(2, np.float32), 1, 1),
        "no ridge": Spread(np.eye(2, 5, dtype=np.float32), np.ones(2, np.float32), 0, 1),
        "nan": Spread(np.full((2, 5), np.nan, np.float32), np.ones(2, np.float32), 1, 1),
    }[broken]
    with pytest.raises((ModelStateError, MlError)):
        from_bytes(to_bytes(replace(model(), spread=spread)))


def told(**changed: Any) -> str:
    """The meta of a good model, with some fields changed; `rule__far` is a field of the rule."""
    fields = json.loads(META.to_json())
    for name, value in changed.items():
        into, _, inner = name.partition("__")
        (fields[into] if inner else fields)[inner or into] = value
    return json.dumps(fields)


ODD_VALUES: tuple[Any, ...] = (
    None,
    "0.1",
    "x",
    True,
    [],
    [0.1],
    {},
    {"a": 1},
    float("nan"),
    float("inf"),
    10**400,
    -(10**400),
    "",
)


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: f"{value!r:.12}")
@pytest.mark.parametrize(
    "field",
    ["temperature", "shrinkage", "photos", "format", "labels", "space", "version", "recipe", "final_only",
     "rule", "rule__far", "rule__threshold", "rule__margin_weight", "rule__distance_weight"],
)  # fmt: skip
def test_a_field_of_another_kind_is_one_error_or_a_model_that_works(field: str, value: object) -> None:
    """Not a TypeError in the middle of a class: whatever is let in has to guess."""
    try:
        read = from_bytes(parts(labels=2, meta=told(**{field: value})))
    except ModelStateError as error:
        assert error.key == "model_corrupt"  # noqa: PT017  # either may be, and each is right
    else:
        probabilities, unsure = read.guesses(np.ones((1, 5), np.float32))
        assert np.isfinite(probabilities).all()
        assert unsure.shape == (1,)
        assert read.meta.to_json()


@pytest.mark.parametrize("field", ["temperature", "rule__far", "photos"])
@pytest.mark.parametrize("value", ["0.1", None, [0.1], True])
def test_a_number_that_is_none_is_no_model(field: str, value: object) -> None:
    with pytest.raises(ModelStateError, match="is no"):
        from_bytes(parts(labels=2, meta=told(**{field: value})))


def test_any_changed_byte_of_the_header_is_one_error_or_a_model_that_works() -> None:
    rng = np.random.default_rng(7)
    for place in range(8 + int.from_bytes(GOOD[:8], "little")):
        odd = GOOD[:place] + bytes([int(rng.integers(256))]) + GOOD[place + 1 :]
        try:
            from_bytes(odd).guesses(np.ones((1, 5), np.float32))
        except ModelStateError as error:
            assert error.key == "model_corrupt"  # noqa: PT017  # as above


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"junk" * 10,
        GOOD[:-3],
        GOOD[:40],
        parts(labels=2, bias=False),
        parts(labels=2, meta=""),
        parts(labels=2, meta="[]"),
        parts(labels=2, meta="[" * 60_000),
        parts(labels=2, meta=told(rule=[1.0, 0.5, 0.2, 1.1])),
        parts(labels=2, meta=told(labels="ab")),
        parts(labels=2, meta=told(labels=[1, 2])),
        parts(labels=3),
        parts(labels=2, value=np.inf),
        parts(labels=2, more=["tail.5.0.weight"]),  # a head on features of other stages than everyone's
    ],
)
def test_damaged_bytes_are_one_error(data: bytes) -> None:
    with pytest.raises(ModelStateError) as caught:
        from_bytes(data)
    assert caught.value.key == "model_corrupt"


def test_the_largest_model_of_a_class_is_below_what_an_ipad_waits_for() -> None:
    """Ten labels, and more photos than rows are kept of: from there on it does not grow."""
    outcome = train(drawn_set(150), LABELS, 0, final_length=FINAL_LENGTH)
    names = tuple(f"label {number}" for number in range(LABELS))
    assert LABELS == 10
    assert 1_000_000 < len(to_bytes(model_of(outcome, "space.1", names))) < 1_500_000
