"""A channel with a round robin of its own for each method.

On one wheel, calls that alternate keep step: with a question before each piece of work and two servers, one
answers all questions and the other does all the work. gRPC shares the connections below.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import grpc


class ChannelOfWheels(grpc.Channel):
    """`open_channel` opens one to the servers; it is called once for each method."""

    def __init__(self, open_channel: Callable[[], grpc.Channel]) -> None:
        self._open = open_channel
        self._wheels: dict[str, grpc.Channel] = {}
        self._lock = threading.Lock()

    def _of(self, method: str) -> grpc.Channel:
        """Interceptors ask for the method anew at each call."""
        with self._lock:
            if method not in self._wheels:
                self._wheels[method] = self._open()
            return self._wheels[method]

    def unary_unary(self, method: str, *given: Any, **named: Any) -> Any:
        return self._of(method).unary_unary(method, *given, **named)

    def unary_stream(self, method: str, *given: Any, **named: Any) -> Any:
        return self._of(method).unary_stream(method, *given, **named)

    def stream_unary(self, method: str, *given: Any, **named: Any) -> Any:
        return self._of(method).stream_unary(method, *given, **named)

    def stream_stream(self, method: str, *given: Any, **named: Any) -> Any:
        return self._of(method).stream_stream(method, *given, **named)

    def subscribe(self, *_given: Any, **_named: Any) -> None:
        raise NotImplementedError("each method has a channel, and a state, of its own")

    unsubscribe = subscribe

    def close(self) -> None:
        with self._lock:
            opened = list(self._wheels.values())
        for wheel in opened:
            wheel.close()

    def __enter__(self) -> ChannelOfWheels:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
