"""Work that one of many web processes does for all.

Knows nothing of what the work is.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeVar

from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import leases
from classroom_app.errors import NotFoundError

_Due = TypeVar("_Due")


def each_due(
    db: Database,
    name: str,
    lasts: dt.timedelta,
    due: Callable[[Session], Sequence[_Due]],
    do: Callable[[_Due], None],
) -> None:
    """Do what is due, one after the other, and nothing that another process does or has done.

    `lasts`: longer than one takes; the turn is kept before each, and free after the last one and after an
    error. A process that dies in the middle is waited for as long as that. What is gone meanwhile
    (NotFoundError) is left out. Raises what `do` raises.
    """
    with db.read() as session:
        waiting = due(session)
    if not waiting:
        return
    held: dt.datetime | None = None
    try:
        for one in waiting:
            with db.write() as session:
                held = leases.keep(session, name, held, lasts)
            if held is None:
                return
            with db.read() as session:
                if one not in due(session):
                    continue  # another process had the turn until just now
            with contextlib.suppress(NotFoundError):
                do(one)
    finally:
        if held is not None:
            with db.write() as session:
                leases.give_back(session, name, held)


class Turn:
    """Whoever did it last does it again: some of it needs to remember what it saw the last time.

    Another process takes over when that one is silent for `lasts`. Each process has one at its start as well,
    so that what was left by the one before it on the same machine does not wait.
    """

    def __init__(self, db: Database, name: str, lasts: dt.timedelta) -> None:
        self._db = db
        self._name = name
        self._lasts = lasts
        self._until: dt.datetime | None = None
        self._has_begun = False
        self._is_ours = False

    def look(self) -> None:
        """The first step of a round: is it this process's?"""
        with self._db.write() as session:
            self._until = leases.keep(session, self._name, self._until, self._lasts)
        self._is_ours = self._until is not None or not self._has_begun
        self._has_begun = True

    def of(self, step: Callable[[], object]) -> Callable[[], None]:
        """The same step, in this process's turn alone."""

        def in_turn() -> None:
            if self._is_ours:
                step()

        return in_turn
