"""Photos named by their place are read many at a time, and each says for itself what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest

from ml_core.contract.blobs import READS_AT_ONCE, BlobError, BlobNotFoundError, BlobStore, GcsBlobs
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.errors import InvalidInputError, PhotoError, StoppingError
from ml_core.serve.batching import Photo
from ml_core.serve.reads import PhotoReads


class Store:
    """Answers only when so many are asking at once."""

    def __init__(self, at_once: int) -> None:
        self._all_here = threading.Barrier(at_once)

    def uri(self, key: str) -> str:
        return f"file:///{key}"

    def get(self, key: str) -> bytes:
        self._all_here.wait(10)
        if key == "gone":
            raise BlobNotFoundError(key)
        if key == "away":
            raise BlobError(key)
        return key.encode()


@pytest.fixture
def reads_of() -> Iterator[Callable[[Any], PhotoReads]]:
    made: list[PhotoReads] = []

    def make(store: Any) -> PhotoReads:
        made.append(PhotoReads(cast(BlobStore | None, store)))
        return made[-1]

    yield make
    for reads in made:
        reads.stop()


def named(*keys: str) -> list[pb.Photo]:
    return [pb.Photo(id=key, uri=f"file:///{key}") for key in keys]


def come(photo: Photo) -> bytes | PhotoError:
    assert isinstance(photo, Future)
    return photo.result(10)


def test_a_call_reads_all_its_photos_at_once(reads_of: Callable[[Any], PhotoReads]) -> None:
    keys = [f"photo{number}" for number in range(READS_AT_ONCE)]
    found = reads_of(Store(len(keys))).begin(named(*keys))
    assert [come(photo) for photo in found] == [key.encode() for key in keys]


def test_each_photo_says_for_itself_what_became_of_it(reads_of: Callable[[Any], PhotoReads]) -> None:
    sent = [*named("here", "gone", "away"), pb.Photo(id="sent", image=b"bytes")]
    here, gone, away, with_bytes = reads_of(Store(3)).begin(sent)
    assert (come(here), with_bytes) == (b"here", b"bytes")
    missing = come(gone)
    assert isinstance(missing, PhotoError)
    assert missing.key == "photo_missing"
    with pytest.raises(BlobError):
        come(away)


def test_one_photo_is_waited_for(reads_of: Callable[[Any], PhotoReads]) -> None:
    reads = reads_of(Store(1))
    assert reads.read(named("here")[0]) == b"here"
    assert reads.read(pb.Photo(image=b"bytes")) == b"bytes"
    with pytest.raises(BlobError):
        reads.read(named("away")[0])


def test_without_a_store_and_after_the_stop_it_says_so(reads_of: Callable[[Any], PhotoReads]) -> None:
    with pytest.raises(InvalidInputError):
        reads_of(None).begin(named("here"))
    stopped = reads_of(Store(1))
    stopped.stop()
    with pytest.raises(StoppingError):
        stopped.begin(named("here"))


class Bucket(ThreadingHTTPServer):
    """Answers like a store, only when all readers are asking at once, and counts its connections."""

    request_queue_size = 2 * READS_AT_ONCE

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), BucketConnection)
        self.connections: list[object] = []
        self.all_here = threading.Barrier(READS_AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.append(client_address)
        super().process_request(request, client_address)


class BucketConnection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # it stays open for the next photo

    def do_GET(self) -> None:
        assert isinstance(self.server, Bucket)
        is_photo = self.path.startswith("/download/")
        if is_photo:  # else the library asks what the bucket is like, once
            self.server.all_here.wait(20)
        answer = b"photo" if is_photo else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with Bucket() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()
        thread.join()


def test_the_buckets_client_keeps_a_connection_for_each_reader(bucket: Bucket) -> None:
    """Its own ten would be opened and closed anew for each photo beyond them."""
    store = GcsBlobs("bucket")
    keys = [f"photo{number}" for number in range(READS_AT_ONCE)]
    with ThreadPoolExecutor(READS_AT_ONCE) as readers:
        for _ in range(3):
            assert list(readers.map(store.get, keys)) == [b"photo"] * READS_AT_ONCE
    assert len(bucket.connections) <= READS_AT_ONCE + 1, "and one to ask about the bucket"
