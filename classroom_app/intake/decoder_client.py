"""One decoder process, as its parent sees it: started, asked, ended. Its answers are not trusted."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from classroom_app.intake import decoder_process, measures

START_TIMEOUT_S = 12.0  # about half a second of a core; many times that where all cores are taken
STALL_S = 10.0  # a pipe that takes or gives nothing for so long: the process at its other end stands still
END_WAIT_S = 1.0  # a process closes its pipe a moment before its exit code is known
ANSWER_BYTES_MAX = 16 * 1024 * 1024
ENVIRONMENT = {  # of the processes: no secrets in reach of a decoder
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",  # the photos share the cores already
    # glibc and Pillow would give a photo's memory back after each step, and the system clear it anew for the
    # next one: a sixth of the work on a photo.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 1024 * 1024),
    "PILLOW_BLOCKS_MAX": "8",
}


class Decoder(Protocol):
    """What the pool needs of a decoder."""

    def ask(self, job: decoder_process.Job, timeout_s: float) -> decoder_process.DecodeResult:
        """Raises TimeoutError or BlockingIOError when it hangs, EOFError or another OSError when it died,
        anything else when its answer is none. It may not be asked again then.
        """
        ...

    def exit_code(self) -> int | None:
        """How it ended, negative for a signal; None while it lives."""
        ...

    def stop(self) -> None: ...


class UnfitError(OSError):
    """A decoder that says itself that it takes no photos; the text says why."""


class DecoderProcess:
    """One child process; it is ended and started anew when it hangs or dies."""

    def __init__(self, stall_s: float = STALL_S) -> None:
        # Not multiprocessing: its children run the parent's main module first, and under Streamlit
        # that is whatever page is being drawn.
        ours, theirs = socket.socketpair()
        with ours, theirs:  # closed here if there is no child
            limit = struct.pack("ll", int(stall_s), int(stall_s % 1 * 1e6))
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            self.process = subprocess.Popen(
                [sys.executable, "-m", "classroom_app.intake.decoder_process", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd=Path(__file__).parents[2],
                env=ENVIRONMENT,
            )
            self._pipe = Connection(ours.detach())
        try:
            # Once it says so, whatever goes wrong later has to do with the photo, not with its start.
            if not self._pipe.poll(START_TIMEOUT_S):
                raise TimeoutError
            said = self._pipe.recv_bytes(ANSWER_BYTES_MAX)
            if said != decoder_process.READY:
                raise UnfitError(said.decode(errors="replace"))
        except BaseException:
            self.stop()
            raise

    def ask(self, job: decoder_process.Job, timeout_s: float) -> decoder_process.DecodeResult:
        """As the protocol says."""
        options = {name: value for name, value in vars(job).items() if name != "data"}
        self._pipe.send_bytes(json.dumps(options).encode())
        self._pipe.send_bytes(job.data)
        if not self._pipe.poll(timeout_s):
            raise TimeoutError
        # JSON and plain bytes: what comes from a child that decodes hostile files is never unpickled.
        numbers = json.loads(self._pipe.recv_bytes(ANSWER_BYTES_MAX))
        jpeg, thumb, tiny = (self._pipe.recv_bytes(ANSWER_BYTES_MAX) for _ in range(3))
        if len(tiny) not in {0, measures.TINY_BYTES}:
            raise ValueError("a tiny picture of another size than agreed")
        return decoder_process.DecodeResult(**numbers, jpeg=jpeg, thumb=thumb, tiny=tiny)

    def exit_code(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):  # it lives
            return self.process.wait(END_WAIT_S)
        return None

    def stop(self) -> None:
        self._pipe.close()
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # the system ends it later
            self.process.wait(timeout=5)
