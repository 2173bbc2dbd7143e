"""What the iPads of a class say of themselves every few seconds: which of them cannot send their photos."""

from __future__ import annotations

import datetime as dt
import uuid

from classroom_app.data.engine import Database
from classroom_app.data.repository import ipads
from classroom_app.data.tables import IPad, utcnow
from classroom_app.errors import BadInputError
from classroom_app.views import SendingTrouble

WRITTEN_EVERY = dt.timedelta(seconds=20)  # while nothing changes: 40 iPads make two small writes a second
SILENT_AFTER = dt.timedelta(seconds=75)  # longer than an iPad leaves between two words, however it sends them
IPADS_A_GROUP = 40  # a group has a few; more are ids that somebody made up
UNSENT_MAX = 100_000


class IPadService:
    def __init__(self, db: Database) -> None:
        self._db = db

    def note(self, group_id: str, ipad_id: str, unsent: int, *, cannot_send: bool) -> None:
        """An iPad's word; `unsent` is a number of photos. Raises BadInputError where it makes no sense."""
        if not _is_random_id(ipad_id) or not 0 <= unsent <= UNSENT_MAX:
            raise BadInputError
        with self._db.read() as session:
            known = session.get(IPad, ipad_id)
            if known is not None and _says_nothing_new(known, group_id, unsent, cannot_send=cannot_send):
                return
            full = known is None and ipads.of_group(session, group_id) >= IPADS_A_GROUP
        with self._db.write() as session:
            if full:
                ipads.forget_silent(session, group_id, utcnow() - SILENT_AFTER)
                if ipads.of_group(session, group_id) >= IPADS_A_GROUP:
                    return
            ipads.keep(session, ipad_id, group_id, unsent, cannot_send=cannot_send)

    def trouble(self, event_id: str) -> SendingTrouble:
        """The iPads of the class that cannot send now, and the photos that wait on them."""
        with self._db.read() as session:
            found = ipads.that_cannot_send(session, event_id, utcnow() - SILENT_AFTER)
            return SendingTrouble(len(found), sum(ipad.unsent for ipad in found))


def _says_nothing_new(known: IPad, group_id: str, unsent: int, *, cannot_send: bool) -> bool:
    same = (known.group_id, known.unsent, known.cannot_send) == (group_id, unsent, cannot_send)
    return same and known.beat_at > utcnow() - WRITTEN_EVERY


def _is_random_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text and uuid.UUID(text).version == 4
    except ValueError:
        return False
