"""The gRPC methods: they hand messages to the other modules and answers back, nothing else."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import numpy as np

from ml_core import config
from ml_core.contract import memory
from ml_core.contract.blobs import BlobError, BlobStore
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc import ml_core_pb2_grpc
from ml_core.errors import (
    BusyError,
    InvalidInputError,
    MlError,
    ModelStateError,
    PhotoError,
    StoppingError,
    WorkCancelledError,
)
from ml_core.learn import explain
from ml_core.learn.checkpoint import Model, from_bytes, model_id, model_of, to_bytes
from ml_core.learn.fit import Callbacks, TrainingOutcome, train
from ml_core.serve.batching import PhotoPipeline
from ml_core.serve.gpu_use import gpu_use
from ml_core.serve.messages import (
    check_count,
    confusion_rows,
    curve_event,
    features_message,
    looked_response,
    mean_row,
    model_views,
    prediction,
    progress_event,
    stream_response,
    training_set,
)
from ml_core.serve.metrics import TRAINS_RUNNING, ServerState
from ml_core.serve.model_cache import ModelCache
from ml_core.serve.priorities import stand_back
from ml_core.serve.reads import PhotoReads
from ml_core.serve.work_in_hand import WorkInHand
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from ml_core.vision.networks import FeatureRows
from ml_core.vision.shrink import Pixels

FORGET_WAIT_S = 5.0  # a batch of photos or a training takes about one

_CODES: tuple[tuple[type[Exception], grpc.StatusCode], ...] = (
    (InvalidInputError, grpc.StatusCode.INVALID_ARGUMENT),
    (ModelStateError, grpc.StatusCode.FAILED_PRECONDITION),
    (BusyError, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (StoppingError, grpc.StatusCode.UNAVAILABLE),
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


class MlCoreServicer(ml_core_pb2_grpc.MlCoreServicer):
    """One backbone, its embedding threads, a small pool for training."""

    def __init__(self, embedder: Embedder, blobs: BlobStore | None, settings: config.ServerConfig) -> None:
        self._embedder = embedder
        self._reads = PhotoReads(blobs)
        self._pipeline = PhotoPipeline(embedder, settings.threads, settings.max_waiting_photos)
        self._pipeline.warm_up()
        self._trainers = ThreadPoolExecutor(
            max(1, settings.threads // 2), thread_name_prefix="train", initializer=stand_back
        )
        self._train_slots = threading.BoundedSemaphore(settings.max_waiting_trains)
        self._models = ModelCache(settings.cached_models)
        self._in_hand = WorkInHand()
        self._stopped = threading.Event()
        threading.Thread(target=self._forget_models, name="models", daemon=True).start()
        self.state = ServerState(
            lambda: self._pipeline.waiting, lambda: len(self._models), embedder.memory_bytes, gpu_use
        )

    def _forget_models(self) -> None:
        """Also when nobody calls any more, as after a class: its models do not stay until the next one."""
        while not self._stopped.wait(memory.MODELS_LOOKED_AT_EVERY_S):
            self._models.drop_idle()

    def stop(self) -> None:
        self._stopped.set()
        self._trainers.shutdown(cancel_futures=True)
        self._pipeline.stop()
        self._reads.stop()

    def GetInfo(self, request: pb.GetInfoRequest, context: grpc.ServicerContext) -> pb.GetInfoResponse:
        return pb.GetInfoResponse(
            version=config.VERSION,
            device=self._embedder.device,
            device_name=self._embedder.device_name,
            backbone=self._embedder.spec.name,
            space=self._embedder.space,
            feature_length=self._embedder.length,
            default_views=config.DEFAULT_VIEWS,
            max_photos_per_embed=config.MAX_PHOTOS_PER_EMBED,
            max_photos_per_predict=config.MAX_PHOTOS_PER_PREDICT,
            max_photos_per_train=config.MAX_PHOTOS_PER_TRAIN,
            photos_at_once=self._embedder.photos_at_once(config.DEFAULT_VIEWS),
        )

    def Embed(self, request: pb.EmbedRequest, context: grpc.ServicerContext) -> pb.EmbedResponse:
        with _status(context), self._in_hand.call():
            views = request.views or config.DEFAULT_VIEWS
            if views > config.MAX_VIEWS:
                raise InvalidInputError("too_many_views", f"at most {config.MAX_VIEWS}")
            check_count(len(request.photos), config.MAX_PHOTOS_PER_EMBED)
            found = self._pipeline.embed(self._reads.begin(request.photos), views, _cancelled(context))
            answers = [
                pb.EmbeddedPhoto(id=photo.id, error_key=part.key)
                if isinstance(part, PhotoError)
                else pb.EmbeddedPhoto(id=photo.id, features=features_message(part, self._embedder.space))
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
                with TRAINS_RUNNING.track_inprogress(), self._in_hand.call():
                    yield from self._train(request_iterator, _cancelled(context))
            finally:
                self._train_slots.release()

    def _train(
        self, requests: Iterator[pb.TrainRequest], gone: Callable[[], bool]
    ) -> Iterator[pb.TrainEvent]:
        """The work runs in the training pool; its events come through a queue and leave from here."""
        owner, turn = self._embedder, self._models.turn
        spec, photos = training_set(requests, owner.space, owner.length)
        events: queue.SimpleQueue[pb.TrainEvent | None] = queue.SimpleQueue()
        calls = Callbacks(
            progress=lambda stage, fraction: events.put(progress_event(stage, fraction)),
            curve_point=lambda point: events.put(curve_event(point)),
            cancelled=gone,
        )
        try:
            work: Future[TrainingOutcome] = self._trainers.submit(
                train,
                photos,
                len(spec.labels),
                spec.seed,
                calls,
                owner.final_length,
                owner.spec.unlike_from,
            )
        except RuntimeError as exc:  # the pool is shut down
            raise StoppingError from exc
        work.add_done_callback(lambda _: events.put(None))
        while (event := events.get()) is not None:
            yield event
        if work.cancelled():
            raise StoppingError
        yield pb.TrainEvent(result=self._result(work.result(), tuple(spec.labels), turn))

    def _result(self, outcome: TrainingOutcome, labels: tuple[str, ...], turn: int) -> pb.TrainResult:
        data = to_bytes(model_of(outcome, self._embedder.space, labels))
        name, model = model_id(data), from_bytes(data)  # cached as everyone else will read it
        self._models.put(name, model, turn)
        return pb.TrainResult(
            model=data,
            model_id=name,
            recipe=model.meta.recipe,
            self_check=confusion_rows(outcome.check, labels),
            fit_seconds=outcome.fit_seconds,
        )

    def Predict(self, request: pb.PredictRequest, context: grpc.ServicerContext) -> pb.PredictResponse:
        with _status(context), self._in_hand.call():
            check_count(len(request.photos), config.MAX_PHOTOS_PER_PREDICT)
            check_count(len(request.featured), config.MAX_FEATURED_PER_PREDICT)
            check_count(len(request.look_around_on), config.MAX_FEATURED_PER_PREDICT)
            if request.look_around_on and request.HasField("stream"):
                raise InvalidInputError("two_places", "a stream has a place of its own")
            model = self._models.resolve(request.model.id, request.model.model)
            views = self._embedded(model, request.photos, context) if request.photos else []
            views += [(item.id, model_views(item.features, model)) for item in request.featured]
            if request.look_around_on:
                first = [model_views(item.features, model) for item in request.look_around_on]
                return looked_response(model, first, views)
            if request.HasField("stream"):
                return stream_response(model, request.stream, views)
            answers = [prediction(photo_id, model, part) for photo_id, part in views]
        return pb.PredictResponse(predictions=answers)

    def _embedded(
        self, model: Model, photos: Iterable[pb.Photo], context: grpc.ServicerContext
    ) -> list[tuple[str, FeatureRows | PhotoError]]:
        self._check_space(model)
        sent, gone = list(photos), _cancelled(context)
        found = self._pipeline.embed(self._reads.begin(sent), config.PREDICT_VIEWS, gone, urgent=True)
        return [(photo.id, part) for photo, part in zip(sent, found, strict=True)]

    def Explain(self, request: pb.ExplainRequest, context: grpc.ServicerContext) -> pb.ExplainResponse:
        with _status(context), self._in_hand.call():
            check_count(len(request.candidates), config.MAX_FEATURED_PER_PREDICT)
            model = self._models.resolve(request.model.id, request.model.model)
            labels = model.meta.labels
            if request.label and request.label not in labels:
                raise InvalidInputError("unknown_label", f"{request.label!r} is not in the model")
            self._check_space(model)
            try:
                pixels = self._pixels(request.photo)
            except PhotoError as error:
                return pb.ExplainResponse(prediction=pb.Prediction(id=request.photo.id, error_key=error.key))
            maps, rows = self._pipeline.call(lambda owner: (owner.maps(pixels[0]), owner.embed(pixels)))
            guess = prediction(request.photo.id, model, rows)
            label = request.label or guess.scores[0].label
            heat = explain.as_bytes(explain.label_map(maps, model.head, labels.index(label)))
            answer = pb.ExplainResponse(
                prediction=guess,
                label=label,
                heatmap=pb.Heatmap(rows=heat.shape[0], columns=heat.shape[1], values=heat.tobytes()),
            )
            if request.candidates:
                others = [model_views(candidate.features, model) for candidate in request.candidates]
                near = explain.nearest(mean_row(rows), np.stack([mean_row(part) for part in others]))
                answer.nearest.extend(
                    pb.Neighbour(id=request.candidates[index].id, similarity=value) for index, value in near
                )
        return answer

    def Forget(self, request: pb.ForgetRequest, context: grpc.ServicerContext) -> pb.ForgetResponse:
        with _status(context):
            if any(len(name) < config.MIN_MODEL_NAME for name in request.models):
                raise InvalidInputError("model_name_short", f"{config.MIN_MODEL_NAME} characters or more")
            models = self._models.forget(tuple(request.models))
            calls = self._in_hand.wait_for_earlier(FORGET_WAIT_S)
            self._pipeline.overwrite()
            memory.give_back()
        return pb.ForgetResponse(models=models, calls=calls)

    def _pixels(self, photo: pb.Photo) -> Pixels:
        data = self._reads.read(photo)
        if isinstance(data, PhotoError):
            raise data
        return photo_views(data, config.PREDICT_VIEWS, self._embedder.input_side)

    def _check_space(self, model: Model) -> None:
        if model.meta.space != self._embedder.space:
            raise InvalidInputError("wrong_space", f"the model is for {model.meta.space}")
