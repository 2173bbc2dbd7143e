"""The exported graph: torch's answers for any batch, and threads of the caller's own kind."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from ml_core.features import Embedder, pooled
from ml_core.graph import ExportedGraph
from ml_core.priorities import stand_back, use_cores


@pytest.fixture(scope="module")
def embedder():
    return Embedder("efficientnet_lite0", "cpu")


@pytest.mark.parametrize("count", [1, 5])
def test_it_says_what_torch_says(embedder, count):
    side = embedder.input_side
    views = np.random.default_rng(0).integers(0, 256, (count, side, side, 3), np.uint8)
    with torch.inference_mode():
        expected = pooled(embedder.maps_of(torch.from_numpy(views))).numpy()
    np.testing.assert_allclose(embedder.embed(views).astype(np.float32), expected, atol=1e-3)


def _niceness_of_threads():
    """Of all threads of this process, by their number."""
    stats = {path.name: (path / "stat").read_text() for path in Path("/proc/self/task").iterdir()}
    return {name: int(stat.rpartition(")")[2].split()[16]) for name, stat in stats.items()}


class Doubled(torch.nn.Module):
    def forward(self, views):
        return [views.float() * 2]


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="priorities are Linux's")
def test_a_callers_threads_are_as_many_and_as_patient_as_the_caller():
    graph = ExportedGraph(Doubled(), torch.zeros((1, 4, 4, 3), dtype=torch.uint8), ["twice"])
    seen = []

    def work():
        stand_back(7)
        use_cores(3)
        before = _niceness_of_threads()
        assert (graph(np.full((2, 4, 4, 3), 9, np.uint8), ["twice"])[0] == np.full((2, 4, 4, 3), 18)).all()
        now = _niceness_of_threads()
        seen.extend(now[name] for name in now.keys() - before.keys())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [7, 7]  # the caller itself is the third
