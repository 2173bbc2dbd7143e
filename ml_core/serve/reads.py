"""Photos that a call names by their place in the store: many are read at once, since each takes a while."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from ml_core.contract.blobs import READS_AT_ONCE, BlobNotFoundError, BlobStore, get_by_uri
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.errors import InvalidInputError, PhotoError, StoppingError
from ml_core.serve.batching import Photo


class PhotoReads:
    """One a server; `stop` lets those that were begun come to their end."""

    def __init__(self, blobs: BlobStore | None) -> None:
        self._blobs = blobs
        self._readers = ThreadPoolExecutor(READS_AT_ONCE, thread_name_prefix="read")

    def begin(self, photos: Iterable[pb.Photo]) -> list[Photo]:
        """Their bytes, or what will be them; a photo that is not there is a PhotoError. Raises
        InvalidInputError; a store that is away is a BlobError of the future."""
        return [self._begin(photo) for photo in photos]

    def read(self, photo: pb.Photo) -> bytes | PhotoError:
        """The same of one photo, which is waited for. Raises BlobError too."""
        found = self._begin(photo)
        return found.result() if isinstance(found, Future) else found

    def stop(self) -> None:
        self._readers.shutdown(cancel_futures=True)

    def _begin(self, photo: pb.Photo) -> Photo:
        if photo.WhichOneof("source") != "uri":
            return photo.image
        if self._blobs is None:
            raise InvalidInputError("no_blob_store", "this server was started without --blobs")
        try:
            return self._readers.submit(_read, self._blobs, photo.uri)
        except RuntimeError as exc:  # the pool is shut down
            raise StoppingError from exc


def _read(blobs: BlobStore, uri: str) -> bytes | PhotoError:
    try:
        return get_by_uri(blobs, uri)
    except BlobNotFoundError:
        return PhotoError("photo_missing", "no such blob")
