"""The error tree of the compute tier; every error carries a stable key for the caller.

The server maps the kinds to gRPC status codes.
"""

from __future__ import annotations


class MlError(Exception):
    """Something this tier can name. `key` is stable; the text is for a developer's log."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


class InvalidInputError(MlError):
    """The caller sent something that can never work; sending it again is pointless."""


class ModelStateError(MlError):
    """The model that was asked for is not known here (send its bytes) or is damaged."""


class BusyError(MlError):
    """Too much work is waiting already; try again later."""

    def __init__(self, text: str) -> None:
        super().__init__("busy", text)


class StoppingError(MlError):
    """This server is going away and hands the work back; another one takes it at once."""

    def __init__(self) -> None:
        super().__init__("stopping", "the server is stopping")


class WorkCancelledError(MlError):
    """The caller went away or its deadline passed while we worked."""

    def __init__(self) -> None:
        super().__init__("cancelled", "the caller cancelled or its deadline passed")


class PhotoError(MlError):
    """One photo cannot be used: `photo_unreadable` or `photo_missing`."""


class BackboneError(MlError):
    """A backbone or its weights are not there; raised at start, never at the first photo."""

    def __init__(self, text: str) -> None:
        super().__init__("backbone_unavailable", text)
