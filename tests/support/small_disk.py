"""A small disk of its own that a test can fill to the last byte: a tmpfs in a mount namespace.

Writes to it end in a real ENOSPC. The namespace needs no rights where users may have their own; nobody
outside of it sees the disk but through `path`, and it is gone with the process that keeps it.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.invariants import must_hold
from tests.support.root import ROOT
from tests.support.running import Running

FILLER = "filler"
BLOCK = bytes(1024 * 1024)


@dataclass(frozen=True)
class SmallDisk:
    mount: Path  # as those see it who are inside
    keeper: int

    @property
    def path(self) -> Path:
        """The same as seen from outside."""
        return Path(f"/proc/{self.keeper}/root{self.mount}")

    @property
    def inside(self) -> list[str]:
        """A command that runs others where the disk is; a new namespace begins at its root."""
        enter = ["nsenter", "--target", str(self.keeper), "--user", "--mount", "--preserve-credentials"]
        return [*enter, "sh", "-c", 'cd "$0" && exec "$@"', str(ROOT)]

    def fill(self) -> None:
        """To the last byte."""
        with (self.path / FILLER).open("ab", buffering=0) as filler:
            for block in (BLOCK, b"\0"):
                try:
                    while True:
                        filler.write(block)
                except OSError:  # no space left on the device
                    continue

    def empty(self) -> None:
        (self.path / FILLER).unlink()


@contextmanager
def small_disk(mount: Path, megabytes: int) -> Iterator[SmallDisk]:
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("there is no unshare")
    mount.mkdir()
    make = f'mount -t tmpfs -o size={megabytes}m,mode=700 tmpfs "$0" && echo made && exec sleep infinity'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", make, str(mount)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as keeper:
        try:
            assert keeper.stdout is not None
            if not keeper.stdout.readline():
                pytest.skip("this machine lets nobody have a mount namespace")
            yield SmallDisk(mount, keeper.pid)
        finally:
            keeper.kill()


@dataclass
class OnSmallDisk(Running):
    """Its data and temporary files lie on the disk, its log does not."""

    disk: SmallDisk = field(kw_only=True)

    def __post_init__(self) -> None:
        self.env |= {"TMPDIR": str(self.data)}

    def command(self) -> list[str]:
        return [*self.disk.inside, *super().command()]

    def check(self) -> None:
        must_hold(self.env, "--data", str(self.data), inside=self.disk.inside)
