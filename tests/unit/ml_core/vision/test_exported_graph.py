"""The exported graph: torch's answers for any batch and size, and threads of the caller's own kind."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from ml_core.serve.priorities import stand_back, use_cores
from ml_core.vision.exported_graph import ExportedGraph
from ml_core.vision.features import Embedder, pooled
from ml_core.vision.images import Pixels


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder("efficientnet_lite0", "cpu")


def pixels(*shape: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)


@pytest.mark.parametrize("shape", [(1, 256, 256), (5, 256, 256), (2, 224, 160)], ids=str)
def test_features_are_those_of_torch(embedder: Embedder, shape: tuple[int, ...]) -> None:
    with torch.inference_mode():
        expected = pooled(embedder.maps_of(torch.from_numpy(pixels(*shape)))).numpy()
    np.testing.assert_allclose(embedder.embed(pixels(*shape)).astype(np.float32), expected, atol=1e-3)


def test_maps_are_those_of_torch_the_final_one_first(embedder: Embedder) -> None:
    view = pixels(224, 160)
    with torch.inference_mode():
        *middle, final = embedder.maps_of(torch.from_numpy(view[None]))
    found = embedder.maps(view)
    assert len(found) == 1 + embedder.spec.middle_stages
    for stage, expected in zip(found, [final, *middle], strict=True):
        np.testing.assert_allclose(stage, expected[0].permute(1, 2, 0).numpy(), atol=1e-2)


class Doubled(torch.nn.Module):
    def forward(self, views: torch.Tensor) -> list[torch.Tensor]:
        return [views.float() * 2]


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


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="priorities are Linux's")
def test_each_caller_has_threads_as_many_and_as_patient_as_itself() -> None:
    graph = ExportedGraph(Doubled(), torch.zeros((1, 4, 4, 3), dtype=torch.uint8), ["twice"])
    views = np.full((2, 4, 4, 3), 9, np.uint8)
    graph(views, ["twice"])  # another caller, whose threads are its own
    seen: list[int] = []

    def work() -> None:
        stand_back(7)
        use_cores(3)
        before = _niceness_of_threads()
        assert (graph(views, ["twice"])[0] == 18).all()
        now = _niceness_of_threads()
        seen.extend(now[name] for name in now.keys() - before.keys())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen.count(7) == 2  # the caller itself is the third
