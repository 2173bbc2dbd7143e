"""Passwords of grown-ups: made to be typed, hashed, compared.

Knows nothing of accounts and of how often somebody may try.
"""

from __future__ import annotations

import secrets

import bcrypt

from classroom_app.errors import PasswordTooShortError
from classroom_app.states import PASSWORD_LENGTH_MIN

PASSWORD_ROUNDS = 12  # bcrypt's cost as a power of two: about a quarter of a second for each try
# The part of a bcrypt hash after its salt, here one that no password is known to give.
_NO_PASSWORD = b"." * 31


def easy_to_type() -> str:
    """80 bits in letters and digits that are hard to mix up."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def long_enough(password: str, name: str = "The password") -> str:
    """The password itself; raises PasswordTooShortError, which says whose it is."""
    if len(password) < PASSWORD_LENGTH_MIN:
        raise PasswordTooShortError(PASSWORD_LENGTH_MIN, name)
    return password


def hashed(password: str, rounds: int) -> str:
    """`rounds`: bcrypt's cost, as PASSWORD_ROUNDS."""
    return bcrypt.hashpw(_bytes(password), bcrypt.gensalt(rounds)).decode()


def nobodys(rounds: int) -> bytes:
    """A hash that no password is known to give, and that takes as long to compare with."""
    return bcrypt.gensalt(rounds) + _NO_PASSWORD


def is_right(password: str, stored: bytes) -> bool:
    return bcrypt.checkpw(_bytes(password), stored)


def _bytes(password: str) -> bytes:
    """What bcrypt takes; half of a surrogate pair, which JSON can carry, is only a wrong password."""
    return password.encode(errors="surrogatepass")[:72]
