"""How fast a server on this machine is: embedding, live frames beside a full queue, training taps, memory.

A server process of its own is started; photos are drawn here. All in one run, with ratios, because neighbours
on a machine change every absolute figure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import grpc
import numpy as np
import typer

from ml_core.bench.speed_calls import GROUPS, LABELS, OPTIONS, PHOTOS_PER_LABEL, Caller, drawn, examples_of
from ml_core.config import DEFAULT_BACKBONE, DEFAULT_VIEWS
from ml_core.contract.blobs import FolderBlobs
from ml_core.contract.rpc import ml_core_pb2_grpc
from ml_core.errors import BackboneError
from ml_core.vision.features import Embedder
from ml_core.vision.networks import has_cuda, has_torch
from ml_core.vision.parts import Part
from ml_core.vision.shrink import Pixels

BARE_TIMES = 5
CARDS_PHOTOS = 1_200  # of a run on a card, so that it lasts seconds; on the CPU there are a hundred
FRAMES = 50


@dataclass(frozen=True)
class SpeedFigures:
    """Of one server on one device. Shares are of the bare backbone's speed in the same run."""

    backbone: str
    device: str
    cores: int
    ready_s: float
    photos_per_second: float
    views: int
    bare_views_per_second: float
    share_of_bare: float
    cpu_ms_per_photo: float  # of the server's processes, on all cores
    train_s: float  # the middle of five
    groups_per_minute: float  # ten groups that tap at once
    frame_p50_ms: float
    frame_p95_ms: float
    frame_p95_full_queue_ms: float  # beside as many new photos as the server takes
    frame_p95_training_ms: float
    memory_mb: int | None  # of the server's process at most
    card_memory_mb: int | None

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def run_speed(backbone: str, device: str = "", out: Path | None = None) -> SpeedFigures:
    """Measure, print, and write JSON where asked for. Raises BackboneError."""
    device = "cuda:0" if device == "cuda" else device
    if device.startswith("cuda") and not (has_cuda() and has_torch()):
        raise BackboneError(f"there is no {device} here")
    embedder = Embedder(backbone, device)  # says at once what is wrong with it, if anything is
    with tempfile.TemporaryDirectory(prefix="ml-core-speed-") as folder:
        found = _measured(embedder, device, Path(folder))
    _say(found)
    if embedder.is_on_cpu and backbone == DEFAULT_BACKBONE and has_torch():
        plain = _package_seconds_per_view(embedder) * found.bare_views_per_second
        typer.echo(f"the package's own modules take {plain:.1f} times as long as the bare backbone")
    if out is not None:
        found.write(out)
    return found


