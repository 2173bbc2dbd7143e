"""Models as bytes: round trip, equal bytes, damaged bytes, numbers that are not finite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import save

from ml_core.errors import MlError, ModelStateError
from ml_core.learn.checkpoint import (
    FORMAT,
    Meta,
    Model,
    from_bytes,
    load_folder,
    model_id,
    save_folder,
    to_bytes,
)
from ml_core.learn.head import Floats, LinearHead, Reach
from ml_core.learn.unknown import UnsureRule

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
    return Model(meta, LinearHead(filled, np.zeros(2, np.float32)), reach)


def test_round_trip_and_equal_bytes() -> None:
    data = to_bytes(model())
    back = from_bytes(data)
    assert back.meta == META
    assert np.array_equal(back.head.weight, model().head.weight)
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
    assert from_bytes(parts(labels=2, meta=meta)).meta == META
    assert META.to_json() == meta


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
        parts(labels=3),
        parts(labels=2, value=np.inf),
        parts(labels=2, more=["tail.5.0.weight"]),  # a head on features of other stages than everyone's
    ],
)
def test_damaged_bytes_are_one_error(data: bytes) -> None:
    with pytest.raises(ModelStateError) as caught:
        from_bytes(data)
    assert caught.value.key == "model_corrupt"
