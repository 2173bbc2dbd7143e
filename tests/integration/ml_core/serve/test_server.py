"""The contract over a real channel: the good path, every bad input, cancel, TLS, stop."""

from __future__ import annotations

import datetime as dt
import ipaddress
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health_pb2, health_pb2_grpc

from classroom_app.compute.client import GrpcMlClient
from classroom_app.compute.interface import Features
from ml_core import config
from ml_core.config import ServerConfig, TlsFiles
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc import ml_core_pb2_grpc
from ml_core.contract.rpc.ml_core_pb2_grpc import MlCoreStub
from ml_core.learn import scene as scenes
from ml_core.learn.checkpoint import from_bytes
from ml_core.learn.fit import Callbacks
from ml_core.serve import servicer
from ml_core.serve.server import create_server
from ml_core.vision.features import Embedder
from tests.support.drawn_patches import SHAPES, photo


def embed(
    stub: MlCoreStub, photos: Sequence[tuple[str, bytes]], views: int = 2
) -> Sequence[pb.EmbeddedPhoto]:
    request = pb.EmbedRequest(photos=[pb.Photo(id=name, image=data) for name, data in photos], views=views)
    return stub.Embed(request, timeout=30).photos


def examples(stub: MlCoreStub, per_label: int = 6) -> list[pb.Example]:
    found = []
    for shape in SHAPES:
        for part in embed(stub, [(f"{shape}{i}", photo(shape, i)) for i in range(per_label)]):
            found.append(pb.Example(id=part.id, label=shape, features=part.features))
    return found


def requests(
    found: Sequence[pb.Example], labels: Sequence[str] = SHAPES, **settings: Any
) -> Iterator[pb.TrainRequest]:
    yield pb.TrainRequest(config=pb.TrainConfig(labels=labels, **settings))
    for start in range(0, len(found), 5):
        yield pb.TrainRequest(batch=pb.ExampleBatch(examples=found[start : start + 5]))


@pytest.fixture(scope="module")
def learned(served: SimpleNamespace) -> list[pb.Example]:
    return examples(served.stub)


@pytest.fixture(scope="module")
def events(served: SimpleNamespace, learned: list[pb.Example]) -> list[pb.TrainEvent]:
    return list(served.stub.Train(requests(learned), timeout=60))


@pytest.fixture(scope="module")
def result(events: list[pb.TrainEvent]) -> pb.TrainResult:
    return events[-1].result


def test_info_says_what_embed_makes(served: SimpleNamespace) -> None:
    info = served.stub.GetInfo(pb.GetInfoRequest())
    part = embed(served.stub, [("a", photo("disc", 1))], views=0)[0]
    assert (part.features.space, part.features.length) == (info.space, info.feature_length)
    assert part.features.views == info.default_views
    assert len(part.features.values) == 2 * info.feature_length * info.default_views
    assert info.photos_at_once == served.embedder.photos_at_once(info.default_views) == 8
    assert info.backbone == "efficientnet_lite0"
    assert info.space.startswith(f"{info.backbone}.")


def test_info_says_which_backbone_was_selected(tiny_backbone: str) -> None:
    server, port = create_server(ServerConfig(port=0, device="cpu", backbone=tiny_backbone))
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = ml_core_pb2_grpc.MlCoreStub(channel)
            info = stub.GetInfo(pb.GetInfoRequest())
            assert (info.backbone, info.feature_length) == (tiny_backbone, 18)
            assert embed(stub, [("a", photo("disc", 1))])[0].features.space == info.space
    finally:
        server.stop(0)


def test_embed_reads_blobs_and_names_what_it_cannot_read(served: SimpleNamespace) -> None:
    served.blobs.put("groups/1/a.jpg", photo("box", 2))
    uris = [served.blobs.uri("groups/1/a.jpg"), served.blobs.uri("groups/1/b.jpg"), "file:///etc/hostname"]
    photos = [pb.Photo(id=str(i), uri=uri) for i, uri in enumerate(uris)]
    photos += [pb.Photo(id="3", image=b"junk"), pb.Photo(id="4", image=photo("box", 2)), pb.Photo(id="5")]
    parts = served.stub.Embed(pb.EmbedRequest(photos=photos, views=1)).photos
    assert [part.id for part in parts] == list("012345")
    assert [part.error_key for part in parts] == [
        "", "photo_missing", "photo_missing", "photo_unreadable", "", "photo_unreadable",
    ]  # fmt: skip
    first, again = (np.frombuffer(parts[i].features.values, np.float16).astype(np.float32) for i in (0, 4))
    assert first @ again / np.linalg.norm(first) / np.linalg.norm(again) > 0.999


