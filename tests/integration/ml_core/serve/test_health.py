"""The container's health check, and the weights that an image bakes in."""

from __future__ import annotations

import dataclasses
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from torchvision import models
from typer.testing import CliRunner

from ml_core.__main__ import app
from ml_core.config import DEFAULT_BACKBONE, ServerConfig
from ml_core.serve.server import create_server
from ml_core.vision.backbones import BACKBONES, TORCHVISION
from ml_core.vision.by_torch.stages import torchvision_weights
from ml_core.vision.by_torch.weights import fetch_weights
from ml_core.vision.features import Embedder

FROM_TORCHVISION = [name for name, spec in BACKBONES.items() if spec.source.startswith(TORCHVISION)]


def exit_code(*arguments: str) -> int:
    return CliRunner().invoke(app, ["health", *arguments], env={"ML_CORE_SOCKET": None}).exit_code


def test_a_server_that_serves_is_healthy(served: SimpleNamespace) -> None:
    assert exit_code("--address", f"127.0.0.1:{served.port}") == 0


def test_the_socket_answers_whatever_the_port_asks_for(embedder: Embedder, tmp_path: Path) -> None:
    socket = str(tmp_path / "ml.sock")
    assert exit_code("--socket", socket) == 1  # nobody there
    server, _port = create_server(ServerConfig(port=0, device="cpu", socket=socket), None, embedder)
    try:
        assert exit_code("--socket", socket) == 0
    finally:
        server.stop(0)
    assert exit_code("--socket", socket) == 1


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with its hash in its name at an address, as torchvision's weights have it."""
    content = b"weights of a backbone"
    file = tmp_path / f"small-{sha256(content).hexdigest()[:8]}.pth"
    file.write_bytes(content)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(BACKBONES, "small", dataclasses.replace(BACKBONES["convnext_tiny"], name="small"))
    default = SimpleNamespace(DEFAULT=SimpleNamespace(url=file.as_uri()))
    monkeypatch.setattr(models, "get_model_weights", {"small": default}.__getitem__)
    return file


def test_weights_of_torchvision_are_fetched_where_the_table_looks_for_them(published: Path) -> None:
    path = fetch_weights("small")
    assert path == published.parent / "home" / "hub" / "checkpoints" / published.name
    assert path.read_bytes() == published.read_bytes()


def test_only_the_backbone_that_is_asked_for_is_fetched(published: Path) -> None:
    """As an image is built: the default downloads nothing, the variable is the option."""
    runner = CliRunner()
    unsaid = runner.invoke(app, ["weights"], env={"ML_CORE_BACKBONE": None})
    assert (unsaid.exit_code, list(published.parent.glob("home/**/*.pth"))) == (0, [])
    assert "nothing to download" in unsaid.output
    said = runner.invoke(app, ["weights"], env={"ML_CORE_BACKBONE": "small"})
    assert (said.exit_code, said.output.strip()) == (0, published.name)
    unknown = runner.invoke(app, ["weights", "--backbone", "magic"])
    assert (unknown.exit_code, DEFAULT_BACKBONE in unknown.output) == (1, True)


def test_weights_that_are_not_what_their_name_says_are_refused(published: Path) -> None:
    published.write_bytes(b"something else")
    with pytest.raises(RuntimeError, match="hash"):
        fetch_weights("small")
    assert not list(published.parent.glob("home/hub/checkpoints/*.pth"))


@pytest.mark.parametrize("name", FROM_TORCHVISION)
def test_every_torchvision_row_names_weights_with_a_hash(name: str) -> None:
    url, path = torchvision_weights(name)
    assert url.endswith(path.name)
    assert len(path.stem.rpartition("-")[2]) == 8
