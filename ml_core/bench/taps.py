"""From the tap to the score: how long a fit with its self-check takes as a set grows, features being there,
and what a frame of a camera costs beyond its features.

The rows are drawn here: what a training costs depends on how many there are and not on what they show.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import typer

from ml_core.learn.checkpoint import from_bytes, model_of, to_bytes
from ml_core.learn.fit import TrainingPhoto, photo_rows, train
from ml_core.learn.scene import StreamScene, judged

LABELS, VIEWS, REPEATS = 10, 6, 3
FRAMES = 200
LENGTH, FINAL_LENGTH = 1_904, 1_280  # the default backbone's
APART = 0.5  # of the labels' means beside how photos of one label lie about theirs
SECONDS_MAX_AT = {1_000: 1.0}  # the longest that children wait without wondering


def run_taps(sizes: Sequence[int]) -> None:
    """Prints the best of some repeats: seconds, and of the processor, which depend less on neighbours."""
    names = tuple(f"label {index}" for index in range(LABELS))
    before: tuple[int, float] | None = None
    for size in sizes:
        photos = drawn_set(size)
        walls, cpus, data = [], [], b""
        for _ in range(REPEATS):
            wall, cpu = time.perf_counter(), time.process_time()
            outcome = train(photos, LABELS, 0, final_length=FINAL_LENGTH)
            data = to_bytes(model_of(outcome, "bench", names))
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
        best = min(cpus)
        grown = f", {best / before[1]:.1f} times for {size / before[0]:.1f} times as many" if before else ""
        limit = SECONDS_MAX_AT.get(size)
        late = f" (more than {limit:g} s)" if limit is not None and best > limit else ""
        typer.echo(
            f"{size:>5} photos of {LABELS} labels: {min(walls):.2f} s, processor {best:.2f} s{late}{grown}; "
            f"the model has {len(data):,} bytes; "
            f"a frame {frame_ms(data, photos, here=True):.1f} ms, in another place "
            f"{frame_ms(data, photos, here=False):.1f} ms of the processor"
        )
        before = size, best


def frame_ms(data: bytes, photos: Sequence[TrainingPhoto], *, here: bool) -> float:
    """Milliseconds of the processor for the rule of a frame in a stream, each frame another thing. In another
    place the head is solved anew for each."""
    model, rows = from_bytes(data), photo_rows(list(photos))
    if not here:
        away = np.random.default_rng(1).normal(size=LENGTH) / np.sqrt(LENGTH)
        rows = rows + (4 * away).astype(np.float32)
    scene: StreamScene | None = None
    began = time.process_time()
    for index in range(FRAMES):
        scene = judged(model, rows[index % len(rows)], scene, look_around=True).scene
    return 1000 * (time.process_time() - began) / FRAMES


def drawn_set(size: int) -> list[TrainingPhoto]:
    """Photos of LABELS labels, equally many, with rows as long as a photo's."""
    rng = np.random.default_rng(0)
    scale = 1 / np.sqrt(LENGTH)
    means = rng.normal(size=(LABELS, LENGTH)) * APART * scale
    return [
        TrainingPhoto(
            index % LABELS,
            (
                means[index % LABELS]
                + rng.normal(size=LENGTH) * scale
                + rng.normal(size=(VIEWS, LENGTH)) * scale / 2
            ).astype(np.float16),
        )
        for index in range(size)
    ]
