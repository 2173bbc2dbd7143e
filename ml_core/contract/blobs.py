"""Where photos and models lie: one small protocol, a folder and a GCS bucket behind it.

Keys are slash-separated names, values are bytes.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

_KEY = re.compile(r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$")


class BlobError(Exception):
    """The store could not do what was asked (network, disk, permission)."""


class BlobNotFoundError(BlobError):
    """No blob has this key."""


class BlobStore(Protocol):
    """Keys are `a/b/c.jpg`: letters, digits, dot, dash, underscore; no empty, `.` or `..` part."""

    def put(self, key: str, data: bytes, content_type: str = "application/octet-stream") -> None:
        """Write or overwrite; a reader sees the old bytes or the new ones, never half."""

    def get(self, key: str) -> bytes:
        """Raises BlobNotFoundError."""

    def delete(self, key: str) -> bool:
        """True when there was something to delete."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that starts with `prefix`, in order."""

    def uri(self, key: str) -> str:
        """`file://…` or `gs://…`, for a process that reads the same store."""

    def is_reachable(self) -> bool:
        """Does the store answer? A quick look that reads no blob."""


def delete_prefix(store: BlobStore, prefix: str) -> int:
    """Delete every blob under `prefix`; returns how many went. An empty prefix is refused."""
    if not prefix.strip("/"):
        raise ValueError("refusing to delete the whole store")
    return sum(store.delete(key) for key in list(store.keys(prefix)))


def check_key(key: str) -> str:
    """Return `key`, or raise ValueError when it is not a plain relative name."""
    if not _KEY.match(key) or any(part in {".", ".."} for part in key.split("/")):
        raise ValueError(f"not a blob key: {key!r}")
    return key


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
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as exc:
            raise BlobError(f"could not write {key}") from exc

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError as exc:
            raise BlobNotFoundError(key) from exc
        except OSError as exc:
            raise BlobError(f"could not read {key}") from exc

    def delete(self, key: str) -> bool:
        path = self._path(key)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as exc:
            raise BlobError(f"could not delete {key}") from exc
        self._drop_empty_folders(path.parent)
        return True

    def _drop_empty_folders(self, folder: Path) -> None:
        # Empty folders would otherwise keep a deleted group's id on disk.
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def keys(self, prefix: str = "") -> Iterator[str]:
        # Walk only the folder that the prefix names; a store holds every class of the day.
        start = self._root / prefix.rpartition("/")[0] if "/" in prefix else self._root
        found = (
            path.relative_to(self._root).as_posix()
            for path in start.rglob("*")
            if path.is_file() and not path.name.startswith(".writing-")
        )
        yield from sorted(key for key in found if key.startswith(prefix))

    def uri(self, key: str) -> str:
        return self._path(key).as_uri()

    def is_reachable(self) -> bool:
        return self._root.is_dir() and os.access(self._root, os.R_OK | os.W_OK | os.X_OK)


class GcsBlobs:
    """Blobs as objects of one Google Cloud Storage bucket. Credentials come from the environment."""

    def __init__(self, bucket: str, client: Any = None) -> None:
        from google.cloud.storage import Client

        self._client = client if client is not None else Client()
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
                self._bucket.blob(check_key(key)).delete(timeout=30)
        except BlobNotFoundError:
            return False
        return True

    def keys(self, prefix: str = "") -> Iterator[str]:
        with _gcs_errors(prefix):
            for blob in self._client.list_blobs(self._name, prefix=prefix, timeout=30):
                yield blob.name

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