def test_train_streams_progress_then_curve_then_a_result(events: list[pb.TrainEvent]) -> None:
    kinds = [event.WhichOneof("event") for event in events]
    assert kinds[0] == "progress"
    assert "curve_point" in kinds
    assert kinds.count("result") == 1
    assert kinds[-1] == "result"
    fractions = [event.progress.fraction for event in events if event.WhichOneof("event") == "progress"]
    assert fractions == sorted(fractions)


def test_the_result_carries_its_self_check_and_how_it_was_fitted(result: pb.TrainResult) -> None:
    assert result.recipe == "closed-form"
    assert [row.label for row in result.self_check] == list(SHAPES)
    assert sum(sum(row.counts) for row in result.self_check) == 18


def test_explain_shows_where_and_what_is_like_it(
    served: SimpleNamespace, learned: list[pb.Example], result: pb.TrainResult
) -> None:
    ref = pb.ModelRef(id=result.model_id)
    candidates = [pb.FeaturedPhoto(id=part.id, features=part.features) for part in learned]
    seen = photo("box", 3)
    answer = served.stub.Explain(
        pb.ExplainRequest(model=ref, photo=pb.Photo(id="x", image=seen), candidates=candidates)
    )
    assert answer.label == answer.prediction.scores[0].label
    assert len(answer.heatmap.values) == answer.heatmap.rows * answer.heatmap.columns > 0
    assert answer.nearest[0].id == "box3"
    other = served.stub.Explain(pb.ExplainRequest(model=ref, photo=pb.Photo(image=seen), label="stripes"))
    assert other.label == "stripes"
    assert other.heatmap.values != answer.heatmap.values
    bad = served.stub.Explain(pb.ExplainRequest(model=ref, photo=pb.Photo(image=b"junk")))
    assert bad.prediction.error_key == "photo_unreadable"
    with pytest.raises(grpc.RpcError) as caught:
        served.stub.Explain(pb.ExplainRequest(model=ref, photo=pb.Photo(image=seen), label="cat"))
    check(caught.value, grpc.StatusCode.INVALID_ARGUMENT, "unknown_label")


def test_predict_by_id_by_bytes_and_by_features(
    served: SimpleNamespace, learned: list[pb.Example], result: pb.TrainResult
) -> None:
    photos = [pb.Photo(id="p", image=photo("disc", 99))]
    featured = [pb.FeaturedPhoto(id=part.id, features=part.features) for part in learned]
    by_id = served.stub.Predict(pb.PredictRequest(model=pb.ModelRef(id=result.model_id), photos=photos))
    by_bytes = served.stub.Predict(
        pb.PredictRequest(
            model=pb.ModelRef(id=result.model_id, model=result.model), photos=photos, featured=featured
        )
    )
    assert [p.id for p in by_bytes.predictions] == ["p", *(part.id for part in learned)]
    for prediction in (*by_id.predictions, *by_bytes.predictions):
        values = [score.probability for score in prediction.scores]
        assert sum(values) == pytest.approx(1, abs=1e-5)
        assert values == sorted(values, reverse=True)
        assert {score.label for score in prediction.scores} == set(SHAPES)
    right = sum(
        p.scores[0].label == part.label for p, part in zip(by_bytes.predictions[1:], learned, strict=True)
    )
    assert right >= 0.9 * len(learned)


