"""The errors of the web tier; each has a message key of the locales and an HTTP status."""

from __future__ import annotations


class ClassroomError(Exception):
    """Base of all. `key` names the sentence shown to people; `params` fill its blanks."""

    key = "error_internal"
    status = 500
    retry = False  # may the client send the very same thing again later?

    def __init__(self, key: str | None = None, **params: object) -> None:
        self.key = key or type(self).key
        self.params = params
        super().__init__(self.key)

    @property
    def is_our_fault(self) -> bool:
        """Nobody else's, and not passing: a developer has to hear of it."""
        return self.status >= 500 and not self.retry


class NotAllowedError(ClassroomError):
    """No valid cookie, or not for this thing."""

    key = "error_not_allowed"
    status = 401


class RoleError(NotAllowedError):
    """Somebody known, and nothing that this account may do."""

    key = "error_role"
    status = 403


class NotFoundError(ClassroomError):
    """The thing named is not there (any more), or is somebody else's."""

    key = "error_not_found"
    status = 404


class BadInputError(ClassroomError):
    """What was sent cannot be used; sending it again will not help."""

    key = "error_bad_input"
    status = 422


class PasswordTooShortError(BadInputError):
    """As text it is for whoever starts the app."""

    key = "error_password_short"

    def __init__(self, length: int, name: str = "The password") -> None:
        super().__init__(length=length)
        self.name = name

    def __str__(self) -> str:
        return f"{self.name} is too short: it needs {self.params['length']} characters or more."


class ConflictError(ClassroomError):
    """Not now: the class or the group is in another state."""

    key = "error_conflict"
    status = 409


class StaleEpochError(ConflictError):
    """The group was reset while this was on its way; nothing of it may be kept."""

    key = "error_group_was_reset"


class AlreadyThereError(ClassroomError):
    """Somebody else wrote the same thing at the same moment, and the database keeps one alone."""

    key = "error_conflict"
    status = 409


class ThrottledError(ClassroomError):
    """Too many tries; `seconds` says how long to wait."""

    key = "error_throttled"
    status = 429
    retry = True


class UnavailableError(ClassroomError):
    """Something behind us is away for the moment; the caller may try again."""

    key = "error_unavailable"
    status = 503
    retry = True


class PhotoUnreadError(UnavailableError):
    """Our decoders died or hung on this photo; another one gets through, and this one may next time."""

    key = "photo_unread"


class ModelUnknownError(ClassroomError):
    """The compute tier does not hold this model (any more); send it with its bytes."""

    key = "error_internal"
    reason = "model_unknown"


class MlRefusedError(ClassroomError):
    """The compute tier says that the request is wrong, which we made: our fault. `reason` is its key."""
