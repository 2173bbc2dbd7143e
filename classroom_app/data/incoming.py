"""Bodies that are too large for memory, while they are taken in: files without a name in the data folder.

A file without a name is gone with the process that holds it, however that ends.
"""

from __future__ import annotations

import errno
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from classroom_app.errors import UnavailableError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
LEFT_AFTER_S = 60.0  # an upload that still comes writes oftener


class Incoming:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Made when it is asked for, and readable by its owner alone."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        return self._folder

    @contextmanager
    def file(self) -> Iterator[IO[bytes]]:
        """An empty file to write and read; what is in it is gone afterwards. Raises UnavailableError where
        the disk takes no more, whoever writes.
        """
        try:
            file = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115  # closed below
        except OSError as exc:
            raise UnavailableError from exc
        try:
            yield file
        except OSError as exc:
            if exc.errno not in _NO_ROOM:
                raise
            raise UnavailableError from exc
        finally:
            with suppress(OSError):  # closing writes once more what found no room before
                file.close()

    def left_behind(self) -> int:
        """Files with a name: what a process that was killed could leave. Usually there are none."""
        return sum(path.is_file() for path in self.folder.iterdir())

    def drop_left(self) -> int:
        """Those that nobody has written to for a while; returns how many went."""
        before = time.time() - LEFT_AFTER_S
        left = [path for path in self.folder.iterdir() if path.is_file() and path.stat().st_mtime <= before]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def clear(self) -> int:
        """Of a file system without such files: what a crash at the wrong moment left. Returns how many."""
        left = [path for path in self.folder.iterdir() if path.is_file()]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)
