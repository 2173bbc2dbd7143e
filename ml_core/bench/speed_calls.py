"""What a measured server is asked: photos by their place, trainings, live frames."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from ml_core.config import MAX_MESSAGE_BYTES, MAX_PHOTOS_PER_EMBED
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc import ml_core_pb2_grpc
from ml_core.vision.features import Embedder

LABELS, PHOTOS_PER_LABEL, GROUPS = 5, 20, 10
FRAMES_PER_SECOND = 5
PODS = 2  # web processes that send photos at the same time
OPTIONS = [
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
]


def drawn(seed: int, label: int) -> bytes:
    """640 x 480, coloured patches: as many bytes as an iPad's shrunk photo."""
    rng = np.random.default_rng(seed)
    patches = rng.integers(0, 256, (6 + 4 * label, 8, 3), np.uint8)
    noise = rng.integers(-12, 12, (480, 640, 3))
    large = np.asarray(Image.fromarray(patches).resize((640, 480), Image.Resampling.BICUBIC), np.int64)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(large + noise, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def examples_of(embedded: Sequence[pb.EmbeddedPhoto]) -> list[pb.Example]:
    return [
        pb.Example(id=part.id, label=f"label {index % LABELS}", features=part.features)
        for index, part in enumerate(embedded)
    ]


class Caller:
    """Sends photos as the web tier does: so many at once, in calls of a batch, from several processes."""

    def __init__(self, stub: ml_core_pb2_grpc.MlCoreStub, photos_at_once: int) -> None:
        self._stub = stub
        self._batch = min(MAX_PHOTOS_PER_EMBED, photos_at_once)
        self._calls = max(1, photos_at_once // self._batch) * PODS

    def embed(self, places: Sequence[str]) -> tuple[list[pb.EmbeddedPhoto], float]:
        """Features of photos in the store, and the seconds that all of them took."""
        calls = [
            pb.EmbedRequest(
                photos=[
                    pb.Photo(id=str(start + number), uri=uri)
                    for number, uri in enumerate(places[start : start + self._batch])
                ]
            )
            for start in range(0, len(places), self._batch)
        ]
        started = time.perf_counter()
        with ThreadPoolExecutor(self._calls) as pool:
            answers = list(pool.map(self._stub.Embed, calls))
        return [part for answer in answers for part in answer.photos], time.perf_counter() - started

    def tap(self, examples: Sequence[pb.Example], seed: int) -> tuple[float, str]:
        """Seconds from the call to the result, and the model's id."""

        def requests() -> Iterator[pb.TrainRequest]:
            labels = [f"label {index}" for index in range(LABELS)]
            yield pb.TrainRequest(config=pb.TrainConfig(labels=labels, seed=seed))
            yield pb.TrainRequest(batch=pb.ExampleBatch(examples=examples))

        started = time.perf_counter()
        events = list(self._stub.Train(requests()))
        return time.perf_counter() - started, events[-1].result.model_id

    def frames(self, model_id: str, photos: Sequence[bytes], number: int) -> list[float]:
        """Seconds of live frames at a steady rate."""
        times = []
        for index in range(number):
            due = time.perf_counter() + 1 / FRAMES_PER_SECOND
            started = time.perf_counter()
            photo = pb.Photo(image=photos[index % len(photos)])
            self._stub.Predict(pb.PredictRequest(model=pb.ModelRef(id=model_id), photos=[photo]))
            times.append(time.perf_counter() - started)
            time.sleep(max(0.0, due - time.perf_counter()))
        return times

    @staticmethod
    def card_bytes(embedder: Embedder) -> int | None:
        """Of the card in use by all of its processes; None on the CPU."""
        kinds = {kind: size for (_, kind), size in embedder.memory_bytes().items()}
        return kinds["total"] - kinds["free"] if kinds else None