def _measured(embedder: Embedder, device: str, folder: Path) -> SpeedFigures:
    started = time.perf_counter()
    command = [sys.executable, "-m", "ml_core", "serve", "--port", "0", "--backbone", embedder.spec.name]
    command += ["--blobs", folder.as_uri(), *(["--device", device] if device else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101  PIPE was asked for
            ready = process.stdout.readline()
            ready_s = time.perf_counter() - started
            if not ready:
                raise BackboneError("the server ended before it was ready; its own message is above")
            with grpc.insecure_channel(ready.split()[-1], options=OPTIONS) as channel:
                caller = Caller(ml_core_pb2_grpc.MlCoreStub(channel), embedder.photos_at_once(DEFAULT_VIEWS))
                return _figures(caller, embedder, FolderBlobs(folder), process.pid, ready_s)
        finally:
            process.terminate()


def _figures(
    caller: Caller, embedder: Embedder, store: FolderBlobs, server: int, ready_s: float
) -> SpeedFigures:
    kinds = [drawn(seed, seed % LABELS) for seed in range(LABELS * PHOTOS_PER_LABEL)]
    places = []
    for number, data in enumerate(kinds):
        store.put(f"{number}.jpg", data)
        places.append(store.uri(f"{number}.jpg"))
    photos = places if embedder.is_on_cpu else places * (CARDS_PHOTOS // len(places))
    caller.embed(photos[: max(10, len(photos) // 4)])  # warms it up: sizes of photos, memory
    cpu_before = _cpu_seconds(server)
    embedded, seconds = caller.embed(photos)
    cpu = _cpu_seconds(server) - cpu_before
    bare = _bare_views_per_second(embedder)
    examples = examples_of(embedded[: len(kinds)])
    taps = sorted(caller.tap(examples, seed)[0] for seed in range(5))
    with ThreadPoolExecutor(GROUPS) as pool:
        last = max(took for took, _ in pool.map(lambda seed: caller.tap(examples, seed), range(GROUPS)))
    model_id = caller.tap(examples, 0)[1]
    quiet = caller.frames(model_id, kinds, FRAMES)
    full = beside(lambda: caller.embed(photos), lambda: caller.frames(model_id, kinds, FRAMES))
    training = beside(lambda: caller.tap(examples, 0), lambda: caller.frames(model_id, kinds, FRAMES))
    card = caller.card_bytes(embedder)
    return SpeedFigures(
        backbone=embedder.spec.name,
        device=embedder.device_name,
        cores=os.cpu_count() or 1,
        ready_s=round(ready_s, 2),
        photos_per_second=round(len(photos) / seconds, 1),
        views=DEFAULT_VIEWS,
        bare_views_per_second=round(bare, 1),
        share_of_bare=round(len(photos) * DEFAULT_VIEWS / seconds / bare, 3),
        cpu_ms_per_photo=round(1000 * cpu / len(photos), 1),
        train_s=round(taps[2], 3),
        groups_per_minute=round(60 * GROUPS / last, 1),
        frame_p50_ms=_ms(quiet, 0.5),
        frame_p95_ms=_ms(quiet, 0.95),
        frame_p95_full_queue_ms=_ms(full, 0.95),
        frame_p95_training_ms=_ms(training, 0.95),
        memory_mb=_peak_megabytes(server),
        card_memory_mb=None if card is None else card // 1_000_000,
    )


def beside(work: Callable[[], object], measured: Callable[[], list[float]]) -> list[float]:
    """What is measured while `work` is done again and again; errors of either are raised."""
    stopping = threading.Event()

    def again() -> None:
        while not stopping.is_set():
            work()

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(again)
        try:
            found = measured()
        finally:
            stopping.set()
        working.result()
    return found


def _say(found: SpeedFigures) -> None:
    memory = f"{found.memory_mb} MB" if found.memory_mb is not None else "unknown"
    card = f"; on the card {found.card_memory_mb} MB" if found.card_memory_mb is not None else ""
    lines = [
        f"{found.backbone} on {found.device}, {found.cores} cores; ready after {found.ready_s:.1f} s",
        f"Embed: {found.photos_per_second:.1f} photos/s of {found.views} views: {found.share_of_bare:.2f} of "
        f"the bare backbone's speed ({found.bare_views_per_second:.0f} views/s); "
        f"{found.cpu_ms_per_photo:.1f} ms of processor a photo",
        f"Train, {LABELS} x {PHOTOS_PER_LABEL} photos: {found.train_s:.2f} s at the median; "
        f"{GROUPS} groups at once: {found.groups_per_minute:.0f} groups a minute",
        f"Predict: p50 {found.frame_p50_ms:.0f} ms, p95 {found.frame_p95_ms:.0f} ms; beside a full queue of "
        f"new photos p95 {found.frame_p95_full_queue_ms:.0f} ms, beside trainings "
        f"{found.frame_p95_training_ms:.0f} ms",
        f"resident memory: {memory} at most{card}",
    ]
    for line in lines:
        typer.echo(line)


def _bare_views_per_second(embedder: Embedder) -> float:
    """Without a server around it, in passes as large as it takes, begun one behind the other."""
    views = _random_views(embedder)
    part = Part(views, len(views))
    times = []
    embedder.begin([part])()
    for _ in range(BARE_TIMES):
        started = time.perf_counter()
        for waiting in [embedder.begin([part]) for _ in range(embedder.passes_at_once)]:
            waiting()
        times.append((time.perf_counter() - started) / embedder.passes_at_once)
    return len(views) / sorted(times)[BARE_TIMES // 2]


def _random_views(embedder: Embedder) -> Pixels:
    side = embedder.input_side
    return np.random.default_rng(0).integers(0, 256, (embedder.max_batch, side, side, 3), np.uint8)


def _package_seconds_per_view(embedder: Embedder) -> float:
    """The default backbone's modules as its package has them, on the same views."""
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    package = EfficientNet.from_name("efficientnet-lite0").eval()
    views = _random_views(embedder)
    x = torch.from_numpy(views).permute(0, 3, 1, 2).float().contiguous()
    with torch.inference_mode():
        package.extract_features(x)
        started = time.perf_counter()
        for _ in range(BARE_TIMES):
            package.extract_features(x)
        return (time.perf_counter() - started) / BARE_TIMES / len(views)


def _ms(seconds: list[float], share: float) -> float:
    return round(1000 * float(np.quantile(seconds, share)), 1)


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process so far; 0 where there is no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_megabytes(pid: int) -> int | None:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024
