"""The figures of the compute tier for Prometheus. Labels have few values: never an id."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ml_core.contract.observe.endpoint import MetricsEndpoint

RPC_SECONDS = Histogram(
    "ml_core_rpc_seconds",
    "Seconds of a call, from its first message to its last",
    ["method", "code"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
EMBEDDED_PHOTOS = Counter("ml_core_embedded_photos", "Photos that went through the backbone", ["kind"])
EMBED_SECONDS = Histogram(
    "ml_core_embed_seconds",
    "Seconds of one pass through the backbone",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
EMBED_BATCH_PHOTOS = Histogram(
    "ml_core_embed_batch_photos", "Photos of one pass", buckets=(1, 2, 4, 8, 16, 32, 64)
)
TRAINS_RUNNING = Gauge("ml_core_trains_running", "Train calls that wait or run")


class ServerState(Collector):
    """What is read at the moment somebody asks: queues, caches, the GPU's memory."""

    def __init__(
        self,
        waiting_photos: Callable[[], int],
        cached_models: Callable[[], int],
        gpu_memory: Callable[[], dict[tuple[str, str], int]] = dict,
        gpu_use: Callable[[], dict[str, float]] = dict,
    ) -> None:
        self._waiting_photos = waiting_photos
        self._cached_models = cached_models
        self._memory = gpu_memory
        self._use = gpu_use

    def describe(self) -> Iterable[Metric]:
        return [_waiting(0), _models(0), *_gpu_memory({}), *_gpu_use({})]

    def collect(self) -> Iterable[Metric]:
        yield _waiting(self._waiting_photos())
        yield _models(self._cached_models())
        if sizes := self._memory():
            yield from _gpu_memory(sizes)
            yield from _gpu_use(self._use())


def open_metrics_port(host: str, port: int, state: ServerState) -> MetricsEndpoint:
    """For as long as the process lives."""
    REGISTRY.register(state)
    return MetricsEndpoint(host, port)


def _waiting(value: float) -> Metric:
    return GaugeMetricFamily("ml_core_photos_waiting", "Photos that wait for the backbone", value)


def _models(value: float) -> Metric:
    return GaugeMetricFamily("ml_core_models_cached", "Models kept in memory", value)


def _gpu_memory(sizes: dict[tuple[str, str], int]) -> list[Metric]:
    family = GaugeMetricFamily(
        "ml_core_gpu_memory_bytes", "Memory of the GPU: ours, and all there is", labels=["device", "kind"]
    )
    for labels, size in sizes.items():
        family.add_metric(labels, size)
    return [family]


def _gpu_use(busy: dict[str, float]) -> list[Metric]:
    family = GaugeMetricFamily(
        "ml_core_gpu_busy_ratio", "Part of the last moment in which the GPU worked", labels=["device"]
    )
    for device, part in busy.items():
        family.add_metric([device], part)
    return [family]
