"""The exported graph: torch's answers for any batch and size, and threads of the caller's own kind."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
import torch
from onnx import helper

from ml_core.errors import BackboneError
from ml_core.serve.priorities import stand_back
from ml_core.vision.backbones import backbone_spec
from ml_core.vision.by_torch.stages import PixelMaps, pooled
from ml_core.vision.exported_graph import INPUT, LENGTHS, ROWS, SPACE, ExportedGraph
from ml_core.vision.features import Embedder
from ml_core.vision.shrink import Pixels


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder("efficientnet_lite0", "cpu")


@pytest.fixture(scope="module")
def by_torch() -> PixelMaps:
    return PixelMaps(backbone_spec("efficientnet_lite0"))


WEIGHTS_OF_16_BITS = 0.015  # of a row's or map's length, on noise, where they are worst


def off(ours: npt.NDArray[np.float32], theirs: npt.NDArray[np.float32]) -> float:
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))


def pixels(*shape: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)


@pytest.mark.parametrize("shape", [(1, 256, 256), (5, 256, 256), (2, 224, 160)], ids=str)
def test_features_are_those_of_torch(embedder: Embedder, by_torch: PixelMaps, shape: tuple[int, ...]) -> None:
    with torch.inference_mode():
        expected = pooled(by_torch(torch.from_numpy(pixels(*shape)))).numpy()
    found = embedder.embed(pixels(*shape)).astype(np.float32)
    assert off(found, expected) < WEIGHTS_OF_16_BITS


def test_maps_are_those_of_torch_the_final_one_first(embedder: Embedder, by_torch: PixelMaps) -> None:
    view = pixels(224, 160)
    with torch.inference_mode():
        *middle, final = by_torch(torch.from_numpy(view[None]))
    found = embedder.maps(view)
    assert len(found) == 1 + embedder.spec.middle_stages
    for stage, expected in zip(found, [final, *middle], strict=True):
        exact = expected[0].permute(1, 2, 0).numpy()
        assert stage.shape == exact.shape
        assert off(stage, exact) < WEIGHTS_OF_16_BITS


def small_graph(space: str = "small.1.1") -> bytes:
    """Twice each pixel, as features of one part."""
    shape: list[str | int | None] = ["n", "height", "width", 3]
    graph = helper.make_graph(
        [
            helper.make_node("Cast", [INPUT], ["numbers"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Add", ["numbers", "numbers"], [ROWS]),
        ],
        "small",
        [helper.make_tensor_value_info(INPUT, onnx.TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info(ROWS, onnx.TensorProto.FLOAT, shape)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {SPACE: space, LENGTHS: "3"})
    return model.SerializeToString()


def test_a_graph_of_another_space_is_refused() -> None:
    with pytest.raises(BackboneError, match=r"small\.1\.1.*small\.2\.1"):
        ExportedGraph(small_graph(), 1, "small.2.1")


def test_bytes_that_are_no_graph_are_refused() -> None:
    with pytest.raises(BackboneError, match="cannot read"):
        ExportedGraph(b"no graph", 1, "small.1.1")


def _niceness_of_threads() -> dict[str, int]:
    """Of all threads of this process, by their number."""
    found = {}
    for path in Path("/proc/self/task").iterdir():
        try:
            stat = (path / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
        found[path.name] = int(stat.rpartition(")")[2].split()[16])
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="priorities are Linux's")
def test_a_caller_can_have_threads_as_many_and_as_patient_as_itself() -> None:
    graph = ExportedGraph(small_graph(), 1, "small.1.1")
    views = np.full((2, 4, 4, 3), 9, np.uint8)
    nicer = os.getpriority(os.PRIO_PROCESS, os.getpid()) + 7
    seen: list[int] = []

    def work() -> None:
        stand_back(7)
        before = _niceness_of_threads()
        graph.take_threads(3)
        assert (graph.rows(views) == 18).all()
        now = _niceness_of_threads()
        seen.extend(now[name] for name in now.keys() - before.keys())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen.count(nicer) == 2  # the caller itself is the third
    assert (graph.rows(views) == 18).all()  # another one, on the shared threads
