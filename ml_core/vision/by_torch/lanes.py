"""A thread's own way to the card: a stream, with memory from which the card fetches by itself.

Live frames have an urgent stream: the card takes them up between the kernels of a batch of new photos.
On the CPU the same steps are done with stand-ins, one after another: there is nothing to overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import torch
from torch import Tensor

from ml_core.vision.networks import FeatureRows
from ml_core.vision.shrink import Pixels

# CUDA's numbers: the lower one goes first.
URGENT, PATIENT = -1, 0


class DeviceStreams(Protocol):
    """What a lane needs of a device."""

    def new(self, priority: int) -> object:
        """A stream: what it is given is done in order, beside other streams."""

    def on(self, stream: object) -> AbstractContextManager[object]:
        """Within the block the calling thread's work goes to this stream."""

    def host(self, size: Sequence[int], kind: torch.dtype) -> Tensor:
        """Memory of this machine that a copy need not wait for. It is not given out again before the copies
        that read it are over."""

    def mark(self, stream: object) -> Callable[[], None]:
        """What waits until all is done that the stream was given so far."""


class CudaStreams:
    """Of one card."""

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def new(self, priority: int) -> torch.cuda.Stream:
        return torch.cuda.Stream(self._device, priority=priority)  # type: ignore[no-untyped-call]  # torch has no types here

    def on(self, stream: object) -> AbstractContextManager[object]:
        assert isinstance(stream, torch.cuda.Stream)  # noqa: S101  it is one of ours
        return torch.cuda.stream(stream)

    def host(self, size: Sequence[int], kind: torch.dtype) -> Tensor:
        # Torch keeps pinned memory that was given back, and waits for the copies that it knows of.
        return torch.empty(tuple(size), dtype=kind, pin_memory=True)

    def mark(self, stream: object) -> Callable[[], None]:
        assert isinstance(stream, torch.cuda.Stream)  # noqa: S101  as above
        # A thread that waits by polling would take a core from the decoders.
        event = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]  # as above
        event.record(stream)
        return event.synchronize


class NoStreams:
    """Of the CPU: all is done when it is asked for."""

    def new(self, priority: int) -> object:
        return priority

    def on(self, stream: object) -> AbstractContextManager[object]:
        del stream
        return nullcontext()

    def host(self, size: Sequence[int], kind: torch.dtype) -> Tensor:
        return torch.empty(tuple(size), dtype=kind)

    def mark(self, stream: object) -> Callable[[], None]:
        del stream
        return lambda: None


def streams_of(device: torch.device) -> DeviceStreams:
    return CudaStreams(device) if device.type == "cuda" else NoStreams()


class PassLane:
    """One thread's stream, and the ways there and back."""

    def __init__(self, streams: DeviceStreams, device: torch.device, priority: int = URGENT) -> None:
        self._streams = streams
        self._device = device
        self._stream = streams.new(priority)

    def on(self) -> AbstractContextManager[object]:
        return self._streams.on(self._stream)

    def send(self, parts: Sequence[Pixels]) -> list[Tensor]:
        """The same arrays on the device; inside of `on`. All of them are one copy, and the caller may go on
        while it is under way."""
        sizes = [part.size for part in parts]
        here = self._streams.host([sum(sizes)], torch.uint8)
        numbers, start = here.numpy(), 0
        for part, size in zip(parts, sizes, strict=True):
            numbers[start : start + size].reshape(part.shape)[:] = part
            start += size
        there = torch.split(here.to(self._device, non_blocking=True), sizes)
        return [flat.view(part.shape) for flat, part in zip(there, parts, strict=True)]

    def fetch(self, rows: Tensor) -> Callable[[], FeatureRows]:
        """What waits for these numbers and gives them; inside of `on`."""
        here = self._streams.host(rows.shape, rows.dtype)
        here.copy_(rows, non_blocking=True)
        wait = self._streams.mark(self._stream)

        def rows_here() -> FeatureRows:
            wait()
            found: FeatureRows = here.numpy()
            return found

        return rows_here
