"""What can go wrong in a rehearsal, in sentences for the facilitator who reads the terminal.

A RehearsalError is shown as it is, without a traceback.
"""

from __future__ import annotations


class RehearsalError(Exception):
    """Base of all; the text is shown as it is."""


class OptionsError(RehearsalError):
    """The options do not fit together, or something that only a person has is missing."""


class PhotosError(RehearsalError):
    """The folder of photos cannot be used."""


class AppStartError(RehearsalError):
    """The app of our own did not start; the text carries the end of its log."""


class UnreachableError(RehearsalError):
    """No usable answer in spite of all retries."""


class UnexpectedAnswerError(RehearsalError):
    """An answer that the routes do not promise."""


class RefusedError(RehearsalError):
    """The app said no, and the same request will not be taken later either."""

    def __init__(self, status: int, key: str, message: str) -> None:
        self.status = status
        self.key = key
        super().__init__(f"refused with {status} {key}: {message}".rstrip(": "))
