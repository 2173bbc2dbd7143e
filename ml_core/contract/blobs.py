"""Where photos and models lie: one small protocol, a folder and a GCS bucket behind it.

Keys are slash-separated names, values are bytes.
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

_KEY = re.compile(r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$")
# In the name of a file that is not written to its end, after the name that it is to have. A process that is
# killed leaves it, and it may hold a whole photo.
HALF_WRITTEN = ".writing-"
# A store with less room does not count as reachable and takes nothing more: who is told so can still delete,
# and SQLite's log, which lies on the same disk, still works.
FREE_BYTES_MIN = 64 * 1024 * 1024
READS_AT_ONCE = 32  # of one process: each waits for the network for most of its time
_PROBE = bytes(4096)  # a whole block: an empty file fits on a full disk


class BlobError(Exception):
    """The store could not do what was asked (network, disk, permission)."""


class BlobNotFoundError(BlobError):
    """No blob has this key."""


class BlobStore(Protocol):
    """Keys are `a/b/c.jpg`: letters, digits, dot, dash, underscore; no empty, `.` or `..` part."""

    def put(self, key: str, data: bytes, content_type: str = "application/octet-stream") -> None:
        """Write or overwrite; a reader sees the old bytes or the new ones, never half.

        When it returns, the bytes outlive a power cut.
        """

    def get(self, key: str) -> bytes:
        """Raises BlobNotFoundError."""

    def delete(self, key: str) -> bool:
        """True when there was something to delete. It takes whatever `keys` gave, half-written files too."""

    def delete_prefix(self, prefix: str) -> int:
        """Delete all that `keys` would give; returns how much went. An empty prefix raises ValueError."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All that is stored under names that start with `prefix`, in order.

        Half-written files (`is_half_written`) and strange ones too: a deletion counts by it.
        """

    def drop_half_written(self, older_than_s: float) -> int:
        """Delete what writers left that were killed; returns how much went."""

    def old_versions(self, prefix: str) -> list[str]:
        """The names, once each version, of what was overwritten or deleted and can still be brought back."""

    def drop_old_versions(self, prefix: str) -> int:
        """Delete those that can be; returns how many went. What a bucket keeps by its soft delete stays."""

    def uri(self, key: str) -> str:
        """`file://…` or `gs://…`, for a process that reads the same store."""

    def is_reachable(self) -> bool:
        """Does the store answer, and would it take a photo? A quick look that reads no blob."""


def check_key(key: str) -> str:
    """Return `key`, or raise ValueError when it is not a plain relative name."""
    if not _KEY.fullmatch(key) or HALF_WRITTEN in key or any(part in {".", ".."} for part in key.split("/")):
        raise ValueError(f"not a blob key: {key!r}")
    return key


def check_inside(name: str) -> str:
    """Return `name`, or raise ValueError when it leads out of the store. Not all that lies there is a key."""
    if any(part in {"", ".", ".."} for part in name.split("/")):
        raise ValueError(f"not a blob key: {name!r}")
    return name


def check_prefix(prefix: str) -> str:
    """Return `prefix`, or raise ValueError when a deletion of it would take the whole store."""
    if not prefix.strip("/"):
        raise ValueError("refusing to delete the whole store")
    return prefix


def is_half_written(key: str) -> bool:
    """Was the file of this name never written to its end?"""
    return HALF_WRITTEN in key.rpartition("/")[2]


def free_bytes(folder: Path) -> int:
    """Bytes that this user may still write where `folder` lies. Raises OSError."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


