"""Who did what, for whoever may read it. `Database.write` writes it with what was done
(`data/repository/audit.py`).
"""

from __future__ import annotations

from classroom_app.data.engine import Database
from classroom_app.data.repository import audit
from classroom_app.data.repository.audit import AuditFilter
from classroom_app.views.accounts import AuditLine

ALL = 100_000  # of a table that only grows: as many as a spreadsheet takes without trouble


class AuditService:
    def __init__(self, db: Database) -> None:
        self._db = db

    def entries(
        self,
        *,
        event_id: str | None = None,
        who: str | None = None,
        did: str | None = None,
        limit: int | None = None,
    ) -> list[AuditLine]:
        """Those that fit all that is given, newest first."""
        with self._db.read() as session:
            found = audit.entries(session, AuditFilter(event_id, who, did), limit or ALL)
            return [
                AuditLine(row.at, row.kind, row.who, row.did, row.origin, row.event_id, row.group_id)
                for row in found
            ]

    def people(self) -> list[str]:
        """Everybody of whom there is an entry: user names, ids of groups."""
        with self._db.read() as session:
            return audit.people(session)

    def deeds(self) -> list[str]:
        with self._db.read() as session:
            return audit.deeds(session)
