"""Room on the disk that deletions alone use: SQLite deletes no row without writing, and a disk may be full.

A file lies in the data folder for as long as there is room. Photos stop before they need its place
(`FREE_BYTES_MIN` of the blob store), but other programs write to the same disk. Knows nothing of
what is deleted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from ml_core.contract.blobs import FREE_BYTES_MIN, free_bytes

# What SQLite writes while some 250 photos go out of sight with an undo; who deletes at once has the files'
# own room as well.
RESERVE_BYTES = 16 * 1024 * 1024
_BLOCK_BYTES = 1024 * 1024

_log = structlog.get_logger(__name__)


class Reserve:
    def __init__(self, path: Path | None) -> None:
        """None where what deletions write lies on no disk of ours."""
        self._path = path

    def keep(self) -> None:
        """Have it again, where there is room for it and for photos."""
        path = self._path
        if path is None or path.exists() or free_bytes(path.parent) < FREE_BYTES_MIN + RESERVE_BYTES:
            return
        half = _half(path)
        try:
            with half.open("wb") as file:
                for _ in range(RESERVE_BYTES // _BLOCK_BYTES):
                    file.write(os.urandom(_BLOCK_BYTES))  # of zeros a disk may make nothing
            half.replace(path)
        except OSError as exc:  # somebody else was faster
            half.unlink(missing_ok=True)
            _log.warning("reserve_not_kept", error=type(exc).__name__)

    @contextmanager
    def given_away(self) -> Iterator[None]:
        """For a deletion: on a disk without room its place is free, until there is room again."""
        path = self._path
        if path is not None and free_bytes(path.parent) < FREE_BYTES_MIN:
            _half(path).unlink(missing_ok=True)
            if path.exists():
                path.unlink(missing_ok=True)
                _log.warning("reserve_given_away")
        yield
        self.keep()


def _half(path: Path) -> Path:
    """Its name while it is written: a process that is killed leaves it."""
    return path.with_suffix(".new")
