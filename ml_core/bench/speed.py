"""How fast a server on this machine is: embedding, training taps, live frames beside a training.

A server process of its own is started; photos are drawn here. All in one run, with ratios, because neighbours
on a machine change every absolute figure.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import typer
from PIL import Image

from ml_core.config import DEFAULT_BACKBONE, DEFAULT_VIEWS, MAX_MESSAGE_BYTES
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc import ml_core_pb2_grpc
from ml_core.errors import BackboneError
from ml_core.vision.features import Embedder
from ml_core.vision.networks import has_torch
from ml_core.vision.shrink import Pixels

LABELS, PHOTOS_PER_LABEL, GROUPS = 5, 20, 10
FRAMES, FRAMES_PER_SECOND = 50, 5
BARE_VIEWS = 32
_OPTIONS = [
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
]


def run_speed(backbone: str) -> None:
    embedder = Embedder(backbone)  # says at once what is wrong with it, if anything is
    started = time.perf_counter()
    command = [sys.executable, "-m", "ml_core", "serve", "--port", "0", "--backbone", backbone]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None  # noqa: S101  PIPE was asked for
        ready = process.stdout.readline()
        if not ready:
            raise BackboneError("the server ended before it was ready; its own message is above")
        typer.echo(f"{backbone}, server start to ready: {time.perf_counter() - started:.1f} s")
        with grpc.insecure_channel(ready.split()[-1], options=_OPTIONS) as channel:
            _measure(ml_core_pb2_grpc.MlCoreStub(channel), process.pid, embedder)
        typer.echo(f"resident memory: {_peak_megabytes(process.pid)} MB at most")
    finally:
        process.terminate()
        process.wait()


def _measure(stub: ml_core_pb2_grpc.MlCoreStub, server: int, embedder: Embedder) -> None:
    photos = [_drawn(seed, seed % LABELS) for seed in range(LABELS * PHOTOS_PER_LABEL)]
    _embed(stub, photos[:10])  # warms it up
    before = _cpu_seconds(server)
    embedded, seconds = _embed(stub, photos)
    views = len(photos) * DEFAULT_VIEWS
    per_view, cpu_per_view = seconds / views, (_cpu_seconds(server) - before) / views
    bare, bare_cpu = _backbone_seconds_per_view(embedder)
    typer.echo(
        f"Embed: {len(photos) / seconds:.1f} photos/s, {DEFAULT_VIEWS} views, {per_view * 1e3:.1f} ms each: "
        f"{bare / per_view:.2f} of the bare backbone's speed ({bare * 1e3:.1f} ms)"
    )
    if embedder.spec.name == DEFAULT_BACKBONE and has_torch():
        plain = _package_seconds_per_view(embedder)
        typer.echo(f"the package's own modules take {plain / bare:.1f} times as long ({plain * 1e3:.1f} ms)")
    examples = [
        pb.Example(id=part.id, label=f"label {index % LABELS}", features=part.features)
        for index, part in enumerate(embedded)
    ]
    taps = sorted(_tap(stub, examples, seed)[0] for seed in range(5))
    with ThreadPoolExecutor(GROUPS) as pool:
        last = max(seconds for seconds, _ in pool.map(lambda seed: _tap(stub, examples, seed), range(GROUPS)))
    model_id = _tap(stub, examples, 0)[1]
    typer.echo(
        f"in processor time, which depends less on neighbours: {cpu_per_view * 1e3:.1f} ms a view with "
        f"decoding and cutting, the bare backbone {bare_cpu * 1e3:.1f} ms"
    )
    typer.echo(
        f"Train, {LABELS} x {PHOTOS_PER_LABEL} photos: {taps[2]:.2f} s at the median; "
        f"{GROUPS} groups at once: {last:.2f} s for the last"
    )
    quiet = _frames(stub, model_id, photos)
    stopping = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_train_until, stub, examples, stopping)
        busy = _frames(stub, model_id, photos)
        stopping.set()
    typer.echo(
        f"Predict at {FRAMES_PER_SECOND} a second: p50 {quiet[0] * 1e3:.0f} ms, p95 {quiet[1] * 1e3:.0f} ms; "
        f"while trainings run: p50 {busy[0] * 1e3:.0f} ms, p95 {busy[1] * 1e3:.0f} ms"
    )


def _drawn(seed: int, label: int) -> bytes:
    """640 x 480, coloured patches: as many bytes as an iPad's shrunk photo."""
    rng = np.random.default_rng(seed)
    patches = rng.integers(0, 256, (6 + 4 * label, 8, 3), np.uint8)
    noise = rng.integers(-12, 12, (480, 640, 3))
    large = np.asarray(Image.fromarray(patches).resize((640, 480), Image.Resampling.BICUBIC), np.int64)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(large + noise, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _embed(stub: ml_core_pb2_grpc.MlCoreStub, photos: list[bytes]) -> tuple[list[pb.EmbeddedPhoto], float]:
    """In calls of ten from two callers, as groups send them."""
    calls = [
        pb.EmbedRequest(
            photos=[
                pb.Photo(id=str(start + i), image=data) for i, data in enumerate(photos[start : start + 10])
            ]
        )
        for start in range(0, len(photos), 10)
    ]
    started = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(stub.Embed, calls))
    return [part for answer in answers for part in answer.photos], time.perf_counter() - started