def test_frames_of_a_stream_carry_the_scene_and_photos_by_themselves_do_not(
    served: SimpleNamespace, result: pb.TrainResult
) -> None:
    model = pb.ModelRef(id=result.model_id, model=result.model)
    frames = [pb.Photo(id="frame", image=photo(shape, 50 + i)) for i in range(4) for shape in SHAPES]
    scene, varieties = b"", []
    for frame in frames:
        asked = pb.PredictRequest(
            model=model, photos=[frame], stream=pb.Stream(scene=scene, look_around=True)
        )
        answer = served.stub.Predict(asked, timeout=30)
        assert len(answer.predictions) == 1
        scene = answer.stream.scene
        varieties.append(answer.stream.variety)
    assert varieties[0] == 0
    assert varieties[-1] > 0.5
    assert len(scene) < 16_000
    plain = served.stub.Predict(pb.PredictRequest(model=model, photos=frames[:1]), timeout=30)
    assert not plain.HasField("stream")
    broken = pb.PredictRequest(
        model=model,
        photos=[frames[0], pb.Photo(id="broken", image=b"x")],
        stream=pb.Stream(scene=scene),
    )
    answer = served.stub.Predict(broken, timeout=30)
    assert [part.error_key for part in answer.predictions] == ["", "photo_unreadable"]
    assert not answer.stream.looked_around


def test_photos_are_judged_by_themselves_after_looking_around_on_others(
    served: SimpleNamespace, learned: list[pb.Example], result: pb.TrainResult
) -> None:
    """The numbers are those of `learn/scene.py` on the same rows, and the way there is the web tier's own."""
    length = learned[0].features.length
    place = np.random.default_rng(0).normal(size=length).astype(np.float32) * np.float32(0.6 / length**0.5)
    moved = {}
    for part in learned:
        views = np.frombuffer(part.features.values, "<f2").reshape(-1, length) + place
        moved[part.id] = Features(part.features.space, len(views), length, views.astype("<f2").tobytes())
    # A dozen of mixed shapes; the rest is what is asked.
    first = [(name, moved[name]) for name in [f"{shape}{i}" for i in range(4) for shape in SHAPES]]
    asked = [(name, item) for name, item in moved.items() if name not in dict(first)]
    client = GrpcMlClient(f"127.0.0.1:{served.port}")
    try:
        plain = client.predict_features(result.model_id, lambda: result.model, asked)
        looked = client.predict_features(result.model_id, lambda: result.model, asked, first)
    finally:
        client.close()
    model = from_bytes(result.model)
    rows = {name: np.frombuffer(item.values, "<f2").reshape(-1, length) for name, item in moved.items()}
    means = {name: views.astype(np.float32).mean(0) for name, views in rows.items()}
    scene = scenes.after_looking(model, np.stack([means[name] for name, _ in first]))
    assert scene is not None
    assert scene.adopted is not None
    expected, unsure = scenes.guesses_in(model, np.stack([means[name] for name, _ in asked]), scene)
    for answer, shares, is_unsure in zip(looked, expected, unsure, strict=True):
        assert [dict(answer.scores)[label] for label in SHAPES] == pytest.approx(shares.tolist(), abs=1e-4)
        assert answer.unsure == bool(is_unsure)
    assert [answer.scores for answer in looked] != [answer.scores for answer in plain]


def test_a_place_to_look_around_is_not_beside_a_stream(
    served: SimpleNamespace, learned: list[pb.Example], result: pb.TrainResult
) -> None:
    featured = [pb.FeaturedPhoto(id=part.id, features=part.features) for part in learned]
    asked = pb.PredictRequest(
        model=pb.ModelRef(id=result.model_id, model=result.model),
        featured=featured,
        look_around_on=featured,
    )
    assert served.stub.Predict(asked, timeout=30).looked_around
    asked.stream.CopyFrom(pb.Stream(look_around=True))
    with pytest.raises(grpc.RpcError) as caught:
        served.stub.Predict(asked, timeout=30)
    check(caught.value, grpc.StatusCode.INVALID_ARGUMENT, "two_places")


def test_a_scene_that_is_none_has_a_key(served: SimpleNamespace, result: pb.TrainResult) -> None:
    asked = pb.PredictRequest(
        model=pb.ModelRef(id=result.model_id, model=result.model),
        photos=[pb.Photo(image=photo("disc", 1))],
        stream=pb.Stream(scene=b"junk"),
    )
    with pytest.raises(grpc.RpcError) as caught:
        served.stub.Predict(asked, timeout=30)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert str(caught.value.details()).startswith("bad_scene")


