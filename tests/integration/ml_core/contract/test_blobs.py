"""One contract for every blob store: the folder always, GCS where its emulator's package is installed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ml_core.contract.blobs import (
    BlobNotFoundError,
    BlobStore,
    FolderBlobs,
    GcsBlobs,
    check_key,
    delete_prefix,
    get_by_uri,
    open_blobs,
)
from tests.support.gcs import gcs_emulator

# The library asks for a package that only its gRPC transport would use.
pytestmark = pytest.mark.filterwarnings("ignore:Please install grpcio-status:ImportWarning")


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with gcs_emulator() as url:
        yield url


@pytest.fixture(params=["folder", "gcs"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BlobStore]:
    if request.param == "folder":
        yield FolderBlobs(tmp_path)
        return
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", request.getfixturevalue("emulator"))
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call]  # it comes without types
    client = storage.Client(project="test", credentials=anonymous)
    bucket = client.create_bucket(f"test-{time.monotonic_ns()}")
    yield GcsBlobs(bucket.name, client)
    bucket.delete(force=True)
    client.close()


def test_put_get_overwrite_delete(store: BlobStore) -> None:
    store.put("a/b.jpg", b"one", "image/jpeg")
    store.put("a/b.jpg", b"two", "image/jpeg")
    assert store.get("a/b.jpg") == b"two"
    assert store.delete("a/b.jpg") is True
    assert store.delete("a/b.jpg") is False
    with pytest.raises(BlobNotFoundError):
        store.get("a/b.jpg")


def test_keys_are_ordered_and_filtered(store: BlobStore) -> None:
    for key in ("b/2", "a/1", "a/10", "ab/3"):
        store.put(key, b"")
    assert list(store.keys()) == sorted(["b/2", "a/1", "a/10", "ab/3"])
    assert list(store.keys("a/")) == ["a/1", "a/10"]
    assert list(store.keys("a/1")) == ["a/1", "a/10"]
    assert list(store.keys("none/")) == []


def test_delete_prefix_counts_and_refuses_everything(store: BlobStore) -> None:
    for key in ("g/1", "g/2", "h/1"):
        store.put(key, b"x")
    assert delete_prefix(store, "g/") == 2
    assert list(store.keys()) == ["h/1"]
    with pytest.raises(ValueError, match="whole store"):
        delete_prefix(store, "/")


def test_only_own_uris_are_read(store: BlobStore) -> None:
    store.put("a/1.jpg", b"photo")
    assert get_by_uri(store, store.uri("a/1.jpg")) == b"photo"
    for uri in (
        "file:///etc/hostname",
        store.uri("a/1.jpg") + "/../../x",
        "gs://other/a/1.jpg",
        "",
        store.uri("a/2.jpg"),
    ):
        with pytest.raises(BlobNotFoundError):
            get_by_uri(store, uri)


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/..", "a/./b", "a b", "a\\b", "é"])
def test_bad_keys_are_refused(key: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="blob key"):
        check_key(key)
    with pytest.raises(ValueError, match="blob key"):
        FolderBlobs(tmp_path).put(key, b"")


def test_folder_leaves_no_empty_folders_and_ignores_half_written_files(tmp_path: Path) -> None:
    store = FolderBlobs(tmp_path)
    store.put("a/b/c", b"x")
    (tmp_path / "a" / ".writing-1").write_bytes(b"half")
    assert list(store.keys()) == ["a/b/c"]
    (tmp_path / "a" / ".writing-1").unlink()
    store.delete("a/b/c")
    assert list(tmp_path.iterdir()) == []


def test_open_blobs_by_uri(tmp_path: Path) -> None:
    open_blobs(tmp_path.as_uri()).put("a", b"1")
    assert (tmp_path / "a").read_bytes() == b"1"
    with pytest.raises(ValueError, match="blob store"):
        open_blobs("ftp://x")
