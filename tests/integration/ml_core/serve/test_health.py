"""The container's health check, and the weights that an image bakes in."""

import dataclasses
from hashlib import sha256
from types import SimpleNamespace

import pytest
from torchvision import models
from typer.testing import CliRunner

from ml_core.__main__ import app
from ml_core.config import ServerConfig
from ml_core.serve.server import create_server
from ml_core.vision import weights
from ml_core.vision.backbones import BACKBONES


def exit_code(*arguments):
    return CliRunner().invoke(app, ["health", *arguments], env={"ML_CORE_SOCKET": None}).exit_code


def test_a_server_that_serves_is_healthy(served):
    assert exit_code("--address", f"127.0.0.1:{served.port}") == 0


def test_the_socket_answers_whatever_the_port_asks_for(embedder, tmp_path):
    socket = str(tmp_path / "ml.sock")
    assert exit_code("--socket", socket) == 1  # nobody there
    server, _port = create_server(ServerConfig(port=0, device="cpu", socket=socket), None, embedder)
    try:
        assert exit_code("--socket", socket) == 0
    finally:
        server.stop(0)
    assert exit_code("--socket", socket) == 1


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A file with its hash in its name at an address, as torchvision's weights have it."""
    content = b"weights of a backbone"
    file = tmp_path / f"small-{sha256(content).hexdigest()[:8]}.pth"
    file.write_bytes(content)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    only = dataclasses.replace(BACKBONES["mobilenet_v3_large"], name="small")
    monkeypatch.setattr(weights, "BACKBONES", {"small": only, "lite": BACKBONES["efficientnet_lite0"]})
    default = SimpleNamespace(DEFAULT=SimpleNamespace(url=file.as_uri()))
    monkeypatch.setattr(models, "get_model_weights", {"small": default}.__getitem__)
    return file


def test_weights_of_torchvision_are_fetched_where_the_table_looks_for_them(published, tmp_path):
    [path] = weights.fetch_weights()
    assert path == tmp_path / "home" / "hub" / "checkpoints" / published.name
    assert path.read_bytes() == published.read_bytes()


def test_weights_that_are_not_what_their_name_says_are_refused(published):
    published.write_bytes(b"something else")
    with pytest.raises(RuntimeError, match="hash"):
        weights.fetch_weights()
    assert not list(published.parent.glob("home/hub/checkpoints/*.pth"))


def test_every_torchvision_row_names_weights_with_a_hash():
    names = [spec.name for spec in BACKBONES.values() if spec.source.startswith("torchvision ")]
    assert names
    for name in names:
        stem = models.get_model_weights(name).DEFAULT.url.rpartition("/")[2].removesuffix(".pth")
        assert len(stem.rpartition("-")[2]) == 8