def test_the_same_seed_gives_the_same_model(served: SimpleNamespace, learned: list[pb.Example]) -> None:
    ids = {list(served.stub.Train(requests(learned, seed=5)))[-1].result.model_id for _ in range(2)}
    assert len(ids) == 1


def changed(example: pb.Example, **values: Any) -> pb.Example:
    copy = pb.Example()
    copy.CopyFrom(example)
    for name, value in values.items():
        setattr(copy.features, name, value)
    return copy


BAD_TRAINS: dict[str, Callable[[list[pb.Example]], Iterator[pb.TrainRequest]]] = {
    "too_few_labels": lambda found: requests([e for e in found if e.label == "disc"], ["disc"]),
    "empty_label": lambda found: requests(found, [*SHAPES, "nothing"]),
    "no_photos": lambda found: requests([]),
    "unknown_label": lambda found: requests(found, SHAPES[:2]),
    "repeated_label": lambda found: requests(found, [*SHAPES, "disc"]),
    "wrong_feature_length": lambda found: requests([*found, changed(found[0], length=7)]),
    "wrong_space": lambda found: requests([*found, changed(found[0], space="other.1")]),
    "bad_features": lambda found: requests(
        [changed(found[0], values=b"\xff" * len(found[0].features.values))]
    ),
    "config_missing": lambda found: iter([pb.TrainRequest(batch=pb.ExampleBatch(examples=found[:1]))]),
    "config_repeated": lambda found: iter([pb.TrainRequest(config=pb.TrainConfig(labels=SHAPES))] * 2),
    "too_many_photos": lambda found: (
        part for part in [*requests([]), *[pb.TrainRequest(batch=pb.ExampleBatch(examples=found))] * 1000]
    ),
}


@pytest.mark.parametrize("key", BAD_TRAINS)
def test_bad_training_sets_have_a_key_each(
    served: SimpleNamespace, learned: list[pb.Example], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "MAX_PHOTOS_PER_TRAIN", 200)
    with pytest.raises(grpc.RpcError) as caught:
        list(served.stub.Train(BAD_TRAINS[key](learned), timeout=30))
    check(caught.value, grpc.StatusCode.INVALID_ARGUMENT, key)


def check(error: grpc.RpcError, code: grpc.StatusCode, key: str) -> None:
    assert isinstance(error, grpc.Call)
    assert error.code() == code
    assert dict(error.trailing_metadata() or ())["error-key"] == key
    assert (error.details() or "").startswith(key)


def test_bad_predictions_have_a_key_each(
    served: SimpleNamespace, learned: list[pb.Example], result: pb.TrainResult
) -> None:
    good = pb.ModelRef(id=result.model_id)
    image = [pb.Photo(id="p", image=photo("disc", 1))]
    wrong = pb.FeaturedPhoto(id="f", features=changed(learned[0], space="other.1").features)
    cases = [
        (
            pb.PredictRequest(model=pb.ModelRef(id="0" * 64), photos=image),
            "FAILED_PRECONDITION",
            "model_unknown",
        ),
        (
            pb.PredictRequest(model=pb.ModelRef(id="0" * 64, model=b"junk")),
            "FAILED_PRECONDITION",
            "model_corrupt",
        ),
        (pb.PredictRequest(model=good, photos=image * 65), "INVALID_ARGUMENT", "too_many_photos"),
        (pb.PredictRequest(model=good, featured=[wrong]), "INVALID_ARGUMENT", "wrong_space"),
    ]
    for request, code, key in cases:
        with pytest.raises(grpc.RpcError) as caught:
            served.stub.Predict(request)
        check(caught.value, grpc.StatusCode[code], key)
    part = served.stub.Predict(
        pb.PredictRequest(model=good, photos=[pb.Photo(id="x", image=b"junk")])
    ).predictions[0]
    assert part.error_key == "photo_unreadable"
    with pytest.raises(grpc.RpcError) as caught:
        served.stub.Embed(pb.EmbedRequest(views=99))
    check(caught.value, grpc.StatusCode.INVALID_ARGUMENT, "too_many_views")


