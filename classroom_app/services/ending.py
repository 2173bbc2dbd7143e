"""Why an iPad's cookie opens nothing any more, and what there is to say good-bye with."""

from __future__ import annotations

from classroom_app.content import catalog
from classroom_app.data.engine import Database
from classroom_app.data.tables import Event, Group
from classroom_app.errors import NotAllowedError, NotFoundError
from classroom_app.services.access import AccessService, RememberedGroup
from classroom_app.services.board import BoardService
from classroom_app.services.group_reveal import is_last
from classroom_app.states import Ending, Phase
from classroom_app.views.classes import Animal
from classroom_app.views.contest import Farewell


class EndingService:
    def __init__(self, db: Database, access: AccessService, board: BoardService) -> None:
        self._db = db
        self._access = access
        self._board = board

    def why(self, cookie: str | None) -> Ending:
        """Of a cookie that `AccessService.group` takes for none."""
        known = self._access.remembered(cookie)
        return Ending.LOST if known is None else self._why(known)

    def error(self, cookie: str | None) -> NotAllowedError:
        """What a page of the group is answered that asks on."""
        return NotAllowedError(self.why(cookie).error_key)

    def is_for_good(self, cookie: str | None, group_id: str | None = None) -> bool:
        """Was the cookie ours, and is its group or class gone or closed?

        With `group_id`, only when the cookie is of that group.
        """
        known = self._access.remembered(cookie)
        return known is not None and group_id in {None, known.id} and self._why(known).is_for_good

    def look(self, cookie: str | None) -> Farewell:
        """The same with all that the group may see at its end."""
        known = self._access.remembered(cookie)
        if known is None:
            return Farewell(Ending.LOST)
        why, animal = self._why(known), _animal(known.animal)
        if why != Ending.OVER or not known.event_id:
            return Farewell(why, animal)
        try:
            board = self._board.board(known.event_id, final=True)
        except NotFoundError:  # deleted at this very moment
            return Farewell(Ending.DELETED, animal)
        own = next((row for row in board.rows if row.group_id == known.id), None)
        if not board.final_number or own is None:
            return Farewell(why, animal)
        return Farewell(why, animal, own, is_last(own, board.rows))

    def _why(self, known: RememberedGroup) -> Ending:
        with self._db.read() as session:
            group, event = session.get(Group, known.id), session.get(Event, known.event_id)
            if group is None:
                goes_on = event is not None and event.phase != Phase.CLOSED
                return Ending.REMOVED if goes_on else Ending.DELETED
            if group.event.phase == Phase.CLOSED:
                return Ending.OVER
            return Ending.RENEWED if group.token_version != known.token_version else Ending.LOST


def _animal(key: str) -> Animal | None:
    found = catalog.group_of_key(key)
    return Animal(found.emoji, found.color, found.name_ja, found.name_en) if found else None