def _random_views(embedder: Embedder) -> Pixels:
    side = embedder.input_side
    return np.random.default_rng(0).integers(0, 256, (BARE_VIEWS, side, side, 3), np.uint8)


def _backbone_seconds_per_view(embedder: Embedder) -> tuple[float, float]:
    """Without a server around it: seconds and processor seconds."""
    views = _random_views(embedder)
    seconds, cpu = _median_seconds(lambda: embedder.embed(views))
    return seconds / BARE_VIEWS, cpu / BARE_VIEWS


def _package_seconds_per_view(embedder: Embedder) -> float:
    """The default backbone's modules as its package has them, on the same views."""
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    package = EfficientNet.from_name("efficientnet-lite0").eval().to(embedder.device)
    views = torch.from_numpy(_random_views(embedder)).to(embedder.device)
    x = views.permute(0, 3, 1, 2).float().contiguous()
    with torch.inference_mode():
        return _median_seconds(lambda: package.extract_features(x).cpu())[0] / BARE_VIEWS


def _median_seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds of one call."""
    work()
    times, cpu_before = [], time.process_time()
    for _ in range(5):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return sorted(times)[2], (time.process_time() - cpu_before) / 5


def _tap(stub: ml_core_pb2_grpc.MlCoreStub, examples: list[pb.Example], seed: int) -> tuple[float, str]:
    """Seconds from the call to the result, and the model's id."""

    def requests() -> Iterator[pb.TrainRequest]:
        labels = [f"label {index}" for index in range(LABELS)]
        yield pb.TrainRequest(config=pb.TrainConfig(labels=labels, seed=seed))
        yield pb.TrainRequest(batch=pb.ExampleBatch(examples=examples))

    started = time.perf_counter()
    events = list(stub.Train(requests()))
    return time.perf_counter() - started, events[-1].result.model_id


def _train_until(
    stub: ml_core_pb2_grpc.MlCoreStub, examples: list[pb.Example], stopping: threading.Event
) -> None:
    seed = 0
    while not stopping.is_set():
        _tap(stub, examples, seed)
        seed += 1


def _frames(stub: ml_core_pb2_grpc.MlCoreStub, model_id: str, photos: list[bytes]) -> tuple[float, float]:
    """Median and 95th percentile of live frames at a steady rate."""
    times = []
    for number in range(FRAMES):
        due = time.perf_counter() + 1 / FRAMES_PER_SECOND
        started = time.perf_counter()
        stub.Predict(
            pb.PredictRequest(
                model=pb.ModelRef(id=model_id), photos=[pb.Photo(image=photos[number % len(photos)])]
            )
        )
        times.append(time.perf_counter() - started)
        time.sleep(max(0.0, due - time.perf_counter()))
    return float(np.quantile(times, 0.5)), float(np.quantile(times, 0.95))


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process so far; 0 where there is no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_megabytes(pid: int) -> str:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return "unknown"
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return str(int(line.split()[1]) // 1024)
