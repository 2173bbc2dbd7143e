"""Models at hand: read once, few of them, gone when they are forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom_app.data.files import Files
from classroom_app.errors import StaleEpochError
from classroom_app.services import model_store
from classroom_app.services.model_store import ModelStore
from ml_core.contract.blobs import FolderBlobs


@pytest.fixture
def files(tmp_path: Path) -> Files:
    files = Files(FolderBlobs(tmp_path))
    for key in ("a/1", "a/2", "b/1"):
        files.put(key, key.encode())
    return files


def test_a_model_is_read_once_and_again_when_it_was_forgotten(files: Files) -> None:
    models = ModelStore(files)
    assert models.get("a/1") == b"a/1"
    files.delete("a/1")
    assert models.get("a/1") == b"a/1"
    models.get("b/1")
    assert (models.cached("a/"), models.cached("")) == (1, 2)
    models.forget("a/")
    assert (models.cached("a/"), models.cached("")) == (0, 1)
    with pytest.raises(StaleEpochError):
        models.get("a/1")


def test_the_least_used_goes_first(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_store, "MODELS_KEPT", 2)
    models = ModelStore(files)
    for key in ("a/1", "a/2", "a/1", "b/1"):
        models.get(key)
    assert (models.cached("a/1"), models.cached("a/2"), models.cached("b/1")) == (1, 0, 1)


def test_only_known_models_stay(files: Files) -> None:
    models = ModelStore(files)
    models.get("a/1")
    models.get("b/1")
    models.keep_only({"b/1", "never/seen"})
    assert (models.cached("a/1"), models.cached("b/1")) == (0, 1)
