"""Limits and defaults of the compute tier, with their units in the names."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from ml_core.contract import version

VERSION = version.VERSION

DEFAULT_BACKBONE = "efficientnet_lite0"  # its weights come with a package; vision/backbones.py has the others

DEFAULT_VIEWS = 6
MAX_VIEWS = 14
PREDICT_VIEWS = DEFAULT_VIEWS  # the unsure rule compares with photos seen through as many views
MAX_PHOTOS_PER_EMBED = 64
MAX_PHOTOS_PER_PREDICT = 64
MAX_FEATURED_PER_PREDICT = 2_000
MIN_MODEL_NAME = 16  # characters of an id that name one model and no other
MAX_PHOTOS_PER_TRAIN = 4_000  # about 200 MB of features at the default views
MAX_LABELS = 50
MAX_PHOTO_BYTES = 16 * 1024 * 1024
MAX_PHOTO_PIXELS = 50_000_000  # an iPad's largest photo has 48 million
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
MAX_MODEL_BYTES = 16 * 1024 * 1024  # with 50 labels and the longest features it has 2 million

# A preempted VM has 30 s left; a training of the class takes a few.
DRAIN_SECONDS = 25.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def usable_cores() -> int:
    """Cores this process may use; a container's share, not the whole machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cores_of_one(servers: int) -> int:
    """Of the usable cores, those of one server where so many run on this machine, one a GPU."""
    return max(1, usable_cores() // servers)


@dataclass(frozen=True)
class TlsFiles:
    """PEM files for mutual TLS: our key and certificate, and the CA that signs our callers."""

    key: Path
    certificate: Path
    ca: Path


@dataclass(frozen=True)
class ServerConfig:
    """How one server process runs."""

    host: str = "127.0.0.1"
    port: int = 50051  # 0: any free one
    backbone: str = DEFAULT_BACKBONE
    device: str = ""  # "": CUDA when there is one, else the CPU
    threads: int = field(default_factory=usable_cores)
    reflection: bool | None = None  # None: on loopback alone
    tls: TlsFiles | None = None
    socket: str = ""  # path of a Unix socket that answers too, for a health check inside the container
    max_concurrent_rpcs: int = 64
    max_waiting_trains: int = 32
    max_waiting_photos: int = 1_000
    cached_models: int = 128
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0  # 0: nobody may read them
