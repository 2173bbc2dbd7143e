"""The files of a class in the blob store: bytes in and out, with our errors; a photo and its small picture
are put and deleted as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import structlog

from classroom_app.data import blob_keys
from classroom_app.errors import NotFoundError, UnavailableError
from ml_core.contract.blobs import BlobError, BlobNotFoundError, BlobStore

JPEG = "image/jpeg"
FEW = 8

_log = structlog.get_logger(__name__)


class Files:
    """Every method raises UnavailableError when the store does not do what was asked."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def get(self, key: str) -> bytes:
        """Raises NotFoundError."""
        with _our_errors():
            try:
                return self._blobs.get(key)
            except BlobNotFoundError as exc:
                # Whoever asks has it from a row. Deleted at this very moment, or lost: that nobody would see.
                _log.warning("file_missing", key=key)
                raise NotFoundError from exc

    def put(self, key: str, data: bytes, content_type: str = "application/octet-stream") -> None:
        with _our_errors():
            self._blobs.put(key, data, content_type)

    def delete(self, key: str) -> bool:
        """True when there was something to delete."""
        with _our_errors():
            return self._blobs.delete(key)

    def keys(self, prefix: str) -> list[str]:
        """All that is stored under names that start with `prefix`, in order; half-written files too."""
        with _our_errors():
            return list(self._blobs.keys(prefix))

    def delete_prefix(self, prefix: str) -> int:
        """Delete every file under `prefix`; returns how many went. An empty prefix raises ValueError."""
        with _our_errors():
            return self._blobs.delete_prefix(prefix)

    def drop_half_written(self, older_than_s: float) -> int:
        """Delete what writers left that were killed; returns how much went."""
        with _our_errors():
            return self._blobs.drop_half_written(older_than_s)

    def old_versions(self, prefix: str | None, keys: Iterable[str] = ()) -> int:
        """How many versions of before, and deleted ones, the store still has: under the prefix, or of these
        photos and models.
        """
        if prefix is not None:
            with _our_errors():
                return len(self._blobs.old_versions(prefix))
        stems = {blob_keys.stem(key) for key in keys}
        with _our_errors():
            found = [name for folder in _folders(stems) for name in self._blobs.old_versions(folder)]
        return sum(blob_keys.stem(name) in stems for name in found)

    def drop_old_versions(self, prefix: str | None, keys: Iterable[str] = ()) -> None:
        """Delete those that can be deleted."""
        stems = {blob_keys.stem(key) for key in keys}
        with _our_errors():
            for each in [prefix] if prefix is not None else stems:
                if each:
                    self._blobs.drop_old_versions(each)

    def uri(self, key: str) -> str:
        """`file://…` or `gs://…`, for a process that reads the same store."""
        return self._blobs.uri(key)

    def is_reachable(self) -> bool:
        return self._blobs.is_reachable()

    # -- a photo: its JPEG, and a small picture beside it ---------------------------------------

    def get_photo(self, key: str, size: str = "full") -> bytes:
        """The JPEG; `thumb` for the small one. Raises NotFoundError."""
        return self.get(blob_keys.thumb_key(key) if size == "thumb" else key)

    def put_photo(self, key: str, jpeg: bytes, thumb: bytes) -> None:
        self.put(blob_keys.thumb_key(key), thumb, JPEG)
        self.put(key, jpeg, JPEG)

    def delete_photo(self, key: str) -> None:
        self.delete_photos([key])

    def delete_photos(self, keys: Iterable[str]) -> None:
        """All that is stored of these photos."""
        for key in self.of_photos(keys):
            self.delete(key)

    def of_photos(self, keys: Iterable[str]) -> list[str]:
        """All that is stored of these photos: the JPEG, the small one, half-written ones."""
        stems = {blob_keys.stem(key) for key in keys}
        # Of many photos their folders are listed once, instead of once a photo.
        prefixes = stems if len(stems) < FEW else _folders(stems)
        found = (key for prefix in sorted(prefixes) for key in self.keys(prefix))
        return [key for key in found if blob_keys.stem(key) in stems]


def _folders(stems: Iterable[str]) -> set[str]:
    return {f"{stem.rpartition('/')[0]}/" for stem in stems}


@contextmanager
def _our_errors() -> Iterator[None]:
    """Nothing is there to read: only `get` can say that. Elsewhere "not found" is a store that is gone or has
    another name, which is our fault and no reason to refuse a photo."""
    try:
        yield
    except BlobError as exc:
        raise UnavailableError from exc