class FolderBlobs:
    """Blobs as files under one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def put(self, key: str, data: bytes, content_type: str = "application/octet-stream") -> None:
        del content_type  # a folder has nowhere to keep it
        path = self._path(key)
        try:
            if free_bytes(self._root) < FREE_BYTES_MIN:
                raise OSError(errno.ENOSPC, "what is left is for deletions")
            self._make_folder(path.parent)
            # Beside the file that it becomes and named after it: whoever deletes that one finds this one too.
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name + HALF_WRITTEN)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
            _sync_folder(path.parent)
        except OSError as exc:
            raise BlobError(f"could not write {key}") from exc

    def _make_folder(self, folder: Path) -> None:
        """With all above it; a new folder's name is as safe from a power cut as what will be in it."""
        if folder.is_dir():
            return
        if folder != self._root:
            self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError as exc:
            raise BlobNotFoundError(key) from exc
        except OSError as exc:
            raise BlobError(f"could not read {key}") from exc

    def delete(self, key: str) -> bool:
        path = self._root / check_inside(key)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as exc:
            raise BlobError(f"could not delete {key}") from exc
        self._drop_empty_folders(path.parent)
        return True

    def delete_prefix(self, prefix: str) -> int:
        deleted = sum(self.delete(key) for key in list(self.keys(check_prefix(prefix))))
        # Folders that were empty before: they would keep a deleted group's id on disk as well.
        for folder, _, _ in os.walk(self._start(prefix), topdown=False):
            if f"{Path(folder).relative_to(self._root).as_posix()}/".startswith(prefix):
                self._drop_empty_folders(Path(folder))
        return deleted

    def _drop_empty_folders(self, folder: Path) -> None:
        # Empty folders would otherwise keep a deleted group's id on disk.
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def _start(self, prefix: str) -> Path:
        """Walk only the folder that the prefix names: a store holds every class of the day."""
        return self._root / prefix.rpartition("/")[0] if "/" in prefix else self._root

    def keys(self, prefix: str = "") -> Iterator[str]:
        if not self._root.is_dir():
            raise BlobError("the folder of the store is gone")  # which is not the same as empty
        found = (
            (Path(folder) / name).relative_to(self._root).as_posix()
            for folder, folders, names in os.walk(self._start(prefix), onerror=_raise)
            # A link to a folder is not walked into, so it counts as a file.
            for name in [*names, *(name for name in folders if (Path(folder) / name).is_symlink())]
        )
        try:
            yield from sorted(key for key in found if key.startswith(prefix))
        except OSError as exc:
            raise BlobError(f"could not list {prefix}") from exc

    def drop_half_written(self, older_than_s: float) -> int:
        before = time.time() - older_than_s
        left = [key for key in self.keys() if is_half_written(key) and self._is_older(key, before)]
        return sum(self.delete(key) for key in left)

    def _is_older(self, key: str, before: float) -> bool:
        try:
            return (self._root / key).lstat().st_mtime <= before
        except FileNotFoundError:  # it was written to its end just now
            return False

    def old_versions(self, prefix: str) -> list[str]:
        del prefix
        return []  # a folder keeps none

    def drop_old_versions(self, prefix: str) -> int:
        del prefix
        return 0

    def uri(self, key: str) -> str:
        return self._path(key).as_uri()

    def is_reachable(self) -> bool:
        try:
            if free_bytes(self._root) < FREE_BYTES_MIN:
                return False
            # Permissions say nothing of a full, broken or read-only disk: only writing does.
            handle, probe = tempfile.mkstemp(dir=self._root, prefix=f"probe{HALF_WRITTEN}")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_PROBE)
            finally:
                Path(probe).unlink()
        except OSError:
            return False
        return True


