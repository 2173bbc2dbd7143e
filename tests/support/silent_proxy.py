"""A way to a server through us, which can fall silent, or break off in the middle of an answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from classroom_app.network import LOOPBACK


class SilentProxy:
    """On loopback. `silent`: connections stay open and nothing comes back, as from a server that hangs."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server((LOOPBACK, 0))
        self._threads: list[threading.Thread] = []
        self.port: int = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self._answers = threading.Event()
        self._answers.set()
        self._bytes_left: int | None = None
        self._start(self._accept)

    def silent(self) -> None:
        self._answers.clear()

    def answer(self) -> None:
        self._answers.set()
        self._bytes_left = None

    def break_off_after(self, size: int) -> None:
        """The next answers end after so many bytes, and nothing follows."""
        self._bytes_left = size

    def hang_up(self) -> None:
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.answer()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self.hang_up()
        for thread in self._threads:
            thread.join(5)
        for connection in (self._listening, *self._open):
            connection.close()

    def _start(self, work: Callable[..., None], *arguments: Any) -> None:
        self._threads.append(threading.Thread(target=work, args=arguments, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection((LOOPBACK, self._to))
                self._open += [near, far]
                self._start(self._pass_on, near, far, False)
                self._start(self._pass_on, far, near, True)

    def _pass_on(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._answers.wait()
                if is_answer and self._bytes_left is not None:
                    data = data[: self._bytes_left]
                    self._bytes_left -= len(data)
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def silent_proxy(port: int) -> Iterator[SilentProxy]:
    proxy = SilentProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
