"""One contract for every blob store: the folder always, GCS where its emulator's package is installed."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ml_core.contract import blobs
from ml_core.contract.blobs import (
    BlobError,
    BlobNotFoundError,
    BlobStore,
    FolderBlobs,
    GcsBlobs,
    check_key,
    get_by_uri,
    is_half_written,
    open_blobs,
)
from tests.support.gcs import gcs_emulator

ROOT = Path(__file__).parents[4]

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
    assert store.delete_prefix("g/") == 2
    assert list(store.keys()) == ["h/1"]
    with pytest.raises(ValueError, match="whole store"):
        store.delete_prefix("/")


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


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/..", "a/./b", "a b", "a\\b", "é", "a\n", "a.writing-1"]
)
def test_bad_keys_are_refused(key: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="blob key"):
        check_key(key)
    with pytest.raises(ValueError, match="blob key"):
        FolderBlobs(tmp_path).put(key, b"")


def test_folder_leaves_no_empty_folders(tmp_path: Path) -> None:
    store = FolderBlobs(tmp_path)
    store.put("a/b/c", b"x")
    store.delete("a/b/c")
    assert list(tmp_path.iterdir()) == []


def killed_while_writing(folder: Path, key: str) -> None:
    """A process puts a photo, and is killed just before the file gets its name."""
    code = (
        "import os, signal, sys; from pathlib import Path; from ml_core.contract.blobs import FolderBlobs\n"
        "os.fsync = lambda _handle: os.kill(os.getpid(), signal.SIGKILL) if armed else None\n"
        "armed = False; store = FolderBlobs(Path(sys.argv[1])); store.put(f'{sys.argv[2]}.first', b'x')\n"
        "armed = True; store.put(sys.argv[2], b'a whole photo')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder), key], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL


def test_what_a_killed_writer_left_is_counted_and_goes_with_its_prefix(tmp_path: Path) -> None:
    store = FolderBlobs(tmp_path)
    killed_while_writing(tmp_path, "g/photos/one.jpg")
    [half] = [key for key in store.keys("g/") if is_half_written(key)]
    assert half.startswith("g/photos/one.jpg")
    assert (tmp_path / half).read_bytes() == b"a whole photo"
    with pytest.raises(BlobNotFoundError):
        store.get("g/photos/one.jpg")
    assert store.delete_prefix("g/") == 2
    assert list(tmp_path.iterdir()) == []


def test_half_written_files_go_when_nobody_can_be_writing_them_any_more(tmp_path: Path) -> None:
    store = FolderBlobs(tmp_path)
    killed_while_writing(tmp_path, "g/photos/one.jpg")
    (tmp_path / "g" / ".writing-1").write_bytes(b"of an older release")
    assert store.drop_half_written(older_than_s=60) == 0
    assert store.drop_half_written(older_than_s=0) == 2
    assert list(store.keys()) == ["g/photos/one.jpg.first"]


def test_whatever_lies_in_the_folder_goes_with_its_prefix_and_nothing_outside_it(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "blobs", tmp_path / "elsewhere"
    store = FolderBlobs(root)
    elsewhere.mkdir()
    (elsewhere / "kept").write_bytes(b"x")
    store.put("g/1", b"x")
    store.put("gg/1", b"x")
    (root / "g" / "copy of 1 (2).jpg").write_bytes(b"x")
    (root / "g" / "link").symlink_to(elsewhere)
    (root / "g" / "empty" / "deeper").mkdir(parents=True)
    assert len(list(store.keys("g/"))) == 3
    assert store.delete_prefix("g/") == 3
    assert [path.name for path in root.iterdir()] == ["gg"]
    assert (elsewhere / "kept").exists()
    with pytest.raises(ValueError, match="blob key"):
        store.delete("gg/../../elsewhere/kept")


def test_a_folder_that_is_gone_is_not_empty(tmp_path: Path) -> None:
    """A recount that finds nothing because the disk is away would be a clean receipt for nothing."""
    store = FolderBlobs(tmp_path / "blobs")
    (tmp_path / "blobs").rmdir()
    with pytest.raises(BlobError):
        list(store.keys("g/"))


def test_what_was_put_is_on_the_disk_with_its_name_before_anybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderBlobs(tmp_path)
    synced: list[tuple[str, bool]] = []
    real = os.fsync

    def watch(handle: int) -> None:
        real(handle)
        synced.append((str(Path(f"/proc/self/fd/{handle}").readlink()), (tmp_path / "a/b/one.jpg").exists()))

    monkeypatch.setattr(os, "fsync", watch)
    store.put("a/b/one.jpg", b"x")
    assert synced[:2] == [(str(tmp_path), False), (str(tmp_path / "a"), False)]  # the new folders' names
    assert is_half_written(synced[2][0])
    assert not synced[2][1]
    assert synced[3:] == [(str(tmp_path / "a" / "b"), True)]


def test_a_store_that_cannot_take_a_photo_is_not_reachable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderBlobs(tmp_path)
    assert store.is_reachable()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # every write fails, as on a full disk
    try:
        found = store.is_reachable()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not found
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(blobs, "free_bytes", lambda _folder: blobs.FREE_BYTES_MIN - 1)
    assert not store.is_reachable()


def test_what_is_left_on_a_disk_that_is_nearly_full_is_not_for_photos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deletions and SQLite's log need it: a row cannot even be deleted on a disk that is full."""
    store = FolderBlobs(tmp_path / "store")
    store.put("a/b.jpg", b"kept")
    monkeypatch.setattr(blobs, "free_bytes", lambda _folder: blobs.FREE_BYTES_MIN - 1)
    with pytest.raises(BlobError):
        store.put("a/c.jpg", b"waits")
    assert list(store.keys()) == ["a/b.jpg"]
    assert store.delete("a/b.jpg")


def test_open_blobs_by_uri(tmp_path: Path) -> None:
    open_blobs(tmp_path.as_uri()).put("a", b"1")
    assert (tmp_path / "a").read_bytes() == b"1"
    with pytest.raises(ValueError, match="blob store"):
        open_blobs("ftp://x")
