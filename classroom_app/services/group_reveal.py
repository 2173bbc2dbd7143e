"""What a group's iPads may show of the final: nothing before the screen of the class has shown it.

Whatever tells children of the final half asks here; the board itself gives it away.
"""

from __future__ import annotations

from classroom_app.services.board import BoardService
from classroom_app.services.show import ShowService
from classroom_app.states import Phase
from classroom_app.views.classes import GroupIdentity
from classroom_app.views.contest import BoardRow, GroupReveal


class GroupRevealService:
    def __init__(self, board: BoardService, show: ShowService) -> None:
        self._board = board
        self._show = show

    def look(self, group: GroupIdentity) -> GroupReveal:
        """What has been shown so far, also for an iPad that comes late; nothing outside the reveal."""
        if group.phase != Phase.REVEAL:
            return GroupReveal()
        now = self._show.now(group.event_id)
        if not now.over and group.id not in now.shown_group_ids:
            return GroupReveal()
        board = self._board.board(group.event_id, final=True)
        own = next((row for row in board.rows if row.group_id == group.id), None)
        last = own is not None and is_last(own, board.rows)
        return GroupReveal(own, last, board if now.over else None)


def is_last(own: BoardRow, rows: tuple[BoardRow, ...]) -> bool:
    """Nobody is behind and somebody is before: who shares the first rank with all others is no last."""
    ranks = [row.rank for row in rows if row.rank is not None]
    return own.rank is not None and own.rank == max(ranks) > 1
