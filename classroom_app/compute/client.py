"""The interface over gRPC: dataclasses in and out, our errors instead of status codes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

import grpc

from classroom_app.compute.call_observer import ClientCallObserver
from classroom_app.compute.channel import LONGEST_CALL_S, Link, Tls
from classroom_app.compute.each_server import TierForgot, forget_on_each
from classroom_app.compute.interface import (
    Embedded,
    EmbedSizes,
    Example,
    Explained,
    Features,
    FrameSeen,
    PhotoSource,
    Prediction,
    Trained,
)
from classroom_app.compute.messages import (
    batches,
    embedded,
    featured_photos,
    photo_message,
    prediction,
    train_requests,
    trained,
)
from classroom_app.errors import ClassroomError, MlRefusedError, ModelUnknownError, UnavailableError
from classroom_app.views.training import CurvePoint
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc.ml_core_pb2_grpc import MlCoreStub

INFO_TIMEOUT_S = 10.0
EMBED_TIMEOUT_S = 60.0  # of all photos that are sent at once
EMBED_SIZES_KEPT_S = 60.0  # what a server takes at once changes with its release
PHOTOS_PER_EMBED = 16  # of a server that does not say
PHOTOS_AT_ONCE = 8  # the same; a CPU of few cores is busy with them
TRAIN_TIMEOUT_S = LONGEST_CALL_S
PREDICT_TIMEOUT_S = 30.0
FRAME_TIMEOUT_S = 5.0

_Reply = TypeVar("_Reply", pb.PredictResponse, pb.ExplainResponse)


class GrpcMlClient:
    """Balances over all addresses; safe to share between threads."""

    def __init__(self, targets: str, tls: Tls | None = None) -> None:
        self.link = Link(targets, tls, _observed_stub)
        self._targets, self._tls = targets, tls
        self._sizes: tuple[EmbedSizes, float] | None = None  # and when they were asked for

    @property
    def _stub(self) -> MlCoreStub:
        return self.link.stub

    def close(self) -> None:
        self.link.close()

    def is_ready(self) -> bool:
        try:
            self._stub.GetInfo(pb.GetInfoRequest(), timeout=2)
        except grpc.RpcError:
            return False
        return True

    def space(self) -> str:
        """The feature space that photos are embedded in now; raises UnavailableError."""
        # Asked anew each time: with features of the space before an upgrade a run would be refused.
        return self._info().space

    def _info(self) -> pb.GetInfoResponse:
        try:
            return self._stub.GetInfo(pb.GetInfoRequest(), timeout=INFO_TIMEOUT_S)
        except grpc.RpcError as exc:
            _raise(exc)

    def embed_sizes(self) -> EmbedSizes:
        """How many photos are worth sending; asked for once a minute. Raises UnavailableError."""
        now = time.monotonic()
        kept = self._sizes
        if kept is not None and now - kept[1] < EMBED_SIZES_KEPT_S:
            return kept[0]
        info = self._info()
        sizes = EmbedSizes(
            info.max_photos_per_embed or PHOTOS_PER_EMBED, info.photos_at_once or PHOTOS_AT_ONCE
        )
        self._sizes = (sizes, now)
        return sizes

    def forget(self, models: Sequence[str]) -> TierForgot:
        """Every server drops the models whose ids begin so, and what it freed; takes up to twelve seconds."""
        return forget_on_each(self._targets, self._tls, models)

    def embed(self, photos: Sequence[PhotoSource]) -> list[Embedded]:
        """Features of each photo, or its error key; raises UnavailableError when nobody answers."""
        found: list[Embedded] = []
        size = self.embed_sizes().per_call
        until = time.monotonic() + EMBED_TIMEOUT_S
        try:
            for start in range(0, len(photos), size):
                request = pb.EmbedRequest(
                    photos=[photo_message(photo) for photo in photos[start : start + size]]
                )
                answer = self._stub.Embed(request, timeout=max(0.0, until - time.monotonic()))
                found.extend(embedded(photo) for photo in answer.photos)
        except grpc.RpcError as exc:
            self._sizes = None  # another release may have been the reason
            _raise(exc)
        return found

    def train(
        self,
        labels: Sequence[str],
        examples: Sequence[Example],
        on_progress: Callable[[str, float], None],
    ) -> Trained:
        """Fit on ready features; `on_progress` is called in this thread as events come."""
        curve: list[CurvePoint] = []
        result: pb.TrainResult | None = None
        call = self._stub.Train(train_requests(labels, examples), timeout=TRAIN_TIMEOUT_S)
        try:
            for event in call:
                kind = event.WhichOneof("event")
                if kind == "progress":
                    stage = pb.Stage.Name(event.progress.stage).removeprefix("STAGE_").lower()
                    on_progress(stage, event.progress.fraction)
                elif kind == "curve_point":
                    point = event.curve_point
                    curve.append(CurvePoint(point.photos_per_label, point.correct, point.total))
                elif kind == "result":  # the last one: the call then ends by itself
                    result = event.result
        except grpc.RpcError as exc:
            _raise(exc)
        finally:
            call.cancel()
        if result is None:
            raise UnavailableError
        return trained(result, curve)

    def predict_features(
        self,
        model_id: str,
        model: Callable[[], bytes],
        featured: Sequence[tuple[str, Features]],
        look_around_on: Sequence[tuple[str, Features]] = (),
    ) -> list[Prediction]:
        first = featured_photos(look_around_on)
        found: list[Prediction] = []
        for batch in batches(featured_photos(featured)):
            request = pb.PredictRequest(model=pb.ModelRef(id=model_id), featured=batch, look_around_on=first)
            answer = self._ask(self._stub.Predict, request, model, PREDICT_TIMEOUT_S)
            if first and not answer.looked_around:
                raise UnavailableError  # a server of the release before: its numbers would be the plain ones
            found.extend(prediction(item) for item in answer.predictions)
        return found

    def predict_frame(
        self,
        model_id: str,
        model: Callable[[], bytes],
        jpeg: bytes,
        scene: bytes | None = None,
        look_around: bool = False,
    ) -> FrameSeen:
        """One frame by itself, or with `scene` as the next one of a stream: what the last answer gave, empty
        at first. A compute tier of the release before knows no streams and judges each frame by itself."""
        request = pb.PredictRequest(model=pb.ModelRef(id=model_id), photos=[pb.Photo(id="frame", image=jpeg)])
        if scene is not None:
            request.stream.CopyFrom(pb.Stream(scene=scene, look_around=look_around))
        answer = self._ask(self._stub.Predict, request, model, FRAME_TIMEOUT_S)
        seen = answer.stream
        return FrameSeen(prediction(answer.predictions[0]), seen.scene, seen.variety, seen.looked_around)

    def explain(
        self,
        model_id: str,
        model: Callable[[], bytes],
        jpeg: bytes,
        candidates: Sequence[tuple[str, Features]],
        label: str = "",
    ) -> Explained:
        """Where in the photo `label` was seen, by default the guessed one, and which candidates are most like
        it. Raises MlRefusedError `unknown_label` for one that the model was not taught."""
        request = pb.ExplainRequest(
            model=pb.ModelRef(id=model_id),
            photo=pb.Photo(id="frame", image=jpeg),
            candidates=featured_photos(candidates),
            label=label,
        )
        answer = self._ask(self._stub.Explain, request, model, PREDICT_TIMEOUT_S)
        return Explained(
            prediction=prediction(answer.prediction),
            label=answer.label,
            rows=answer.heatmap.rows,
            columns=answer.heatmap.columns,
            heat=answer.heatmap.values,
            nearest=tuple(item.id for item in answer.nearest),
        )

    @staticmethod
    def _ask(
        call: Callable[..., _Reply],
        request: pb.PredictRequest | pb.ExplainRequest,
        model: Callable[[], bytes],
        timeout_s: float,
    ) -> _Reply:
        """Ask with the model's id alone; only a server that has not seen it gets its bytes."""
        try:
            return call(request, timeout=timeout_s)
        except grpc.RpcError as exc:
            if _error_key(exc) != ModelUnknownError.reason:
                _raise(exc)
        request.model.model = model()
        try:
            return call(request, timeout=timeout_s)
        except grpc.RpcError as exc:
            _raise(exc)


def _observed_stub(channel: grpc.Channel) -> MlCoreStub:
    return MlCoreStub(grpc.intercept_channel(channel, ClientCallObserver()))


def _error_key(exc: grpc.RpcError) -> str:
    if isinstance(exc, grpc.Call):
        for name, value in exc.trailing_metadata() or ():
            if name == "error-key":
                return value.decode() if isinstance(value, bytes) else value
    return ""


_TRY_LATER = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.ABORTED,
}


def _raise(exc: grpc.RpcError) -> NoReturn:
    """Map a status to one of our errors, at the edge."""
    code = exc.code() if isinstance(exc, grpc.Call) else grpc.StatusCode.UNKNOWN
    key = _error_key(exc)
    if key == ModelUnknownError.reason:
        raise ModelUnknownError from exc
    if code in _TRY_LATER:
        raise UnavailableError from exc
    if code in {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION}:
        raise MlRefusedError(reason=key) from exc
    # For the log: nobody else is shown the words of the compute tier.
    raise ClassroomError(
        status=code.name, detail=exc.details() if isinstance(exc, grpc.Call) else ""
    ) from exc