def test_cancelling_stops_the_training(
    served: SimpleNamespace, learned: list[pb.Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, stopped = threading.Event(), threading.Event()

    def slow(photos: object, count: object, seed: object, calls: Callbacks, *features: object) -> None:
        begun.set()
        deadline = time.monotonic() + 10
        while not calls.cancelled() and time.monotonic() < deadline:
            calls.progress("fitting", 0.5)
            time.sleep(0.01)
        stopped.set()
        calls.stop_if_cancelled()

    monkeypatch.setattr(servicer, "train", slow)
    call = served.stub.Train(requests(learned))
    assert begun.wait(5)
    call.cancel()
    assert stopped.wait(5)
    stopped.clear()
    with pytest.raises(grpc.RpcError) as caught:  # a deadline does the same
        list(served.stub.Train(requests(learned), timeout=0.3))
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert stopped.wait(5)


def test_too_much_work_is_busy(embedder: Embedder) -> None:
    settings = ServerConfig(port=0, device="cpu", max_waiting_photos=1, max_waiting_trains=1)
    server, port = create_server(settings, None, embedder)
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = ml_core_pb2_grpc.MlCoreStub(channel)
            with pytest.raises(grpc.RpcError) as caught:
                embed(stub, [(str(i), photo("disc", i)) for i in range(2)])
            check(caught.value, grpc.StatusCode.RESOURCE_EXHAUSTED, "busy")
            assert embed(stub, [("a", photo("disc", 1))])[0].features.views == 2
    finally:
        server.stop(0)


def test_health_and_reflection(served: SimpleNamespace) -> None:
    from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest
    from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub

    health: Any = health_pb2_grpc.HealthStub(served.channel)  # its types know no methods
    answer = health.Check(health_pb2.HealthCheckRequest(service="ml_core.v1.MlCore"))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    reflection: Any = ServerReflectionStub(served.channel)  # nor do these
    listed = next(reflection.ServerReflectionInfo(iter([ServerReflectionRequest(list_services="")])))
    assert "ml_core.v1.MlCore" in {service.name for service in listed.list_services_response.service}


def test_plain_text_is_refused_off_loopback() -> None:
    with pytest.raises(ValueError, match="loopback"):
        create_server(ServerConfig(host="0.0.0.0", port=0))  # noqa: S104  # it has to be refused


def _certificates(folder: Path) -> None:
    now, loopback = dt.datetime.now(dt.UTC), ipaddress.ip_address("127.0.0.1")

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def sign(
        subject: str,
        key: ec.EllipticCurvePrivateKey,
        issuer: str,
        issuer_key: ec.EllipticCurvePrivateKey,
        ca: bool,
    ) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(minutes=5)).not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(loopback)]), critical=False)
        )  # fmt: skip
        return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    keys = {part: ec.generate_private_key(ec.SECP256R1()) for part in ("ca", "server", "client")}
    for part, key in keys.items():
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{part}.key").write_bytes(pem)
        (folder / f"{part}.pem").write_bytes(sign(part, key, "ca", keys["ca"], part == "ca"))


def test_mutual_tls_asks_for_a_certificate(embedder: Embedder, tmp_path: Path) -> None:
    _certificates(tmp_path)
    tls = TlsFiles(tmp_path / "server.key", tmp_path / "server.pem", tmp_path / "ca.pem")
    server, port = create_server(ServerConfig(port=0, device="cpu", tls=tls), None, embedder)
    ca, key, certificate = ((tmp_path / n).read_bytes() for n in ("ca.pem", "client.key", "client.pem"))
    try:
        for pair, works in (((key, certificate), True), ((None, None), False)):
            with grpc.secure_channel(f"127.0.0.1:{port}", grpc.ssl_channel_credentials(ca, *pair)) as channel:
                stub = ml_core_pb2_grpc.MlCoreStub(channel)
                if works:
                    assert stub.GetInfo(pb.GetInfoRequest(), timeout=10).space
                else:
                    with pytest.raises(grpc.RpcError):
                        stub.GetInfo(pb.GetInfoRequest(), timeout=3)
    finally:
        server.stop(0)
