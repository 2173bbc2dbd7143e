"""The gRPC methods: they translate messages to calls of the other modules and back, nothing else.

Knows nothing of ports, TLS or processes; those are the server's.
"""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import numpy as np
import structlog

from ml_core import config
from ml_core.blobs import BlobError, BlobNotFoundError, BlobStore, get_by_uri
from ml_core.checkpoint import Model, from_bytes, model_id, model_of, to_bytes
from ml_core.errors import (
    BusyError,
    InvalidInputError,
    MlError,
    ModelStateError,
    PhotoError,
    WorkCancelledError,
)
from ml_core.features import Embedder, FeatureRows
from ml_core.head import Floats
from ml_core.rpc import ml_core_pb2 as pb
from ml_core.rpc import ml_core_pb2_grpc
from ml_core.trainer import (
    RECIPES,
    Callbacks,
    CurvePoint,
    Trained,
    TrainingPhoto,
    check_photos,
    choose_recipe,
    train,
)
from ml_core.worker import PhotoPipeline

log = structlog.get_logger()

_STAGES = {"looking": pb.STAGE_LOOKING, "fitting": pb.STAGE_FITTING, "checking": pb.STAGE_CHECKING}
_CODES: tuple[tuple[type[Exception], grpc.StatusCode], ...] = (
    (InvalidInputError, grpc.StatusCode.INVALID_ARGUMENT),
    (ModelStateError, grpc.StatusCode.FAILED_PRECONDITION),
    (BusyError, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (WorkCancelledError, grpc.StatusCode.CANCELLED),
    (BlobError, grpc.StatusCode.UNAVAILABLE),
)


@contextmanager
def _status(context: grpc.ServicerContext) -> Iterator[None]:
    """Our errors as status codes, with the stable key in the trailing metadata and the details."""
    try:
        yield
    except (MlError, BlobError) as exc:
        key = exc.key if isinstance(exc, MlError) else "blobs_unavailable"
        code = next((code for kind, code in _CODES if isinstance(exc, kind)), grpc.StatusCode.INTERNAL)
        context.set_trailing_metadata((("error-key", key),))
        context.abort(code, f"{key}: {exc}")


def _cancelled(context: grpc.ServicerContext) -> Callable[[], bool]:
    """True once the caller cancelled, went away or ran into its deadline."""
    gone = threading.Event()
    if not context.add_callback(gone.set):
        gone.set()
    return gone.is_set


class ModelCache:
    """The models used lately, by id; the caller sends the bytes again when one has dropped out."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._models: OrderedDict[str, Model] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, name: str, model: Model) -> None:
        with self._lock:
            self._models[name] = model
            self._models.move_to_end(name)
            while len(self._models) > self._size:
                self._models.popitem(last=False)

    def resolve(self, ref: pb.ModelRef) -> Model:
        with self._lock:
            if ref.id in self._models:
                self._models.move_to_end(ref.id)
                return self._models[ref.id]
        if not ref.model:
            raise ModelStateError("model_unknown", "send the model's bytes")
        if model_id(ref.model) != ref.id:
            raise ModelStateError("model_corrupt", "the bytes do not have this id")
        model = from_bytes(ref.model)
        self.put(ref.id, model)
        return model


class MlCoreServicer(ml_core_pb2_grpc.MlCoreServicer):
    """One backbone, one embedding worker, a small pool for training."""

    def __init__(self, embedder: Embedder, blobs: BlobStore | None, settings: config.ServerConfig) -> None:
        self._embedder = embedder
        self._blobs = blobs
        self._pipeline = PhotoPipeline(embedder, settings.threads, settings.max_waiting_photos)
        self._trainers = ThreadPoolExecutor(max(1, settings.threads // 2), thread_name_prefix="train")
        self._train_slots = threading.BoundedSemaphore(settings.max_waiting_trains)
        self._models = ModelCache(settings.cached_models)

    def stop(self) -> None:
        self._trainers.shutdown(cancel_futures=True)
        self._pipeline.stop()

    def GetInfo(self, request: pb.GetInfoRequest, context: grpc.ServicerContext) -> pb.GetInfoResponse:
        return pb.GetInfoResponse(
            version=config.VERSION,
            device=str(self._embedder.device),
            device_name=self._embedder.device_name,
            backbone=self._embedder.spec.name,
            space=self._embedder.space,
            feature_length=self._embedder.length,
            default_views=config.DEFAULT_VIEWS,
            max_photos_per_embed=config.MAX_PHOTOS_PER_EMBED,
            recipes=RECIPES,
        )

    def Embed(self, request: pb.EmbedRequest, context: grpc.ServicerContext) -> pb.EmbedResponse:
        with _status(context):
            views = request.views or config.DEFAULT_VIEWS
            if views > config.MAX_VIEWS:
                raise InvalidInputError("too_many_views", f"at most {config.MAX_VIEWS}")
            _limit(len(request.photos), config.MAX_PHOTOS_PER_EMBED)
            found = self._pipeline.embed(self._read_all(request.photos), views, _cancelled(context))
            answers = [
                pb.EmbeddedPhoto(id=photo.id, error_key=part.key)
                if isinstance(part, PhotoError)
                else pb.EmbeddedPhoto(id=photo.id, features=self._message(part))
                for photo, part in zip(request.photos, found, strict=True)
            ]
        return pb.EmbedResponse(photos=answers)

    def Train(
        self, request_iterator: Iterator[pb.TrainRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.TrainEvent]:
        with _status(context):
            if not self._train_slots.acquire(blocking=False):
                raise BusyError("too many trainings are waiting")
            try:
                yield from self._train(request_iterator, context)
            finally:
                self._train_slots.release()

    def _train(
        self, requests: Iterator[pb.TrainRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.TrainEvent]:
        """The work runs in the training pool; its events come through a queue and leave from here."""
        spec, photos = self._training_set(requests)
        gone = _cancelled(context)
        events: queue.SimpleQueue[pb.TrainEvent | None] = queue.SimpleQueue()
        calls = Callbacks(
            progress=lambda stage, fraction: events.put(
                pb.TrainEvent(progress=pb.Progress(stage=_STAGES[stage], fraction=fraction))
            ),
            curve_point=lambda point: events.put(_curve_event(point)),
            cancelled=gone,
        )
        work: Future[Trained] = self._trainers.submit(
            train, photos, len(spec.labels), spec.recipe, spec.seed, calls
        )
        work.add_done_callback(lambda _: events.put(None))
        while (event := events.get()) is not None:
            yield event
        if work.cancelled():
            raise BusyError("the server is stopping")
        yield pb.TrainEvent(result=self._result(work.result(), tuple(spec.labels)))

    def _training_set(
        self, requests: Iterator[pb.TrainRequest]
    ) -> tuple[pb.TrainConfig, list[TrainingPhoto]]:
        spec: pb.TrainConfig | None = None
        photos: list[TrainingPhoto] = []
        for request in requests:
            if request.WhichOneof("part") == "config":
                if spec is not None:
                    raise InvalidInputError("config_repeated", "one config, first")
                spec = request.config
                continue
            if spec is None:
                raise InvalidInputError("config_missing", "the config comes first")
            # Refused while they arrive: ten thousand photos never fill the memory first.
            _limit(len(photos) + len(request.batch.examples), config.MAX_PHOTOS_PER_TRAIN)
            photos += [self._training_photo(example, spec) for example in request.batch.examples]
        if spec is None:
            raise InvalidInputError("config_missing", "the config comes first")
        if len(set(spec.labels)) < len(spec.labels):
            raise InvalidInputError("repeated_label", "two labels have the same name")
        choose_recipe(spec.recipe)
        check_photos(photos, len(spec.labels))
        return spec, photos

    def _training_photo(self, example: pb.Example, spec: pb.TrainConfig) -> TrainingPhoto:
        if example.label not in spec.labels:
            raise InvalidInputError("unknown_label", f"{example.label!r} is not in the config")
        views = _views(example.features, self._embedder.space, self._embedder.length)
        return TrainingPhoto(
            list(spec.labels).index(example.label), views, example.taken_at_ms, example.perceptual_hash
        )

    def _result(self, trained: Trained, labels: tuple[str, ...]) -> pb.TrainResult:
        model = model_of(trained, self._embedder.space, labels)
        data = to_bytes(model)
        name = model_id(data)
        self._models.put(name, from_bytes(data))  # as everyone else will read it
        rows = [
            pb.ConfusionRow(label=label, counts=[int(count) for count in counts])
            for label, counts in zip(labels, trained.confusion, strict=True)
        ]
        return pb.TrainResult(
            model=data,
            model_id=name,
            meta_json=model.meta.to_json(),
            recipe=trained.recipe,
            self_check=rows,
            fit_seconds=trained.fit_seconds,
        )

    def Predict(self, request: pb.PredictRequest, context: grpc.ServicerContext) -> pb.PredictResponse:
        with _status(context):
            _limit(len(request.photos), config.MAX_PHOTOS_PER_PREDICT)
            _limit(len(request.featured), config.MAX_FEATURED_PER_PREDICT)
            model = self._models.resolve(request.model)
            answers: list[pb.Prediction] = []
            if request.photos:
                if model.meta.space != self._embedder.space:
                    raise InvalidInputError("wrong_space", f"the model is for {model.meta.space}")
                photos = self._read_all(request.photos)
                found = self._pipeline.embed(photos, config.PREDICT_VIEWS, _cancelled(context), urgent=True)
                for photo, part in zip(request.photos, found, strict=True):
                    answers.append(
                        pb.Prediction(id=photo.id, error_key=part.key)
                        if isinstance(part, PhotoError)
                        else _prediction(photo.id, model, part)
                    )
            for featured in request.featured:
                views = _views(featured.features, model.meta.space, model.length)
                answers.append(_prediction(featured.id, model, views))
        return pb.PredictResponse(predictions=answers)

    def _read_all(self, photos: Iterable[pb.Photo]) -> list[bytes | PhotoError]:
        return [self._read(photo) for photo in photos]

    def _read(self, photo: pb.Photo) -> bytes | PhotoError:
        if photo.WhichOneof("source") != "uri":
            return photo.image
        if self._blobs is None:
            raise InvalidInputError("no_blob_store", "this server was started without --blobs")
        try:
            return get_by_uri(self._blobs, photo.uri)
        except BlobNotFoundError:
            return PhotoError("photo_missing", "no such blob")

    def _message(self, rows: FeatureRows) -> pb.Features:
        return pb.Features(
            space=self._embedder.space,
            views=rows.shape[0],
            length=rows.shape[1],
            values=rows.astype("<f2", copy=False).tobytes(),
        )


def _limit(count: int, most: int) -> None:
    if count > most:
        raise InvalidInputError("too_many_photos", f"at most {most}")


def _views(features: pb.Features, space: str, length: int) -> FeatureRows:
    if features.space != space:
        raise InvalidInputError("wrong_space", f"features of {features.space!r}, needed are {space!r}")
    right_size = len(features.values) == 2 * features.views * features.length
    if features.length != length or not right_size or not 1 <= features.views <= config.MAX_VIEWS:
        raise InvalidInputError(
            "wrong_feature_length", f"{features.views} x {features.length}, needed is {length}"
        )
    rows = np.frombuffer(features.values, "<f2").reshape(features.views, length)
    if not np.isfinite(rows).all():
        raise InvalidInputError("bad_features", "features that are not finite numbers")
    return rows


def _prediction(photo_id: str, model: Model, views: FeatureRows) -> pb.Prediction:
    row: Floats = views.astype(np.float32).mean(0, keepdims=True)
    probabilities = model.probabilities(row)[0]
    order = np.argsort(-probabilities, kind="stable")
    return pb.Prediction(
        id=photo_id,
        scores=[pb.Score(label=model.meta.labels[i], probability=float(probabilities[i])) for i in order],
        unsure=bool(model.unsure(row)[0]),
    )


def _curve_event(point: CurvePoint) -> pb.TrainEvent:
    return pb.TrainEvent(
        curve_point=pb.CurvePoint(
            photos_per_label=point.photos_per_label, correct=point.correct, total=point.total
        )
    )