def _sync_folder(folder: Path) -> None:
    """The names in it outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _raise(error: OSError) -> None:
    """A folder that went while it was walked is empty; of any other that cannot be read nobody knows."""
    if not isinstance(error, FileNotFoundError):
        raise error


class GcsBlobs:
    """Blobs as objects of one Google Cloud Storage bucket. Credentials come from the environment."""

    def __init__(self, bucket: str, client: Any = None) -> None:
        self._client = client if client is not None else _client_of_many_reads()
        self._bucket = self._client.bucket(bucket)
        self._name = bucket

    def put(self, key: str, data: bytes, content_type: str = "application/octet-stream") -> None:
        blob = self._bucket.blob(check_key(key))
        blob.cache_control = "private, no-store"
        with _gcs_errors(key):
            blob.upload_from_string(data, content_type=content_type, timeout=30)

    def get(self, key: str) -> bytes:
        with _gcs_errors(key):
            data: bytes = self._bucket.blob(check_key(key)).download_as_bytes(timeout=30)
            return data

    def delete(self, key: str) -> bool:
        try:
            with _gcs_errors(key):
                self._bucket.blob(check_inside(key)).delete(timeout=30)
        except BlobNotFoundError:
            return False
        return True

    def delete_prefix(self, prefix: str) -> int:
        return sum(self.delete(key) for key in list(self.keys(check_prefix(prefix))))

    def drop_half_written(self, older_than_s: float) -> int:
        del older_than_s
        return 0  # an object is there whole or not at all

    def keys(self, prefix: str = "") -> Iterator[str]:
        with _gcs_errors(prefix):
            for blob in self._client.list_blobs(self._name, prefix=prefix, timeout=30):
                yield blob.name

    def old_versions(self, prefix: str) -> list[str]:
        with _gcs_errors(prefix):
            soft = self._client.list_blobs(self._name, prefix=prefix, soft_deleted=True, timeout=30)
            # A store without soft delete answers with what is there: that is no old version.
            gone = [blob.name for blob in soft if blob.soft_delete_time is not None]
            return [*gone, *(blob.name for blob in self._noncurrent(prefix))]

    def drop_old_versions(self, prefix: str) -> int:
        with _gcs_errors(prefix):
            old = list(self._noncurrent(check_prefix(prefix)))
            for blob in old:
                blob.delete(timeout=30)  # of this very generation
            return len(old)

    def _noncurrent(self, prefix: str) -> Iterator[Any]:
        found = self._client.list_blobs(self._name, prefix=prefix, versions=True, timeout=30)
        return (blob for blob in found if blob.time_deleted is not None)

    def uri(self, key: str) -> str:
        return f"gs://{self._name}/{check_key(key)}"

    def is_reachable(self) -> bool:
        try:
            with _gcs_errors(""):
                # Not a look for one blob: a bucket that is gone says "not found" to that as well.
                next(iter(self._client.list_blobs(self._name, max_results=1, timeout=2, retry=None)), None)
        except BlobError:
            return False
        return True


def _client_of_many_reads() -> Any:
    """Its session keeps ten connections by itself: more reads at once would open one each, and close it."""
    from google.cloud.storage import Client
    from requests.adapters import HTTPAdapter

    client = Client()
    for scheme in ("https://", "http://"):
        client._http.mount(scheme, HTTPAdapter(pool_maxsize=READS_AT_ONCE))
    return client


class _gcs_errors:
    """Turns the library's errors into ours, at the adapter."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        from google.api_core import exceptions
        from google.auth import exceptions as auth_exceptions
        from requests import exceptions as http_exceptions

        if isinstance(error, exceptions.NotFound):
            raise BlobNotFoundError(self._key) from error
        network = (
            exceptions.GoogleAPIError,
            auth_exceptions.GoogleAuthError,
            http_exceptions.RequestException,
        )
        if isinstance(error, network):
            raise BlobError(f"cloud storage: {self._key}") from error


def open_blobs(uri: str) -> BlobStore:
    """The store that `file:///folder` or `gs://bucket` names."""
    if uri.startswith("gs://"):
        return GcsBlobs(uri.removeprefix("gs://").strip("/"))
    if uri.startswith("file://"):
        return FolderBlobs(Path(url2pathname(urlsplit(uri).path)))
    raise ValueError(f"not a blob store: {uri!r}; file:///folder or gs://bucket")


def get_by_uri(store: BlobStore, uri: str) -> bytes:
    """The blob at `uri`, which must be one that `store` gave out: nothing else is ever read."""
    root = store.uri("x").removesuffix("x")
    key = uri.removeprefix(root)
    if key == uri:
        raise BlobNotFoundError(uri)
    try:
        return store.get(key)
    except ValueError as exc:
        raise BlobNotFoundError(uri) from exc
