"""Values that Google Cloud takes, of the kinds that we use: a schema knows that one is a string, not which.

Each table names the page that it was read on; the day is one for all. A value that is right and not here yet
is added with its page; the table is small on purpose. `found_in` says which values of a folder are in none.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

CHECKED = "2026-11-27"
DOCS = "https://docs.cloud.google.com/"


@dataclass(frozen=True)
class Allowed:
    """`names`: arguments and variables that hold such a value; `values`: patterns, each for whole values."""

    what: str
    names: tuple[str, ...]
    values: tuple[str, ...]
    page: str

    def takes(self, value: str) -> bool:
        return any(re.fullmatch(pattern, value) for pattern in self.values)


# GPU -> the machine types that bring it or take it, with how many of it.
GPU_MACHINES = {
    "nvidia-l4": {
        "g2-standard-4": 1,
        "g2-standard-8": 1,
        "g2-standard-12": 1,
        "g2-standard-16": 1,
        "g2-standard-32": 1,
    }
    | {"g2-standard-24": 2, "g2-standard-48": 4, "g2-standard-96": 8},
}
# Region -> the zones in which the GPU is offered.
GPU_ZONES = {"nvidia-l4": {"asia-northeast1": ("a", "b", "c")}}
# Milestones of Container-Optimized OS that get mends, and until the end of which month.
COS_ENDS = {"cos-117-lts": (2026, 9), "cos-121-lts": (2027, 3)}
COS_PAGE = DOCS + "container-optimized-os/docs/concepts/versioning"
COS_WARN = dt.timedelta(days=30)  # time to try the next milestone in the sandbox

# The oldest branch of NVIDIA's driver that runs programs of this major version of CUDA.
DRIVER_OF_CUDA = {12: 525, 13: 580}
DRIVER_PAGE = "https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html"

TABLES = (
    Allowed(
        "machine types",
        ("machine_type", "web_machine_type", "ml_machine_type", "gpu_machine_type"),
        (r"e2-standard-(2|4|8|16|32)", *GPU_MACHINES["nvidia-l4"]),
        DOCS + "compute/docs/machine-resource",
    ),
    Allowed("GPUs", ("gpu_type",), tuple(GPU_MACHINES), DOCS + "compute/docs/gpus"),
    Allowed(
        "tiers of Cloud SQL",
        ("tier", "sql_tier"),
        ("db-f1-micro", "db-g1-small", r"db-custom-(1|[2-9]?[02468])-\d{4,6}"),
        DOCS + "sql/docs/postgres/create-instance",
    ),
    Allowed(
        "versions of Postgres",
        ("database_version",),
        (r"POSTGRES_1[3-8]",),
        DOCS + "sql/docs/postgres/db-versions",
    ),
    Allowed(
        "editions of Cloud SQL",
        ("edition",),
        ("ENTERPRISE", "ENTERPRISE_PLUS"),
        DOCS + "sql/docs/editions-intro",
    ),
    Allowed(
        "availability",
        ("availability_type",),
        ("ZONAL", "REGIONAL"),
        DOCS + "sql/docs/postgres/high-availability",
    ),
    Allowed(
        "disks of Cloud SQL", ("disk_type",), ("PD_SSD", "pd-balanced", "pd-ssd"), DOCS + "compute/docs/disks"
    ),
    Allowed(
        "images of GKE's nodes",
        ("image_type",),
        ("COS_CONTAINERD", "UBUNTU_CONTAINERD"),
        DOCS + "kubernetes-engine/docs/concepts/node-images",
    ),
    Allowed(
        "channels",
        ("channel",),
        ("RAPID", "REGULAR", "STABLE", "EXTENDED", "CHANNEL_STANDARD", "CHANNEL_DISABLED"),
        DOCS + "kubernetes-engine/docs/concepts/release-channels",
    ),
    Allowed(
        "regions", ("region",), tuple(GPU_ZONES["nvidia-l4"]), DOCS + "compute/docs/gpus/gpu-regions-zones"
    ),
    Allowed(
        "zones",
        ("zone",),
        tuple(f"{region}-[{''.join(zones)}]" for region, zones in GPU_ZONES["nvidia-l4"].items()),
        DOCS + "compute/docs/gpus/gpu-regions-zones",
    ),
    Allowed(
        "boot images of the VMs",
        ("ml_boot_image",),
        tuple(f"projects/cos-cloud/global/images/family/{family}" for family in COS_ENDS),
        COS_PAGE,
    ),
    Allowed(
        "driver branches",
        ("gpu_driver",),
        (r"R(535|570|580)",),
        DOCS + "container-optimized-os/docs/how-to/run-gpus",
    ),
    Allowed(
        "ways out of the network",
        ("profile",),
        ("COMPATIBLE", "MODERN", "RESTRICTED"),
        DOCS + "load-balancing/docs/ssl-policies-concepts",
    ),
)

_TEXT = r'"([^"$]+)"'
_BLOCK = re.compile(r'^variable "(\w+)" \{(.*?)^\}', re.M | re.S)


def found_in(folder: Path) -> list[str]:
    """A sentence for each value that no table has."""
    sentences = []
    for path in sorted(folder.rglob("*.tf")):
        if path.is_symlink():
            continue
        for name, value in _values(path.read_text()):
            for table in TABLES:
                if name in table.names and not table.takes(value):
                    sentences.append(
                        f"{path.relative_to(folder)}: {name} = {value!r} is none of the {table.what}, "
                        f"{table.page}"
                    )
    return sentences + _gpus_that_no_machine_brings(folder)


def _values(text: str) -> list[tuple[str, str]]:
    """(argument or variable, value) of every literal, also of choices by a condition."""
    found = []
    for name, body in _BLOCK.findall(text):
        found += [(name, value) for value in re.findall(rf"^  default += {_TEXT}", body, re.M)]
    for name, right in re.findall(r"^ +(\w+) += (.*)$", _BLOCK.sub("", text), re.M):
        written = re.fullmatch(rf"{_TEXT}(?: *#.*)?", right)
        found += [
            (name, value) for value in ([written[1]] if written else re.findall(rf"[?:] {_TEXT}", right))
        ]
    return found


def _gpus_that_no_machine_brings(folder: Path) -> list[str]:
    sentences = []
    for path in sorted(folder.glob("envs/*/main.tf")):
        said = dict(_values(path.read_text()))
        gpu, machine = said.get("gpu_type", ""), said.get("gpu_machine_type", "")
        if GPU_MACHINES.get(gpu, {}).get(machine) != 1:
            sentences.append(f"{path.relative_to(folder)}: {machine} is no machine with one {gpu}")
    return sentences


def cos_end(family: str) -> dt.date:
    """The day on which it gets no mends any more."""
    year, month = COS_ENDS[family]
    return dt.date(year + month // 12, month % 12 + 1, 1)
