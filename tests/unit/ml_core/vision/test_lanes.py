"""A thread's way to the card: what goes where, and what is waited for. Stand-ins take the card's place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.modules.module import register_module_forward_hook

from ml_core.config import DEFAULT_BACKBONE
from ml_core.vision.backbones import backbone_spec
from ml_core.vision.by_torch import network
from ml_core.vision.by_torch.lanes import PATIENT, URGENT, PassLane
from ml_core.vision.by_torch.network import TorchNetwork
from ml_core.vision.by_torch.stages import PixelMaps
from ml_core.vision.parts import Part


class Recorded:
    """As those of CUDA, but that they say what they were asked."""

    def __init__(self) -> None:
        self.made: list[int] = []
        self.done: list[tuple[str, int]] = []
        self.current: int | None = None

    def new(self, priority: int) -> int:
        self.made.append(priority)
        return len(self.made) - 1

    @contextmanager
    def on(self, stream: object) -> Iterator[None]:
        before, self.current = self.current, int(str(stream))
        try:
            yield
        finally:
            self.current = before

    def host(self, size: Sequence[int], kind: torch.dtype) -> Tensor:
        self.done.append(("host", -1 if self.current is None else self.current))
        return torch.empty(tuple(size), dtype=kind)

    def mark(self, stream: object) -> Callable[[], None]:
        number = int(str(stream))
        self.done.append(("mark", number))
        return lambda: self.done.append(("waited", number))


def test_arrays_go_in_one_copy_and_come_back_as_they_were() -> None:
    streams = Recorded()
    lane = PassLane(streams, torch.device("cpu"))
    chance = np.random.default_rng(0)
    parts = [chance.integers(0, 256, size, np.uint8) for size in ((2, 4, 4, 3), (5, 7, 3), (1, 1, 3))]
    strided = parts[1][:, ::2]  # as a mirrored view is
    with lane.on():
        found = lane.send([*parts, strided])
    assert [name for name, _ in streams.done] == ["host"]
    for tensor, part in zip(found, [*parts, strided], strict=True):
        assert np.array_equal(tensor.numpy(), part)
    parts[0][:] = 0
    assert found[0].any(), "the caller may use its own memory again"


def test_features_are_waited_for_when_they_are_asked_for_and_not_before() -> None:
    streams = Recorded()
    lane = PassLane(streams, torch.device("cpu"))
    with lane.on():
        features = lane.fetch(torch.ones(2, 3, dtype=torch.float16))
    assert streams.done == [("host", 0), ("mark", 0)]
    assert features().tolist() == [[1, 1, 1]] * 2
    assert streams.done[-1] == ("waited", 0)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> tuple[TorchNetwork, Recorded]:
    streams = Recorded()
    monkeypatch.setattr(network, "streams_of", lambda _device: streams)
    monkeypatch.setattr(network, "reduced_type", lambda _device: None)
    return TorchNetwork(backbone_spec(DEFAULT_BACKBONE), "cpu"), streams


def in_a_thread(work: Callable[[], Any]) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_live_frames_have_an_urgent_stream_beside_that_of_new_photos(
    made: tuple[TorchNetwork, Recorded],
) -> None:
    torch_network, streams = made
    part = Part(np.zeros((1, 64, 64, 3), np.uint8), 1)

    def new_photos() -> None:
        torch_network.take_threads(4)
        torch_network.begin([part])()
        torch_network.begin([part])()

    in_a_thread(new_photos)
    in_a_thread(torch_network.begin([part]))  # its features may be asked for anywhere
    assert streams.made == [PATIENT, URGENT]
    assert URGENT < PATIENT  # CUDA takes the lower number first
    marks = [stream for name, stream in streams.done if name == "mark"]
    assert marks == [0, 0, 1]


def test_a_pass_does_all_of_its_work_on_its_own_stream(made: tuple[TorchNetwork, Recorded]) -> None:
    torch_network, streams = made
    seen: list[int | None] = []

    def note(module: Module, *_passed: object) -> None:
        if isinstance(module, PixelMaps):
            seen.append(streams.current)

    with register_module_forward_hook(note):
        torch_network.begin([Part(np.zeros((64, 64, 3), np.uint8), 2)])
        torch_network.maps(np.zeros((64, 64, 3), np.uint8))
    assert seen == [0, 0]
    assert {stream for _, stream in streams.done} == {0}
