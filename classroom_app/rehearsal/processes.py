"""What the processes of an app on this machine take: memory, processor, the size of its database (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
KINDS = (
    "decoder_process",
    "ml_core",
    "web",
    "run",
)  # the words of their command lines, the telling ones first
NAMES = {"decoder_process": "decoder", "ml_core": "compute tier", "web": "web tier", "run": "launcher"}
DATABASES = ("*.sqlite*", "*.db*")


@dataclass(frozen=True)
class ProcessFigures:
    """All processes of one kind together. `rss_mb`: memory that is in use; `cpu_s`: since they began."""

    name: str
    processes: int
    rss_mb: float
    cpu_s: float


def look(pid: int, proc: Path = PROC) -> tuple[ProcessFigures, ...]:
    """The process and all that it started, by kind; empty where the system does not tell."""
    found: dict[str, list[tuple[float, float]]] = {}
    for one in _tree(pid, proc):
        try:
            words = (proc / str(one) / "cmdline").read_text().replace(".", "\0").split("\0")
            kind = next((kind for kind in KINDS if kind in words), "other")
            found.setdefault(NAMES.get(kind, kind), []).append(
                (_rss_mb(proc / str(one)), _cpu_s(proc / str(one)))
            )
        except (OSError, IndexError, ValueError):
            continue  # it ended meanwhile
    return tuple(
        ProcessFigures(
            name, len(each), round(sum(rss for rss, _ in each), 1), round(sum(cpu for _, cpu in each), 2)
        )
        for name, each in sorted(found.items())
    )


def database_bytes(data_dir: Path) -> int:
    """SQLite's files with what is written ahead."""
    return sum(path.stat().st_size for shape in DATABASES for path in data_dir.glob(shape))


def _tree(pid: int, proc: Path) -> Iterator[int]:
    yield pid
    try:
        for thread in (proc / str(pid) / "task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from _tree(int(child), proc)
    except OSError:
        return


def _rss_mb(process: Path) -> float:
    pages = int((process / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _cpu_s(process: Path) -> float:
    fields = (process / "stat").read_text().rpartition(")")[2].split()  # the name before may hold blanks
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
